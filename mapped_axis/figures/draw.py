"""Draws arrays as small SVGs: what one run of a function sees, or what devices hold.

Each cell shows its value, and its index beneath. What one lane has of an array says so in
``data-o`` and ``data-i``, the index along the outer and the inner map: what has none of
them belongs to every lane. The script of the figures lights what belongs to a lane.

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

import numpy as np

from mapped_axis.figures.page import BORDER, EM

# In units of the drawing. A phone shows 328 of them, each as a pixel or more, and none of
# the letters is smaller than 13 units. Baselines are counted from the top of what holds
# them.
WIDTH = 326

FONT, VALUE = 13, 15  # an index and all words; a value
CHARACTER, DIGIT = 7.9, 9.1  # the width of a character of either
LINE = 19
DESCENT = 5  # from the baseline of a line to its end
INDENT = 8  # of a line that goes on
SAMPLE = 22  # the length of an arrow in the legend
EXPLAINED = 30  # from its start to the text beside it
ENTRY = 120  # from one entry of the legend to the next

CELL = 36  # the height of a cell; its width depends on what is in it
ONE = 22  # the height of one without an index
NARROWEST = 18  # the width of a cell at least
PADDING, TIGHT = 4, 2  # what a cell leaves free; one of a vector, which may be long
ADVANCE = dict.fromkeys("0123456789", 8) | dict.fromkeys(",()", 4)  # in an index
NUMBER, INDEX = 16, 31  # the baselines of a value and of an index in a cell
LANES = 4  # the gap between two
SHEET = 6  # how far to the right the next sheet of a stack is
SHADE = ".15"  # the opacity of what is shaded

ABOVE = 4  # what is free above arrays
NAME, SHAPE = 13, 29  # the baselines of a name and of the shape below it
NAMED = 37  # the height of both
CELLS = 43  # from the name to the cells, with an arrow between
APART, BELOW = 15, 8  # from an array to the next one in the row, to the next row
LEADING, MIDDLE = 13, 21  # the width of the arrow to the results; its baseline at names
BACK, BACK_IN_FRAME = 4, 1  # how far that stands in the gap before it

OFF = 6  # how far an arrow is from the cells that it runs along
BESIDE = 10  # the room for one at the left
HEAD = 4  # the length of its head, and half of the width
THICK, THIN = 2.5, 1  # the line of an outer and of an inner map

INSET = 6  # between a frame and its blocks, two blocks, two frames
TITLE = 16  # the baseline of what a frame is called
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
        texts: what is written in each cell, in an array of its shape.
        axes: the level of the map for each axis that is mapped, or cut.
        result: whether it is a result, and not an argument.
        start: the index of the first cell; empty for 0 everywhere.
        block: whether it is a block on a device: in one piece, without arrows.
        shaded: whether what one run of the function sees of it is shaded.
        dashed: whether several runs, or devices, have the same.
        printed: for each cell where its value was printed, and how; or None.
        line: how many cells of a vector stand in a line; by default as many as fit.
    """

    name: str
    texts: np.ndarray
    axes: dict[int, int]
    result: bool = False
    start: Shape = ()
    block: bool = False
    shaded: bool = True
    dashed: bool = False
    printed: np.ndarray | None = None
    line: int | None = None

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return self.texts.shape

    @property
    def role(self) -> str:
        """What its colour says: ``mapped``, ``held`` or ``result``."""
        return "result" if self.result else "mapped" if self.axes else "held"

    @property
    def cell(self) -> int:
        """The width of a cell: room for the longest value and index."""
        index = self.written(tuple(size - 1 for size in self.shape))
        padding = TIGHT if len(self.shape) == 1 and not self.block else PADDING
        value = max(len(text) for text in self.texts.flat) * DIGIT
        width = max(math.ceil(value), sum(ADVANCE[char] for char, _ in index))
        return max(NARROWEST, padding + width)

    @property
    def height(self) -> int:
        """The height of a cell."""
        return CELL if self.shape else ONE

    @property
    def fold(self) -> int:
        """How many cells of a vector stand in a line."""
        if len(self.shape) != 1:
            return self.shape[-1] if self.shape else 1
        if self.line:
            return self.line
        right = self.cell + LANES * bool(self.axes and not self.block)
        lines = math.ceil(self.shape[0] * right / WIDTH)
        return math.ceil(self.shape[0] / lines)

    @property
    def steps(self) -> list[tuple[int, int]]:
        """How far it is from cell to cell along each axis, as ``(x, y)``.

        The last axis goes right, the one before it down. A third one goes through the
        sheets of a stack, which are set off so far that every cell can be read.
        """
        rank = len(self.shape)
        apart = () if self.block else [axis - rank for axis in self.axes]
        right = self.cell + LANES * (-1 in apart)
        down = self.height + LANES * (-2 in apart)
        sheet = self.shape[-2] * down + 2 * LANES if rank == 3 else 0
        return [(SHEET, sheet), (0, down), (right, 0)][3 - rank :]

    def corner(self, index: Shape) -> tuple[int, int]:
        """Return how far the corner of a cell is from that of the first one."""
        if len(index) == 1:  # a long vector goes on in the next line
            line, place = divmod(index[0], self.fold)
            return place * self.steps[0][0], line * (CELL + LANES)
        steps = list(zip(index, self.steps, strict=True))
        return sum(i * x for i, (x, _) in steps), sum(i * y for i, (_, y) in steps)

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height of all cells."""
        x, y = self.corner(tuple(size - 1 for size in self.shape))
        if len(self.shape) == 1:
            x = (self.fold - 1) * self.steps[0][0]
        return x + self.cell, y + self.height

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
        box = f"h{self.cell}v{self.height}h-{self.cell}z"
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
            for lane, group in itertools.groupby(row, self.lane):
                cells = list(group)
                shape = f"M{x} 0{f'm{right} 0'.join([box] * len(cells))}"
                shaded = self.shaded and not any(lane.values())
                parts.append(f"<g{attributes(lane)}{self.found(cells)}>")
                parts.append(path(self.role, shape, shaded, dash))
                parts += [*self.contents(cells, x, right), "</g>"]
                x += right * len(cells)
            parts.append("</g>")
        return "".join([*parts, "</g></g>"])

    def rows(self) -> list[list[Shape]]:
        """Return the indices of the cells, row by row."""
        indices = list(itertools.product(*map(range, self.shape)))
        if len(self.shape) == 1:
            return [
                indices[at : at + self.fold] for at in range(0, len(indices), self.fold)
            ]
        return [list(row) for _, row in itertools.groupby(indices, lambda i: i[:-1])]

    def lane(self, index: Shape) -> dict[int, int]:
        """Return the index of the lane that has a cell, by the level of the map."""
        mapped = {} if self.block else self.axes
        return {level: index[axis] for axis, level in sorted(mapped.items())}

    def found(self, cells: list[Shape]) -> str:
        """Return the attribute that says where the values of cells were printed."""
        if self.printed is None:
            return ""
        return f' data-at="{" ".join(self.printed[index] for index in cells)}"'

    def contents(self, cells: list[Shape], x: float, right: int) -> Iterator[str]:
        """Return the values of cells, and the indices: a text for each kind of mark."""
        places: list[tuple[int | None, str, float]] = []
        for number, index in enumerate(cells):
            middle = x + number * right + self.cell / 2
            value = self.texts[index]
            yield f'<text y="{NUMBER}" x="{middle:g}" font-size="{VALUE}">{value}</text>'
            chars = self.written(index)
            at = middle - sum(ADVANCE[c] for c, _ in chars) / 2
            for char, level in chars:
                places.append((level, char, at + ADVANCE[char] / 2))
                at += ADVANCE[char]
        for kind in (None, OUTER, INNER):
            text = "".join(char for level, char, _ in places if level == kind)
            where = " ".join(f"{x:g}" for level, _, x in places if level == kind)
            if text:
                yield f'<text y="{INDEX}"{MARKS[kind]} x="{where}">{text}</text>'

    def written(self, index: Shape) -> list[tuple[str, int | None]]:
        """Return the index of a cell as characters, each with the level of its axis."""
        chars: list[tuple[str, int | None]] = []
        for axis, i in enumerate(map(operator.add, index, self.start or (0,) * 3)):
            chars += [(",", None), *((digit, self.axes.get(axis)) for digit in str(i))]
        return chars[1:]  # without the first comma

    def arrows(self) -> Iterator[str]:
        """Return an arrow along each mapped axis."""
        starts = {1: (0, -OFF), 2: (-OFF, 0), 3: (BESIDE - OFF - self.margin, 0)}
        for axis, level in self.axes.items():
            along = self.fold if len(self.shape) == 1 else self.shape[axis]
            dx, dy = ((along - 1) * step for step in self.steps[axis])
            turn = len(self.shape) - axis
            more = (self.cell, 0) if turn == 1 else (0, CELL)
            yield arrow(*starts[turn], dx + more[0], dy + more[1], level)


@dataclass(frozen=True)
class Spread:
    """An array in blocks on devices.

    Args:
        name: its name.
        texts: what is written in each cell, in an array of its shape.
        blocks: for each device where its block starts and ends along each axis.
        result: whether it is a result.
        printed: for each cell where its value was printed, and how; or None.
    """

    name: str
    texts: np.ndarray
    blocks: list[tuple[tuple[int, int], ...]]
    result: bool = False
    printed: np.ndarray | None = None

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return self.texts.shape

    def block(self, device: int) -> Array:
        """Return the block on a device. What the first one has is shaded."""
        block = self.blocks[device]
        part = tuple(slice(*ends) for ends in block)
        texts = self.texts[part] if part else self.texts
        cut = {a: OUTER for a, size in enumerate(texts.shape) if size != self.shape[a]}
        return Array(
            self.name,
            texts,
            cut,
            self.result,
            start=tuple(start for start, _ in block),
            block=True,
            shaded=device == 0,
            dashed=self.blocks.count(block) > 1,
            printed=None if self.printed is None else self.printed[part or ...],
        )

    def whole(self) -> Array:
        """Return the whole array, marked as its blocks are."""
        return replace(self.block(0), texts=self.texts, printed=None)

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


def attributes(lane: Mapping[int, int]) -> str:
    """Return the attributes of what a lane has, by its index along each map."""
    return "".join(f' data-{"oi"[level]}="{at}"' for level, at in lane.items())


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
        self.flow: list[
            str
        ] = []  # what a page may put into one line, where it has room
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

    def row(self, arrays: list[Array]) -> None:
        """Add arrays side by side, in as many rows as they need."""
        rooms = [leading + array.room for array, leading in in_order(arrays)]
        flows = sum(rooms) + APART * (len(rooms) - 1) > WIDTH
        if flows:
            self.flow.append(part(0, 0, math.ceil(self.width), self.y, self.parts))
            self.parts = []
        x = height = 0
        self.y += ABOVE
        for (array, leading), room in zip(in_order(arrays), rooms, strict=True):
            if x + room > WIDTH:
                self.y += height + BELOW
                x = height = 0
            left, top = (0, 0) if flows else (x, self.y)
            drawn = [
                to_results(leading, max(0, left - BACK), top + CELLS + INDEX),
                array.draw(left + leading + array.margin, top + CELLS),
            ]
            tall = CELLS + array.size[1]
            if flows:
                self.flow.append(part(x, self.y, room, tall + INSET, drawn))
            else:
                self.parts += drawn
            self.width = max(self.width, x + room)
            height = max(height, tall)
            x += room + APART
        self.y += height + INSET

    def headers(self, arrays: list[Array]) -> None:
        """Add the names and shapes of arrays whose blocks come below."""
        x = 0
        self.y += ABOVE
        for array, leading in in_order(arrays):
            self.parts.append(to_results(leading, x - BACK, self.y + MIDDLE))
            self.parts.append(array.header(x + leading, self.y))
            x += leading + array.room + APART
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
                f'<g{attributes({OUTER: number})} transform="translate({left} {top})">'
                f'<path class="frame" stroke="currentColor" '
                f'fill="none" stroke-opacity=".4" d="{frame}"/>'
            )
            self.text(INSET, TITLE, name)
            x = INSET
            for block, leading in in_order(blocks):
                arrow_at = x - BACK_IN_FRAME
                self.parts.append(to_results(leading, arrow_at, BLOCKS + INDEX))
                self.parts.append(block.draw(x + leading, BLOCKS))
                x += leading + block.size[0] + INSET
            self.parts.append("</g>")
        self.width = max(self.width, columns * right - INSET)
        self.y += len(boxes) // columns * down

    def svg(
        self, told: list[str], caption: str, lanes: list[int], code: tuple[int, str]
    ) -> str:
        """Return the sheet as SVG, with a text for who cannot see it.

        Args:
            told: what each array is, in words.
            caption: what to see, with ``{o}`` and ``{i}`` for the index of the lane.
            lanes: how many lanes there are along each map.
            code: where the call begins in the program, and its text.
        """
        label = f"{self.call}: {'; '.join(told)}"
        width, height = math.ceil(self.width) + 2 * BORDER, self.y + 2 * BORDER
        data = {
            "aria-label": label.replace("\xa0", " ").replace('"', "'"),
            "data-caption": caption.replace("\xa0", " "),
            "data-lanes": " ".join(map(str, lanes)),
            "data-code": f"{code[0]}:{code[1]}",
        }
        said = "".join(
            f' {k}="{escape(v).replace(chr(10), "&#10;")}"' for k, v in data.items()
        )
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" fill="currentColor" '
            f'viewBox="-{BORDER} -{BORDER} {width} {height}" width="{width / EM:.4g}em" '
            f'font-family="monospace"{said}>'
        )
        return "\n".join([head, *(self.flow or [words(self.parts)]), "</svg>\n"])


def words(parts: list[str]) -> str:
    """Return parts whose words have their size: in the whole, an em is one of the page."""
    return "\n".join([f'<g font-size="{FONT}">', *filter(None, parts), "</g>"])


def part(x: int, y: int, width: int, height: int, parts: list[str]) -> str:
    """Return a part of a drawing that a page may put elsewhere, see `page.flowing`."""
    size = f'width="{width}" height="{height}"'
    # A line along its edge is half outside.
    return f'<svg x="{x}" y="{y}" {size} overflow="visible">{words(parts)}</svg>'


def to_results(room: int, x: int, y: int) -> str:
    """Return the arrow to the results, if there is room for it."""
    return f'<text x="{x}" y="{y}">→</text>' if room else ""


def in_order(arrays: list[Array]) -> Iterator[tuple[Array, int]]:
    """Yield each array, and how much room the arrow to the results takes before it."""
    for array, before in zip(arrays, [*arrays[:1], *arrays], strict=False):
        yield array, LEADING * (array.result and not before.result)


def draw_lanes(
    call: str, function: str, arrays: list[Array], code: tuple[int, str]
) -> str:
    """Draw what one run of a mapped function sees.

    Args:
        call: the code that is shown.
        function: the function that is mapped.
        arrays: the arguments, then the results.
        code: where the call begins in the program, and its text.
    """
    sizes = {level: a.shape[axis] for a in arrays for axis, level in a.axes.items()}
    names = ["outer axis", "inner axis"] if len(sizes) > 1 else ["mapped axis"]
    told = []
    for array in arrays:
        axes = sorted(array.axes.items(), key=lambda item: item[1])
        whole = "one for all" if array.result else "held"
        how = ", ".join(f"{names[level]} {axis}" for axis, level in axes)
        told.append(f"{array.name} {array.shape} {how or whole}")
    sheet = Sheet(call)
    if len(sizes) > 1:
        sheet.legend()
    sheet.row(arrays)
    slots = ["{o}", "{i}"]
    given, gives = (
        ", ".join(
            sliced(array.name, [array.axes.get(a) for a in range(len(array.shape))])
            for array in arrays
            if array.result == result
        )
        for result in (False, True)
    )
    lanes = [sizes[level] for level in sorted(sizes)]
    which = ", ".join(slots[: len(lanes)])
    of = " by ".join(map(str, lanes))
    if batch := next((array.line for array in arrays if array.line), None):
        of += f", {batch} in a batch"
    caption = f"Lane {which} of {of}: {function} sees {given} and gives {gives}."
    return sheet.svg(told, caption, lanes, code)


def sliced(name: str, levels: list[int | None]) -> str:
    """Return the part of an array that a lane has, as Python writes it."""
    parts = [":" if level is None else ("{o}", "{i}")[level] for level in levels]
    while parts and parts[-1] == ":":
        parts.pop()
    return f"{name}[{', '.join(parts)}]" if parts else name


def draw_devices(
    call: str,
    function: str,
    mesh: Mapping[str, int],
    arrays: list[Spread],
    code: tuple[int, str],
) -> str:
    """Draw the blocks that each device holds.

    Args:
        call: the code that is shown.
        function: what each device runs, or nothing.
        mesh: the size of each axis of the mesh by its name.
        arrays: the arguments, then the results.
        code: where the call begins in the program, and its text.
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
    blocks = ", ".join(f"{a.name} {a.block(0).shape}" for a in arrays if not a.result)
    gives = ", ".join(f"{a.name} {a.block(0).shape}" for a in arrays if a.result)
    runs = (
        f"runs {function} on {blocks} and has {gives}"
        if function
        else f"holds {blocks}"
    )
    caption = f"Device {{o}} of {len(names)} {runs}."
    return sheet.svg([array.told() for array in arrays], caption, [len(names)], code)
