"""The phrasebook, as a page shows it without script.

A page asks for it with empty elements: one for how many pairs there are, one for each
group, under a heading of its own, and one for when each side ran::

    <div class="phrase-pairs"></div>

    <div class="phrase-pairs" data-group="numpy"></div>

    <div class="phrase-pairs" data-show="record"></div>

Each pair has a heading, so that the search finds it. ``phrasebook.js`` adds the filter.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mapped_axis.operations.html import link_to
from mapped_axis.operations.table import NEWEST, OLDEST
from mapped_axis.phrasebook.pairs import (
    KINDS,
    SIDES,
    Group,
    Pair,
    files,
    pairs_of,
    read_groups,
)
from mapped_axis.phrasebook.table import (
    ABSOLUTE,
    PATH,
    RELATIVE,
    TORCH,
    Answer,
    Content,
    edited,
    read,
)

KIND = "phrase-pairs"  # the class of the elements
ASSETS = ("phrasebook.css", "phrasebook.js")  # in docs/_theme/assets/
_LONGEST = 66  # characters of a value that is shown
_CODE = re.compile(r"`([^`]+)`")


def inside_of(attributes: Mapping[str, str]) -> str:
    """Return what an element holds, as one line of HTML.

    Args:
        attributes: the attributes of the element, without their ``data-``.

    Raises:
        ValueError: there is no such group, or a file of pairs has a fault.
    """
    groups, content = _known(_changed())
    if attributes.get("show") == "record":
        return "".join(f"<p>{text}</p>" for text in record_of(content))
    if "group" not in attributes:
        return f"<p>{_counts(groups)}</p>"
    group = _group(groups, attributes["group"])
    return _given(group) + "".join(_card(pair, content) for pair in group.pairs)


def text_of(attributes: Mapping[str, str]) -> str:
    """Return what an element holds as Markdown.

    Args:
        attributes: as for `inside_of`.
    """
    groups, content = _known(_changed())
    if attributes.get("show") == "record":
        return "\n\n".join(_plain(text) for text in record_of(content))
    if "group" not in attributes:
        return _counts(groups)
    group = _group(groups, attributes["group"])
    parts = [f"{label}:\n\n{_fenced(code)}" for label, code in _given_of(group)]
    for pair in group.pairs:
        parts.append(f"### {pair.title}")
        parts += [f"{label}:\n\n{_fenced(code)}" for label, code in _sides(pair)]
        parts += [_plain(text) for text in _says(pair, content)]
    return "\n\n".join(parts)


def record_of(content: Content) -> list[str]:
    """Return, in paragraphs of HTML, when each side ran and with what."""
    made = content.get("made_with", {})
    said = []
    for slot in (OLDEST, NEWEST):
        if of := made.get(slot):
            said.append(
                f"JAX {of['jax']} and NumPy {of['numpy']} on Python {of['python']}, "
                f"written down on {of['date']}"
            )
    runs = (
        "The sides in NumPy and in JAX run in every test of this site, on two simulated"
    )
    found = [f"{runs} devices. What stands here is from {'; '.join(said) or 'no run'}."]
    if of := made.get(TORCH):
        found.append(
            f"PyTorch's side ran on {of['date']}: PyTorch {of['torch']} on Python "
            f"{of['python']}, on a CPU; of several ranks, two processes that speak by gloo. "
            "PyTorch is not among what this site installs, so in a test without it the "
            "sides in JAX are compared with what PyTorch gave on that day. "
            "An edited pair says that it was edited since."
        )
    else:
        found.append("PyTorch's side has not run.")
    found.append(  # as `table` compares
        f"Numbers count as equal if they differ by a part of {RELATIVE:.0e} at most, "
        f"or by {ABSOLUTE:.0e} near zero. "
        '<a data-to="reference/phrasebook/phrasebook.json">All values as data</a>.'
    )
    return found


def _counts(groups: dict[str, Group]) -> str:
    """Return how many pairs there are of each kind, in words."""
    kinds = [pair.kind for pair in pairs_of(groups)]
    names = {"ranks": "PyTorch on several ranks", "jax": "old JAX"}
    parts = [
        f"{kinds.count(kind)} from {names.get(kind, KINDS[kind])}"
        for kind in KINDS
        if kind in kinds
    ]
    return f"{len(kinds)} pairs: {', '.join(parts)}."


def _group(groups: dict[str, Group], name: str) -> Group:
    """Return a group.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in groups:
        raise ValueError(f"no group {name!r}; there are {', '.join(groups)}.")
    return groups[name]


@functools.lru_cache(maxsize=1)
def _known(changed: object) -> tuple[dict[str, Group], Content]:
    """Return pairs and record; ``changed`` is there for the cache alone."""
    return read_groups(), read() if PATH.is_file() else {"answers": {}}


def _changed() -> object:
    """Return when each file of the phrasebook was last changed."""
    return tuple((path, path.stat().st_mtime_ns) for path in made_of())


def made_of() -> list[Path]:
    """Return the files that the elements are made of."""
    return [path for path in (*files(), PATH) if path.is_file()]


# --- a group, a pair ----------------------------------------------------------------------


def _given_of(group: Group) -> list[tuple[str, str]]:
    """Return what runs before each side of a group, each with its library."""
    first = group.pairs[0]
    labels = (KINDS[group.kind], "JAX today")
    befores = (first.before(side).rstrip("\n") for side in SIDES)
    return list(zip(labels, befores, strict=True))


def _sides(pair: Pair) -> list[tuple[str, str]]:
    """Return the two sides of a pair, each with its library."""
    return [
        (KINDS[pair.kind], pair.old.rstrip("\n")),
        ("JAX today", pair.today.rstrip("\n")),
    ]


def _given(group: Group) -> str:
    """Return what runs before each side of a group, folded."""
    blocks = "".join(
        f"<p>{label}</p>{_block(code)}" for label, code in _given_of(group)
    )
    name = f"<span> in the group {group.name}</span>"
    return (
        '<details class="phrase-given" data-search-exclude><summary>What runs before'
        f" each side{name}</summary>{blocks}</details>"
    )


def _card(pair: Pair, content: Content) -> str:
    """Return a pair."""
    title = escape(pair.title, quote=False)
    sides = "".join(
        f'<div class="phrase-side"><p>{label}</p>{_block(code)}</div>'
        for label, code in _sides(pair)
    )
    says = "".join(f"<p>{text}</p>" for text in _says(pair, content))
    return (
        f'<div class="phrase"><h3 id="{pair.name}">{title}'
        f'<a class="headerlink" href="#{pair.name}" title="Permanent link">¶</a></h3>'
        f'<div class="phrase-sides">{sides}</div>{says}</div>'
    )


def _says(pair: Pair, content: Content) -> Iterator[str]:
    """Yield what is said below the sides, in paragraphs of HTML."""
    slots = edited(content, pair)
    if slots:
        names = {TORCH: "PyTorch", OLDEST: f"JAX {OLDEST}", NEWEST: "the newest JAX"}
        yield f"<strong>Edited since</strong> {' and '.join(names[s] for s in slots)} ran."
    see = f"See {link_to(pair.page)}." if pair.page else ""
    says = _CODE.sub(r"<code>\1</code>", escape(pair.says, quote=False))
    outcome = "" if slots else _outcome(pair, content)
    lines = [outcome, f"{says} {see}"] if says else [f"{outcome} {see}"]
    yield from filter(None, map(str.strip, lines))


def _outcome(pair: Pair, content: Content) -> str:
    """Return what both sides gave, as HTML."""
    answers = content["answers"][pair.name]
    today = answers[NEWEST]["today"]
    if pair.kind == "ranks":
        first, second = answers[TORCH]["old"]["ranks"]
        if first == second:
            return f"Each rank has {_value(first)}, and so has each device."
        return (
            f"Rank 0 and device 0 have {_value(first)}, rank 1 and device 1 "
            f"{_value(second)}."
        )
    if pair.kind != "jax":
        old = answers[TORCH if pair.kind == "torch" else NEWEST]["old"]
        return f"Both give {_value(today)}{_types(pair, old, today)}."
    olds = [answers[slot]["old"] for slot in (OLDEST, NEWEST)]
    made = content["made_with"]
    names = ["JAX " + ".".join(made[s]["jax"].split(".")[:2]) for s in (OLDEST, NEWEST)]
    said = [_old(old) for old in olds]
    if said[0] == said[1]:
        text = said[0]
    else:
        each = (f"on {n} {s or 'runs'}" for n, s in zip(names, said, strict=True))
        text = ", ".join(each)
    if not text:
        return f"Both run, and give {_value(today)}."
    end = "" if text.endswith(".</code>") else "."
    gives = "Today's gives" if "error" in olds[1] else "Both give"
    return f"The old line {text}{end} {gives} {_value(today)}."


def _old(old: Answer) -> str:
    """Return what a line of old JAX does today besides giving its value, as HTML, or ""."""
    if "error" in old:
        return f"raises {_code(old['error'])}"
    return f"warns: {_code(old['warns'])}" if "warns" in old else ""


def _types(pair: Pair, old: Answer, today: Answer) -> str:
    """Return which types the sides have, if another one each."""
    found = [str(answer["type"]).partition("[")[0] for answer in (old, today)]
    if found[0] == found[1] or isinstance(today["type"], list):
        return ""
    return f", {_code(found[0])} in {KINDS[pair.kind]} and {_code(found[1])} in JAX"


def _value(answer: Answer) -> str:
    """Return a value as code, or its type where it is long."""
    text = _short(answer["value"], answer["type"])
    if len(text) <= _LONGEST:
        return _code(text)
    return f"an array of the type {_code(answer['type'])}"


def _short(value: Any, kind: Any = "") -> str:
    """Return a value as text, with five digits."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_short(part)}" for key, part in value.items())
    if isinstance(value, list):
        inside = ", ".join(
            _short(part, kind[n] if isinstance(kind, list) else "")
            for n, part in enumerate(value)
        )
        if isinstance(kind, list):
            return f"({inside},)" if len(value) == 1 else f"({inside})"
        return f"[{inside}]"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


# --- code ---------------------------------------------------------------------------------


def _block(code: str) -> str:
    """Return a program in colours, as one line of HTML."""
    made = highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    # One line of HTML: Markdown would end at an empty one.
    text = made.rstrip("\n").replace("\n", "&#10;")
    return f'<div class="highlight"><pre><code>{text}</code></pre></div>'


def _code(text: object) -> str:
    """Return text as code."""
    return f"<code>{escape(str(text), quote=False)}</code>"


def _fenced(code: str) -> str:
    """Return a program as Markdown."""
    return f"```python\n{code}\n```"


def _plain(html: str) -> str:
    """Return HTML as Markdown."""
    text = re.sub(r"</?code>", "`", html)
    return unescape(re.sub(r"<[^>]+>", "", text))
