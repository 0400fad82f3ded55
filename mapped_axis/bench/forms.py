"""The forms of a workload at one size: made, compared, and ready to be timed.

What cannot be measured is left out, and `Forms.left_out` says why: a library that is not
installed, a form that would need more memory than allowed, or longer than allowed, or that
its library refuses.
"""

import logging
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mapped_axis.bench import machine, programs
from mapped_axis.bench.store import rounded
from mapped_axis.bench.timing import Call, seconds
from mapped_axis.bench.workloads import Function, Workload

LOOP = "loop"
NUMPY = "NumPy"
HAND = "by hand"
VMAP = "jit(vmap)"
AGAIN = "jit(vmap), again"  # the same program once more: how far two equals differ
HALF = "jit(vmap), bfloat16"
MAP = "lax.map"
NUMBA = "Numba"
TORCH = "torch.func.vmap"
COMPILED = "torch.compile"
FORMS = (LOOP, NUMPY, HAND, VMAP, AGAIN, HALF, MAP, NUMBA, TORCH, COMPILED)
CHUNKS = (None, 32, 1024)  # lanes at a time that `lax.map` is tried with
SETTLED = 4096  # lanes from which on the best of them is kept
SURE = 4096  # results of which the mean of random ones can be compared


class Different(Exception):
    """A form that does not compute what the others do: nothing of it may be timed."""


@dataclass
class Forms:
    """The forms of a workload at one size.

    Args:
        calls: by form, a function without arguments that has its result when it returns.
        left_out: by form, why it is not among them.
        notes: by form, what else is to be recorded with its time.
        program: what the compiler made of the mapped program.
    """

    calls: dict[str, Call] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    program: dict[str, Any] = field(default_factory=dict)


def shapes_of(workload: Workload, size: int) -> list[jax.ShapeDtypeStruct]:
    """Return the shapes of the arguments for a number of lanes, without making them."""
    two, three = (workload.make(lanes) for lanes in (2, 3))
    shapes = []
    for a, b in zip(two, three, strict=True):
        shape = tuple(
            size if m != n else m for m, n in zip(a.shape, b.shape, strict=True)
        )
        shapes.append(jax.ShapeDtypeStruct(shape, a.dtype))
    return shapes


def needs(compiled: Any) -> int:
    """Return how many bytes a compiled program needs: arguments, results, between."""
    memory = compiled.memory_analysis()
    return int(
        memory.argument_size_in_bytes
        + memory.output_size_in_bytes
        + memory.temp_size_in_bytes
    )


def in_gib(count: float) -> str:
    """Return a number of bytes in GiB, to three digits."""
    return f"{count / 2**30:.3g} GiB"


def compare(workload: Workload, form: str, found: Any, expected: np.ndarray) -> None:
    """Compare a result to that of the mapped program.

    Raises:
        Different: it differs by more than the workload allows.
    """
    result = np.asarray(found, np.float32)
    if result.shape != expected.shape:
        raise Different(
            f"{workload.name}: {form} returns the shape {result.shape}, and {VMAP} "
            f"{expected.shape}; mend {form}."
        )
    if not np.isfinite(result).all():
        raise Different(f"{workload.name}: {form} returns what is no number; mend it.")
    tolerance = 0.1 if form == HALF else workload.tolerance
    if workload.drawn and form not in (HAND, MAP, LOOP, AGAIN):
        if len(result) < SURE:
            return  # compared at a size at which the mean says something
        error = float(expected.std()) * (2 / len(result)) ** 0.5
        off = abs(float(result.mean()) - float(expected.mean()))
        allowed = 6 * error
    else:
        largest = float(np.abs(expected).max()) or 1.0
        off, allowed = float(np.abs(result - expected).max()), tolerance * largest
    if off > allowed:
        raise Different(
            f"{workload.name}: {form} differs from {VMAP} by {off:.3g}, and "
            f"{allowed:.3g} is allowed, at {expected.shape}; mend {form}."
        )


class Maker:
    """Makes the forms of a workload, at one size after the other.

    Args:
        workload: the workload.
        memory: bytes that a form may need.
        longest: seconds that a call may take; a form that takes longer is left out from
            there on, except the mapped program, where the workload then ends.
        quick: leave out what takes seconds to compile.
    """

    def __init__(
        self, workload: Workload, memory: float, longest: float, quick: bool
    ) -> None:
        """Remember what holds for all sizes."""
        self.workload, self.memory, self.longest = workload, memory, longest
        self.quick = quick
        self.on_gpu = machine.gpu() is not None
        self.chunks: tuple[int | None, ...] = CHUNKS
        self.took: dict[str, tuple[int, float]] = {}  # by form: a size, and its seconds
        self.torch_compiled: Function | None = None
        self.mapped: Any = None  # the program of the size that is measured
        self.program: dict[str, Any] = {}

    def ends(self, size: int) -> str:
        """Say why there is nothing to measure at a size and above, or return ""."""
        if (predicted := self._predicted(VMAP, size)) > 4 * self.longest:
            return f"one call of {VMAP} would take {predicted:.2g} s"
        try:
            self.mapped, self.program = _first(
                self.workload.mapped, shapes_of(self.workload, size)
            )
        except jax.errors.JaxRuntimeError as error:  # a GPU that has not enough
            return f"JAX cannot compile it: {str(error).splitlines()[0][:80]}"
        if (need := needs(self.mapped)) > self.memory:
            return f"needs {in_gib(need)}, and {in_gib(self.memory)} are allowed"
        return ""

    def forms(self, size: int) -> Forms:
        """Return the forms at a size that `ends` was asked about, compared to each other.

        Raises:
            Different: two forms do not compute the same.
        """
        made, workload = Forms(program=self.program), self.workload
        arguments = workload.make(size)
        on_device = [jnp.asarray(a) for a in arguments]
        jax.block_until_ready(on_device)

        mapped = self.mapped
        expected = np.asarray(mapped(*on_device), np.float32)
        if not np.isfinite(expected).all():
            raise Different(f"{workload.name}: {VMAP} returns what is no number.")
        made.program["flops"] = round(workload.flops(size))
        made.calls[VMAP] = made.calls[AGAIN] = _waiting(mapped, on_device)

        def add(form: str, make: Callable[[], Call]) -> None:
            """Make a form and compare it, or say why it is left out."""
            predicted = self._predicted(form, size)
            if predicted > self.longest and form != HAND:
                made.left_out[form] = f"one call would take {predicted:.2g} s"
                return
            try:
                call = make()
                found = call()
            except _Refused as refused:
                made.left_out[form] = str(refused)
                return
            try:
                compare(workload, form, _as_numpy(found), expected)
            except Different as different:
                if form not in (TORCH, COMPILED):
                    raise
                # What another compiler makes of it is not ours to mend.
                made.left_out[form] = f"computes something else: {different}"
                return
            made.calls[form] = call

        def by_hand() -> Call:
            compiled = self._compiled(workload.hand, on_device)
            made.program |= programs.compared(mapped.as_text(), compiled.as_text())
            return _waiting(compiled, on_device)

        add(HAND, by_hand)
        for name, function in workload.mended.items():
            add(name, partial(self._mended, function, on_device))
        add(MAP, lambda: self._in_turn(size, on_device, made.notes))
        if workload.half:
            add(HALF, lambda: self._half(on_device))
        add(LOOP, lambda: self._loop(size, on_device))
        add(NUMPY, lambda: lambda: workload.numpy(*arguments))
        add(NUMBA, lambda: self._numba(arguments))
        add(TORCH, lambda: self._torch(arguments))
        add(COMPILED, lambda: self._torch_compiled(arguments))
        for form in {*made.calls} - {VMAP, AGAIN, HAND}:
            if (took := seconds(made.calls[form])) > self.longest:
                del made.calls[form]
                made.left_out[form] = f"one call takes {took:.2g} s"
        return made

    def note(self, size: int, times: Mapping[str, Mapping[str, Any]]) -> None:
        """Remember how long the forms took at a size."""
        for form, time_ in times.items():
            self.took[form] = (size, time_["median"])

    def _predicted(self, form: str, size: int) -> float:
        """Return how long a call will take at a size, if it grows as the lanes do."""
        before, took = self.took.get(form, (size, 0.0))
        return took * size / before

    def _compiled(self, function: Function, on_device: list[Any]) -> Any:
        """Compile a function; refuse it if it needs more memory than allowed."""
        compiled = jax.jit(function).lower(*on_device).compile()
        if (need := needs(compiled)) > self.memory:
            raise _Refused(
                f"needs {in_gib(need)}, and {in_gib(self.memory)} are allowed"
            )
        return compiled

    def _mended(self, function: Function, on_device: list[Any]) -> Call:
        """Return the call of a better program."""
        return _waiting(self._compiled(function, on_device), on_device)

    def _in_turn(
        self, size: int, on_device: list[Any], notes: dict[str, dict[str, Any]]
    ) -> Call:
        """Return the best of the calls that map some lanes at a time."""
        best: tuple[float, int | None, Call] | None = None
        for chunk in self.chunks:
            if chunk is not None and chunk >= size:
                continue
            compiled = self._compiled(self.workload.in_turn(chunk), on_device)
            call = _waiting(compiled, on_device)
            call()
            took = min(seconds(call) for _ in range(3))
            if best is None or took < best[0]:
                best = (took, chunk, call)
        if best is None:
            raise _Refused("no batch_size was measured")
        notes[MAP] = {"batch_size": best[1] or 1}
        if size >= SETTLED:
            self.chunks = (best[1],)
        return best[2]

    def _half(self, on_device: list[Any]) -> Call:
        """Return the call of the mapped program on numbers of half the size."""
        half = [a.astype(jnp.bfloat16) for a in on_device]
        return _waiting(self._compiled(self.workload.mapped, half), half)

    def _loop(self, size: int, on_device: list[Any]) -> Call:
        """Return a Python loop over the jitted function of one lane."""
        if size > 2**14:
            raise _Refused("a Python loop over so many lanes takes longer than allowed")
        one, axes = jax.jit(self.workload.one), self.workload.in_axes
        columns = [
            list(a) if axis == 0 else [a] * size
            for a, axis in zip(on_device, axes, strict=True)
        ]
        lanes = [*zip(*columns, strict=True)]
        if self.workload.summed:

            def run() -> Any:
                total = one(*lanes[0])
                for lane in lanes[1:]:
                    total = total + one(*lane)
                return total.block_until_ready()

            return run
        return lambda: jax.block_until_ready([one(*lane) for lane in lanes])

    def _numba(self, arguments: tuple[np.ndarray, ...]) -> Call:
        """Return the loop that Numba compiled."""
        if "numba" not in machine.installed():
            raise _Refused("Numba is not installed")
        from mapped_axis.bench import numba_forms

        if self.workload.name not in numba_forms.FORMS:
            raise _Refused("no loop in Numba was written for it")
        function = numba_forms.FORMS[self.workload.name]
        return lambda: function(*arguments)

    def _torch(self, arguments: tuple[np.ndarray, ...]) -> Call:
        """Return the call of `torch.func.vmap`."""
        return self._in_torch(arguments, lambda forms: forms.mapped(self.workload))

    def _torch_compiled(self, arguments: tuple[np.ndarray, ...]) -> Call:
        """Return the call of the same under `torch.compile`: one program for all sizes."""
        if self.quick:
            raise _Refused("left out by --quick: it takes seconds to compile")

        def function(forms: Any) -> Function:
            if self.torch_compiled is None:
                self.torch_compiled = forms.compiled(self.workload)
            return self.torch_compiled

        return self._in_torch(arguments, function)

    def _in_torch(
        self, arguments: tuple[np.ndarray, ...], function: Callable[[Any], Function]
    ) -> Call:
        """Return a call of a function in PyTorch, which may refuse."""
        if "torch" not in machine.installed():
            raise _Refused("PyTorch is not installed")
        from mapped_axis.bench import torch_forms

        if self.workload.name not in torch_forms.ONE:
            raise _Refused("torch.func.vmap has no loop that ends by its data")
        where = torch_forms.device(self.on_gpu)
        tensors = torch_forms.tensors(arguments, where)
        call = torch_forms.call(function(torch_forms), tensors)
        logging.getLogger("torch").setLevel(logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call()
        except Exception as error:  # whatever a compiler raises
            says = " ".join(str(error).split())[:100]
            raise _Refused(f"{type(error).__name__}: {says}") from error
        return call


def _first(function: Function, shapes: list[Any]) -> tuple[Any, dict[str, Any]]:
    """Compile a program; return it, with what that took and what came out."""
    start = time.perf_counter()
    lowered = jax.jit(function).lower(*shapes)
    traced = time.perf_counter()
    compiled = lowered.compile()
    done = time.perf_counter()
    memory: Any = compiled.memory_analysis()
    return compiled, {
        "trace": rounded(traced - start),
        "compile": rounded(done - traced),
        "bytes": memory.argument_size_in_bytes + memory.output_size_in_bytes,
        "temporary": memory.temp_size_in_bytes,
    }


class _Refused(Exception):
    """A form that cannot be measured; the text says why."""


def _waiting(function: Function, arguments: list[Any]) -> Call:
    """Return a call of a JAX function that waits for its result."""
    return lambda: jax.block_until_ready(function(*arguments))


def _as_numpy(found: Any) -> np.ndarray:
    """Return a result as an array: of JAX, NumPy or PyTorch, or a list of lanes."""
    if isinstance(found, list):
        return np.stack([np.asarray(one, np.float32) for one in found])
    if hasattr(found, "detach"):
        found = found.detach().cpu()
    return np.asarray(found).astype(np.float32)
