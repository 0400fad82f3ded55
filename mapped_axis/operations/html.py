"""The table of operations, as a page shows it without script.

A page asks for it with empty elements: one for each group, under a heading of its own, so
that the search and the table of contents know the groups; and one, without a group, for
what was counted over all rows and what the answers were made with::

    <div class="operations-table"></div>

    <div class="operations-table" data-group="linalg"></div>

What is put into the elements needs no script. ``operations.js`` adds the filter.
"""

import functools
import re
from collections.abc import Callable, Mapping
from html import escape, unescape

from mapped_axis.operations.catalogue import GROUPS, OPERATIONS, Operation
from mapped_axis.operations.table import (
    KINDS,
    NEWEST,
    OLDEST,
    SLOTS,
    Answer,
    Content,
    kinds,
    read,
)
from mapped_axis.project import HERE

KIND = "operations-table"  # the class of the elements
ASSETS = ("operations.css", "operations.js")  # in docs/_theme/assets/

# The page that explains a kind of surprise, where the operation has none of its own.
PAGES = {
    "communicates": "devices/slow-while.md#what-else-communicates",
    "copies": "further/memory.md#what-depends-on-the-mapped-argument-is-multiplied",
    "explicit": "devices/meshes.md#what-vmap-refuses-on-an-explicit-axis",
    "shard-map": "devices/shard-map.md#a-loop-whose-carry-changes-its-type",
    "values": "further/escape-hatches.md",
}
VOTES = "devices/slow-while.md#which-loops-vote"  # where a loop communicates in each iteration

COLUMNS = [
    "Operation",
    "Held argument, copied",
    "FLOP, 1 → 64 lanes",
    "Temporary bytes, 1 → 64 lanes",
    "jit(vmap(f))",
    "shard_map(vmap(f))",
    "Explicit mesh",
]
_MOST = 12  # primitives that are named
NOTHING = "—"  # in a cell to which there is no question

Say = Callable[[Answer], str]


def inside_of(attributes: Mapping[str, str], content: Content | None = None) -> str:
    """Return what an element holds, as HTML.

    Args:
        attributes: the attributes of the element, without their ``data-``.
        content: what the data file holds; read from it if None.

    Raises:
        ValueError: there is no such group.
    """
    content = read() if content is None else content
    if "group" not in attributes:
        return summary_html(content)
    group = attributes["group"]
    if group not in GROUPS:
        raise ValueError(f"no group {group!r}; there are {', '.join(GROUPS)}.")
    return table_html(group, content)


def table_html(group: str, content: Content) -> str:
    """Return the table of one group.

    Args:
        group: a key of `GROUPS`.
        content: what the data file holds.
    """
    # A narrow column breaks a name where it may break.
    named = [escape(column).replace("(vmap", "(<wbr>vmap") for column in COLUMNS]
    names = "".join(f'<th scope="col">{column}</th>' for column in named)
    rows = [_row(o, content) for o in OPERATIONS if o.group == group]
    return (
        f'<table class="operations" aria-label="{escape(GROUPS[group])}">'
        f"<thead><tr>{names}</tr></thead>{''.join(rows)}</table>"
    )


def summary_html(content: Content) -> str:
    """Return what is true of all rows together, and what the answers were made with."""
    found = [kinds(both) for both in content["answers"].values()]
    items = "".join(
        f'<li data-kind="{kind}" data-filter="{short}">'
        f"{sum(kind in row for row in found)} {text}</li>"
        for kind, (short, text) in KINDS.items()
    )
    made = "; ".join(
        f"JAX {of['jax']} with Python {of['python']}, asked on {of['date']}"
        for of in content["made_with"].values()
    )
    return (
        f"<p>Of {len(found)} operations:</p><ul>{items}</ul>"
        f'<p>The answers are from {made} (<a data-to="reference/operations/operations.json">as data</a>).</p>'
    )


def text_of(attributes: Mapping[str, str], content: Content | None = None) -> str:
    """Return what an element holds as Markdown, without what is folded away.

    Args:
        attributes: as for `inside_of`.
        content: as for `inside_of`.
    """
    content = read() if content is None else content
    if "group" not in attributes:
        return _plain(summary_html(content))
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    for operation in OPERATIONS:
        if operation.group == attributes["group"]:
            both = content["answers"].get(operation.name, {})
            cells = [_of_both(both, _labels(content), say) for say in _CELLS]
            lines.append([f"`{operation.name}`", *map(_plain, cells)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(html: str) -> str:
    """Return HTML as words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _labels(content: Content) -> dict[str, str]:
    """Return the name of each version that answered, by its slot."""
    return {
        slot: ".".join(content["made_with"][slot]["jax"].split(".")[:2])
        for slot in SLOTS
        if slot in content["made_with"]
    }


def anchor_of(name: str) -> str:
    """Return the id of the row of an operation."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def links_of(operation: Operation, both: Mapping[str, Answer]) -> list[str]:
    """Return the pages that explain what surprises in a row, relative to ``docs/``."""
    links = [operation.page] if operation.page else []
    for kind in kinds(dict(both)):
        if kind in PAGES and (not operation.page or kind == "explicit"):
            votes = any("in each iteration" in str(a.get("jit")) for a in both.values())
            page = VOTES if kind == "communicates" and votes else PAGES[kind]
            links.append(page)
    return list(dict.fromkeys(links))


def _code(value: object) -> str:
    """Return text as code."""
    return f"<code>{escape(str(value), quote=False)}</code>"


def link_to(page: str) -> str:
    """Return a link to a page, named by its title; `finish` says where it leads."""
    file, _, anchor = page.partition("#")
    text = (HERE.docs / file).read_text(encoding="utf-8")
    found = re.search(r"^# ([^:\n]+)", text, flags=re.MULTILINE)
    title = found[1] if found else file
    address = file.removesuffix(".md") + "/" + (f"#{anchor}" if anchor else "")
    return f'<a data-to="{address}">{escape(title, quote=False)}</a>'


# --- a row --------------------------------------------------------------------------------


def _row(operation: Operation, content: Content) -> str:
    """Return the rows of an operation: what is compared, and what is folded away."""
    both = content["answers"].get(operation.name, {})
    labels = _labels(content)
    links = links_of(operation, both)
    why = "<br>".join(map(link_to, links))
    anchor = anchor_of(operation.name)
    name = f'<a href="#{anchor}">{_code(operation.name)}</a>'
    if why:
        name += f"<small>{why}</small>"
    cells = [f'<th scope="row">{name}</th>']
    for column, say in zip(COLUMNS[1:], _CELLS, strict=True):
        text = _of_both(both, labels, say)
        cells.append(f'<td data-label="{escape(column)}">{text}</td>')
    more = [
        f"<li>{title}: {text}</li>"
        for title, say in _MORE.items()
        if (text := _of_both(both, labels, lambda a, s=say: s(operation, a)))  # type: ignore[misc]
    ]
    # One line of HTML: Markdown would end at an empty one.
    program = escape(operation.program, quote=False).replace("\n", "&#10;")
    return (
        f'<tbody id="{anchor}" data-is="{" ".join(kinds(both))}">'
        f"<tr>{''.join(cells)}</tr>"
        f'<tr><td colspan="{len(COLUMNS)}"><details><summary>'
        f"Program and numbers<span> of {escape(operation.name, quote=False)}</span>"
        f"</summary><ul>{''.join(more)}</ul>"
        f"<pre data-search-exclude><code>{program}</code></pre></details></td></tr>"
        "</tbody>"
    )


def _of_both(both: Mapping[str, Answer], labels: Mapping[str, str], say: Say) -> str:
    """Return what both versions say: once if they agree, else each with its name."""
    said = {slot: _guarded(both.get(slot), say) for slot in labels}
    if len(set(said.values())) == 1:
        return said[NEWEST if NEWEST in said else OLDEST]
    return "".join(
        f"<p><b>{labels[slot]}</b> {text or 'nothing'}</p>"
        for slot, text in said.items()
    )


def differing(
    operation: Operation, content: Content
) -> list[tuple[str, dict[str, str]]]:
    """Return what the two versions say otherwise of an operation.

    Args:
        operation: the operation.
        content: what the data file holds.

    Returns:
        For each cell of its row that differs, its name and what each version says, in
        words, by its slot; where no cell does, the primitives if these do. An operation
        that a version lacks is one line.
    """
    both = content["answers"].get(operation.name, {})
    if any("lacks" in answer for answer in both.values()):
        there = {slot: _guarded(both.get(slot), lambda _: "there") for slot in SLOTS}
        return [(COLUMNS[0], there)]

    def found(says: Mapping[str, Say]) -> list[tuple[str, dict[str, str]]]:
        said = {
            title: {slot: _plain(_guarded(both.get(slot), say)) for slot in SLOTS}
            for title, say in says.items()
        }
        return [(title, of) for title, of in said.items() if len({*of.values()}) > 1]

    primitives = functools.partial(_primitives, operation)
    return found(dict(zip(COLUMNS[1:], _CELLS, strict=True))) or found(
        {"Primitives": primitives}
    )


def _guarded(answer: Answer | None, say: Say) -> str:
    """Return what is said of an answer, if there is one."""
    if answer is None:
        return "not asked"
    if "lacks" in answer:
        return "no such operation"
    return say(answer)


def _number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def _held(answer: Answer) -> str:
    held = answer.get("held")
    if "fails" in answer or not held:
        return NOTHING
    if "copies" not in held:
        return "no"
    if held["in"] == "no memory":
        return "no: the compiler does without"
    return f"{_number(held['copies'])} B in {held['in']}"


def _flops(answer: Answer) -> str:
    """Say what XLA counts, and where it does not count all."""
    if "fails" in answer:
        return "cannot be mapped"
    costs = [answer[key] for key in ("one", "many") if key in answer]
    if any("calls" in cost for cost in costs):
        return "not counted"
    text = " → ".join(_number(cost["flops"]) for cost in costs)
    return text + (
        " in one iteration" if any("loops" in cost for cost in costs) else ""
    )


def _memory(answer: Answer) -> str:
    if "fails" in answer:
        return NOTHING
    costs = [answer[key] for key in ("one", "many") if key in answer]
    return " → ".join(_number(cost["temporary"]) for cost in costs)


def _moved(collectives: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in collectives.items()) or "none"


def _ran(said: Answer) -> str:
    """Say what a program over eight devices did."""
    text = _moved(said["collectives"])
    if "lanes" in said:
        text += "; the result is not cut by lanes"
    if "other values" in said:
        text += "; other values"
    return text


def _jit(answer: Answer) -> str:
    said = answer.get("jit")
    if said is None:
        return NOTHING
    return "fails" if "fails" in said else _ran(said)


def _shard_map(answer: Answer) -> str:
    said = answer.get("shard_map")
    if said is None:
        return NOTHING
    if "fails" not in said:
        return _ran(said)
    unchecked = said["unchecked"]
    if "fails" in unchecked:
        return "refused"
    return f"refused; unchecked: {_ran(unchecked)}"


def _explicit(answer: Answer) -> str:
    said = answer.get("explicit")
    if said is None:
        return NOTHING
    return "fails" if "fails" in said else "works"


_CELLS: list[Say] = [_held, _flops, _memory, _jit, _shard_map, _explicit]


# --- what is folded away ------------------------------------------------------------------


def _primitives(_: Operation, answer: Answer) -> str:
    """Say what it becomes."""

    def named(names: list[str]) -> str:
        rest = len(names) - _MOST
        text = " ".join(map(_code, names[:_MOST])) or "none"
        return text + (f" and {rest} more" if rest > 0 else "")

    before, after = answer.get("before"), answer.get("after")
    if before is None or after is None:
        return named(names) if (names := before or after) else ""
    if before == after:
        return f"{named(before)}, the same under {_code('vmap')}"
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    text = f"{named(before)}; under {_code('vmap')} "
    if not gone and not new:
        return text + "the same in another order"
    says = [f"{word} {named(n)}" for word, n in (("without", gone), ("with", new)) if n]
    return text + " and ".join(says)


def _work(cost: Answer) -> str:
    """Say what XLA counts in one program."""
    text = f"{_number(cost['flops'])} FLOP"
    if "calls" in cost:
        text = "operations not counted (calls of a library or of the host)"
    elif more := cost.get("transcendentals"):
        text += f" and {_number(more)} transcendental"
    if "loops" in cost:
        text += ", one iteration of each loop"
    return f"{text}, {_number(cost['temporary'])} B"


def _costs(_: Operation, answer: Answer) -> str:
    names = {"one": "one lane", "many": "64 lanes", "hand": "64 lanes by hand"}
    return "; ".join(
        f"{t}: {_work(answer[k])}" for k, t in names.items() if k in answer
    )


def _values(_: Operation, answer: Answer) -> str:
    return "a lane gives other values than alone" if "other values" in answer else ""


def _refusal(_: Operation, answer: Answer) -> str:
    return _code(answer["fails"]) if "fails" in answer else ""


def _shard_map_says(_: Operation, answer: Answer) -> str:
    said = answer.get("shard_map", {})
    if "fails" not in said:
        return ""
    unchecked = said["unchecked"]
    last = _code(unchecked["fails"]) if "fails" in unchecked else _ran(unchecked)
    return f"{_code(said['fails'])}; with {_code('check_vma=False')}: {last}"


def _explicit_says(_: Operation, answer: Answer) -> str:
    """Say how it fails on an Explicit mesh, and what runs there."""
    said = answer.get("explicit", {})
    if "fails" not in said:
        return ""
    remedies = [
        f"{_code(each['code'])} (collectives: {_ran(each)})"
        for each in said["remedies"]
    ]
    return (
        f"{_code(said['fails'])} What runs: {' or '.join(remedies) or 'nothing tried'}"
    )


_MORE: dict[str, Callable[[Operation, Answer], str]] = {
    "Primitives": _primitives,
    "Costs": _costs,
    "Values": _values,
    "Under vmap": _refusal,
    "In shard_map": _shard_map_says,
    "On an Explicit mesh": _explicit_says,
}
