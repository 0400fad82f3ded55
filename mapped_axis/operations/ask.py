"""Ask JAX what `jax.vmap` makes of each operation, what it costs, and what moves.

JAX counts the devices once per process, so the questions are asked in processes of their
own, on eight simulated CPU devices. What is asked, for each operation:

* the primitives of ``f`` and of ``vmap(f)``, and the arrays in the latter that hold
  nothing but copies of a held argument, one for each lane;
* floating-point operations and temporary memory of the compiled ``f`` (one lane),
  ``vmap(f)`` and, where there is one, the form written by hand;
* the collectives in the compiled ``jit(vmap(f))`` and ``jit(shard_map(vmap(f)))`` over
  lanes that are sharded on the eight devices;
* whether ``jit(vmap(f))`` runs on an Explicit mesh, and what runs there if not.

Each compiled program also runs, and its values are compared to those of each lane alone.
"""

import importlib.metadata
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mapped_axis import asking
from mapped_axis.operations import catalogue
from mapped_axis.operations.catalogue import LANES, Operation
from mapped_axis.project import shown

DEVICES = 8
PROCESSES = 2
# XLA counts before LLVM makes machine code, so that need not be good code.
_FLAGS = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
_COLLECTIVE = re.compile(
    r" (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter"
    r"|collective-broadcast|ragged-all-to-all)(?:-start)?\("
)
# What stands in the text of an error and is not the same tomorrow.
_UNSTABLE = [
    (re.compile(r"\b(?:Batch|Vmap|DynamicJaxpr|JVP)Tracer\b"), "Tracer"),
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r"/[\w./-]+\.py(?::\d+)*"), "…"),
    (re.compile(r"[.,;:]? [Gg]ot .*"), " …"),  # shapes, shardings, whole meshes
]

Answer = dict[str, Any]


class LackError(Exception):
    """This JAX has no such operation."""


# --- in a process of its own --------------------------------------------------------------


def ask_all(operations: Sequence[Operation]) -> dict[str, Answer]:
    """Ask about operations, in processes with eight simulated devices.

    Args:
        operations: what to ask about.

    Returns:
        By name, in the order of ``operations``, what `_Asking.answer` returns.

    Raises:
        RuntimeError: a program of an operation is wrong, or JAX is not done in time.
    """
    environment = asking.environment(DEVICES) | {
        "JAX_TRACEBACK_FILTERING": "off",  # many answers are errors, and it takes long
        "XLA_FLAGS": _FLAGS,
    }
    shares = [operations[n::PROCESSES] for n in range(min(PROCESSES, len(operations)))]

    def answer(share: Sequence[Operation]) -> dict[str, Answer]:
        asked = [asdict(operation) for operation in share]
        answers: dict[str, Answer] = asking.answer_of(__name__, environment, asked)
        return answers

    with ThreadPoolExecutor(PROCESSES) as pool:
        found = {
            k: v for answers in pool.map(answer, shares) for k, v in answers.items()
        }
    faults = [
        f"{_where(name)}: {name}: {found[name]['fault']}; mend it."
        for name in found
        if "fault" in found[name]
    ]
    if faults:
        raise RuntimeError("\n".join(faults))
    return {operation.name: found[operation.name] for operation in operations}


def _where(name: str) -> str:
    """Return where an operation stands, as FILE:LINE."""
    file = Path(catalogue.__file__)
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((n for n, text in enumerate(lines, 1) if f'"{name}"' in text), 1)
    return f"{shown(file)}:{line}"


def made_with() -> dict[str, str]:
    """Return the versions that the answers depend on."""
    return {
        **{name: importlib.metadata.version(name) for name in ("jax", "jaxlib")},
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _serve() -> None:
    """Answer the questions that come in, one JSON document for another."""
    answers = {}
    for fields in json.load(sys.stdin):
        operation = Operation(**fields)
        try:
            answers[operation.name] = _Asking(operation).answer()
        except LackError as error:
            answers[operation.name] = {"lacks": str(error)}
        except Exception as error:  # noqa: BLE001 - of any kind: the parent reports it
            answers[operation.name] = {"fault": f"{type(error).__name__}: {error}"}
    json.dump(answers, sys.stdout)


# --- one operation ------------------------------------------------------------------------


class _Asking:
    """The questions about one operation.

    Args:
        operation: the operation.
    """

    def __init__(self, operation: Operation) -> None:
        """Run the first part of the program.

        Raises:
            LackError: this JAX lacks something that ``f`` calls.
        """
        import jax

        self.jax: Any = jax
        self.operation = operation
        self.scope: dict[str, Any] = {}
        try:
            exec(operation.setup, self.scope)  # noqa: S102 - it is a program
        except (AttributeError, ImportError) as error:
            raise LackError(_say(error)) from error
        self.arguments = [self.scope[name] for name in operation.parameters]
        self.mapped = [self.scope[name] for name in operation.mapped]

    def answer(self) -> Answer:
        """Return all answers, as they stand in the file.

        Raises:
            LackError: this JAX lacks something that ``f`` calls.
        """
        answer: Answer = {}
        alone = self._alone(answer)
        self._on_one_device(answer, alone)
        if "fails" not in answer:
            self._on_eight(answer)
            self._on_explicit(answer)
        return answer

    # --- one device

    def _alone(self, answer: Answer) -> list[Any]:
        """Ask about ``f`` without vmap; return its values in the first and last lane."""
        jax, f = self.jax, self.scope["f"]
        if self.operation.axis_name:
            return []  # without vmap there is no lane to speak to
        lanes = [self._lane(0), self._lane(LANES - 1)]
        try:
            traced = jax.jit(f).trace(*lanes[0])
            answer["before"] = _primitives(traced.jaxpr.jaxpr)
            compiled = traced.lower().compile()
        except (AttributeError, ImportError) as error:
            raise LackError(_say(error)) from error
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):
            f(
                *lanes[0]
            )  # it asks for values, and has them only where nothing is traced
            return []
        answer["one"] = _cost(compiled)
        return [jax.device_get(compiled(*lane)) for lane in lanes]

    def _lane(self, lane: int) -> list[Any]:
        """Return the arguments of one lane."""
        held = self.arguments[len(self.mapped) :]
        return [*(array[lane] for array in self.mapped), *held]

    def _vmap(self) -> Callable[..., Any]:
        """Return ``vmap(f)`` as the program of the operation maps it."""
        mapped: Callable[..., Any] = eval(
            f"jax.vmap(f{self.operation.options})", self.scope
        )
        return mapped

    def _lambda(self, expression: str) -> Callable[..., Any]:
        """Return an expression of the parameters as a function of them."""
        parameters = ", ".join(self.operation.parameters)
        function: Callable[..., Any] = eval(
            f"lambda {parameters}: ({expression})", self.scope
        )
        function.__name__ = "f"  # the same program is then compiled once
        return function

    def _on_one_device(self, answer: Answer, alone: list[Any]) -> None:
        """Ask about ``vmap(f)`` on one device, and about the form written by hand."""
        jax, mapped = self.jax, self._vmap()
        try:
            traced = jax.jit(mapped).trace(*self.arguments)
            jaxpr, compiled = traced.jaxpr.jaxpr, traced.lower().compile()
        except Exception as error:  # noqa: BLE001 - what it is, is the answer
            answer["fails"] = _say(error)
            return
        answer["after"] = _primitives(jaxpr)
        answer["many"] = _cost(compiled)
        self.values = jax.device_get(compiled(*self.arguments))
        for lane, value in zip((0, LANES - 1), alone, strict=False):
            mine = jax.tree.map(lambda array, lane=lane: array[lane], self.values)
            if not _same(mine, value):
                answer["other values"] = True
        if self.operation.held:
            taint = [True] * len(self.mapped) + [False] * len(self.operation.held)
            held = [self.scope[name] for name in self.operation.held]
            copies = sum(_copies(jaxpr, taint, min(array.size for array in held)))
            answer["held"] = {"bytes": sum(array.nbytes for array in held)}
            if copies:
                answer["held"] |= {"copies": copies, "in": _home(compiled, copies)}
        if by_hand := self.operation.by_hand:
            function = self._lambda(by_hand)
            compiled = jax.jit(function).lower(*self.arguments).compile()
            answer["hand"] = _cost(compiled)
            if not _same(jax.device_get(compiled(*self.arguments)), self.values):
                raise ValueError("the form written by hand gives other values")

    # --- eight devices

    def _sharded(self, mesh: Any) -> list[Any]:
        """Return the arguments, the mapped ones with their lanes over the mesh."""
        sharding = self.jax.sharding.NamedSharding(mesh, self.jax.P("i"))
        cut = [self.jax.device_put(array, sharding) for array in self.mapped]
        return [*cut, *self.arguments[len(cut) :]]

    def _mesh(self, kind: str) -> Any:
        """Return a mesh of all devices whose axis ``i`` is of this kind."""
        types = (getattr(self.jax.sharding.AxisType, kind),)
        return self.jax.make_mesh((DEVICES,), ("i",), axis_types=types)

    def _shard_map(self, mesh: Any, checked: bool) -> Callable[..., Any]:
        """Return ``shard_map(vmap(f))`` along the lanes."""
        p = self.jax.P
        specs = [p("i")] * len(self.mapped) + [p()] * len(self.operation.held)
        mapped: Callable[..., Any] = self.jax.shard_map(
            self._vmap(),
            mesh=mesh,
            in_specs=tuple(specs),
            out_specs=p("i"),
            check_vma=checked,
        )
        return mapped

    def _run(self, f: Callable[..., Any], arguments: list[Any]) -> Answer:
        """Compile and run; return the collectives, and whether the values differ."""
        try:
            compiled = self.jax.jit(f).lower(*arguments).compile()
            result = compiled(*arguments)
            values = self.jax.device_get(result)
        except Exception as error:  # noqa: BLE001 - what it is, is the answer
            return {"fails": _say(error)}
        said: Answer = {"collectives": _collectives(compiled.as_text() or "")}
        blocks = (array.sharding.shard_shape(array.shape) for array in _leaves(result))
        if any(block[0] != LANES // DEVICES for block in blocks):
            said["lanes"] = "not over the devices"
        if not _same(values, self.values):
            said["other values"] = True
        return said

    def _on_eight(self, answer: Answer) -> None:
        """Ask what moves between devices over an Auto mesh."""
        mesh = self._mesh("Auto")
        arguments = self._sharded(mesh)
        answer["jit"] = self._run(self._vmap(), arguments)
        said = self._run(self._shard_map(mesh, True), arguments)
        if "fails" in said:
            said["unchecked"] = self._run(self._shard_map(mesh, False), arguments)
        answer["shard_map"] = said

    def _on_explicit(self, answer: Answer) -> None:
        """Ask whether the same runs on an Explicit mesh, and what does if it does not."""
        mesh = self._mesh("Explicit")
        arguments = self._sharded(mesh)
        with self.jax.set_mesh(mesh):
            said = self._run(self._vmap(), arguments)
            if "fails" in said:
                said["remedies"] = self._remedies(arguments)
        answer["explicit"] = said

    def _remedies(self, arguments: list[Any]) -> list[Answer]:
        """Run what may help on an Explicit mesh; return what gives the same values.

        The operation's own remedy is followed by the first one that any may have.
        """
        works = []
        for code in self.operation.remedies:
            said = self._run(self._lambda(code), arguments)
            if "fails" not in said and "other values" not in said:
                works.append({"code": code, **said})
                if code != self.operation.explicit:
                    break
        return works


def _say(error: Exception) -> str:
    """Return the type of an error and the first line of its text, made stable."""
    text = next(iter(str(error).strip().splitlines()), "")
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _leaves(tree: Any) -> list[Any]:
    """Return the arrays of a result."""
    import jax

    return jax.tree.leaves(tree)


def _same(one: Any, other: Any) -> bool:
    """Return whether two results are equal but for rounding."""
    import numpy as np

    ones, others = _leaves(one), _leaves(other)
    return len(ones) == len(others) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-2, atol=1e-3)
        for a, b in zip(ones, others, strict=True)
    )


# --- a jaxpr ------------------------------------------------------------------------------


def _inner(equation: Any) -> Iterator[Any]:
    """Yield the jaxprs in the parameters of an equation."""
    for value in equation.params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if hasattr(item, "eqns"):
                yield item
            elif hasattr(getattr(item, "jaxpr", None), "eqns"):
                yield item.jaxpr


def _primitives(jaxpr: Any) -> list[str]:
    """Return the primitives of a jaxpr and those within, once each, as they come."""
    names: dict[str, None] = {}
    for equation in jaxpr.eqns:
        inner = list(_inner(equation))
        # What only wraps others is called differently in each version of JAX.
        if not inner or equation.primitive.name in ("cond", "scan", "while"):
            names.setdefault(equation.primitive.name)
        for each in inner:
            names.update(dict.fromkeys(_primitives(each)))
    return list(names)


def _copies(jaxpr: Any, taint: Sequence[bool], least: int) -> Iterator[int]:
    """Yield the bytes of arrays with a copy of a held argument for each lane.

    Args:
        jaxpr: the jaxpr of ``vmap(f)``.
        taint: for each of its arguments, whether it depends on the lane.
        least: the number of elements of the smallest held argument.
    """
    depends = dict(zip(jaxpr.invars, taint, strict=True))
    for equation in jaxpr.eqns:
        given = [
            not hasattr(v, "val") and depends.get(v, False) for v in equation.invars
        ]
        if equation.primitive.name == "broadcast_in_dim" and not any(given):
            (source,) = equation.invars[:1]
            (result,) = equation.outvars
            size = getattr(source.aval, "size", 1)
            if size >= least > 1 and result.aval.size >= LANES * size:
                yield result.aval.size * result.aval.dtype.itemsize
        for each in _inner(equation):
            if len(each.invars) == len(equation.invars):
                yield from _copies(each, given, least)
        for variable in equation.outvars:
            depends[variable] = any(given)


# --- a compiled program -------------------------------------------------------------------


def _cost(compiled: Any) -> Answer:
    """Return what XLA counts in a compiled program, and what it does not count."""
    text = compiled.as_text()
    analysis = compiled.cost_analysis() or {}
    cost: Answer = {
        "flops": round(analysis.get("flops", 0)),
        "temporary": compiled.memory_analysis().temp_size_in_bytes,
    }
    # A body is counted once, whatever the iterations; a library and the host are not counted.
    if transcendental := round(analysis.get("transcendentals", 0)):
        cost["transcendentals"] = transcendental
    if loops := len(re.findall(r" while\(", text)):
        cost["loops"] = loops
    if calls := len(re.findall(r" custom-call\(", text)):
        cost["calls"] = calls
    return cost


def _home(compiled: Any, size: int) -> str:
    """Return which memory of a compiled program has room for so many bytes."""
    memory = compiled.memory_analysis()
    if memory.temp_size_in_bytes >= size:
        return "temporary memory"
    return "the result" if memory.output_size_in_bytes >= size else "no memory"


def _collectives(text: str) -> dict[str, int]:
    """Count the collectives in the text of a compiled program.

    Those in a loop, which run in each of its iterations, are counted by themselves.
    """
    bodies: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"(?:ENTRY )?%?([\w.-]+) .*\{$", line):
            lines = bodies.setdefault(match[1], [])
        else:
            lines.append(line)
    names = re.compile(r"%([\w.-]+)")
    looped: set[str] = set()
    waiting = [
        name
        for part in bodies.values()
        for line in part
        if " while(" in line
        for name in re.findall(r"(?:body|condition)=%?([\w.-]+)", line)
    ]
    while waiting:
        name = waiting.pop()
        if name in looped:
            continue
        looped.add(name)
        found = (n for line in bodies.get(name, ()) for n in names.findall(line))
        waiting += [other for other in found if other in bodies]
    counted: Counter[str] = Counter()
    for name, part in bodies.items():
        for line in part:
            if match := _COLLECTIVE.search(line.partition(", metadata=")[0]):
                where = " in each iteration" if name in looped else ""
                counted[match[1] + where] += 1
    return dict(sorted(counted.items()))


if __name__ == "__main__":
    _serve()
