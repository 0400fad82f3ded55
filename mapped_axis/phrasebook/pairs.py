"""The pairs, as they stand in ``docs/_phrases/``, and what is wrong with them.

A file is a group, with what all its pairs are given. Each side runs on its own: first its
imports and what is given, in which ``array`` makes an array of the side's library; then its
lines. The value of a side is that of its last line, which is an expression.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapped_axis.examples.data import FaultyFileError, line_of_table, read_toml
from mapped_axis.examples.grammar import Problem
from mapped_axis.project import HERE

# By `Group.kind`: what the old side is written in.
KINDS = {
    "numpy": "NumPy",
    "torch": "PyTorch",
    "ranks": "PyTorch, on each of two ranks",
    "jax": "Old JAX",
}
SIDES = ("old", "today")
# What the program of a side begins with, by its library; and how that makes an array.
_IMPORTS = {
    "numpy": ("import numpy as np", "np.array"),
    "torch": ("import torch", "torch.tensor"),
    "ranks": ("import torch\nimport torch.distributed as dist", "torch.tensor"),
    "jax": ("import jax\nimport jax.numpy as jnp", "jnp.array"),
    "today": ("import jax\nimport jax.numpy as jnp", "jnp.array"),
}
DEVICES = 2  # of JAX, where the other side has several ranks, or may be a `pmap`
_DEVICES = f'jax.config.update("jax_num_cpu_devices", {DEVICES})'
MOST_LINES = 6
MOST_COLUMNS = 60

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GIVEN = ("imports_old", "imports_today", "given", "given_old", "given_today")
_OF_A_GROUP = {"kind", "pair", *_GIVEN}
_OF_A_PAIR = {"name", "title", "old", "today", "says", "page"}


@dataclass(frozen=True)
class Pair:
    """One pair.

    Args:
        group: the name of its group.
        kind: one of `KINDS`.
        name: the id of its card.
        title: what a reader wants to do.
        old: the lines that the reader knows.
        today: the lines to write instead.
        says: a sentence on what differs, in Markdown with code font alone, or "".
        page: the page that explains it, relative to ``docs/``, or "".
        imports_old: what the old side imports, beside its library.
        imports_today: what the other side imports.
        given: what is given to both sides.
        given_old: what is given to the old side, after that.
        given_today: what is given to the other side, after that.
    """

    group: str
    kind: str
    name: str
    title: str
    old: str
    today: str
    says: str
    page: str
    imports_old: str
    imports_today: str
    given: str
    given_old: str
    given_today: str

    def lines(self, side: str) -> str:
        """Return the lines of a side.

        Args:
            side: one of `SIDES`.
        """
        return self.old if side == "old" else self.today

    def before(self, side: str) -> str:
        """Return what runs before the lines of a side: its imports, and what is given."""
        library = self.kind if side == "old" else "today"
        imports, array = _IMPORTS[library]
        if side == "old":
            imports, given = f"{imports}\n{self.imports_old}", self.given_old
        else:
            imports, given = f"{imports}\n{self.imports_today}", self.given_today
        devices = self.kind in ("ranks", "jax") and library in ("jax", "today")
        first = f"array = {array}\n{self.given}"
        parts = [imports, _DEVICES if devices else "", first, given]
        return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"

    @property
    def digests(self) -> dict[str, str]:
        """By side, a digest of what runs for it."""
        programs = {s: (self.before(s) + self.lines(s)).encode() for s in SIDES}
        return {
            side: hashlib.sha256(program).hexdigest()[:16]
            for side, program in programs.items()
        }


@dataclass(frozen=True)
class Group:
    """The pairs of one file, at least one."""

    name: str
    kind: str
    pairs: tuple[Pair, ...]


def files(folder: Path = HERE.phrases) -> list[Path]:
    """Return the files of pairs in a folder, sorted."""
    return sorted(folder.glob("*.toml"))


def read_group(path: Path) -> Group:
    """Read a file of pairs.

    Raises:
        FaultyFileError: the file has a fault.
        OSError: it is not there.
    """
    read, text = read_toml(path), path.read_text(encoding="utf-8")
    if says := _fault_of_group(read):
        raise FaultyFileError(Problem(path, 1, says))
    given = {name: read.get(name, "") for name in _GIVEN}
    pairs = []
    for number, fields in enumerate(read["pair"]):
        if says := _fault(fields):
            line = line_of_table(text, "pair", number)
            raise FaultyFileError(Problem(path, line, says))
        whole = {"says": "", "page": ""} | fields
        pairs.append(Pair(group=path.stem, kind=read["kind"], **whole, **given))
    return Group(path.stem, read["kind"], tuple(pairs))


def read_groups(folder: Path = HERE.phrases) -> dict[str, Group]:
    """Return all groups of a folder by name.

    Raises:
        FaultyFileError: a file has a fault, or two pairs have one name.
    """
    paths = files(folder)
    groups = {path.stem: read_group(path) for path in paths}
    taken: dict[str, str] = {}
    for path in paths:
        for number, pair in enumerate(groups[path.stem].pairs):
            if first := taken.get(pair.name):
                says = f"a second pair {pair.name!r}, beside that of {first}; "
                text = path.read_text(encoding="utf-8")
                line = line_of_table(text, "pair", number)
                problem = Problem(path, line, f"{says}give it another name.")
                raise FaultyFileError(problem)
            taken[pair.name] = pair.group
    return groups


def pairs_of(groups: dict[str, Group]) -> list[Pair]:
    """Return the pairs of some groups, in order."""
    return [pair for group in groups.values() for pair in group.pairs]


def _fault_of_group(read: dict[str, Any]) -> str:
    """Say what is wrong with what a file says of all its pairs, or return ""."""
    if unknown := read.keys() - _OF_A_GROUP:
        known = ", ".join(sorted(_OF_A_GROUP))
        return f"nothing is called {min(unknown)!r} here; there are {known}."
    if says := _no_text({name: of for name, of in read.items() if name != "pair"}):
        return says
    if read.get("kind") not in KINDS:
        return f"write kind = one of {', '.join(KINDS)}."
    if not read.get("pair") or not isinstance(read["pair"], list):
        return "no pair; write [[pair]]."
    return ""


def _no_text(fields: dict[str, Any]) -> str:
    """Say which of some fields is no text, or return ""."""
    wrong = [name for name, value in fields.items() if not isinstance(value, str)]
    return f"{wrong[0]} is no text; put it in quotes." if wrong else ""


def _fault(fields: dict[str, Any]) -> str:
    """Say what is wrong with a pair, or return ""."""
    if unknown := fields.keys() - _OF_A_PAIR:
        known = ", ".join(sorted(_OF_A_PAIR))
        return f"nothing is called {min(unknown)!r} in a pair; there are {known}."
    if says := _no_text(fields):
        return says
    if missing := [
        n for n in ("name", "title", *SIDES) if not fields.get(n, "").strip()
    ]:
        return f"the pair lacks {missing[0]!r}."
    name = fields["name"]
    if not _NAME.fullmatch(name):
        return f"the name {name!r} is no id: write words in lower case, with hyphens."
    for side in SIDES:
        lines = fields[side].splitlines()
        if len(lines) > MOST_LINES:
            return f"{name}, {side}: {len(lines)} lines; {MOST_LINES} are the limit."
        if wide := [line for line in lines if len(line) > MOST_COLUMNS]:
            return (
                f"{name}, {side}: {len(wide[0])} columns; a phone shows few, "
                f"{MOST_COLUMNS} is the limit."
            )
        try:
            body = ast.parse(fields[side]).body
        except SyntaxError as error:
            return f"{name}, {side}: no Python ({error.msg}, line {error.lineno})."
        if not body or not isinstance(body[-1], ast.Expr):
            return (
                f"{name}, {side}: the last line is no expression, so it has no value."
            )
    return ""
