"""The record of the phrasebook: what each side gave, when, and with which versions.

JAX 0.10, the newest JAX and PyTorch write their own answers, each with the digests of both
sides as they were then. An answer to another text is none: the page says "edited since",
and the tests are red.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mapped_axis.examples.data import read_json
from mapped_axis.operations.table import NEWEST, OLDEST
from mapped_axis.phrasebook.pairs import Pair
from mapped_axis.project import HERE

PATH = HERE.docs / "reference/phrasebook/phrasebook.json"
TORCH = "torch"
SLOTS = (OLDEST, NEWEST, TORCH)
# How far two sides may be apart: a part of the larger one, and at zero.
RELATIVE, ABSOLUTE = 1e-5, 1e-6

Answer: TypeAlias = dict[str, Any]
Content: TypeAlias = dict[str, Any]
# By the name of the pair, by side.
Answers: TypeAlias = Mapping[str, Mapping[str, Answer]]


def read() -> Content:
    """Return what the file holds.

    ``made_with`` has for each of `SLOTS` the versions and the date. ``answers`` has for
    each pair, by name, for each slot ``digests`` of its sides, and the answers of those
    that ran there.
    """
    content: Content = read_json(PATH)
    return content


def slots_of(pair: Pair) -> list[str]:
    """Return which of `SLOTS` answer for a pair."""
    return [OLDEST, NEWEST, *([TORCH] if pair.kind in ("torch", "ranks") else [])]


def renewed(
    content: Content,
    slot: str,
    made_with: dict[str, str],
    date: str,
    pairs: Sequence[Pair],
    answers: Answers,
) -> Content:
    """Return a content with the answers of one slot in place, those of others kept.

    Args:
        content: what the file holds, or an empty dictionary.
        slot: one of `SLOTS`.
        made_with: the versions.
        date: the date of today; kept as it was where nothing changes.
        pairs: all pairs. What the file has of others is left out.
        answers: what was answered, by the name of the pair.
    """
    before = content.get("answers", {})
    made = content.get("made_with", {})
    after: dict[str, Any] = {}
    for pair in pairs:
        both = dict(before.get(pair.name, {}))
        if pair.name in answers:
            kept = both.get(slot, {})
            new = {"digests": pair.digests, **answers[pair.name]}
            both[slot] = kept if _as_before(kept, new) else new
        after[pair.name] = {s: both[s] for s in slots_of(pair) if s in both}
    old = made.get(slot, {})
    same = {n: both.get(slot) for n, both in before.items() if slot in both} == {
        n: both[slot] for n, both in after.items() if slot in both
    }
    if not (same and old == made_with | {"date": old.get("date")}):
        made = made | {slot: made_with | {"date": date}}
    return {"made_with": {s: made[s] for s in SLOTS if s in made}, "answers": after}


def _as_before(kept: Answer, new: Answer) -> bool:
    """Return whether an answer is one that the file has, up to rounding."""
    return kept.keys() == new.keys() and all(
        kept[key] == new[key]
        if key == "digests"
        else not list(differences(kept[key], new[key], types=True))
        for key in new
    )


# --- comparing ----------------------------------------------------------------------------


def differences(one: Any, other: Any, types: bool = False) -> Iterator[str]:
    """Yield, in words, where two values or answers are not equal up to rounding.

    Args:
        one: an answer, or a value as `ask` writes it.
        other: the other one.
        types: whether the types count too.
    """
    match one, other:
        case dict(), dict() if "type" in one and "type" in other:
            if types and one["type"] != other["type"]:
                yield f"{one['type']} and {other['type']}"
            if one.get("warns") != other.get("warns") and types:
                yield f"{one.get('warns')!r} and {other.get('warns')!r}"
            yield from differences(one["value"], other["value"], types)
        case dict(), dict():
            if one.keys() != other.keys():
                yield f"{sorted(one)} and {sorted(other)}"
            for key in one.keys() & other.keys():
                yield from differences(one[key], other[key], types)
        case list(), list():
            if len(one) != len(other):
                yield f"{len(one)} parts and {len(other)}"
            else:
                for a, b in zip(one, other, strict=True):
                    yield from differences(a, b, types)
        case ((bool() | int() | float()), (bool() | int() | float())):
            if not _close(one, other):
                yield f"{one!r} and {other!r}"
        case _:
            if one != other:
                yield f"{one!r} and {other!r}"


def _close(one: float, other: float) -> bool:
    """Return whether two numbers are equal up to rounding; NaN is NaN."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return (math.isnan(one) and math.isnan(other)) or math.isclose(
        one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE
    )


def unequal(pairs: Sequence[Pair], jax: Answers, torch: Answers) -> list[str]:
    """Return, in lines, which pairs have sides that are not equal.

    Args:
        pairs: the pairs.
        jax: what JAX and NumPy answered, by the name of the pair.
        torch: what PyTorch answered.
    """
    found = []
    for pair in pairs:
        today = jax[pair.name]["today"]
        old = {**torch.get(pair.name, {}), **jax[pair.name]}.get("old")
        if old is None:
            found.append(f"{pair.name}: the old side did not run")
            continue
        if "error" in old:
            continue
        if pair.kind == "ranks":
            old, today = old["ranks"], today["devices"]
        found += [
            f"{pair.name}: the sides give {text}" for text in differences(old, today)
        ]
    return found


def unequal_to_torch(content: Content, pairs: Sequence[Pair]) -> list[str]:
    """Return, in lines, where PyTorch's answers in the file are not equal to JAX's.

    Args:
        content: what the file holds.
        pairs: all pairs; those that one of the two has not answered are left out.
    """
    found = []
    for slot in (OLDEST, NEWEST):
        both = {
            pair: content["answers"][pair.name]
            for pair in pairs
            if {slot, TORCH} <= content["answers"].get(pair.name, {}).keys()
        }
        jax, torch = (
            {pair.name: answers[s] for pair, answers in both.items()}
            for s in (slot, TORCH)
        )
        found += [f"{line} (JAX {slot})" for line in unequal([*both], jax, torch)]
    return found


def changed(
    content: Content, slot: str, pairs: Sequence[Pair], answers: Answers
) -> list[str]:
    """Return, in lines, what was answered now and is not what the file says.

    Args:
        content: what the file holds.
        slot: one of `SLOTS`.
        pairs: all pairs; those that this slot does not answer for are left out.
        answers: the answers now, by the name of the pair.
    """
    found = []
    for pair in pairs:
        if slot not in slots_of(pair):
            continue
        kept = content["answers"].get(pair.name, {}).get(slot)
        now = {"digests": pair.digests, **answers.get(pair.name, {})}
        if kept is None:
            found.append(f"{pair.name}: the file has no answer of {slot}")
        elif kept["digests"] != now["digests"]:
            found.append(f"{pair.name}: edited since {slot} answered")
        else:
            found += [
                f"{pair.name}: the file and {slot} say {text}"
                for text in differences(kept, now, types=True)
            ]
    left = content["answers"].keys() - {pair.name for pair in pairs}
    return found + [f"{name}: the file has a pair too many" for name in sorted(left)]


def edited(content: Content, pair: Pair) -> list[str]:
    """Return which of `SLOTS` answered to another text of a pair, or not at all."""
    answers = content["answers"].get(pair.name, {})
    return [
        slot
        for slot in slots_of(pair)
        if answers.get(slot, {}).get("digests") != pair.digests
    ]
