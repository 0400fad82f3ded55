"""MkDocs hook: the axis explorer and the quiz, as a page shows them without script.

A page asks for them with an empty element, whose ``data-`` attributes choose a row of
the table of JAX's answers::

    <div class="axis-explorer" id="explorer" data-choose="all"
    data-function="dot" data-shapes="2x3,3" data-in="0,None" data-out="0"></div>

    <div class="axis-quiz"
    data-function="sum" data-shapes="2x3" data-in="1" data-out="0"></div>

An explorer lets the reader choose everything (``all``) or only the ``in_axes``; one with
an ``id`` keeps what is chosen in the address of the page. What this hook puts into the
element needs no script. The scripts add the rest, and only a page with such an element
loads them.
"""

import html
import itertools
import re

from axis_table import Choice, Table, parse, tuples
from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

_ELEMENT = re.compile(r'<div class="(axis-explorer|axis-quiz)"([^>]*)></div>')
_ATTRIBUTE = re.compile(r'\bdata-([a-z]+)="([^"]*)"')
COUNTS = ["no", "one", "two", "three", "four"]


def on_page_content(content, page, config, files):
    """Fill the elements of a page, and let it load the scripts if it has any.

    Raises:
        PluginError: an element chooses what is not in the table.
    """
    if not _ELEMENT.search(content):
        return content
    table = Table.read()
    numbers = itertools.count(1)

    def fill(match):
        kind, attributes = match[1], dict(_ATTRIBUTE.findall(match[2]))
        number = next(numbers) if kind == "axis-quiz" else None
        try:
            inside = inside_of(table, attributes, number)
        except (KeyError, ValueError) as error:
            raise PluginError(
                f"{page.file.src_uri}: {match[0]} is no row of the table "
                f"({error}); choose one that tests/ask_jax.py offers."
            ) from error
        return f'<div class="{kind}"{match[2]}>{inside}</div>'

    filled = _ELEMENT.sub(fill, content)

    def address(name):
        return get_relative_url(f"assets/{name}", page.url)

    # Inside the content and not in the head: instant navigation brings them along.
    loads = [f'<link rel="stylesheet" href="{address("axis-explorer.css")}">']
    for name in ("axis-explorer", "axis-quiz"):
        if f'class="{name}"' in filled:
            loads.append(f'<script type="module" src="{address(name)}.js"></script>')
    return "\n".join([*loads, filled])


def inside_of(table, attributes, number):
    """Return what an element holds, as HTML.

    Args:
        table: the `Table`.
        attributes: the attributes of the element, without their ``data-``.
        number: the number of a question of the quiz, or None for an explorer.

    Raises:
        KeyError: the attributes make no choice of the table.
        ValueError: they make no choice at all.
    """
    choice = parse(attributes)
    answer = table.answers[choice]
    if number:
        return _question(table, choice, number)
    if attributes["choose"] == "all":
        return _shapes(table)
    return f"<p>{explain(table, choice, answer)}</p>"


def _code(value):
    """Return text, or a value as Python prints it, as code."""
    return f"<code>{html.escape(str(value), quote=False)}</code>"


def _without(shape, axis):
    """Return a shape without one of its axes."""
    axis %= len(shape)
    return shape[:axis] + shape[axis + 1 :]


def _slice(name, shape, axis):
    """Return how Python writes lane ``i`` of a mapped argument."""
    return f"{name}[{':, ' * (axis % len(shape))}i]"


def explain(table, choice, answer):
    """Say in words, as HTML, why a choice has its answer."""
    if isinstance(answer, str):
        return f"JAX refuses: {_code(answer)}"
    names = table.functions[choice.function]["operands"]
    sees = []
    for name, shape, axis in zip(names, choice.shapes, choice.in_axes, strict=True):
        if axis is None:
            sees.append(f"the whole {_code(name)} of shape {_code(shape)}")
            continue
        lanes = shape[axis]
        lane, rest = _slice(name, shape, axis), _without(shape, axis)
        shaped = f"{_code(lane)} of shape {_code(rest)}"
        sees.append(shaped if rest else f"the number {_code(lane)}")
    text = f"Lane {_code('i')} sees {' and '.join(sees)}. "
    if choice.out_axes is None:
        return text + (
            "What it returns does not depend on the lane, so it is returned once, "
            f"with the shape {_code(answer)}."
        )
    lane = _without(answer, choice.out_axes)
    returns = f"an array of shape {_code(lane)}" if lane else "a number"
    return text + (
        f"It returns {returns}. The {COUNTS[lanes]} lanes are stacked along axis "
        f"{choice.out_axes % len(answer)} of the result, which has the shape "
        f"{_code(answer)}."
    )


def _question(table, choice, number):
    """Return a question of the quiz: the program, what may be right, what is."""
    right = table.answers[choice]
    # What the same function gives for the same arguments with other axes.
    options = {
        answer
        for other, answer in table.answers.items()
        if (other.function, other.shapes) == (choice.function, choice.shapes)
        and not isinstance(answer, str)
    } - {right}
    # The most tempting have the right sizes in another order.
    tempting = sorted(
        options, key=lambda shape: (sorted(shape) != sorted(right), shape)
    )
    shown = sorted(tempting[:3] if isinstance(right, str) else [right, *tempting[:3]])
    items = [(_code(shape), shape == right) for shape in shown]
    items.append(("JAX refuses", isinstance(right, str)))
    listed = "".join(
        f"<li{' data-right' if is_right else ''}>{text}</li>"
        for text, is_right in items
    )
    return (
        f"<fieldset><legend>{number}. Which shape does the result have?</legend>"
        f'<p class="axis-program">{_code(table.program(choice))}</p>'
        f"<ul>{listed}</ul></fieldset>"
        '<p role="status"></p>'
        "<details><summary>Answer</summary>"
        f"<p>{explain(table, choice, right)}</p></details>"
    )


def _shapes(table):
    """Return the folded table of shapes: each function with its first arguments."""
    head = "".join(
        f"<th>{_code(f'out_axes={axis}')}</th>" for axis in table.content["out_axes"]
    )
    rows = []
    for name, entry in table.functions.items():
        shapes = tuple(tuples(options)[0] for options in entry["shapes"])
        call = ", ".join(
            f"{operand} {shape}"
            for operand, shape in zip(entry["operands"], shapes, strict=True)
        )
        for in_axes in table.axes_of(shapes):
            given = [
                table.answers[Choice(name, shapes, in_axes, out_axes)]
                for out_axes in table.content["out_axes"]
            ]
            if all(isinstance(answer, str) for answer in given):
                continue
            cells = "".join(
                "<td>refused</td>"
                if isinstance(answer, str)
                else f"<td>{_code(answer)}</td>"
                for answer in given
            )
            axes = in_axes if len(in_axes) > 1 else in_axes[0]
            rows.append(
                f"<tr><td>{entry['label']}: {call}</td><td>{_code(axes)}</td>"
                f"{cells}</tr>"
            )
    # The search would find each shape here before it finds the page about it.
    return (
        "<details data-search-exclude><summary>Shapes of the results, as a table"
        "</summary><table><thead><tr><th>Function and arguments</th>"
        f"<th>{_code('in_axes')}</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )
