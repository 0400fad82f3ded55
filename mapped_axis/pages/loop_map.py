"""A loop beside its map, as the home page opens: lanes with their values, and counts.

The page asks for it with ``<div class="loop-map"></div>``. Its values are those of one
checked example, its counts those that another one prints; what is put in is complete
without script, and ``loop-map.js`` lets the reader move it.
"""

import ast
import re
from collections.abc import Mapping
from html import escape

from mapped_axis.examples.grammar import read_example
from mapped_axis.project import HERE, shown

KIND = "loop-map"  # the class of the element
ASSETS = ("loop-map.css", "loop-map.js")  # in docs/_theme/assets/
VALUES = HERE.snippets / "index/distance.md"
COUNTS = HERE.snippets / "index/dispatches.md"


def inside_of(_: Mapping[str, str]) -> str:
    """Return what the element holds, as one line of HTML.

    Raises:
        ValueError: an example is not what this reads: a literal array ``places`` and one
            printed row with a number for each, or a table of three columns.
    """
    lanes, rows = _lanes(), _rows()
    size, loop, mapped = rows[0]
    if int(size) != len(lanes):
        raise ValueError(f"{shown(COUNTS)} does not begin with {len(lanes)} places.")
    stages = [
        _stage("loop", "<code>for</code>", "distance", lanes, loop),
        _stage("map", "<code>vmap</code>", "vmap(distance)", lanes, mapped),
    ]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Places", "Loop", "Map"))
    body = "".join(
        "<tr>" + "".join(f"<td>{_thousands(n)}</td>" for n in row) + "</tr>"
        for row in rows
    )
    table = (
        "<table class='lam-counts'><caption>Operations</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
    return f"<div class='lam-stages'>{''.join(stages)}</div>{table}"


def text_of(_: Mapping[str, str]) -> str:
    """Return what stands for the element in plain text."""
    says = ", ".join(f"{point} gives {distance}" for point, distance in _lanes())
    return f"(Here the page shows a loop beside its map: {says}.)"


def _stage(kind: str, title: str, call: str, lanes: list[list[str]], count: str) -> str:
    """Return the lanes of one form: what goes in, the call, what comes out."""
    rows = "".join(
        f"<li><span class='lam-in'>{point}</span>"
        f"<span class='lam-call'>{escape(call)}</span>"
        f"<span class='lam-out'>{distance}</span></li>"
        for point, distance in lanes
    )
    return (
        f"<figure class='lam-stage {kind}'>"
        f"<figcaption>{title}: <b>{_thousands(count)}</b> operations</figcaption>"
        f"<ol>{rows}</ol></figure>"
    )


def _lanes() -> list[list[str]]:
    """Return each place of the example, and the distance that it prints."""
    example = read_example(VALUES)
    written = re.search(r"^places = jnp\.array\((.*)\)$", example.program, re.MULTILINE)
    if not (written and example.output):
        raise ValueError(f"{shown(VALUES)}: no `places = jnp.array(…)`, or no output.")
    places = ast.literal_eval(written[1])
    printed = example.output.text.strip().strip("[]").split()
    distances = [f"{float(number):g}" for number in printed]
    points = [f"({', '.join(f'{x:g}' for x in place)})" for place in places]
    return [list(lane) for lane in zip(points, distances, strict=True)]


def _rows() -> list[list[str]]:
    """Return the rows that the example of counts prints, without their head."""
    output = read_example(COUNTS).output
    rows = output and re.findall(r"^ *(\d+) +(\d+) +(\d+)$", output.text, re.MULTILINE)
    if not rows:
        raise ValueError(f"{shown(COUNTS)} prints no rows of three numbers.")
    return [list(row) for row in rows]


def _thousands(number: str) -> str:
    """Return an integer as people read it."""
    return f"{int(number):,}"
