"""MkDocs hook: the axis explorer and the quiz, as a page shows them without script.

A page asks for them with an empty element, whose ``data-`` attributes choose a row of
the table of JAX's answers::

    <div class="axis-explorer" id="explorer" data-choose="all"
    data-function="dot" data-shapes="2x3,3" data-in="0,None" data-out="0"></div>

    <div class="axis-quiz"
    data-function="sum" data-shapes="2x3" data-in="1" data-out="0"></div>

An explorer lets the reader choose everything (``all``) or only the ``axes``; one with an
``id`` keeps what is chosen in the address of the page. What this hook puts into the
element needs no script. The scripts add the rest, and only a page with such an element
loads them. ``make tables`` writes the table, ``tests/axis_table.py`` says what is in it.
"""

import html
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

TABLE = Path(__file__).parent.parent / "_theme/assets/axis-table.json"

_ELEMENT = re.compile(r'<div class="(axis-explorer|axis-quiz)"([^>]*)></div>')
_ATTRIBUTE = re.compile(r'\bdata-([a-z]+)="([^"]*)"')
_COUNTS = ["no", "one", "two", "three", "four"]


@dataclass(frozen=True)
class Choice:
    """What a reader chooses: a function, and where it is mapped.

    Args:
        function: the name of a function of the table.
        shapes: the shape of each argument, a tuple of tuples.
        in_axes: the mapped axis of each argument, or None for a held one.
        out_axes: the axis of the result along which the lanes are stacked, or None.
    """

    function: str
    shapes: tuple
    in_axes: tuple
    out_axes: int | None


class Table:
    """JAX's answer to each choice.

    Args:
        content: what the JSON file holds: ``in_axes``, those offered for an argument of
            rank 0, 1, …; ``out_axes``, those offered for the result; ``functions``;
            ``answers``, each a shape or the text of an error. An entry of ``functions``
            has in ``rows``, for each combination of shapes, the numbers of the answers to
            all in_axes and out_axes, the latter changing fastest.
    """

    def __init__(self, content):
        """Index the functions by name."""
        self.content = content
        self.functions = {entry["name"]: entry for entry in content["functions"]}

    @classmethod
    def read(cls):
        """Read the table of the site."""
        return cls(json.loads(TABLE.read_text(encoding="utf-8")))

    def axes_of(self, shapes):
        """Return all in_axes that are offered for arguments of these shapes."""
        return itertools.product(*(self.content["in_axes"][len(s)] for s in shapes))

    def choices(self):
        """Return all choices in the order of the table."""
        return [
            Choice(name, shapes, in_axes, out_axes)
            for name, entry in self.functions.items()
            for shapes in itertools.product(*_tuples(entry["shapes"]))
            for in_axes in self.axes_of(shapes)
            for out_axes in self.content["out_axes"]
        ]

    def answers(self):
        """Return the answer to each choice: a shape as a tuple, or an error's text."""
        given = _tuples(self.content["answers"])
        numbers = [
            number
            for entry in self.content["functions"]
            for row in entry["rows"]
            for number in row
        ]
        return {
            choice: given[number]
            for choice, number in zip(self.choices(), numbers, strict=True)
        }

    def program(self, choice):
        """Return the lines of code that ask JAX: the arguments, then the one call."""
        entry = self.functions[choice.function]
        names = entry["operands"]
        lines = [
            f"{name} = {_array(shape, scale)}"
            for name, shape, scale in zip(names, choice.shapes, (1, 10), strict=False)
        ]
        in_axes = choice.in_axes if len(names) > 1 else choice.in_axes[0]
        lines.append(
            f"jax.vmap({entry['code']}, in_axes={in_axes}, out_axes={choice.out_axes})"
            f"({', '.join(names)})"
        )
        return "\n".join(lines)


def _tuples(value):
    """Return lists, at any depth, as tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _array(shape, scale):
    """Return the code of an argument: each element tells which one it is."""
    if not shape:
        return f"jnp.array({scale})"
    count = 1
    for size in shape:
        count *= size
    code = f"jnp.arange(1, {count + 1})"
    if len(shape) > 1:
        code += f".reshape{shape}"
    return code if scale == 1 else f"{scale} * {code}"


def parse(attributes):
    """Read the attributes of an element as a `Choice`.

    Args:
        attributes: a dictionary with ``function``, ``shapes``, ``in`` and ``out``.
    """

    def axis(text):
        return None if text == "None" else int(text)

    return Choice(
        attributes["function"],
        tuple(
            tuple(int(size) for size in shape.split("x")) if shape else ()
            for shape in attributes["shapes"].split(",")
        ),
        tuple(map(axis, attributes["in"].split(","))),
        axis(attributes["out"]),
    )


def on_page_content(html, page, config, files):
    """Fill the elements of a page, and let it load the scripts if it has any.

    Raises:
        PluginError: an element chooses what is not in the table.
    """
    if not _ELEMENT.search(html):
        return html
    table = Table.read()
    answers = table.answers()
    numbers = itertools.count(1)

    def fill(match):
        attributes = dict(_ATTRIBUTE.findall(match[2]))
        try:
            choice = parse(attributes)
            answer = answers[choice]
        except (KeyError, ValueError) as error:
            raise PluginError(
                f"{page.file.src_uri}: {match[0]} is no row of the table "
                f"({error}); choose one that tests/axis_table.py offers."
            ) from error
        if match[1] == "axis-quiz":
            inside = _question(table, answers, choice, next(numbers))
        elif attributes.get("choose") == "all":
            inside = _shapes(table, answers)
        else:
            inside = f"<p>{explain(table, choice, answer)}</p>"
        return f'<div class="{match[1]}"{match[2]}>{inside}</div>'

    filled = _ELEMENT.sub(fill, html)

    def address(name):
        return get_relative_url(f"assets/{name}", page.url)

    # Inside the content and not in the head: instant navigation brings them along.
    loads = [f'<link rel="stylesheet" href="{address("axis-explorer.css")}">']
    for name in ("axis-explorer", "axis-quiz"):
        if f'class="{name}"' in filled:
            loads.append(f'<script type="module" src="{address(name)}.js"></script>')
    return "\n".join([*loads, filled])


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
        return f"JAX refuses. {_code(answer)}"
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
        f"It returns {returns}. The {_COUNTS[lanes]} lanes are stacked along axis "
        f"{choice.out_axes % len(answer)} of the result, which has the shape "
        f"{_code(answer)}."
    )


def _question(table, answers, choice, number):
    """Return a question of the quiz: the program, what may be right, what is."""
    right = answers[choice]
    # What the same function gives for the same arguments with other axes.
    options = {
        answer
        for other, answer in answers.items()
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
        f"<fieldset><legend>{number}. Which shape has the result?</legend>"
        f'<p class="axis-program">{_code(table.program(choice))}</p>'
        f"<ul>{listed}</ul></fieldset>"
        f"<details><summary>Answer</summary>"
        f"<p>{explain(table, choice, right)}</p></details>"
    )


def _shapes(table, answers):
    """Return the folded table of shapes: each function with its first arguments."""
    head = "".join(
        f"<th>{_code(f'out_axes={axis}')}</th>" for axis in table.content["out_axes"]
    )
    rows = []
    for name, entry in table.functions.items():
        shapes = tuple(_tuples(options)[0] for options in entry["shapes"])
        call = ", ".join(
            f"{operand} {shape}"
            for operand, shape in zip(entry["operands"], shapes, strict=True)
        )
        for in_axes in table.axes_of(shapes):
            given = [
                answers[Choice(name, shapes, in_axes, out_axes)]
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
