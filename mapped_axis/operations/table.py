"""The data file of the table: JAX's answers, and what they were made with.

It holds two answers to each question: that of JAX 0.10, the oldest version which the
project supports, and that of the newest. Each is written by a run with that version.
"""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from mapped_axis.examples.data import read_json
from mapped_axis.project import HERE, replace_text

PATH = HERE.docs / "reference/operations/operations.json"
OLDEST, NEWEST = SLOTS = ("0.10", "newest")

Answer: TypeAlias = dict[str, Any]
Content: TypeAlias = dict[str, Any]

# What may surprise in a row: what the filter calls it, and what rows of the kind do.
KINDS = {
    "communicates": (
        "communicates",
        "communicate in jit(vmap(f)) over a sharded batch axis",
    ),
    "copies": (
        "copies a held argument",
        "copy a held argument once per lane, and keep the copies",
    ),
    "explicit": ("fails on an Explicit mesh", "fail on an Explicit mesh"),
    "shard-map": (
        "refused or different in shard_map",
        "are refused by shard_map(vmap(f)) with its check on, or give other values in it",
    ),
    "values": (
        "other values, or none, under vmap",
        "give other values under vmap than alone, or cannot be mapped",
    ),
    "differs": (
        "differs between versions",
        "have an answer that differs between the two versions",
    ),
}


def read() -> Content:
    """Return what the file holds.

    ``made_with`` has for each of `SLOTS` the versions and the date; ``answers`` has for
    each operation, by name, for each of `SLOTS` what `ask` answered.
    """
    content: Content = read_json(PATH)
    return content


def slot_of(version: str) -> str:
    """Return which of `SLOTS` a version of JAX fills."""
    return OLDEST if version.split(".")[:2] == OLDEST.split(".") else NEWEST


def renewed(
    content: Content, made_with: dict[str, str], date: str, answers: dict[str, Answer]
) -> Content:
    """Return a content with the answers of one version in place, the other's kept.

    Args:
        content: what the file holds, or an empty dictionary.
        made_with: the versions, with ``jax`` among them.
        date: the date of today; kept as it was where nothing changes.
        answers: what JAX answered for each operation, by name. Others are left out.
    """
    slot = slot_of(made_with["jax"])
    before = content.get("answers", {})
    kept = content.get("made_with", {})
    old = kept.get(slot, {})
    same = {name: both.get(slot) for name, both in before.items()} == answers
    if not (same and old == made_with | {"date": old.get("date")}):
        kept = kept | {slot: made_with | {"date": date}}
    return {
        "made_with": {name: kept[name] for name in SLOTS if name in kept},
        "answers": {
            name: {
                each: both[each]
                for each in SLOTS
                if each in (both := before.get(name, {}) | {slot: answer})
            }
            for name, answer in answers.items()
        },
    }


def renew(path: Path, made_with: dict[str, str], answers: dict[str, Answer]) -> None:
    """Put the answers of one version into a file, dated today; the other's are kept.

    Args:
        path: the file, which need not be there yet.
        made_with: the versions, with ``jax`` among them.
        answers: what JAX answered to each question, by name.
    """
    before = read_json(path) if path.is_file() else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    replace_text(path, dump(renewed(before, made_with, today, answers)))


def dump(content: Content) -> str:
    """Return a content as the text of its file: a question on a line, for a diff.

    The files of versions and of the phrasebook are written so too.
    """

    def lines(value: Any, depth: int) -> Iterator[str]:
        if depth == 4 or not isinstance(value, dict):
            yield json.dumps(value, ensure_ascii=False)
            return
        yield "{"
        for number, (key, item) in enumerate(value.items(), 1):
            first, *rest = lines(item, depth + 1)
            indent = " " * (depth + 1)
            block = [f"{indent}{json.dumps(key, ensure_ascii=False)}: {first}", *rest]
            yield from block[:-1]
            yield block[-1] + ("," if number < len(value) else "")
        yield " " * depth + "}"

    return "\n".join(lines(content, 0)) + "\n"


def differences(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return where two answers differ, as (question, old, new); None is no answer."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if old == new else [(path, old, new)]
    keys = list(dict.fromkeys([*old, *new]))
    return [
        found
        for key in keys
        for found in differences(
            old.get(key), new.get(key), f"{path}/{key}" if path else key
        )
    ]


def changed(content: Content, version: str, answers: dict[str, Answer]) -> list[str]:
    """Return what a version of JAX answers differently than the file says, in lines.

    Args:
        content: what the file holds.
        version: the version of JAX.
        answers: its answers now, by the name of the operation.
    """
    slot = slot_of(version)
    stored = {name: both.get(slot) for name, both in content["answers"].items()}
    return [
        f"{name}, {path or 'the row'}: the file has {old!r}, JAX {version} says {new!r}"
        for name in dict.fromkeys([*stored, *answers])
        for path, old, new in differences(stored.get(name), answers.get(name))
    ]


def kinds(both: dict[str, Answer]) -> list[str]:
    """Return what kinds of `KINDS` a row is of, in one version of JAX at least."""
    found = {kind for answer in both.values() for kind in _kinds(answer)}
    if len({json.dumps(answer) for answer in both.values()}) > 1:
        found.add("differs")
    return [kind for kind in KINDS if kind in found]


def _kinds(answer: Answer) -> Iterator[str]:
    """Yield what surprises in the answers of one version."""
    if "fails" in answer or "other values" in answer:
        yield "values"
    if answer.get("jit", {}).get("collectives"):
        yield "communicates"
    if answer.get("held", {}).get("in", "no memory") != "no memory":
        yield "copies"
    if "fails" in answer.get("explicit", {}):
        yield "explicit"
    if {"fails", "other values"} & {*answer.get("shard_map", {})}:
        yield "shard-map"
