"""What a figure shows, read from a run of its example.

The whole program of an example runs in a process of its own. Its transforms are watched:
what each was given, and what the mapped function was called with and returned. Nothing
is declared apart from the program, and a run that prints anything else than the example
shows is refused. `draw` draws what comes out.
"""

import ast
import contextlib
import inspect
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec

from mapped_axis.examples.grammar import read_example
from mapped_axis.figures.draw import Array, Spread, draw_devices, draw_lanes

Axes: TypeAlias = Any
WATCHED = ("vmap", "pmap", "shard_map", "device_put")
LARGEST = 64  # cells of an array; a larger one cannot be read


class NotDrawnError(Exception):
    """A call that is not in the run of an example, or that no figure can show."""


# --- a run ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One call of a mapped function with real arrays.

    Args:
        given: the arguments.
        returned: the result.
        said: how many characters the example had printed when it returned.
    """

    given: tuple[Any, ...]
    returned: Any
    said: int


@dataclass(frozen=True)
class Call:
    """A call of a transform.

    Args:
        transform: its name.
        function: what it maps, or places.
        inside: the call that made the function, if a watched one did.
        written: the function as the program writes it.
        options: its other arguments by their names.
        code: where the call begins in the program, and its text.
        runs: the calls with real arrays of what it returned.
    """

    transform: str
    function: Any
    inside: "Call | None"
    written: str
    options: dict[str, Any]
    code: tuple[int, str]
    runs: list[Run] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The call without its options, by which a figure names it."""
        return f"{self.transform}({self.inside.name if self.inside else self.written})"

    @property
    def levels(self) -> "list[Call]":
        """The calls from the outermost one to the innermost one."""
        return [self, *(self.inside.levels if self.inside else [])]

    def shown(self) -> str:
        """Return the call as one line of code, without options that have their default."""
        function = self.inside.shown() if self.inside else self.written
        names = ["in_axes", "out_axes", "axis_name", "in_specs", "out_specs"]
        names.append("batch_size")
        options = ((name, self.options.get(name)) for name in names)
        written = [f", {n}={code(v)}" for n, v in options if v is not None and v != 0]
        return f"{self.transform}({function}{''.join(written)})"


class Watched:
    """A mapped function that keeps what it is called with and returns."""

    def __init__(self, real: Any, call: Call, printed: io.StringIO) -> None:
        """Watch the function ``real``, which a call made."""
        self.real, self.call, self.printed = real, call, printed

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the function; what only a trace sees is no value."""
        result = self.real(*args, **options)
        leaves = jax.tree.leaves((args, result))
        if not options and not any(isinstance(x, jax.core.Tracer) for x in leaves):
            self.call.runs.append(Run(args, result, self.printed.tell()))
        return result

    def __getattr__(self, name: str) -> Any:
        """Be the function in everything else."""
        return getattr(self.real, name)


def record(example: Path) -> tuple[list[Call], str]:
    """Run an example and return its calls in their order, and what it printed.

    This changes JAX for good: call it in a process that does nothing else.

    Args:
        example: its file.

    Raises:
        NotDrawnError: if it printed anything else than it shows.
    """
    read = read_example(example)
    program = read.program
    calls: list[Call] = []
    printed = io.StringIO()
    for name in WATCHED:
        setattr(jax, name, _watch(name, program, calls, printed))
    jax.lax.map = _watch_map(program, calls, printed)
    jit = jax.jit

    def watching_jit(function: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(function, Watched):
            return jit(function, *args, **options)
        real = jit(function.real, *args, **options)
        return Watched(real, function.call, printed)

    setattr(jax, "jit", watching_jit)  # noqa: B010 - JAX types it as overloaded
    compiled = compile(program, example, "exec")
    with contextlib.redirect_stdout(printed):
        exec(compiled, {"__name__": "__main__"})  # noqa: S102 - it is an example
    said = printed.getvalue()
    shows = read.output.text if read.output else ""
    if said != shows:
        raise NotDrawnError(f"{example}: watched, it prints\n{said}and not\n{shows}")
    return calls, said


def _watch(
    name: str, program: str, calls: list[Call], printed: io.StringIO
) -> Callable[..., Any]:
    """Return a transform of JAX that adds each of its calls to a list."""
    transform = getattr(jax, name)
    signature = inspect.signature(transform)

    def watching(*args: Any, **options: Any) -> Any:
        given = signature.bind(*args, **options)
        given.apply_defaults()
        function, *rest = given.arguments.values()
        inside = function.call if isinstance(function, Watched) else None
        at, text = _source(sys._getframe(1), program)
        written = ast.parse(text, mode="eval").body.args[0]  # type: ignore[attr-defined]
        by_name = isinstance(written, ast.Name) and name != "device_put"
        shown = _name(function, program) if by_name else ast.unparse(written)
        call = Call(
            name,
            function,
            inside,
            shown.replace("jax.", ""),
            dict(zip(list(given.arguments)[1:], rest, strict=True)),
            (at, text),
        )
        calls.append(call)
        if name == "device_put":
            result = transform(*args, **options)
            call.runs.append(Run((function,), result, printed.tell()))
            return result
        # JAX maps the function itself: what it calls inside sees no values.
        real = function.real if isinstance(function, Watched) else function
        return Watched(transform(real, *args[1:], **options), call, printed)

    return watching


def _watch_map(
    program: str, calls: list[Call], printed: io.StringIO
) -> Callable[..., Any]:
    """Return ``jax.lax.map``, adding each call to a list: it maps and calls at once."""
    real = jax.lax.map

    def watching(function: Any, xs: Any, *, batch_size: int | None = None) -> Any:
        place = _source(sys._getframe(1), program)
        options = {"in_axes": 0, "out_axes": 0, "batch_size": batch_size}
        written = _name(function, program)
        call = Call("lax.map", function, None, written, options, place)
        calls.append(call)
        watched = Watched(partial(real, function, batch_size=batch_size), call, printed)
        return watched(xs)

    return watching


def _name(function: Any, program: str) -> str:
    """Return the name of a function; of a lambda, its text."""
    if function.__name__ == "<lambda>":
        for node in ast.walk(ast.parse(program)):
            line = function.__code__.co_firstlineno
            if isinstance(node, ast.Lambda) and node.lineno == line:
                return ast.unparse(node)
    return str(function.__name__)


def _source(frame: Any, program: str) -> tuple[int, str]:
    """Return where in a program the call begins that a frame is at, and its text."""
    positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    first, last, start, end = positions
    lines = program.splitlines(keepends=True)
    begin = sum(map(len, lines[: first - 1])) + start
    stop = sum(map(len, lines[: last - 1])) + end
    return begin, program[begin:stop]


def find(calls: list[Call], name: str, number: int) -> int:
    """Return the place of the call that a figure names.

    Args:
        calls: those of a run.
        name: the call without its options.
        number: how many of this name come before it.

    Raises:
        NotDrawnError: if there is none, or it never had real arrays.
    """
    found = [place for place, call in enumerate(calls) if call.name == name]
    if number >= len(found):
        names = ", ".join(sorted({call.name for call in calls}))
        raise NotDrawnError(f"no call {number} of {name}; there are {names}")
    if not calls[found[number]].runs:
        raise NotDrawnError(f"call {number} of {name} never had real arrays")
    return found[number]


# --- what was run, as arrays ------------------------------------------------------------


def draw(call: Call, printed: str, program: str) -> str:
    """Return the figure of a call's first run as SVG.

    Args:
        call: the call.
        printed: all that the example printed.
        program: its text.
    """
    run = call.runs[0]
    if call.transform == "device_put":
        return _draw_placed(call, run)
    given = _named(run.given, _parameters(call), "")
    function = call.levels[-1].written
    results = _results(run.returned, function, program)
    at = {name: _printed(value, printed, run.said) for name, value in results}
    if call.transform in ("vmap", "lax.map"):
        levels = [level.options for level in call.levels]
        axes_in = [_spread(level["in_axes"], run.given) for level in levels]
        axes_out = [_spread(level["out_axes"], run.returned) for level in levels]
        arrays = [*_marked(given, axes_in), *_marked(results, axes_out, at)]
        if lines := call.options.get("batch_size"):
            arrays = [replace(array, line=lines) for array in arrays]
        return draw_lanes(call.shown(), function, arrays, call.code)
    if call.transform == "pmap":
        axes = _spread(call.options["in_axes"], run.given)
        devices = jax.tree.leaves(run.returned)[0].sharding.num_devices
        mesh = {"i": devices}
        cuts = [_pieces(np.shape(v), a, devices) for (_, v), a in _zip(given, axes)]
        outs = [_held(value) for _, value in results]
    else:
        mesh = dict(call.options["mesh"].shape)
        whole = call.options["mesh"]
        specs = _spread(call.options["in_specs"], run.given)
        out = _spread(call.options["out_specs"], run.returned)
        cuts = [_blocks(whole, s, np.shape(v)) for (_, v), s in _zip(given, specs)]
        outs = [_blocks(whole, s, np.shape(v)) for (_, v), s in _zip(results, out)]
    spread = [
        Spread(name, texts(value), blocks)
        for (name, value), blocks in _zip(given, cuts)
    ]
    spread += [
        Spread(name, texts(value), blocks, True, at[name])
        for (name, value), blocks in _zip(results, outs)
    ]
    inner = call.inside.shown() if call.inside else function
    return draw_devices(call.shown(), inner, mesh, spread, call.code)


def _draw_placed(call: Call, run: Run) -> str:
    """Return the figure of an array that was placed."""
    sharding = run.returned.sharding
    spread = Spread(call.written, texts(run.returned), _held(run.returned))
    text = f"device_put({call.written}, NamedSharding(mesh, {code(sharding.spec)}))"
    return draw_devices(text, "", dict(sharding.mesh.shape), [spread], call.code)


Named: TypeAlias = list[tuple[str, Any]]
Block: TypeAlias = tuple[tuple[int, int], ...]


def _zip(a: Any, b: Any) -> Iterator[Any]:
    """Pair what must be of one length."""
    return zip(a, b, strict=True)


def _parameters(call: Call) -> list[str]:
    """Return the names of the parameters of the function that is mapped."""
    return list(inspect.signature(call.levels[-1].function).parameters)


def _named(values: Any, names: list[str], single: str) -> Named:
    """Return the leaves of a pytree, each with the name a reader gives it."""
    found = []
    for path, value in jax.tree_util.tree_leaves_with_path(values):
        name = names[path[0].idx] if names else single
        for key in path[1:] if names else path:
            text = getattr(key, "key", None)
            name = text if text is not None else f"{name}[{key.idx}]"
        found.append((name, value))
    return found


def _results(returned: Any, function: str, program: str) -> Named:
    """Return the results with their names: those that the function's return gives."""
    named = _named(returned, [], "result")
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            given = (
                node.body[-1].value if isinstance(node.body[-1], ast.Return) else None
            )
            if isinstance(given, ast.Tuple) and len(given.elts) == len(named):
                return [
                    (part.id if isinstance(part, ast.Name) else name, value)
                    for part, (name, value) in _zip(given.elts, named)
                ]
    return named


def _spread(axes: Axes, values: Any) -> list[Any]:
    """Return the axis, or the spec, of each leaf of a pytree."""
    leaf = {"is_leaf": lambda axis: axis is None or isinstance(axis, PartitionSpec)}
    return jax.tree.leaves(jax.tree.broadcast(axes, values, **leaf), **leaf)


def _marked(
    named: Named,
    levels: list[list[Any]],
    at: dict[str, np.ndarray | None] | None = None,
) -> list[Array]:
    """Return arrays with the axes of each that are mapped.

    Args:
        named: the arrays.
        levels: the axis of each, for each map, outermost first. Each counts the axes that
            those before it have left.
        at: where each was printed, if they are results.
    """
    arrays = []
    for (name, value), *axes in zip(named, *levels, strict=True):
        left, mapped = list(range(np.ndim(value))), {}
        for level, axis in enumerate(axes):
            if axis is not None:
                mapped[left.pop(axis)] = level
        result = at is not None
        arrays.append(
            Array(
                name,
                texts(value),
                mapped,
                result,
                dashed=not mapped and not result,
                printed=at[name] if at else None,
            )
        )
    return arrays


def _pieces(shape: tuple[int, ...], axis: int | None, devices: int) -> list[Block]:
    """Return the block of each device where ``pmap`` gives each one index of an axis."""
    whole = [(0, size) for size in shape]
    if axis is None:
        return [tuple(whole)] * devices
    axis %= len(shape)
    return [(*whole[:axis], (d, d + 1), *whole[axis + 1 :]) for d in range(devices)]


def _blocks(
    mesh: Mesh | AbstractMesh, spec: PartitionSpec, shape: tuple[int, ...]
) -> list[Block]:
    """Return the block of each device of a mesh, in the mesh's order."""
    held = NamedSharding(mesh, spec).devices_indices_map(shape)
    return [_ends(held[device], shape) for device in mesh.devices.flat]


def _held(array: jax.Array) -> list[Block]:
    """Return the block of an array that each device holds, in their order."""
    held = array.sharding.devices_indices_map(array.shape)
    sharding: Any = array.sharding
    return [_ends(held[device], array.shape) for device in sharding.mesh.devices.flat]


def _ends(cuts: tuple[slice, ...], shape: tuple[int, ...]) -> Block:
    """Return where a block starts and ends along each axis."""
    return tuple(c.indices(size)[:2] for c, size in zip(cuts, shape, strict=True))


# --- as a reader sees it ----------------------------------------------------------------


def texts(value: Any) -> np.ndarray:
    """Return the elements of an array as they are written in cells.

    Raises:
        NotDrawnError: if there are too many axes or elements.
    """
    if np.ndim(value) > 3 or np.size(value) > LARGEST:
        raise NotDrawnError(f"an array of shape {np.shape(value)} is too large")
    if hasattr(value, "dtype") and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        words = np.asarray(jax.random.key_data(value))
        return _each("{:04x}".format, words[..., -1] >> 16)
    return _each(_short, np.asarray(value))


def _each(write: Callable[[Any], str], values: np.ndarray) -> np.ndarray:
    """Return what is written for each element of an array, in its shape."""
    written = [write(value) for value in values.flat]
    return np.array(written, dtype=object).reshape(values.shape)


def _short(value: Any) -> str:
    """Return a number as the same few characters on every version of JAX."""
    if isinstance(value, np.floating | float):
        return f"{float(value) + 0.0:.3g}"
    return str(value)


def _printed(value: Any, printed: str, start: int) -> np.ndarray | None:
    """Return where each element of a result was printed, as ``place:text``.

    Only what is found exactly as NumPy writes the whole array, after it was computed.
    """
    array = np.asarray(value)
    for text in (str(array), str(array.tolist())):
        place = printed.find(text, start)
        before, after = printed[:place][-1:], printed[place + len(text) :][:1]
        if (
            place >= 0
            and not re.match(r"[\w.-]", before)
            and not re.match(r"[\w.]", after)
        ):
            found = re.finditer(r"[^\s\[\],]+", text)
            places = [f"{place + m.start()}:{m.group()}" for m in found]
            return np.array(places, dtype=object).reshape(array.shape)
    return None


def code(value: Any) -> str:
    """Return a value as code, with spaces where a line may end."""
    if isinstance(value, PartitionSpec):
        return f"P({', '.join(map(repr, value))})".replace(" ", "\xa0")
    if isinstance(value, tuple) and any(isinstance(v, PartitionSpec) for v in value):
        specs = ",\xa0".join(map(code, value))
        return f"({specs})" if len(value) > 1 else f"({specs},)"
    return repr(value).replace(": ", ":\xa0")
