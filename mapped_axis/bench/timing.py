"""How a time is taken: warm, with the result there, in rounds that all forms share."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from mapped_axis.bench.store import rounded

Call = Callable[[], Any]

SHORTEST = 0.003  # seconds that one measurement takes at least, by calling repeatedly
FEWEST = 3  # rounds, however long a call takes


def seconds(call: Call, count: int = 1) -> float:
    """Return the seconds that one of ``count`` calls takes."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def interleaved(
    calls: Mapping[str, Call], rounds: int, budget: float
) -> dict[str, dict[str, Any]]:
    """Time calls in rounds: each round measures all of them once.

    A busy moment of the machine then falls on one round of all of them, and not on all
    rounds of one. The order turns with each round. Before it is measured, a call is made
    once, so that its data are where they are in a loop of such calls.

    Args:
        calls: functions without arguments that have their result when they return, and
            that were called before.
        rounds: how often each is measured.
        budget: seconds that all rounds may take; there are fewer rounds if calls are long.

    Returns:
        For each call its median and its quartiles in seconds, how many rounds there were,
        and how many calls made one measurement.
    """
    once = {name: min(seconds(call), seconds(call)) for name, call in calls.items()}
    counts = {name: max(1, round(SHORTEST / t)) for name, t in once.items()}
    a_round = sum((counts[name] + 1) * t for name, t in once.items())
    rounds = max(min(rounds, FEWEST), min(rounds, int(budget / a_round)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = [*calls]
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            calls[name]()
            times[name].append(seconds(calls[name], counts[name]))
    return {
        name: {**spread(own), "rounds": rounds, "calls": counts[name]}
        for name, own in times.items()
    }


def spread(times: list[float]) -> dict[str, float]:
    """Return the median of times, and the quartiles around it."""
    if len(times) == 1:
        times = times * 2
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return {"median": rounded(middle), "low": rounded(low), "high": rounded(high)}
