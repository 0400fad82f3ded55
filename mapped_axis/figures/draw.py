"""Draws arrays as small SVGs: what one run of a function sees, or what devices hold.

A drawing takes its colours from the page, by the classes ``mapped``, ``held`` and
``result`` (see ``site.css``). The colours in its attributes are for the file on its own.
"""

import itertools
import math
import operator
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TypeAlias

# In units of the drawing; 14 of them are an em of the page. A phone shows 328 units, so
# that nothing has to shrink there. Baselines are counted from the top of what holds them.
EM = 14
WIDTH = 326
BORDER = 1  # around all of it, or the outermost lines would be half cut off

FONT = 12
CHARACTER = 7.3  # its width
LINE = 16
DESCENT = 4  # from the baseline of a line to its end
INDENT = 7  # of a line that goes on
SAMPLE = 22  # the length of an arrow in the legend
EXPLAINED = 30  # from its start to the text beside it
ENTRY = 110  # from one entry of the legend to the next

CELL = 21  # the height of a cell; its width depends on the index in it
NARROWEST = 16  # the width of a cell at least
PADDING, TIGHT = 3, 2  # what an index leaves free; of a vector, which may be long
ADVANCE = dict.fromkeys("0123456789", 7) | dict.fromkeys(",()", 4)  # in an index
INDEX = 15  # the baseline of an index in its cell
LANES = 3  # the gap between two
SHEET = 6  # how far to the right the next sheet of a stack is
SHADE = ".15"  # the opacity of what is shaded

ABOVE = 4  # what is free above arrays
NAME, SHAPE = 12, 26  # the baselines of a name and of the shape below it
NAMED = 34  # the height of both
CELLS = 39  # from the name to the cells, with an arrow between
APART, BELOW = 14, 8  # from an array to the next one in the row, to the next row
LEADING, MIDDLE = 12, 20  # the width of the arrow to the results; its baseline at names
BACK, BACK_IN_FRAME = 4, 1  # how far that stands in the gap before it

OFF = 6  # how far an arrow is from the cells that it runs along
BESIDE = 10  # the room for one at the left
HEAD = 4  # the length of its head, and half of the width
THICK, THIN = 2.5, 1  # the line of an outer and of an inner map

INSET = 6  # between a frame and its blocks, two blocks, two frames
TITLE = 14  # the baseline of what a frame is called
BLOCKS = LINE + 4  # from the top of a frame to its blocks
FRAMES = 3  # what is free above frames

COLORS = {"mapped": "#0f56b3", "held": "#9a4600", "result": "#0b6b5c"}
OUTER, INNER = range(2)  # the level of a map; a single one counts as an outer one

Shape: TypeAlias = tuple[int, ...]


# --- an array ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Array:
    """An array, or one block of it.

    Args:
        name: its name.
        shape: its shape.
        axes: the level of the map for each axis that is mapped, or cut.
        result: whether it is a result, and not an argument.
        start: the index of the first cell; empty for 0 everywhere.
        block: whether it is a block on a device: in one piece, without arrows.
        shaded: whether what one run of the function sees of it is shaded.
        dashed: whether several runs, or devices, have the same.
    """

    name: str
    shape: Shape
    axes: dict[int, int]
    result: bool = False
    start: Shape = ()
    block: bool = False
    shaded: bool = True
    dashed: bool = False

    @property
    def role(self) -> str:
        """What its colour says: ``mapped``, ``held`` or ``result``."""
        return "result" if self.result else "mapped" if self.axes else "held"

    @property
    def cell(self) -> int:
        """The width of a cell: room for the longest index."""
        longest = self.written(tuple(size - 1 for size in self.shape))
        padding = TIGHT if len(self.shape) == 1 and not self.block else PADDING
        return max(NARROWEST, padding + sum(ADVANCE[char] for char, _ in longest))

    @property
    def steps(self) -> list[tuple[int, int]]:
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

    def corner(self, index: Shape) -> tuple[int, int]:
        """Return how far the corner of a cell is from that of the first one."""
        steps = list(zip(index, self.steps, strict=True))
        return sum(i * x for i, (x, _) in steps), sum(i * y for i, (_, y) in steps)

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height of all cells."""
        x, y = self.corner(tuple(size - 1 for size in self.shape))
        return x + self.cell, y + CELL

    @property
    def margin(self) -> int:
        """The room for arrows at the left."""
        rooms = {1: 0, 2: BESIDE, 3: BESIDE + SHEET}
        turns = [] if self.block else [len(self.shape) - axis for axis in self.axes]
        return sum(rooms[turn] for turn in turns)

    @property
    def room(self) -> int:
        """The width of the array with its arrows, name and shape."""
        cells = 0 if self.block else self.margin + self.size[0]
        letters = max(len(self.name), len(str(self.shape)))
        return max(cells, math.ceil(CHARACTER * letters))

    def header(self, x: int, y: int) -> str:
        """Return the name and, below it, the shape with its mapped sizes marked."""
        marks = [MARKS[self.axes.get(axis)] for axis in range(len(self.shape))]
        sizes = [
            f"<tspan{how}>{size}</tspan>" if how else str(size)
            for how, size in zip(marks, self.shape, strict=True)
        ]
        comma = "," if len(sizes) == 1 else ""
        return (
            f'<text x="{x}" y="{y + NAME}"{role(self.role)}>{self.name}</text>'
            f'<text x="{x}" y="{y + SHAPE}">({", ".join(sizes)}{comma})</text>'
        )

    def draw(self, left: int, top: int) -> str:
        """Return the cells and the arrows as SVG, with the first corner at that point."""
        dash = ' stroke-dasharray="3 2"' if self.dashed else ""
        box = f"h{self.cell}v{CELL}h-{self.cell}z"
        right = self.steps[-1][0] if self.shape else 0
        parts = [f'<g transform="translate({left} {top})">']
        if not self.block:
            parts += [self.header(-self.margin, -CELLS), *self.arrows()]
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

    def rows(self) -> list[list[Shape]]:
        """Return the indices of the cells, row by row."""
        indices = itertools.product(*map(range, self.shape))
        return [list(row) for _, row in itertools.groupby(indices, lambda i: i[:-1])]

    def is_shaded(self, index: Shape) -> bool:
        """Return whether the one run that is shown sees this cell."""
        mapped = () if self.block else self.axes
        return self.shaded and all(index[axis] == 0 for axis in mapped)

    def texts(self, row: list[Shape], right: int) -> Iterator[str]:
        """Return the indices in a row of cells, one text for each kind of mark."""
        places: list[tuple[int | None, str, float]] = []
        for number, index in enumerate(row):
            chars = self.written(index)
            x = number * right + (self.cell - sum(ADVANCE[c] for c, _ in chars)) / 2
            for char, level in chars:
                places.append((level, char, x + ADVANCE[char] / 2))
                x += ADVANCE[char]
        for kind in (None, OUTER, INNER):
            text = "".join(char for level, char, _ in places if level == kind)
            at = " ".join(f"{x:g}" for level, _, x in places if level == kind)
            if text:
                yield f'<text y="{INDEX}"{MARKS[kind]} x="{at}">{text}</text>'

    def written(self, index: Shape) -> list[tuple[str, int | None]]:
        """Return the index of a cell as characters, each with the level of its axis."""
        if not index:
            return [("(", None), (")", None)]
        chars: list[tuple[str, int | None]] = []
        for axis, i in enumerate(map(operator.add, index, self.start or (0,) * 3)):
            chars += [(",", None), *((digit, self.axes.get(axis)) for digit in str(i))]
        return chars[1:]  # without the first comma

    def arrows(self) -> Iterator[str]:
        """Return an arrow along each mapped axis."""
        starts = {1: (0, -OFF), 2: (-OFF, 0), 3: (BESIDE - OFF - self.margin, 0)}
        for axis, level in self.axes.items():
            dx, dy = ((self.shape[axis] - 1) * step for step in self.steps[axis])
            turn = len(self.shape) - axis
            more = (self.cell, 0) if turn == 1 else (0, CELL)
            yield arrow(*starts[turn], dx + more[0], dy + more[1], level)


@dataclass(frozen=True)
class Spread:
    """An array in blocks on devices.

    Args:
        name: its name.
        shape: its shape.
        blocks: for each device where its block starts and ends along each axis.
        result: whether it is a result.
    """

    name: str
    shape: Shape
    blocks: list[tuple[tuple[int, int], ...]]
    result: bool = False

    def block(self, device: int) -> Array:
        """Return the block on a device. What the first one has is shaded."""
        block = self.blocks[device]
        shape = tuple(end - start for start, end in block)
        cut = {a: OUTER for a, size in enumerate(shape) if size != self.shape[a]}
        return Array(
            self.name,
            shape,
            cut,
            self.result,
            start=tuple(start for start, _ in block),
            block=True,
            shaded=device == 0,
            dashed=self.blocks.count(block) > 1,
        )

    def whole(self) -> Array:
        """Return the whole array, marked as its blocks are."""
        return replace(self.block(0), shape=self.shape)

    def told(self) -> str:
        """Say in words how the array lies."""
        block, name = self.block(0), f"{self.name} {self.shape}"
        if not block.axes:
            return f"{name} whole on every device"
        axes = " and ".join(map(str, block.axes))
        copied = ", each on several devices" if block.dashed else ""
        return f"{name} cut along axis {axes}, blocks {block.shape}{copied}"


# --- lines and marks --------------------------------------------------------------------


def role(name: str) -> str:
    """Return the attributes of what has the colour of a role."""
    return f' class="{name}" color="{COLORS[name]}"'


# The attributes of a number by the level of the map that its axis has, if it has one.
MARKS = {
    None: "",
    OUTER: f'{role("mapped")} font-weight="700"',
    INNER: f'{role("mapped")} text-decoration="underline"',
}


def path(name: str, shape: str, shaded: bool = False, options: str = "") -> str:
    """Return lines in the colour of a role."""
    fill = f' fill-opacity="{SHADE}"' if shaded else ' fill="none"'
    return f'<path{role(name)} stroke="currentColor"{fill}{options} d="{shape}"/>'


def arrow(x: int, y: int, dx: int, dy: int, level: int) -> str:
    """Return an arrow in the colour of a mapped axis; that of an inner map is thin."""
    scale = HEAD / math.hypot(dx, dy)
    ux, uy = dx * scale, dy * scale
    head = ("m", -ux - uy, ux - uy), ("l", ux + uy, uy - ux), ("l", uy - ux, -ux - uy)
    turns = (f"{move}{a:.2g} {b:.2g}".replace("-0 ", "0 ") for move, a, b in head)
    shape = f"M{x} {y}l{dx} {dy}{''.join(turns)}"
    width = THICK if level == OUTER else THIN
    return path("mapped", shape, options=f' stroke-width="{width}"')


# --- a figure ---------------------------------------------------------------------------


class Sheet:
    """The parts of a figure, added from top to bottom."""

    def __init__(self, call: str) -> None:
        """Begin with the code that is shown."""
        self.parts: list[str] = []
        self.width, self.y = 0.0, 0
        self.call = call
        self.lines(call)

    def text(self, x: int, y: int, text: str, attributes: str = "") -> None:
        """Add a text."""
        content = escape(text, quote=False)
        self.parts.append(f'<text x="{x}" y="{y}"{attributes}>{content}</text>')
        self.width = max(self.width, x + len(text) * CHARACTER)

    def lines(self, text: str) -> None:
        """Add a text in as many lines as it needs."""
        for number, line in enumerate(textwrap.wrap(text, int(WIDTH / CHARACTER) - 1)):
            self.y += LINE
            self.text(INDENT if number else 0, self.y - DESCENT, line)

    def legend(self) -> None:
        """Add what tells an outer map from an inner one."""
        self.y += LINE
        for level, text in ((OUTER, "outer map"), (INNER, "inner map")):
            x = level * ENTRY
            self.parts.append(arrow(x, self.y - LINE // 2, SAMPLE, 0, level))
            self.text(x + EXPLAINED, self.y - DESCENT, text, MARKS[level])

    def to_results(self, room: int, x: int, y: int) -> int:
        """Add the arrow to the results if there is room for it, and return the room."""
        if room:
            self.text(x, y, "→")
        return room

    def row(self, arrays: list[Array]) -> None:
        """Add arrays side by side, in as many rows as they need."""
        x = height = 0
        self.y += ABOVE
        for array, leading in in_order(arrays):
            if x + leading + array.room > WIDTH:
                self.y += height + BELOW
                x = height = 0
            x += self.to_results(leading, max(0, x - BACK), self.y + CELLS + INDEX)
            self.parts.append(array.draw(x + array.margin, self.y + CELLS))
            self.width = max(self.width, x + array.room)
            height = max(height, CELLS + array.size[1])
            x += array.room + APART
        self.y += height + INSET

    def headers(self, arrays: list[Array]) -> None:
        """Add the names and shapes of arrays whose blocks come below."""
        x = 0
        self.y += ABOVE
        for array, leading in in_order(arrays):
            x += self.to_results(leading, x - BACK, self.y + MIDDLE)
            self.parts.append(array.header(x, self.y))
            x += array.room + APART
            self.width = max(self.width, x)
        self.y += NAMED

    def boxes(self, boxes: dict[str, list[Array]], columns: int | None = None) -> None:
        """Add a frame with the blocks of each device.

        Args:
            boxes: the blocks by the name of the device.
            columns: how many frames stand side by side; by default as many as fit.
        """
        titles = (math.ceil(CHARACTER * len(name)) + INSET for name in boxes)
        insides = (
            sum(leading + block.size[0] + INSET for block, leading in in_order(blocks))
            for blocks in boxes.values()
        )
        width = INSET + max(*titles, *insides)
        height = max(block.size[1] for blocks in boxes.values() for block in blocks)
        right, down = width + INSET, BLOCKS + height + 2 * INSET
        if not columns:
            fit = (WIDTH + INSET) // right
            columns = max(n for n in (1, 2, 4, 8) if n <= fit and len(boxes) % n == 0)
        self.y += FRAMES
        frame = f"M0 0h{width}v{down - INSET}h-{width}z"
        for number, (name, blocks) in enumerate(boxes.items()):
            left, top = number % columns * right, self.y + number // columns * down
            # From its own corner, a frame repeats the one before it, as rows do.
            self.parts.append(
                f'<g transform="translate({left} {top})"><path stroke="currentColor" '
                f'fill="none" stroke-opacity=".4" d="{frame}"/>'
            )
            self.text(INSET, TITLE, name)
            x = INSET
            for block, leading in in_order(blocks):
                x += self.to_results(leading, x - BACK_IN_FRAME, BLOCKS + INDEX)
                self.parts.append(block.draw(x, BLOCKS))
                x += block.size[0] + INSET
            self.parts.append("</g>")
        self.width = max(self.width, columns * right - INSET)
        self.y += len(boxes) // columns * down

    def svg(self, told: list[str], shaded: str, run: str) -> str:
        """Return the sheet as SVG, with a text for who cannot see it.

        Args:
            told: what each array is, in words.
            shaded: what is shaded.
            run: the shapes of what is shaded.
        """
        self.lines(f"shaded: {shaded}")
        self.lines(run)
        label = f"{self.call}: {'; '.join(told)}; {shaded}, {run}"
        label = label.replace("\xa0", " ").replace('"', "'")
        width, height = math.ceil(self.width) + 2 * BORDER, self.y + 2 * BORDER
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" fill="currentColor" '
            f'viewBox="-{BORDER} -{BORDER} {width} {height}" width="{width / EM:.4g}em" '
            f'font-family="monospace" aria-label="{escape(label, quote=False)}">'
        )
        # Not the size of the whole: an em there is one of the page.
        body = [f'<g font-size="{FONT}">', *self.parts, "</g>"]
        return "\n".join([head, *body, "</svg>\n"])


def in_order(arrays: list[Array]) -> Iterator[tuple[Array, int]]:
    """Yield each array, and how much room the arrow to the results takes before it."""
    for array, before in zip(arrays, [*arrays[:1], *arrays], strict=False):
        yield array, LEADING * (array.result and not before.result)


def draw_lanes(call: str, arrays: list[Array], run: str) -> str:
    """Draw what one run of a mapped function sees.

    Args:
        call: the code that is shown.
        arrays: the arguments, then the results.
        run: the shapes that one run sees.
    """
    sizes = {level: a.shape[axis] for a in arrays for axis, level in a.axes.items()}
    names = ["outer axis", "inner axis"] if len(sizes) > 1 else ["mapped axis"]
    told = []
    for array in arrays:
        axes = sorted(array.axes.items(), key=lambda item: item[1])
        whole = "one for all" if array.result else "held"
        how = ", ".join(f"{names[level]} {axis}" for axis, level in axes)
        told.append(f"{array.name} {array.shape} {how or whole}")
    lanes = " by ".join(str(sizes[level]) for level in sorted(sizes))
    sheet = Sheet(call)
    if len(sizes) > 1:
        sheet.legend()
    sheet.row(arrays)
    return sheet.svg(told, f"lane {', '.join('0' for _ in sizes)} of {lanes}", run)


def draw_devices(
    call: str, mesh: Mapping[str, int], arrays: list[Spread], run: str
) -> str:
    """Draw the blocks that each device holds.

    Args:
        call: the code that is shown.
        mesh: the size of each axis of the mesh by its name.
        arrays: the arguments, then the results.
        run: the shapes that one device sees, or has.
    """
    sheet = Sheet(call)
    sheet.headers([array.whole() for array in arrays])
    names = [f"device {number}" for number in range(math.prod(mesh.values()))]
    columns = None
    if len(mesh) == 2:
        rows, columns = mesh.values()
        names = list(map(str, itertools.product(range(rows), range(columns))))
        sheet.lines("devices: {} ↓  {} →".format(*mesh))
    boxes = {n: [a.block(i) for a in arrays] for i, n in enumerate(names)}
    sheet.boxes(boxes, columns)
    first = names[0].removeprefix("device ")
    told = [array.told() for array in arrays]
    return sheet.svg(told, f"device {first} of {len(names)}", run)
