"""The kinds of figures: what a figure declares, and what JAX answers.

Every shape and every block is JAX's own: `Vmap` asks ``jax.eval_shape`` of the real
``jax.vmap``, the others ask the real shardings on simulated devices. The functions are
those of the examples. `draw` draws what comes out.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

import examples
import jax
import numpy as np
from draw import OUTER, Array, Sheet
from jax.sharding import AxisType, NamedSharding, PartitionSpec

SNIPPETS = Path(__file__).parent.parent.parent / "snippets"


# --- what is declared -------------------------------------------------------------------


@dataclass(frozen=True)
class Vmap:
    """A figure of one ``vmap``, or of one around another.

    Args:
        function: the function of one example: an expression in the names of `example`.
        arguments: the shape of each argument by its name; for an argument that is a
            dictionary, a dictionary of shapes.
        in_axes: as for ``jax.vmap``.
        out_axes: as for ``jax.vmap``.
        inner: ``(in_axes, out_axes)`` of a ``vmap`` inside this one, or None.
        axis_name: as for ``jax.vmap``.
        results: the names of the results.
        example: the example with the function; by default the one that has the name of
            the figure.
    """

    function: str
    arguments: dict
    in_axes: int | tuple | None = 0
    out_axes: int | tuple | None = 0
    inner: tuple | None = None
    axis_name: str | None = None
    results: tuple[str, ...] = ("result",)
    example: str | None = None

    def ask(self, name):
        """Ask JAX about the figure ``name``.

        Returns:
            The mapped function, its arguments as JAX describes them, then these and the
            results each as a list of `Array`, and the shapes that one run sees.
        """
        function, seen = recorded(load(self.example or name, self.function))
        maps = [(self.in_axes, self.out_axes), *([self.inner] if self.inner else [])]
        for in_axes, out_axes in reversed(maps):
            function = jax.vmap(function, in_axes, out_axes, axis_name=self.axis_name)
        given = tuple(structs(shape) for shape in self.arguments.values())
        gives = jax.eval_shape(function, *given)
        ins, outs = zip(*maps, strict=True)
        names = names_of(self.arguments)
        arguments = [
            Array(name, shape, "mapped" if axes else "held", axes, dashed=not axes)
            for name, shape, axes in zip(
                names, shapes_of(given), mapped_axes(given, ins), strict=True
            )
        ]
        results = [
            Array(name, shape, "result", axes)
            for name, shape, axes in zip(
                self.results, shapes_of(gives), mapped_axes(gives, outs), strict=True
            )
        ]
        return function, given, arguments, results, seen[-1]

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        _, _, arguments, results, seen = self.ask(name)
        sizes = {
            level: array.shape[axis]
            for array in arguments
            for axis, level in array.axes.items()
        }
        lanes = " by ".join(str(sizes[level]) for level in sorted(sizes))
        lane = f"lane {', '.join('0' for _ in sizes)} of {lanes}"
        run = f"{shown(self.function)}: {seen}"

        sheet = Sheet()
        sheet.lines(self.call())
        if self.inner:
            sheet.legend()
        sheet.row(arguments, results)
        sheet.lines(f"shaded: {lane}")
        sheet.lines(run)
        told = [f"{a.name} {a.shape} {self.how(a, 'held')}" for a in arguments]
        told += [f"{a.name} {a.shape} {self.how(a, 'one for all')}" for a in results]
        return sheet.svg(f"{self.call()}: {'; '.join(told)}; {lane}, {run}")

    def call(self):
        """Return the call as one line of code."""
        text = shown(self.function)
        if self.inner:
            text = Vmap(text, {}, *self.inner, axis_name=self.axis_name).call()
        axes = {"in_axes": self.in_axes, "out_axes": self.out_axes}
        options = [f", {name}={value}" for name, value in axes.items() if value != 0]
        options = [option.replace(": ", ":\xa0") for option in options]
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
    """A figure of arrays in blocks on the devices of a mesh.

    Args:
        arrays: the shape of each array by its name.
        mesh: the size of each axis of the mesh by its name.
        specs: the entries of one ``PartitionSpec`` for each array.
    """

    arrays: dict
    mesh: dict
    specs: tuple

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        mesh = make_mesh(self.mesh)
        spread = [
            Spread(name, shape, "mapped", NamedSharding(mesh, PartitionSpec(*spec)))
            for (name, shape), spec in zip(self.arrays.items(), self.specs, strict=True)
        ]
        call = ", ".join(
            f"{name}: {spec_text(spec)}"
            for name, spec in zip(self.arrays, self.specs, strict=True)
        )
        blocks = ", ".join(
            str(array.sharding.shard_shape(array.shape)) for array in spread
        )
        run = f"blocks: {blocks}" if len(spread) > 1 else f"block: {blocks}"
        return draw_devices(call, mesh.devices, tuple(self.mesh), spread, [], run)


@dataclass(frozen=True)
class ShardMap:
    """A figure of one ``shard_map``.

    Args:
        function: the function of one device: an expression in the names of `example`.
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
            text = ",\xa0".join(spec_text(spec) for spec in specs)
            return f"({text})" if len(specs) > 1 else text

        run = f"{shown(self.function)}: {seen[-1]}"
        call = (
            f"shard_map({shown(self.function)}, in_specs={specs(self.in_specs)}, "
            f"out_specs={specs(self.out_specs)})"
        )
        return draw_devices(
            call, mesh.devices, tuple(self.mesh), arguments, results, run
        )


@dataclass(frozen=True)
class Pmap:
    """A figure of one ``pmap``.

    Args:
        function: the function of one device: an expression in the names of `example`.
        arguments: the shape of each argument by its name.
        in_axes: as for ``jax.pmap``.
        out_axes: as for ``jax.pmap``.
        axis_name: as for ``jax.pmap``.
        example: as for `Vmap`.
    """

    function: str
    arguments: dict
    in_axes: int | tuple = 0
    out_axes: int | None = 0
    axis_name: str | None = None
    example: str | None = None

    def draw(self, name):
        """Return the figure ``name`` as SVG."""
        function, seen = recorded(load(self.example or name, self.function))
        axes = {"in_axes": self.in_axes, "out_axes": self.out_axes}
        mapped = jax.pmap(function, **axes, axis_name=self.axis_name)
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
        run = f"{shown(self.function)}: {seen[-1]}"
        call = Vmap(self.function, {}, **axes, axis_name=self.axis_name).call()
        call = call.replace("vmap", "pmap", 1)
        return draw_devices(call, devices, ("i",), arguments, [result], run)


# --- what JAX answers -------------------------------------------------------------------


def load(example, expression):
    """Return the value of an expression in an example's names.

    Only the statements are run that the expression needs.
    """
    path = SNIPPETS / f"{example}.md"
    bound = {}
    for statement in ast.parse(examples.read_example(path).program).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            bound |= {name.asname or name.name: statement for name in statement.names}
        elif isinstance(statement, ast.FunctionDef):
            bound[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            bound |= dict.fromkeys(used(*statement.targets), statement)
    needed, names = {}, used(ast.parse(expression))
    while names:
        statement = bound.pop(names.pop(), None)
        if statement:
            needed[statement.lineno] = statement
            names += used(statement)
    program = ast.Module([needed[line] for line in sorted(needed)], type_ignores=[])
    namespace = {}
    exec(compile(program, path, "exec"), namespace)  # noqa: S102 - it is an example
    return eval(expression, namespace)


def used(*trees):
    """Return the names in a program."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    return [node.id for node in nodes if isinstance(node, ast.Name)]


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


def shown(function):
    """Return a function's expression as it is shown."""
    return function.replace("jax.", "")


def spec_text(spec):
    """Return the entries of a spec as a reader writes them."""
    return f"P({', '.join(map(repr, spec))})".replace(" ", "\xa0")


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

    def whole(self, device):
        """Return the whole array, marked as its blocks are."""
        block = self.block(device)
        return Array(self.name, self.shape, block.role, block.axes, block=True)

    def told(self, device):
        """Say in words how the array lies."""
        block = self.block(device)
        if not block.axes:
            return f"{self.name} {self.shape} whole on every device"
        axes = " and ".join(map(str, block.axes))
        copied = ", each on several devices" if block.dashed else ""
        return f"{self.name} {self.shape} cut along axis {axes}, blocks {block.shape}{copied}"


def draw_devices(call, devices, mesh_axes, arguments, results, run):
    """Draw the blocks that each device holds.

    Args:
        call: the code that is shown.
        devices: the devices of the mesh, as it arranges them.
        mesh_axes: the names of its axes.
        arguments: a list of `Spread`.
        results: the same.
        run: the shapes that one device sees, or has.
    """
    first = devices.flat[0]
    grid = devices.ndim == 2
    places = {
        device: place if grid else place[0] for place, device in np.ndenumerate(devices)
    }
    sheet = Sheet()
    sheet.lines(call)
    sheet.headers(
        *([a.whole(first) for a in arrays] for arrays in (arguments, results))
    )
    if grid:
        sheet.lines(f"devices: {mesh_axes[0]} ↓  {mesh_axes[1]} →")
    boxes = [
        (
            f"{place}" if grid else f"device {place}",
            [array.block(device, device == first) for array in arguments],
            [array.block(device, device == first) for array in results],
        )
        for device, place in places.items()
    ]
    sheet.boxes(boxes, devices.shape[1] if grid else None)
    shaded = f"device {places[first]} of {devices.size}"
    sheet.lines(f"shaded: {shaded}")
    sheet.lines(run)
    told = [array.told(first) for array in arguments + results]
    return sheet.svg(f"{call}: {'; '.join(told)}; {shaded}, {run}")
