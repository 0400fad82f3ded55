"""Draws arrays as small SVGs; `kinds` says which, and asks JAX for their shapes.

A drawing takes its colours from the page, by the classes ``mapped``, ``held`` and
``result`` (see ``site.css``). The colours in its attributes are for the file on its own.
"""

import itertools
import math
import textwrap
from dataclasses import dataclass
from html import escape

# In units of the drawing; 14 of them are an em of the page. A phone shows 328 units, so
# that nothing has to shrink there.
EM = 14
WIDTH = 326
LINE = 16
CHARACTER = 7.3  # its width
CELL = 21  # the height of a cell; its width depends on the index in it
ADVANCE = dict.fromkeys("0123456789", 7) | dict.fromkeys(",()", 4)  # in an index
LANES = 3  # the gap between two
SHEET = 6  # how far to the right the next sheet of a stack is

COLORS = {"mapped": "#0f56b3", "held": "#9a4600", "result": "#0b6b5c"}
OUTER, INNER = range(2)  # the level of a map; a single one counts as an outer one


# --- an array ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Array:
    """An array, or one block of it.

    Args:
        name: its name.
        shape: its shape.
        role: ``mapped``, ``held`` or ``result``.
        axes: the level of the map for each axis that is mapped, or cut.
        start: the index of the first cell; empty for 0 everywhere.
        block: whether it is a block on a device: in one piece, without arrows.
        shaded: whether what one run of the function sees of it is shaded.
        dashed: whether several runs, or devices, have the same.
    """

    name: str
    shape: tuple
    role: str
    axes: dict
    start: tuple = ()
    block: bool = False
    shaded: bool = True
    dashed: bool = False

    @property
    def cell(self):
        """The width of a cell: room for the longest index."""
        longest = self.written([size - 1 for size in self.shape])
        room = 2 if len(self.shape) == 1 and not self.block else 3
        return max(16, room + sum(ADVANCE[char] for char, _ in longest))

    @property
    def steps(self):
        """How far it is from cell to cell along each axis, as ``(x, y)``.

        The last axis goes right, the one before it down. A third one goes through the
        sheets of a stack, which are set off so far that every cell can be read.
        """
        rank = len(self.shape)
        apart = () if self.block else [axis - rank for axis in self.axes]
        right = self.cell + LANES * (-1 in apart)
        down = CELL + LANES * (-2 in apart)
        sheet = self.shape[-2] * down + 2 * LANES if rank == 3 else 0
        return [(SHEET, sheet), (0, down), (right, 0)][3 - rank :]

    def corner(self, index):
        """Return how far the corner of a cell is from that of the first one."""
        steps = list(zip(index, self.steps, strict=True))
        return sum(i * x for i, (x, _) in steps), sum(i * y for i, (_, y) in steps)

    @property
    def size(self):
        """The width and the height of all cells."""
        x, y = self.corner([size - 1 for size in self.shape])
        return x + self.cell, y + CELL

    @property
    def margin(self):
        """The room for arrows at the left."""
        rooms = {1: 0, 2: 10, 3: 10 + SHEET}
        turns = [] if self.block else [len(self.shape) - axis for axis in self.axes]
        return sum(rooms[turn] for turn in turns)

    @property
    def room(self):
        """The width of the array with its arrows, name and shape."""
        cells = 0 if self.block else self.margin + self.size[0]
        letters = max(len(self.name), len(str(self.shape)))
        return max(cells, math.ceil(CHARACTER * letters))

    def header(self, x, y):
        """Return the name and, below it, the shape with its mapped sizes marked."""
        marks = [mark(self.axes.get(axis)) for axis in range(len(self.shape))]
        sizes = [
            f"<tspan{how}>{size}</tspan>" if how else str(size)
            for how, size in zip(marks, self.shape, strict=True)
        ]
        comma = "," if len(sizes) == 1 else ""
        return (
            f'<text x="{x}" y="{y}"{role(self.role)}>{self.name}</text>'
            f'<text x="{x}" y="{y + 14}">({", ".join(sizes)}{comma})</text>'
        )

    def draw(self, left, top):
        """Return the cells and the arrows as SVG, with the first corner at that point."""
        dash = ' stroke-dasharray="3 2"' if self.dashed else ""
        box = f"h{self.cell}v{CELL}h-{self.cell}z"
        right = self.steps[-1][0] if self.shape else 0
        parts = [f'<g transform="translate({left} {top})">']
        parts += [] if self.block else [self.header(-self.margin, -27), *self.arrows()]
        parts.append('<g text-anchor="middle">')
        for row in self.rows():
            # Drawn from its own corner, a row repeats the one before it almost to the
            # character, and so takes few bytes once compressed.
            x, y = self.corner(row[0])
            parts.append(f'<g transform="translate({x} {y})">')
            x = 0
            for shaded, cells in itertools.groupby(row, self.is_shaded):
                boxes = [box for _ in cells]
                shape = f"M{x} 0{f'm{right} 0'.join(boxes)}"
                parts.append(path(self.role, shape, shaded, dash))
                x += right * len(boxes)
            parts += [*self.texts(row, right), "</g>"]
        return "".join([*parts, "</g></g>"])

    def rows(self):
        """Return the indices of the cells, row by row."""
        if not self.shape:
            return [[()]]
        *lead, last = map(range, self.shape)
        return [[(*index, i) for i in last] for index in itertools.product(*lead)]

    def is_shaded(self, index):
        """Return whether the one run that is shown sees this cell."""
        mapped = () if self.block else self.axes
        return self.shaded and all(index[axis] == 0 for axis in mapped)

    def texts(self, row, right):
        """Return the indices in a row of cells, one text for each kind of mark."""
        places = {level: [] for level in (None, OUTER, INNER)}
        for number, index in enumerate(row):
            chars = self.written(index)
            x = number * right + (self.cell - sum(ADVANCE[c] for c, _ in chars)) / 2
            for char, level in chars:
                places[level].append((char, f"{x + ADVANCE[char] / 2:g}"))
                x += ADVANCE[char]
        for level, chars in places.items():
            if chars:
                text, at = zip(*chars, strict=True)
                yield f'<text y="15"{mark(level)} x="{" ".join(at)}">{"".join(text)}</text>'

    def written(self, index):
        """Return the index of a cell as characters, each with the level of its axis."""
        start = self.start or (0,) * len(index)
        chars = [] if index else [("(", None), (")", None)]
        for axis, (first, i) in enumerate(zip(start, index, strict=True)):
            chars += [(",", None)] if axis else []
            chars += [(digit, self.axes.get(axis)) for digit in str(first + i)]
        return chars

    def arrows(self):
        """Return an arrow along each mapped axis."""
        parts = []
        for axis, level in self.axes.items():
            turn = len(self.shape) - axis
            dx, dy = ((self.shape[axis] - 1) * step for step in self.steps[axis])
            if turn == 1:
                parts.append(arrow(0, -6, dx + self.cell, dy, level))
            else:
                left = -6 if turn == 2 else 4 - self.margin
                parts.append(arrow(left, 0, dx, dy + CELL, level))
        return parts


# --- lines and marks --------------------------------------------------------------------


def role(name):
    """Return the attributes of what has the colour of a role."""
    return f' class="{name}" color="{COLORS[name]}"'


def mark(level):
    """Return the attributes of a number whose axis is mapped, or none."""
    if level is None:
        return ""
    how = {OUTER: ' font-weight="700"', INNER: ' text-decoration="underline"'}[level]
    return role("mapped") + how


def path(name, shape, shaded=False, options=""):
    """Return lines in the colour of a role."""
    fill = ' fill-opacity=".15"' if shaded else ' fill="none"'
    return f'<path{role(name)} stroke="currentColor"{fill}{options} d="{shape}"/>'


def arrow(x, y, dx, dy, level):
    """Return an arrow in the colour of a mapped axis; that of an inner map is thin."""
    scale = 4 / math.hypot(dx, dy)
    ux, uy = dx * scale, dy * scale
    shape = f"M{x} {y}l{dx} {dy}"
    for move, a, b in (
        ("m", -ux - uy, ux - uy),
        ("l", ux + uy, uy - ux),
        ("l", uy - ux, -ux - uy),
    ):
        shape += f"{move}{a:.2g} {b:.2g}".replace("-0 ", "0 ")
    width = 2.5 if level == OUTER else 1
    return path("mapped", shape, options=f' stroke-width="{width}"')


# --- a figure ---------------------------------------------------------------------------


class Sheet:
    """The parts of a figure, added from top to bottom."""

    def __init__(self):
        """Begin with an empty sheet."""
        self.parts = []
        self.width = self.y = 0

    def text(self, x, y, text, attributes=""):
        """Add a text."""
        content = escape(text, quote=False)
        self.parts.append(f'<text x="{x}" y="{y}"{attributes}>{content}</text>')
        self.width = max(self.width, x + len(text) * CHARACTER)

    def lines(self, text):
        """Add a text in as many lines as it needs."""
        for number, line in enumerate(textwrap.wrap(text, int(WIDTH / CHARACTER) - 1)):
            self.y += LINE
            self.text(7 if number else 0, self.y - 4, line)

    def legend(self):
        """Add what tells an outer map from an inner one."""
        self.y += LINE
        for x, level, text in ((0, OUTER, "outer map"), (110, INNER, "inner map")):
            self.parts.append(arrow(x, self.y - 8, 22, 0, level))
            self.text(x + 30, self.y - 4, text, mark(level))

    def to_results(self, x, y):
        """Add the arrow from arguments to results, and return the room it takes."""
        self.text(max(0, x - 4), y, "→")
        return 12

    def row(self, arguments, results):
        """Add arrays side by side, in as many rows as they need."""
        x = height = 0
        self.y += 4
        for array in arguments + results:
            leads = results and array is results[0]
            if x + 12 * bool(leads) + array.room > WIDTH:
                self.y += height + 8
                x = height = 0
            if leads:
                x += self.to_results(x, self.y + 54)
            self.parts.append(array.draw(x + array.margin, self.y + 39))
            self.width = max(self.width, x + array.room)
            height = max(height, 39 + array.size[1])
            x += array.room + 14
        self.y += height + 6

    def headers(self, arguments, results):
        """Add the names and shapes of arrays whose blocks come below."""
        x = 0
        self.y += 4
        for array in arguments + results:
            if results and array is results[0]:
                x += self.to_results(x, self.y + 20)
            self.parts.append(array.header(x, self.y + 12))
            x += array.room + 14
            self.width = max(self.width, x)
        self.y += 2 * LINE + 2

    def boxes(self, boxes, columns=None):
        """Add a frame with the blocks of each device.

        Args:
            boxes: for each device its name, its arguments and its results.
            columns: how many frames stand side by side; by default as many as fit.
        """
        width = height = 0
        for name, arguments, results in boxes:
            sizes = [block.size for block in arguments + results]
            blocks = sum(w + 6 for w, _ in sizes) + 12 * bool(results) + 6
            width = max(width, blocks, math.ceil(CHARACTER * len(name)) + 12)
            height = max(height, *(h for _, h in sizes))
        right, down = width + 6, height + LINE + 16
        self.y += 3
        if not columns:
            fit = (WIDTH + 6) // right
            columns = max(n for n in (1, 2, 4, 8) if n <= fit and len(boxes) % n == 0)
        frame = f"M0 0h{width}v{down - 6}h-{width}z"
        for number, (name, arguments, results) in enumerate(boxes):
            left, top = number % columns * right, self.y + number // columns * down
            # From its own corner, a frame repeats the one before it, as rows do.
            self.parts.append(
                f'<g transform="translate({left} {top})"><path stroke="currentColor" '
                f'fill="none" stroke-opacity=".4" d="{frame}"/>'
            )
            self.text(6, 14, name)
            x = 6
            for block in arguments + results:
                if results and block is results[0]:
                    x += self.to_results(x + 3, LINE + 19)
                self.parts.append(block.draw(x, LINE + 4))
                x += block.size[0] + 6
            self.parts.append("</g>")
        self.width = max(self.width, columns * right - 6)
        self.y += len(boxes) // columns * down

    def svg(self, label):
        """Return the sheet as SVG, with a text for who cannot see it."""
        width, height = math.ceil(self.width) + 2, self.y + 2
        label = label.replace("\xa0", " ").replace('"', "'")
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" fill="currentColor" '
            f'viewBox="-1 -1 {width} {height}" width="{width / EM:.4g}em" '
            f'font-family="monospace" aria-label="{escape(label, quote=False)}">'
        )
        # Not the size of the whole: an em there is one of the page.
        body = ['<g font-size="12">', *self.parts, "</g>"]
        return "\n".join([head, *body, "</svg>\n"])
