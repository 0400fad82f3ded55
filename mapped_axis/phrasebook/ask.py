"""Run the sides of the pairs, each in a scope of its own, and write down their values.

``ask_jax`` runs today's side of every pair and the old side of those that are NumPy or old
JAX, in a process with two simulated devices. ``ask_torch`` runs PyTorch's sides: in one
process, or, of a pair of several ranks, in two that speak by gloo on this machine alone.
"""

import ast
import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mapped_axis import asking
from mapped_axis.phrasebook.pairs import DEVICES, SIDES, Pair
from mapped_axis.project import HERE

_TIME_LIMIT = 600  # seconds for all sides of one library
_LONGEST = 200  # characters of a message that are kept
# What stands in the text of an error and is not the same tomorrow.
_UNSTABLE = [
    (re.compile(r"\b(?:Batch|Vmap|DynamicJaxpr|JVP)Tracer\b"), "Tracer"),
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r"/[\w./-]+\.py(?::\d+)*"), "…"),
    (re.compile(r",? ?\(/[\w./-]+\)"), ""),
]

Answer = dict[str, Any]


def has_torch() -> bool:
    """Return whether PyTorch is installed in this environment."""
    return importlib.util.find_spec("torch") is not None


def made_with(*names: str) -> dict[str, str]:
    """Return the versions that the answers depend on: those of packages, and Python's."""
    return {
        **{name: importlib.metadata.version(name) for name in names},
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def ask_jax(pairs: Sequence[Pair]) -> dict[str, Answer]:
    """Run the sides that need JAX or NumPy.

    Args:
        pairs: what to run.

    Returns:
        By the name of the pair, for each of `SIDES` that ran, its answer: ``type`` and
        ``value``, where it returned, ``error`` where old JAX raised, ``warns`` where it
        warned; and ``devices`` in place of the value for a pair of several ranks, with
        what each device holds.

    Raises:
        RuntimeError: a side raises, or warns, that should not; with its traceback.
    """
    (found,) = _processes([["jax"]], pairs, asking.environment(DEVICES))
    return _without_faults(found)


def ask_torch(pairs: Sequence[Pair]) -> dict[str, Answer]:
    """Run the sides that need PyTorch.

    Args:
        pairs: what to run; those without such a side are left out.

    Returns:
        By the name of the pair, ``type`` and ``value`` of its old side; ``ranks`` in place
        of these for a pair of several ranks, with what each rank has.

    Raises:
        RuntimeError: a side raises; the message has its traceback.
    """
    alone = [pair for pair in pairs if pair.kind == "torch"]
    ranked = [pair for pair in pairs if pair.kind == "ranks"]
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",  # 127.0.0.1: nobody else can speak to them
        "TORCH_CPP_LOG_LEVEL": "ERROR",
    }
    found: dict[str, Answer] = {}
    if alone:
        found |= _without_faults(_processes([["torch"]], alone, environment)[0])
    if ranked:
        with tempfile.TemporaryDirectory() as folder:
            meet = str(Path(folder, "ranks"))  # a file, so no port is open
            calls = [["ranks", str(rank), meet] for rank in range(DEVICES)]
            each = [
                _without_faults(said) for said in _processes(calls, ranked, environment)
            ]
        for pair in ranked:
            found[pair.name] = {
                "old": {"ranks": [said[pair.name]["old"] for said in each]}
            }
    return {pair.name: found[pair.name] for pair in pairs if pair.name in found}


def _processes(
    calls: Sequence[Sequence[str]], pairs: Sequence[Pair], environment: dict[str, str]
) -> list[dict[str, Answer]]:
    """Give the same pairs to several processes at once; return what each answers.

    Raises:
        RuntimeError: a process ended without an answer, or not in time.
    """
    given = json.dumps([asdict(pair) for pair in pairs])
    running = []
    for call in calls:
        with tempfile.TemporaryFile("w+") as stdin:
            stdin.write(given)
            stdin.seek(0)
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, *call],
                cwd=HERE.root,
                env=environment,
                stdin=stdin,
                stdout=subprocess.PIPE,
                text=True,
            )
        running.append(process)
    found = []
    try:
        for process in running:
            said, _ = process.communicate(timeout=_TIME_LIMIT)
            if process.returncode:
                says = f"ended with {process.returncode}"
                raise RuntimeError(f"the process that runs the sides {says}")
            found.append(json.loads(said.splitlines()[-1]))
    except subprocess.TimeoutExpired as error:
        says = f"is not done after {_TIME_LIMIT} seconds"
        raise RuntimeError(f"the process that runs the sides {says}") from error
    finally:
        for process in running:
            process.kill()
            process.wait()
    return found


def _without_faults(found: dict[str, Answer]) -> dict[str, Answer]:
    """Return answers.

    Raises:
        RuntimeError: one of them is a fault.
    """
    faults = [
        f"{name}, {side}:\n{answer['fault']}"
        for name, both in found.items()
        for side, answer in both.items()
        if "fault" in answer
    ]
    if faults:
        raise RuntimeError("\n".join(faults))
    return found


# --- in a process of its own --------------------------------------------------------------


def _serve() -> None:
    """Run the sides that come in, and write their answers as one JSON document."""
    library, *rank = sys.argv[1:]
    pairs = [Pair(**fields) for fields in json.load(sys.stdin)]
    if library == "jax":
        answers = {pair.name: _with_jax(pair) for pair in pairs}
    elif library == "torch":
        answers = {pair.name: {"old": _with_torch(pair)} for pair in pairs}
    else:
        answers = _on_a_rank(pairs, int(rank[0]), rank[1])
    print()  # whatever a side left on the line
    json.dump(answers, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # threads of the libraries may go on


def _on_a_rank(pairs: Iterable[Pair], rank: int, meet: str) -> dict[str, Answer]:
    """Run the old sides of several ranks on this one."""
    import torch.distributed as dist

    dist.init_process_group("gloo", f"file://{meet}", rank=rank, world_size=DEVICES)
    return {pair.name: {"old": _with_torch(pair)} for pair in pairs}


def _with_torch(pair: Pair) -> Answer:
    """Run the old side of a pair by PyTorch."""
    import torch

    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's of today are not the subject
        return _run(pair, "old")


def _with_jax(pair: Pair) -> dict[str, Answer]:
    """Run the sides of a pair that need JAX or NumPy."""
    answers: dict[str, Answer] = {}
    for side in SIDES:
        if side == "old" and pair.kind not in ("numpy", "jax"):
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            answer = _run(pair, side)
        says = [f"{w.category.__name__}: {_first_line(str(w.message))}" for w in caught]
        if says and "fault" not in answer:
            old = _is_old_jax(pair, side)
            answer = answer | {"warns": says[0]} if old else {"fault": says[0]}
        answers[side] = answer
    return answers


def _is_old_jax(pair: Pair, side: str) -> bool:
    """Return whether a side is old JAX, which may warn or fail."""
    return side == "old" and pair.kind == "jax"


def _run(pair: Pair, side: str) -> Answer:
    """Run one side; return its answer, or its fault."""
    scope: dict[str, Any] = {}
    *body, last = ast.parse(pair.lines(side)).body
    assert isinstance(last, ast.Expr), "it was read so"
    try:
        exec(pair.before(side), scope)  # noqa: S102 - it is a program
    except Exception:  # noqa: BLE001 - of any kind: the parent reports it
        return {"fault": traceback.format_exc(limit=-4)}
    try:
        exec(compile(ast.Module(body, []), pair.name, "exec"), scope)  # noqa: S102
        value = eval(compile(ast.Expression(last.value), pair.name, "eval"), scope)
        if pair.kind == "ranks" and side == "today":
            return {"devices": [_answer(part) for part in _on_devices(value)]}
        return _answer(value)
    except Exception as error:  # noqa: BLE001 - what it is, is the answer
        if _is_old_jax(pair, side):
            said = _first_line(str(error))
            name = type(error).__name__
            return {"error": f"{name}: {said}" if said else name}
        return {"fault": traceback.format_exc(limit=-4)}


def _first_line(text: str) -> str:
    """Return the first line of a message, without what changes from run to run."""
    text = next(iter(text.strip().splitlines()), "")
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _on_devices(value: Any) -> list[Any]:
    """Return what each device holds of a value."""
    import jax

    def part(leaf: Any, number: int) -> Any:
        if not isinstance(leaf, jax.Array) or len(leaf.sharding.device_set) == 1:
            return leaf
        shards = sorted(leaf.addressable_shards, key=lambda shard: shard.device.id)
        return shards[number].data

    return [
        jax.tree.map(lambda leaf, n=n: part(leaf, n), value) for n in range(DEVICES)
    ]


def _answer(value: Any) -> Answer:
    """Return a value as the record holds it: the type of each part, and the parts.

    Raises:
        TypeError: the value is of no kind that can be compared.
    """
    if isinstance(value, dict):
        parts = {str(key): _answer(value[key]) for key in sorted(value)}
        return {
            "type": {key: part["type"] for key, part in parts.items()},
            "value": {key: part["value"] for key, part in parts.items()},
        }
    if isinstance(value, list | tuple):
        parts_ = [_answer(part) for part in value]
        return {
            "type": [part["type"] for part in parts_],
            "value": [part["value"] for part in parts_],
        }
    if value is None or isinstance(value, bool | int | float | str):
        return {"type": type(value).__name__, "value": _rounded(value)}
    if hasattr(value, "full_tensor"):
        raise TypeError("a DTensor: write .to_local() or .full_tensor()")
    if hasattr(value, "detach"):
        value = value.detach()
    if not (hasattr(value, "dtype") and hasattr(value, "tolist")):
        raise TypeError(f"a value of the type {type(value).__name__}")
    dtype = str(value.dtype).removeprefix("torch.")
    shape = ",".join(map(str, value.shape))
    return {"type": f"{dtype}[{shape}]", "value": _rounded(value.tolist())}


def _rounded(value: Any) -> Any:
    """Return numbers to as many digits as a float32 has."""
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


if __name__ == "__main__":
    _serve()
