"""The kinds of figures: what a figure declares, and what JAX answers.

Every shape and every block is JAX's own: `Vmap` asks ``jax.eval_shape`` of the real
``jax.vmap``, the others ask the real shardings on simulated devices. The functions are
those of the examples. `draw` draws what comes out.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import jax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from mapped_axis.examples.grammar import read_example
from mapped_axis.figures.draw import Array, Shape, Spread, draw_devices, draw_lanes
from mapped_axis.project import HERE

Axes: TypeAlias = int | Sequence[Any] | None


# --- what is declared -------------------------------------------------------------------


@dataclass(frozen=True)
class Mapped:
    """What a figure of a mapped function declares, whatever maps it.

    Args:
        function: the function of one lane, or of one device: an expression in the names
            of `example`.
        arguments: the shape of each argument by its name; for an argument that is a
            dictionary, a dictionary of shapes.
        example: the example with the function; by default the one that has the name of
            the figure.
    """

    function: str
    arguments: dict[str, Shape | dict[str, Shape]]
    example: str | None = field(default=None, kw_only=True)

    @property
    def given(self) -> tuple[Any, ...]:
        """The arguments as JAX describes them."""
        return tuple(
            jax.tree.map(
                lambda shape: jax.ShapeDtypeStruct(shape, "float32"),
                list(self.arguments.values()),
                is_leaf=lambda value: isinstance(value, tuple),
            )
        )

    @property
    def arrays(self) -> dict[str, Shape]:
        """The shape of each array of the arguments by its name, in JAX's order."""
        arrays: dict[str, Shape] = {}
        for name, shape in self.arguments.items():
            found = shape if isinstance(shape, dict) else {name: shape}
            arrays |= sorted(found.items())
        return arrays


@dataclass(frozen=True)
class Vmap(Mapped):
    """A figure of one ``vmap``, or of one around another.

    Args:
        in_axes: as for ``jax.vmap``.
        out_axes: as for ``jax.vmap``.
        inner: the ``in_axes`` of a ``vmap`` inside this one, or None.
        axis_name: as for ``jax.vmap``.
        results: the names of the results.
    """

    in_axes: Axes = 0
    out_axes: Axes = 0
    inner: Axes = None
    axis_name: str | None = None
    results: tuple[str, ...] = ("result",)

    def ask(self, name: str) -> tuple[Callable[..., Any], list[Array], str]:
        """Ask JAX about the figure ``name``.

        Returns:
            The mapped function, its arguments and results, and what one run sees.
        """
        recorded = Recorded(self, name)
        function: Callable[..., Any] = recorded
        ins, outs = [self.in_axes], [self.out_axes]
        if self.inner is not None:
            function = jax.vmap(function, self.inner)
            ins, outs = [*ins, self.inner], [*outs, 0]
        function = jax.vmap(function, ins[0], outs[0], axis_name=self.axis_name)
        gives = jax.eval_shape(function, *self.given)
        arrays = marked(self.arrays, self.given, ins)
        arrays += marked(self.results, gives, outs, result=True)
        return function, arrays, recorded.run

    def draw(self, name: str) -> str:
        """Return the figure ``name`` as SVG."""
        _, arrays, run = self.ask(name)
        text = self.function
        if self.inner is not None:
            text = call("vmap", text, in_axes=self.inner)
        axes = {"in_axes": self.in_axes, "out_axes": self.out_axes}
        text = call("vmap", text, **axes, axis_name=self.axis_name)
        return draw_lanes(text, arrays, run)


@dataclass(frozen=True)
class Pmap(Mapped):
    """A figure of one ``pmap``.

    Args:
        in_axes: as for ``jax.pmap``.
    """

    in_axes: Axes = 0

    def draw(self, name: str) -> str:
        """Return the figure ``name`` as SVG."""
        function = Recorded(self, name)
        mapped = jax.pmap(function, in_axes=self.in_axes)
        compiled = mapped.lower(*self.given).compile()
        (shape,) = shapes_of(compiled.out_info)
        sharding = compiled.output_shardings
        arrays = spread(self.arrays, compiled.input_shardings[0])
        arrays += spread({"result": shape}, [sharding], result=True)
        text = call("pmap", self.function, in_axes=self.in_axes)
        return draw_devices(text, sharding.mesh.shape, arrays, function.run)


@dataclass(frozen=True)
class ShardMap(Mapped):
    """A figure of one ``shard_map``.

    Args:
        mesh: the size of each axis of the mesh by its name.
        in_specs: a spec for each argument.
        out_specs: the spec of the one result.
    """

    mesh: dict[str, int]
    in_specs: tuple[PartitionSpec, ...]
    out_specs: PartitionSpec

    def draw(self, name: str) -> str:
        """Return the figure ``name`` as SVG."""
        function, mesh = Recorded(self, name), make_mesh(self.mesh)
        specs: dict[str, Any] = {"in_specs": self.in_specs, "out_specs": self.out_specs}
        mapped = jax.shard_map(function, mesh=mesh, **specs)
        (shape,) = shapes_of(jax.eval_shape(mapped, *self.given))
        arrays = spread(self.arrays, [NamedSharding(mesh, s) for s in self.in_specs])
        out = NamedSharding(mesh, self.out_specs)
        arrays += spread({"result": shape}, [out], result=True)
        text = call("shard_map", self.function, **specs)
        return draw_devices(text, self.mesh, arrays, function.run)


@dataclass(frozen=True)
class Placed:
    """A figure of arrays in blocks on the devices of a mesh.

    Args:
        arrays: the shape of each array by its name.
        mesh: the size of each axis of the mesh by its name.
        specs: a spec for each array.
    """

    arrays: dict[str, Shape]
    mesh: dict[str, int]
    specs: tuple[PartitionSpec, ...]

    def draw(self, name: str) -> str:
        """Return the figure, whatever its name, as SVG."""
        mesh = make_mesh(self.mesh)
        arrays = spread(self.arrays, [NamedSharding(mesh, s) for s in self.specs])
        placed = zip(self.arrays, self.specs, strict=True)
        text = ", ".join(f"{name}: {code(spec)}" for name, spec in placed)
        blocks = ", ".join(str(array.block(0).shape) for array in arrays)
        run = f"block{'s' * (len(arrays) > 1)}: {blocks}"
        return draw_devices(text, self.mesh, arrays, run)


# --- what JAX answers -------------------------------------------------------------------


class Recorded:
    """The function of a figure, and in ``run`` the shapes that its last run saw."""

    def __init__(self, figure: Mapped, name: str) -> None:
        """Load the function of the figure ``name``."""
        self.expression = figure.function
        self.function = load(figure.example or name, self.expression)
        self.run = ""

    def __call__(self, *args: Any) -> Any:
        """Run the function."""
        result = self.function(*args)
        seen = [", ".join(map(str, shapes_of(value))) for value in (args, result)]
        self.run = f"{shown(self.expression)}: {' → '.join(seen)}"
        return result


def load(example: str, expression: str) -> Any:
    """Return the value of an expression in an example's names.

    Only the statements are run that the expression needs.
    """
    path = HERE.snippets / f"{example}.md"
    bound: dict[str, ast.stmt] = {}
    for statement in ast.parse(read_example(path).program).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            bound |= {name.asname or name.name: statement for name in statement.names}
        elif isinstance(statement, ast.FunctionDef):
            bound[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            bound |= dict.fromkeys(used(*statement.targets), statement)
    needed, names = {}, used(ast.parse(expression))
    while names:
        if needs := bound.pop(names.pop(), None):
            needed[needs.lineno] = needs
            names += used(needs)
    program = ast.Module([needed[line] for line in sorted(needed)], type_ignores=[])
    namespace: dict[str, Any] = {}
    exec(compile(program, path, "exec"), namespace)  # noqa: S102 - it is an example
    return eval(expression, namespace)


def used(*trees: ast.AST) -> list[str]:
    """Return the names in a program."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def shapes_of(values: Any) -> list[Shape]:
    """Return the shapes of the leaves of a pytree."""
    return [leaf.shape for leaf in jax.tree.leaves(values)]


def marked(
    names: Iterable[str], values: Any, levels: list[Axes], result: bool = False
) -> list[Array]:
    """Return the leaves of a pytree with the axes of each that are mapped.

    Args:
        names: a name for each leaf.
        values: the pytree.
        levels: the ``in_axes`` or ``out_axes`` of each map, outermost first. Each counts
            the axes that those before it have left.
        result: whether it is the result.
    """
    none = {"is_leaf": lambda axis: axis is None}
    each = [jax.tree.broadcast(axes, values, **none) for axes in levels]
    leaves = [shapes_of(values), *(jax.tree.leaves(axes, **none) for axes in each)]
    arrays = []
    for name, shape, *axes in zip(names, *leaves, strict=True):
        left, mapped = list(range(len(shape))), {}
        for level, axis in enumerate(axes):
            if axis is not None:
                mapped[left.pop(axis)] = level
        held = not mapped and not result
        arrays.append(Array(name, shape, mapped, result, dashed=held))
    return arrays


def make_mesh(sizes: dict[str, int]) -> Mesh:
    """Return a mesh of simulated devices."""
    types = (AxisType.Auto,) * len(sizes)
    return jax.make_mesh(tuple(sizes.values()), tuple(sizes), axis_types=types)


def spread(
    arrays: dict[str, Shape], shardings: Iterable[NamedSharding], result: bool = False
) -> list[Spread]:
    """Say which block of each array each device of a mesh holds, in the mesh's order."""
    found = []
    for (name, shape), sharding in zip(arrays.items(), shardings, strict=True):
        held = sharding.devices_indices_map(shape)
        cuts = [zip(held[d], shape, strict=True) for d in sharding.mesh.devices.flat]
        blocks = [tuple(cut.indices(size)[:2] for cut, size in c) for c in cuts]
        found.append(Spread(name, shape, blocks, result))
    return found


# --- as a reader writes it --------------------------------------------------------------


def shown(function: str) -> str:
    """Return a function's expression as it is shown."""
    return function.replace("jax.", "")


def call(transform: str, function: str, **options: object) -> str:
    """Return a call as one line of code, without the options that have their default."""
    written = [f", {n}={code(v)}" for n, v in options.items() if v not in (0, None)]
    return f"{transform}({shown(function)}{''.join(written)})"


def code(value: Any) -> str:
    """Return a value as code, with spaces where a line may end."""
    if isinstance(value, PartitionSpec):
        return f"P({', '.join(map(repr, value))})".replace(" ", "\xa0")
    if isinstance(value, tuple) and isinstance(value[0], PartitionSpec):
        specs = ",\xa0".join(map(code, value))
        return f"({specs})" if len(value) > 1 else specs
    return repr(value).replace(": ", ":\xa0")
