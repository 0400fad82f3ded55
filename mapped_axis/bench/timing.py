"""How a time is taken: warm, with the result there, in rounds that all forms share."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mapped_axis.bench.store import rounded

Call = Callable[[], Any]

SHORTEST = 0.003  # seconds that one measurement takes at least, by calling repeatedly
FEWEST = 5  # rounds, however long a call takes


def seconds(call: Call, count: int = 1) -> float:
    """Return the seconds that one of ``count`` calls takes."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def interleaved(
    calls: Mapping[str, Call],
    rounds: int,
    budget: float,
    together: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """Time calls in rounds: each round measures all of them once.

    A busy moment of the machine then falls on one round of all of them, and not on all
    rounds of one. The order is drawn anew for each round, since what ran before leaves
    threads and caches behind. For the same reason a call is made as often before it is
    measured as it is then measured.

    Args:
        calls: functions without arguments that have their result when they return, and
            that were called before.
        rounds: how often each is measured.
        budget: seconds that all rounds may take; there are fewer rounds if calls are long.
        together: calls that are measured one directly after the other, to be compared.

    Returns:
        For each call its median and its quartiles in seconds, how many rounds there were,
        and how many calls made one measurement. For those together but the first also
        ``ratio``: the median, over the rounds, of the time of the first by its own.
    """
    once = {name: min(seconds(call), seconds(call)) for name, call in calls.items()}
    counts = {name: max(1, round(SHORTEST / t)) for name, t in once.items()}
    a_round = sum(2 * counts[name] * t for name, t in once.items())
    rounds = max(min(rounds, FEWEST), min(rounds, int(budget / a_round)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    pairs = [name for name in together if name in calls]
    blocks = [[name] for name in calls if name not in pairs] + [pairs]
    draw = random.Random(0)
    for _ in range(rounds):
        draw.shuffle(blocks)
        for block in blocks:
            for name in draw.sample(block, len(block)):
                seconds(calls[name], counts[name])
                times[name].append(seconds(calls[name], counts[name]))
    found: dict[str, dict[str, Any]] = {
        name: {**spread(own), "rounds": rounds, "calls": counts[name]}
        for name, own in times.items()
    }
    for name in pairs[1:]:
        quotients = [a / b for a, b in zip(times[pairs[0]], times[name], strict=True)]
        found[name]["ratio"] = round(statistics.median(quotients), 3)
    return found


def spread(times: list[float]) -> dict[str, float]:
    """Return the median of times, and the quartiles around it."""
    if len(times) == 1:
        times = times * 2
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return {"median": rounded(middle), "low": rounded(low), "high": rounded(high)}
