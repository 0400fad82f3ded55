"""The elements of a page that this package fills, and the scripts that they need."""

import functools
from collections.abc import Callable, Mapping
from typing import TypeAlias

from mapped_axis.examples.pieces import Element
from mapped_axis.exercises import html as exercises
from mapped_axis.explorer import html as explorer
from mapped_axis.explorer.table import PATH, Table
from mapped_axis.machines import html as machines
from mapped_axis.operations import html as operations
from mapped_axis.pages import loop_map, messages, terms
from mapped_axis.phrasebook import html as phrasebook

# By the class of an element: the style sheet and the script of docs/_theme/assets/ that
# a page with such an element loads.
ASSETS = {
    "axis-explorer": ("axis-explorer.css", "axis-explorer.js"),
    "axis-quiz": ("axis-explorer.css", "axis-quiz.js"),
    "cheat-sheet": ("cheat-sheet.css",),
    terms.KIND: terms.ASSETS,
    "predict-first": ("predict.css", "predict.js"),
    "array-figure": ("figures.css", "figures.js"),
    operations.KIND: operations.ASSETS,
    machines.KIND: machines.ASSETS,
    loop_map.KIND: loop_map.ASSETS,
    messages.KIND: messages.ASSETS,
    phrasebook.KIND: phrasebook.ASSETS,
    **dict.fromkeys(exercises.FILL, exercises.ASSETS),
}
# By the class of an element: what fills it, and what stands for it in plain text.
_Says: TypeAlias = Callable[[Mapping[str, str]], str]
_PARTS = (operations, machines, loop_map, messages, phrasebook)
_FILL: dict[str, _Says] = exercises.FILL | {
    part.KIND: part.inside_of for part in _PARTS
}
_PLAIN: dict[str, _Says] = exercises.PLAIN | {
    part.KIND: part.text_of for part in _PARTS
}
# A page with a style sheet of its own for paper, which is empty.
_FILL["cheat-sheet"] = _PLAIN["cheat-sheet"] = lambda _: ""


class Elements:
    """Fills the elements of one page, in order."""

    def __init__(self) -> None:
        """Begin with the first question."""
        self.questions = 0

    def fill(self, piece: Element) -> str:
        """Return an element with what it holds, as one line of HTML.

        Raises:
            ValueError: nothing fills such an element, or not with these attributes.
        """
        if piece.kind in _FILL:
            inside = _FILL[piece.kind](piece.attributes)
            return f'<div class="{piece.kind}"{piece.written}>{inside}</div>'
        if piece.kind not in explorer.ELEMENTS:
            raise ValueError(f"nothing fills an element of the class {piece.kind!r}.")
        number = None
        if piece.kind == "axis-quiz":
            self.questions += 1
            number = self.questions
        inside = explorer.inside_of(_table(), piece.attributes, number)
        return f'<div class="{piece.kind}"{piece.written}>{inside}</div>'


def plain(piece: Element) -> str:
    """Return what stands for an element where there is no page, as Markdown."""
    if piece.kind in _PLAIN:
        return _PLAIN[piece.kind](piece.attributes)
    return "(Here the page lets its reader try this.)"


@functools.lru_cache(maxsize=1)
def _read(changed: int) -> Table:
    """Read the table; ``changed`` is there for the cache alone."""
    return Table.read()


def _table() -> Table:
    """Return JAX's answers as they are now."""
    return _read(PATH.stat().st_mtime_ns)
