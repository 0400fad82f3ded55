"""Which machine it is, and what it can do at most."""

import importlib.util
import os
import platform
import re
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import psutil

from mapped_axis.bench.timing import Call, interleaved

_OPTIONAL = {"numba": "Numba", "torch": "PyTorch"}


def usable_cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Return what the processor calls itself."""
    cpus = Path("/proc/cpuinfo")
    if cpus.is_file():
        text = cpus.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*: (.+)$", text, re.MULTILINE):
            return found[1].strip()
    return platform.processor() or platform.machine()


def gpu() -> str | None:
    """Return what the accelerator of JAX calls itself; None on a CPU."""
    if jax.default_backend() == "cpu":
        return None
    return str(jax.devices()[0].device_kind)


def installed() -> dict[str, str]:
    """Return which of the optional libraries are there: module and version."""
    return {
        module: metadata.version(module)
        for module in _OPTIONAL
        if importlib.util.find_spec(module)
    }


def versions() -> dict[str, str]:
    """Return the versions of what is measured."""
    return {
        "Python": platform.python_version(),
        "JAX": jax.__version__,
        "NumPy": np.__version__,
        **{_OPTIONAL[module]: version for module, version in installed().items()},
    }


def machine() -> dict[str, Any]:
    """Return what the machine is, in general terms: no name, no path."""
    return {
        "name": name(),
        "processor": processor(),
        "cores": usable_cores(),
        "memory": psutil.virtual_memory().total,
        "gpu": gpu(),
        "gpus": 0 if gpu() is None else jax.device_count(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "device": jax.default_backend(),
    }


def name() -> str:
    """Return a name for a file: the GPU, or the processor and its cores."""
    what = gpu() or f"{processor()}-{usable_cores()}-cores"
    return re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")


def threads() -> dict[str, int]:
    """Return how many threads each library takes."""
    found = {"XLA": usable_cores(), "NumPy, in products": usable_cores()}
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(variable, "").isdigit():
            found["NumPy, in products"] = int(os.environ[variable])
            break
    if "numba" in installed():
        import numba

        found["Numba"] = numba.get_num_threads()
    if "torch" in installed():
        import torch

        found["PyTorch"] = torch.get_num_threads()
    return found


def load() -> float:
    """Return how many programs were at work, on average in the minute before."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


class Work:
    """How much of the machine other programs take from now on."""

    def __init__(self) -> None:
        """Begin to count."""
        self._start = time.perf_counter(), _busy(), _own()

    def of_others(self) -> float:
        """Return the share of the cores that other programs have taken since."""
        began, busy, own = self._start
        passed = (time.perf_counter() - began) * (os.cpu_count() or 1)
        others = (_busy() - busy) - (_own() - own)
        return round(max(0.0, others / passed), 2)


def _busy() -> float:
    """Return the seconds that all cores together have worked."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


def _own() -> float:
    """Return the seconds of work of this process, and of those it has waited for."""
    times = psutil.Process().cpu_times()
    children = times.children_user + times.children_system
    return float(times.user + times.system + children)


def memory_left() -> int:
    """Return the bytes of memory that nobody uses, of the device that JAX computes on."""
    stats = jax.devices()[0].memory_stats() if gpu() else None
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"] - stats.get("bytes_in_use", 0))
    return int(psutil.virtual_memory().available)


def _product(product: Callable[..., Any], matrix: jax.Array) -> Any:
    """Return the product of a matrix with itself, when it is there."""
    return jax.block_until_ready(product(matrix, matrix))


def ceilings(rounds: int, quick: bool = False) -> dict[str, Any]:
    """Measure what this machine does at most.

    Args:
        rounds: how often each is measured.
        quick: take small arrays, whose results say little.

    Returns:
        ``copy``: bytes a second that a large copy reads and writes; ``product``: by type,
        floating-point operations a second of a large matrix product.
    """
    count = 2**20 if quick else 2**26  # 256 MiB of float32: no cache holds that
    edge = 256 if quick else 2048
    if memory_left() < 16 * 2**26:
        count = 2**22
    source, target = np.ones(count, np.float32), np.empty(count, np.float32)
    on_device = jnp.asarray(source)
    copy = jax.jit(lambda x: x + 1)
    calls: dict[str, Call] = {"JAX": lambda: copy(on_device).block_until_ready()}
    if not gpu():
        calls["NumPy"] = lambda: np.copyto(target, source)
    matrices = {
        dtype: jnp.ones((edge, edge), dtype) for dtype in ("float32", "bfloat16")
    }
    product = jax.jit(jnp.matmul)
    for dtype, matrix in matrices.items():
        calls[dtype] = partial(_product, product, matrix)
    for call in calls.values():
        call()
    times = {key: one["median"] for key, one in interleaved(calls, rounds, 15).items()}
    rate = 2 * 4 * count / min(times.get("NumPy", np.inf), times["JAX"])
    return {
        "copy": float(f"{rate:.3g}"),
        "product": {key: float(f"{2 * edge**3 / times[key]:.3g}") for key in matrices},
    }
