"""Draws arrays, and what a map or a mesh does to them, as small SVGs.

Every shape, and every block on a device, is JAX's own answer: `Vmap` asks
``jax.eval_shape`` of the real ``jax.vmap``, the others ask the real shardings. The
functions are those of the examples. What a drawing means to a reader is told in
``docs/reference/figures.md``.

A drawing takes its colours from the page, by the classes ``mapped``, ``held`` and
``result`` (see ``site.css``). The colours in its attributes are for the file on its own.
"""

import ast
import itertools
import math
import textwrap
from dataclasses import dataclass
from html import escape
from pathlib import Path

import examples
import jax
import numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec

SNIPPETS = Path(__file__).parent.parent.parent / "snippets"

# In units of the drawing; 14 of them are an em of the page. A phone shows 328 units, so
# that nothing has to shrink there.
EM = 14
WIDTH = 320
LINE = 16
CODE, LABEL = 7.3, 6.3  # the width of a character
CELL = 21  # the height of a cell; its width depends on the index in it
SHEET = 10  # how far to the right the next sheet of a stack is

COLORS = {"mapped": "#0f56b3", "held": "#9a4600", "result": "#0b6b5c"}
OUTER, INNER = range(2)  # the level of a map, also where there is only one


# --- what is declared -------------------------------------------------------------------


@dataclass(frozen=True)
class Vmap:
    """A figure of one ``vmap``, or of one around another.

    Args:
        function: what the example calls the function of one example.
        arguments: the shape of each argument by its name; for an argument that is a
            dictionary, a dictionary of shapes.
        in_axes: as for ``jax.vmap``.
        out_axes: as for ``jax.vmap``.
        inner: ``(in_axes, out_axes)`` of a ``vmap`` inside this one, or None.
        axis_name: as for ``jax.vmap``.
        results: the names of the results.
        example: the example that defines the function; by default the one that has the
            name of the figure.
    """

    function: str
    arguments: dict
    in_axes: int | tuple | None = 0
    out_axes: int | tuple | None = 0
    inner: tuple | None = None
    axis_name: str | None = None
    results: tuple[str, ...] = ("result",)
    example: str | None = None

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        function, seen = recorded(load(self.example or name, self.function))
        maps = [(self.in_axes, self.out_axes), *([self.inner] if self.inner else [])]
        for in_axes, out_axes in reversed(maps):
            function = jax.vmap(function, in_axes, out_axes, axis_name=self.axis_name)
        given = tuple(structs(shape) for shape in self.arguments.values())
        gives = jax.eval_shape(function, *given)
        ins, outs = zip(*maps, strict=True)
        arguments = [
            Array(name, shape, "mapped" if axes else "held", axes, dashed=not axes)
            for name, shape, axes in zip(
                names_of(self.arguments),
                shapes_of(given),
                mapped_axes(given, ins),
                strict=True,
            )
        ]
        results = [
            Array(name, shape, "result", axes)
            for name, shape, axes in zip(
                self.results, shapes_of(gives), mapped_axes(gives, outs), strict=True
            )
        ]
        sizes = {
            level: array.shape[axis]
            for array in arguments
            for axis, level in array.axes.items()
        }
        lanes = " × ".join(str(sizes[level]) for level in sorted(sizes))
        first = ", ".join("0" for _ in sizes)

        sheet = Sheet()
        sheet.lines("code", self.call())
        if self.inner:
            sheet.legend()
        sheet.row(arguments, results)
        sheet.lines("label", f"shaded, lane {first} of {lanes}: {seen[-1]}")
        told = [f"{a.name} {a.shape} {self.how(a, 'held')}" for a in arguments]
        told += [f"{a.name} {a.shape} {self.how(a, 'one for all')}" for a in results]
        return sheet.svg(
            f"{self.call()}: {'; '.join(told)}. Each of {lanes} lanes: {seen[-1]}."
        )

    def call(self):
        """Return the call as one line of code."""
        text = self.function
        if self.inner:
            text = Vmap(text, {}, *self.inner, axis_name=self.axis_name).call()
        axes = {"in_axes": self.in_axes, "out_axes": self.out_axes}
        options = [f", {name}={value}" for name, value in axes.items() if value != 0]
        if self.axis_name:
            options.append(f", axis_name={self.axis_name!r}")
        return f"vmap({text}{''.join(options)})"

    def how(self, array, otherwise):
        """Say which axes of an array are mapped."""
        names = ["outer axis", "inner axis"] if self.inner else ["mapped axis"]
        axes = sorted(array.axes.items(), key=lambda item: item[1])
        return ", ".join(f"{names[level]} {axis}" for axis, level in axes) or otherwise


@dataclass(frozen=True)
class Placed:
    """A figure of an array in blocks on the devices of a mesh.

    Args:
        shape: the shape of the array.
        mesh: the size of each axis of the mesh by its name.
        spec: the entries of the ``PartitionSpec``.
        array: the name of the array.
    """

    shape: tuple
    mesh: dict
    spec: tuple
    array: str = "x"

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        mesh = make_mesh(self.mesh)
        sharding = NamedSharding(mesh, PartitionSpec(*self.spec))
        argument = Spread(self.array, self.shape, "mapped", sharding)
        call = f"NamedSharding(mesh, {spec_text(self.spec)})"
        return draw_devices(call, mesh.devices, tuple(self.mesh), [argument], [], None)


@dataclass(frozen=True)
class ShardMap:
    """A figure of one ``shard_map``.

    Args:
        function: what the example calls the function of one device.
        arguments: the shape of each argument by its name.
        mesh: the size of each axis of the mesh by its name.
        in_specs: the entries of one ``PartitionSpec`` for each argument.
        out_specs: the same for each result.
        results: the names of the results.
        example: as for `Vmap`.
    """

    function: str
    arguments: dict
    mesh: dict
    in_specs: tuple
    out_specs: tuple
    results: tuple[str, ...] = ("result",)
    example: str | None = None

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        function, seen = recorded(load(self.example or name, self.function))
        mesh = make_mesh(self.mesh)
        ins, outs = (
            tuple(PartitionSpec(*spec) for spec in specs)
            for specs in (self.in_specs, self.out_specs)
        )
        mapped = jax.shard_map(
            function,
            mesh=mesh,
            in_specs=ins,
            out_specs=outs if len(outs) > 1 else outs[0],
        )
        gives = jax.eval_shape(mapped, *map(structs, self.arguments.values()))
        arguments = [
            Spread(name, shape, "mapped", NamedSharding(mesh, spec))
            for (name, shape), spec in zip(self.arguments.items(), ins, strict=True)
        ]
        results = [
            Spread(name, shape, "result", NamedSharding(mesh, spec))
            for name, shape, spec in zip(
                self.results, shapes_of(gives), outs, strict=True
            )
        ]

        def specs(specs):
            text = ", ".join(spec_text(spec) for spec in specs)
            return f"({text})" if len(specs) > 1 else text

        call = (
            f"shard_map({self.function}, in_specs={specs(self.in_specs)}, "
            f"out_specs={specs(self.out_specs)})"
        )
        return draw_devices(
            call, mesh.devices, tuple(self.mesh), arguments, results, seen[-1]
        )


@dataclass(frozen=True)
class Pmap:
    """A figure of one ``pmap``.

    Args:
        function: what the example calls the function of one device.
        arguments: the shape of each argument by its name.
        in_axes: as for ``jax.pmap``.
        axis_name: as for ``jax.pmap``.
        example: as for `Vmap`.
    """

    function: str
    arguments: dict
    in_axes: int | tuple = 0
    axis_name: str | None = None
    example: str | None = None

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        function, seen = recorded(load(self.example or name, self.function))
        mapped = jax.pmap(function, in_axes=self.in_axes, axis_name=self.axis_name)
        compiled = mapped.lower(*map(structs, self.arguments.values())).compile()
        arguments = [
            Spread(name, shape, "mapped", sharding)
            for (name, shape), sharding in zip(
                self.arguments.items(), compiled.input_shardings[0], strict=True
            )
        ]
        (shape,) = shapes_of(compiled.out_info)
        result = Spread("result", shape, "result", compiled.output_shardings)
        devices = compiled.output_shardings.mesh.devices
        call = Vmap(self.function, {}, self.in_axes, axis_name=self.axis_name).call()
        return draw_devices(
            call.replace("vmap", "pmap"), devices, ("i",), arguments, [result], seen[-1]
        )


# --- what JAX answers -------------------------------------------------------------------


def load(example, name):
    """Return what an example calls ``name``; run only the statements that it needs."""
    path = SNIPPETS / f"{example}.md"
    bound = {}
    for statement in ast.parse(examples.read_example(path).program).body:
        for node in ast.walk(statement):
            if isinstance(node, ast.alias):
                bound[node.asname or node.name] = statement
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.setdefault(node.id, statement)
        if isinstance(statement, ast.FunctionDef):
            bound[statement.name] = statement
    needed, names = {}, [name]
    while names:
        statement = bound.pop(names.pop(), None)
        if statement:
            needed[statement.lineno] = statement
            nodes = ast.walk(statement)
            names += [node.id for node in nodes if isinstance(node, ast.Name)]
    program = ast.Module([needed[line] for line in sorted(needed)], type_ignores=[])
    namespace = {}
    exec(compile(program, path, "exec"), namespace)
    return namespace[name]


def recorded(function):
    """Return a function that does the same, and a list of the shapes that it sees."""
    seen = []

    def same(*args):
        result = function(*args)
        shapes = [", ".join(map(str, shapes_of(value))) for value in (args, result)]
        seen.append(" → ".join(shapes))
        return result

    return same, seen


def structs(shape):
    """Return a shape, or a dictionary of shapes, as JAX describes arrays."""
    if isinstance(shape, dict):
        return {name: structs(shape[name]) for name in shape}
    return jax.ShapeDtypeStruct(shape, "float32")


def shapes_of(values):
    """Return the shapes of the leaves of a pytree."""
    return [leaf.shape for leaf in jax.tree.leaves(values)]


def names_of(arguments):
    """Return a name for each leaf of the arguments, in JAX's order."""
    return [
        leaf
        for name, shape in arguments.items()
        for leaf in (sorted(shape) if isinstance(shape, dict) else [name])
    ]


def mapped_axes(values, levels):
    """Say for each leaf which of its axes are mapped, as a dictionary to the level.

    Args:
        values: a pytree of arrays.
        levels: the ``in_axes`` or ``out_axes`` of each map, outermost first. Each counts
            the axes that those before it have left.
    """
    leaves = [{} for _ in jax.tree.leaves(values)]
    for level, axes in enumerate(levels):
        for found, leaf, axis in zip(
            leaves, jax.tree.leaves(values), each(axes, values), strict=True
        ):
            left = [a for a in range(len(leaf.shape)) if a not in found]
            if axis is not None:
                found[left[axis]] = level
    return leaves


def each(axes, values):
    """Return an entry of ``axes``, which is a prefix of a pytree, for each leaf of it."""
    if isinstance(axes, tuple):
        return [a for pair in zip(axes, values, strict=True) for a in each(*pair)]
    if isinstance(axes, dict):
        return [axes[name] for name in sorted(axes)]
    return [axes] * len(jax.tree.leaves(values))


def make_mesh(sizes):
    """Return a mesh of simulated devices."""
    types = (AxisType.Auto,) * len(sizes)
    return jax.make_mesh(tuple(sizes.values()), tuple(sizes), axis_types=types)


def spec_text(spec):
    """Return the entries of a spec as a reader writes them."""
    return f"P({', '.join(map(repr, spec))})"


# --- how an array is drawn --------------------------------------------------------------


@dataclass(frozen=True)
class Array:
    """An array, or one block of it, as it is drawn.

    Args:
        name: its name.
        shape: its shape.
        role: ``mapped``, ``held`` or ``result``.
        axes: the level of the map for each axis that is mapped, or cut.
        start: the index of the first cell; empty for 0 everywhere.
        block: whether it is a block on a device: in one piece, without arrows.
        shaded: whether what one run of the function sees of it is shaded.
        dashed: whether the whole of it goes to several runs.
    """

    name: str
    shape: tuple
    role: str
    axes: dict
    start: tuple = ()
    block: bool = False
    shaded: bool = True
    dashed: bool = False

    def numbers(self, index):
        """Return the index of a cell in the whole array."""
        return [a + b for a, b in zip(index, self.start or (0,) * len(index), strict=True)]

    @property
    def cell(self):
        """The width of a cell: room for the longest index."""
        last = self.numbers([size - 1 for size in self.shape])
        return max(16, 3 + sum(7 * len(str(n)) + 4 for n in last))

    @property
    def steps(self):
        """How far it is from cell to cell along each axis, as ``(x, y)``.

        The last axis goes right, the one before it down. A third one goes through the
        sheets of a stack, which are set off so far that every cell can be read.
        """
        rank = len(self.shape)
        gaps = [{OUTER: 5, INNER: 3}.get(self.axes.get(a), 0) for a in range(rank)]
        gaps = [0] * (3 - rank) + [0 if self.block else gap for gap in gaps]
        down = CELL + gaps[1]
        sheet = self.shape[1] * down + gaps[0] + 6 if rank == 3 else 0
        return [(SHEET, sheet), (0, down), (self.cell + gaps[2], 0)][3 - rank :]

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
        turns = {len(self.shape) - axis for axis in self.axes} - {1}
        return 0 if self.block else (0, 9, 24)[len(turns)]

    def draw(self, x, y):
        """Return the cells and the arrows as SVG, with the first corner at ``(x, y)``."""
        boxes, texts = {True: "", False: ""}, []
        for index in itertools.product(*map(range, self.shape)):
            dx, dy = self.corner(index)
            one_run = self.block or all(index[axis] == 0 for axis in self.axes)
            boxes[self.shaded and one_run] += (
                f"M{x + dx} {y + dy}h{self.cell}v{CELL}h-{self.cell}z"
            )
            numbers = enumerate(self.numbers(index))
            text = ",".join(marked(n, self.axes.get(axis)) for axis, n in numbers)
            at = f'x="{x + dx + self.cell / 2:g}" y="{y + dy + 15}"'
            texts.append(f"<text {at}>{text or '()'}</text>")
        dash = ' stroke-dasharray="3 2"' if self.dashed else ""
        parts = [f'<g {role(self.role)} fill="none" stroke="currentColor"{dash}>']
        for shaded, box in boxes.items():
            tint = ' fill="currentColor" fill-opacity=".15"' if shaded else ""
            parts += [f'<path d="{box}"{tint}/>'] if box else []
        parts += ["</g>", *([] if self.block else self.arrows(x, y)), *texts]
        return "\n".join(parts)

    def arrows(self, x, y):
        """Return an arrow along each mapped axis."""
        parts = []
        for axis, level in self.axes.items():
            turn = len(self.shape) - axis
            dx, dy = ((self.shape[axis] - 1) * step for step in self.steps[axis])
            if turn == 1:
                parts.append(arrow(x, y - 6, dx + self.cell, dy, level))
            else:
                left = x - 6 if turn == 2 else x + 3 - self.margin
                parts.append(arrow(left, y, dx, dy + CELL, level))
        return parts


def role(name):
    """Return the attributes of what has the colour of a role."""
    return f'class="{name}" color="{COLORS[name]}"'


def marked(number, level):
    """Return a number of an index or of a shape, marked if its axis is mapped."""
    if level is None:
        return str(number)
    mark = {OUTER: 'font-weight="700"', INNER: 'text-decoration="underline"'}[level]
    return f"<tspan {role('mapped')} {mark}>{number}</tspan>"


def arrow(x, y, dx, dy, level):
    """Return an arrow in the colour of a mapped axis; that of an inner map is thin."""
    scale = 4 / math.hypot(dx, dy)
    ux, uy = dx * scale, dy * scale
    head = f"m{-ux - uy:.3g} {ux - uy:.3g}L{x + dx} {y + dy}l{uy - ux:.3g} {-ux - uy:.3g}"
    return (
        f'<path {role("mapped")} d="M{x} {y}l{dx} {dy}{head}" fill="none" '
        f'stroke="currentColor" stroke-width="{2.5 if level == OUTER else 1}"/>'
    )


# --- how a figure is laid out -----------------------------------------------------------


class Sheet:
    """The parts of a figure, added from top to bottom."""

    def __init__(self):
        """Begin with an empty sheet."""
        self.parts = {"": [], "label": [], "code": []}
        self.width = self.y = 0

    def text(self, kind, x, y, text, length):
        """Add a text: ``label`` or ``code``, with its number of characters."""
        self.parts[kind].append(f'<text x="{x}" y="{y}">{text}</text>')
        self.width = max(self.width, x + length * {"code": CODE, "label": LABEL}[kind])

    def lines(self, kind, text):
        """Add a text in as many lines as it needs."""
        columns = int(WIDTH / {"code": CODE, "label": LABEL}[kind])
        for number, line in enumerate(textwrap.wrap(text, columns - 2)):
            self.y += LINE
            indent = 14 if number else 0
            self.text(kind, indent, self.y - 4, escape(line, quote=False), len(line))

    def legend(self):
        """Add what tells an outer map from an inner one."""
        self.y += LINE
        for x, level, text in ((0, OUTER, "outer map"), (110, INNER, "inner map")):
            self.parts[""].append(arrow(x + 2, self.y - 8, 22, 0, level))
            self.text("label", x + 32, self.y - 4, marked(text, level), len(text))

    def title(self, x, y, array, spread=False):
        """Add the name and the shape of an array, and return the room they take."""
        sizes = [marked(size, array.axes.get(a)) for a, size in enumerate(array.shape)]
        shape = f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"
        name = f"<tspan {role(array.role)}>{escape(array.name)}</tspan>"
        self.text("code", x, y, name, len(array.name))
        length = len(str(array.shape))
        self.text("label", x, y + LINE - 2, shape, length)
        return max(CODE * len(array.name), LABEL * length)

    def row(self, arguments, results):
        """Add arrays side by side, in as many rows as they need."""
        x = height = 0
        self.y += 4
        for array in arguments + results:
            to_result = 28 if results and array is results[0] else 0
            names = max(CODE * len(array.name), LABEL * len(str(array.shape)))
            room = math.ceil(max(array.margin + array.size[0], names))
            if x and x + to_result + room > WIDTH:
                self.y += height + 8
                x = height = 0
            if to_result:
                self.parts[""].append(
                    f'<text x="{x + 12}" y="{self.y + 54}" font-size="18">→</text>'
                )
            x += to_result
            self.title(x, self.y + 12, array)
            self.parts[""].append(array.draw(x + array.margin, self.y + 39))
            height = max(height, 39 + array.size[1])
            x += room + 16
            self.width = max(self.width, x - 16)
        self.y += height + 6

    def svg(self, label):
        """Return the sheet as SVG, with a text for who cannot see it."""
        width, height = math.ceil(self.width) + 2, self.y + 2
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width} {height}" '
            f'width="{width / EM:.4g}em" role="img" aria-label="{escape(label)}" '
            'fill="currentColor" font-family="sans-serif" font-size="12" '
            'text-anchor="middle" data-search-exclude="">',
            *self.parts[""],
            '<g text-anchor="start">',
            *self.parts["label"],
            '<g class="code" font-family="monospace">',
            *self.parts["code"],
            "</g>\n</g>\n</svg>",
        ]
        return "\n".join(lines) + "\n"


# --- arrays on devices ------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """An array and where its blocks lie.

    Args:
        name: its name.
        shape: its shape.
        role: ``mapped`` or ``result``.
        sharding: JAX's sharding.
    """

    name: str
    shape: tuple
    role: str
    sharding: jax.sharding.Sharding

    def block(self, device, shaded=False):
        """Return the block on a device."""
        blocks = self.sharding.devices_indices_map(self.shape)
        copies = sum(block == blocks[device] for block in blocks.values())
        ends = [
            cut.indices(size)
            for cut, size in zip(blocks[device], self.shape, strict=True)
        ]
        shape = tuple(end - start for start, end, _ in ends)
        cut = {a: OUTER for a, n in enumerate(shape) if n != self.shape[a]}
        role = "held" if self.role == "mapped" and not cut else self.role
        start = tuple(start for start, _, _ in ends)
        return Array(
            self.name, shape, role, cut, start, True, shaded, dashed=copies > 1
        )

    def told(self, device):
        """Say in words how the array lies."""
        block = self.block(device)
        axes = " and ".join(map(str, block.axes))
        how = f"cut along axis {axes}, blocks {block.shape}" if axes else "whole"
        copied = ", the same on several devices" if block.dashed else ""
        return f"{self.name} {self.shape} {how}{copied}"


def draw_devices(call, devices, mesh_axes, arguments, results, seen):
    """Return a figure of the blocks on each device."""
    sheet = Sheet()
    sheet.lines("code", call)
    first = devices.flat[0]
    sheet.y += 4
    x = 0
    for array in arguments + results:
        if results and array is results[0]:
            sheet.parts[""].append(
                f'<text x="{x + 10}" y="{sheet.y + 20}" font-size="18">→</text>'
            )
            x += 28
        block = array.block(first)
        whole = Array(array.name, array.shape, block.role, block.axes)
        x += math.ceil(sheet.title(x, sheet.y + 12, whole)) + 16
    sheet.y += 2 * LINE + 2

    names = {
        device: ", ".join(map(str, position))
        for position, device in np.ndenumerate(devices)
    }
    if len(mesh_axes) > 1:
        text = f"mesh: {mesh_axes[0]} ↓ {mesh_axes[1]} →"
        sheet.y += LINE
        sheet.text("label", 0, sheet.y - 4, text, len(text))
        names = {device: f"({name})" for device, name in names.items()}

    def blocks(device):
        return [
            (array.block(device, device == first), 22 * (bool(results) and array is results[0]))
            for array in arguments + results
        ]

    rooms = {
        device: (
            sum(block.size[0] + 6 + to_result for block, to_result in blocks(device)) + 6,
            max(block.size[1] for block, _ in blocks(device)) + LINE + 10,
        )
        for device in names
    }
    width, height = map(max, zip(*rooms.values(), strict=True))
    width = max(width, math.ceil(LABEL * len(f"device {names[first]}")) + 8)
    if devices.ndim > 1:
        columns = devices.shape[1]
    else:
        fits = (WIDTH + 6) // (width + 6)
        columns = next(n for n in (8, 4, 2, 1) if n <= fits and devices.size % n == 0)
    frame = ""
    for number, device in enumerate(devices.flat):
        left = number % columns * (width + 6)
        top = sheet.y + number // columns * (height + 6)
        frame += f"M{left} {top}h{width}v{height}h-{width}z"
        name = f"device {names[device]}"
        sheet.text("label", left + 6, top + 14, name, len(name))
        x = left + 6
        for block, to_result in blocks(device):
            if to_result:
                at = f'x="{x + 8}" y="{top + LINE + 19}"'
                sheet.parts[""].append(f'<text {at} font-size="16">→</text>')
            sheet.parts[""].append(block.draw(x + to_result, top + LINE + 4))
            x += to_result + block.size[0] + 6
    sheet.parts[""].append(
        f'<path d="{frame}" fill="none" stroke="currentColor" stroke-opacity=".4"/>'
    )
    rows = devices.size // columns
    sheet.y += rows * (height + 6)
    sheet.width = max(sheet.width, columns * (width + 6) - 6)
    told = "; ".join(array.told(first) for array in arguments + results)
    each = f" Each of {devices.size} devices: {seen}." if seen else ""
    if seen:
        sheet.lines("label", f"shaded, device {names[first]} of {devices.size}: {seen}")
    return sheet.svg(f"{call}: {told}.{each}")
