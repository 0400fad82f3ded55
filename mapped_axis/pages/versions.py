"""The tables of what differs between two versions of JAX, as Markdown.

A page asks for one on a line of its own: ``<!-- differs: messages -->``. What it shows is
made of what both versions answered (`versions.table`, `operations.table`), of the lock and
of the workflow that tests. Nothing of it is typed.
"""

import difflib
import functools
import posixpath
import re
from collections.abc import Iterator
from typing import Any

import yaml
from packaging.markers import Marker

from mapped_axis.examples.pieces import Include, Predict, Prose, pieces
from mapped_axis.operations import html as operations
from mapped_axis.operations import table as answers
from mapped_axis.operations.catalogue import OPERATIONS
from mapped_axis.operations.table import NEWEST, OLDEST, SLOTS, Content
from mapped_axis.pages.headings import heading_of
from mapped_axis.project import HERE
from mapped_axis.versions import table
from mapped_axis.versions.ask import imported_by, programs

PAGE = "reference/versions.md"
LOCK = HERE.root / "requirements.txt"
WORKFLOW = HERE.root / ".github/workflows/tests.yml"
# The distribution of a module that has another name.
_OTHER_NAMES = {"sklearn": "scikit-learn"}
_PINNED = re.compile(r"(?m)^([\w.-]+)==(\S+)(?: ; (.+?))? \\$")
# What is said of a name that has one of these states in a module.
_STATES = {
    "there": "there",
    "warns": "there, with a warning",
    "gone": "gone, and the error says so",
}
_NOT_THERE = "not there"
_WORD = re.compile(r"\S+")


def differences(what: str) -> str:
    """Return one of the tables as Markdown.

    Args:
        what: one of "libraries", "operations", "messages", "names", "parameters".

    Raises:
        ValueError: there is no such table.
    """
    if what not in _TABLES:
        raise ValueError(f"no table {what!r}; there are {', '.join(_TABLES)}.")
    return _TABLES[what]()


def libraries_table() -> str:
    """Return the version of each library that examples import, by Python."""
    pythons = tested_pythons()
    rows = [
        [f"`{name}`", *(version_in_lock(name, python) for python in pythons)]
        for name in libraries()
    ]
    return _rows(["Library", *(f"on Python {python}" for python in pythons)], rows)


def tested_pythons() -> list[str]:
    """Return the versions of Python that the workflow tests with."""
    read = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    pythons: list[str] = read["jobs"]["locked"]["strategy"]["matrix"]["python"]
    return pythons


def libraries() -> list[str]:
    """Return the libraries that are pinned and that an example imports, sorted."""
    modules = frozenset().union(*map(imported_by, programs().values()))
    named = {_OTHER_NAMES.get(module, module) for module in modules}
    pinned = {name for name, *_ in _pinned(LOCK.read_text(encoding="utf-8"))}
    return sorted(named & pinned)


@functools.lru_cache(maxsize=1)
def _pinned(lock: str) -> list[tuple[str, str, str]]:
    """Return what a lock pins, as a list of (name, version, marker)."""
    return _PINNED.findall(lock)


def version_in_lock(library: str, python: str) -> str:
    """Return which version of a library the lock installs.

    Args:
        library: its name.
        python: the first two numbers of the version of Python.
    """
    version = {"python_version": python, "python_full_version": f"{python}.99"}
    for name, pinned, marker in _pinned(LOCK.read_text(encoding="utf-8")):
        if name == library and (not marker or Marker(marker).evaluate(version)):
            return str(pinned)
    return "none"


def operations_table() -> str:
    """Return the operations of the table with answers that differ, and these answers."""
    content = answers.read()
    rows = []
    for operation in OPERATIONS:
        anchor = operations.anchor_of(operation.name)
        link = f"[`{operation.name}`](operations.md#{anchor})"
        for column, said in operations.differing(operation, content):
            rows.append([link, column, *(_cell(said[slot]) for slot in SLOTS)])
            link = ""
    return _with_source(["Operation", "What", *_names(content)], rows, content)


def messages_table() -> str:
    """Return in what parts the messages differ that examples catch, and where these are."""
    content = table.read()
    shown_in = places()
    # By what differs: the words around it where it was met first, and the pages.
    found: dict[tuple[str, str], tuple[str, str, dict[str, str]]] = {}
    for name, both in content["answers"].items():
        # One that no page shows any more is a fault, of which the tests tell.
        if (
            table.kind_of(name) != "example"
            or {*both} != {*SLOTS}
            or name not in shown_in
        ):
            continue
        texts = ([": ".join(one) for one in both[slot]["caught"]] for slot in SLOTS)
        for one, other in zip(*texts, strict=False):
            for core, old, new in parts_that_differ(one, other):
                title, source, section = shown_in[name]
                link = posixpath.relpath(source, posixpath.dirname(PAGE))
                link += f"#{section}" if section else ""
                found.setdefault(core, (old, new, {}))[2].setdefault(title, link)
    rows = [
        [_code(old), _code(new), ", ".join(f"[{t}]({at})" for t, at in where.items())]
        for old, new, where in found.values()
    ]
    return _with_source([*_names(content), "Shown by"], rows, content)


@functools.cache
def parts_that_differ(
    one: str, other: str
) -> tuple[tuple[tuple[str, str], str, str], ...]:
    """Return the parts of two texts that differ.

    Args:
        one: a text.
        other: another.

    Returns:
        For each part: what differs, to the letter, as a pair; and the words around it in
        each text, with an ellipsis for what is left out on a side.
    """
    return tuple(_parts_that_differ(one, other))


def _parts_that_differ(
    one: str, other: str
) -> Iterator[tuple[tuple[str, str], str, str]]:
    """Yield the parts of two texts that differ."""
    words = _WORD.findall(one), _WORD.findall(other)
    same = difflib.SequenceMatcher(None, *words, autojunk=False)
    for kind, *ends in same.get_opcodes():
        if kind == "equal":
            continue
        spans = ends[:2], ends[2:]
        old, new = (
            " ".join(text[start:end])
            for text, (start, end) in zip(words, spans, strict=True)
        )
        around = [
            " ".join(
                ["…"] * (start > 1)
                + text[max(0, start - 1) : end + 1]
                + ["…"] * (end + 1 < len(text))
            )
            for text, (start, end) in zip(words, spans, strict=True)
        ]
        yield _core(old, new), around[0], around[1]


def _core(one: str, other: str) -> tuple[str, str]:
    """Return two texts without what they begin and end with both."""
    size = min(len(one), len(other))
    first = next((at for at in range(size) if one[at] != other[at]), size)
    one, other = one[first:], other[first:]
    size = min(len(one), len(other))
    last = next((at for at in range(size) if one[-1 - at] != other[-1 - at]), size)
    return one[: len(one) - last], other[: len(other) - last]


def places() -> dict[str, tuple[str, str, str]]:
    """Return where each example is shown, by its path below ``snippets/``.

    Returns:
        The title of the page, its file relative to ``docs/``, the id of the section.
    """
    found: dict[str, tuple[str, str, str]] = {}
    for page in HERE.pages:
        source = title = page.relative_to(HERE.docs).as_posix()
        section = ""
        for piece in pieces(page):
            if isinstance(piece, Include | Predict):
                found.setdefault(piece.example, (title, source, section))
            elif isinstance(piece, Prose) and (heading := heading_of(piece.text)):
                section = heading[0]
            elif isinstance(piece, Prose) and piece.text.startswith("# "):
                title = piece.text[2:].partition(":")[0]
    return found


def names_table() -> str:
    """Return the public names that a version lacks or warns of, by module."""
    content = table.read()
    rows = []
    for module, both in sorted(content["answers"].items()):
        if table.kind_of(module) != "module" or {*both} != {*SLOTS}:
            continue
        groups: dict[tuple[str, ...], list[str]] = {}
        states = [_states(both[slot]) for slot in SLOTS]
        for name in sorted({*states[0], *states[1]}):
            pair = tuple(of.get(name, _NOT_THERE) for of in states)
            if len({*pair}) > 1:
                groups.setdefault(pair, []).append(f"`{name}`")
        for pair, named in sorted(groups.items(), key=lambda group: -len(group[1])):
            rows.append([f"`{module}`", *pair, ", ".join(named)])
    return _with_source(["Module", *_names(content), "Names"], rows, content)


def _states(answer: dict[str, Any]) -> dict[str, str]:
    """Return how it stands with each name of a module."""
    return {name: says for state, says in _STATES.items() for name in answer[state]}


def parameters_table() -> str:
    """Return the functions whose parameters differ, with those that one version has."""
    content = table.read()
    rows = []
    for name, both in sorted(content["answers"].items()):
        if table.kind_of(name) != "function" or {*both} != {*SLOTS}:
            continue
        old, new = (both[slot]["parameters"] for slot in SLOTS)
        if old is None or new is None or old == new:
            continue
        alone = [
            ", ".join(f"`{one}`" for one in mine if one not in others) or "—"
            for mine, others in ((old, new), (new, old))
        ]
        rows.append([f"`{name}`", *alone])
    names = [f"In {name} alone" for name in _names(content)]
    return _with_source(["Function", *names], rows, content)


_TABLES = {
    "libraries": libraries_table,
    "operations": operations_table,
    "messages": messages_table,
    "names": names_table,
    "parameters": parameters_table,
}


def _names(content: Content) -> list[str]:
    """Return the two versions as the head of a table names them: 0.10, 0.12."""
    made = (content["made_with"][slot]["jax"] for slot in (OLDEST, NEWEST))
    return [".".join(version.split(".")[:2]) for version in made]


def _with_source(head: list[str], rows: list[list[str]], content: Content) -> str:
    """Return a table, and under it with what its answers were made."""
    made = " and ".join(
        f"JAX {of['jax']} with Python {of['python']} on {of['date']}"
        for of in content["made_with"].values()
    )
    return f"{_rows(head, rows)}\n\nAnswered by {made}."


def _rows(head: list[str], rows: list[list[str]]) -> str:
    """Return a table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Return words as they stand in a cell."""
    return re.sub(r"([|*_`<\[\]])", r"\\\1", text) or "nothing"


def _code(text: str) -> str:
    """Return text as code in a cell."""
    ticks = "``" if "`" in text else "`"
    space = " " if ticks == "``" else ""
    return f"{ticks}{space}{text}{space}{ticks}".replace("|", "\\|")
