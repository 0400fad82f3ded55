"""The workloads in PyTorch: functions of one lane, for `torch.func.vmap`.

Import this only where PyTorch is installed. The function of a lane takes tensors. Newton's
iteration is left out: it ends when its lane is done, and `torch.func.vmap` has no loop
that could.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from mapped_axis.bench import workloads as w

Function = Callable[..., Any]


def _linear(x: Any, weights: Any, bias: Any) -> Any:
    return torch.tanh(x @ weights + bias)


def _distances(x: Any, others: Any) -> Any:
    return torch.func.vmap(lambda y: ((x - y) ** 2).sum().sqrt())(others)


def _attention(queries: Any, keys: Any, values: Any) -> Any:
    return torch.softmax(queries @ keys.mT / math.sqrt(w.HEAD), -1) @ values


def _loss(weights: Any, x: Any, y: Any) -> Any:
    return ((x @ weights - y) ** 2).sum()


def _clipped(weights: Any, x: Any, y: Any) -> Any:
    gradient = torch.func.grad(_loss)(weights, x, y)
    return gradient * (w.CLIP / (gradient**2).sum().sqrt()).clamp(max=1)


def _network(first: Any, second: Any, x: Any) -> Any:
    return torch.tanh(x @ first) @ second


def _payoff(seed: Any) -> Any:
    step = 1 / w.STEPS
    drift = (w.RATE - w.VOLATILITY**2 / 2) * step
    normals = torch.randn(w.STEPS, device=seed.device)
    logs = (drift + w.VOLATILITY * math.sqrt(step) * normals).cumsum(-1)
    return math.exp(-w.RATE) * (logs.exp().mean(-1) - w.STRIKE).clamp(min=0)


def _read(position: Any, table: Any) -> Any:
    place = position * (w.ENTRIES - 1)
    entry = place.long().clamp(0, w.ENTRIES - 2)
    part = place - entry
    near = table.index_select(0, torch.stack([entry, entry + 1]))
    return near[0] * (1 - part) + near[1] * part


def _filter(image: Any, taps: Any) -> Any:
    return torch.nn.functional.conv2d(image[None, None], taps[None, None])[0, 0]


ONE: Mapping[str, Function] = {
    "rosenbrock": w.rosenbrock,
    "gradient": torch.func.grad(w.rosenbrock),
    "linear": _linear,
    "distances": _distances,
    "attention": _attention,
    "clipping": _clipped,
    "ensemble": _network,
    "solves": torch.linalg.solve,
    "price": _payoff,
    "lookup": _read,
    "filter": _filter,
}


def device(on_gpu: bool) -> str:
    """Return the device that the tensors lie on: the GPU if JAX uses it and PyTorch can."""
    return "cuda" if on_gpu and torch.cuda.is_available() else "cpu"


def tensors(arguments: tuple[np.ndarray, ...], where: str) -> list[Any]:
    """Return arrays as tensors on a device. Seeds become numbers that PyTorch has."""
    return [
        torch.from_numpy(a.astype(np.int64) if a.dtype == np.uint32 else a).to(where)
        for a in arguments
    ]


def mapped(workload: w.Workload) -> Function:
    """Return the function of a batch by `torch.func.vmap`."""
    over = torch.func.vmap(ONE[workload.name], workload.in_axes, randomness="different")
    return lambda *arguments: workload.finish(over(*arguments))


def compiled(workload: w.Workload) -> Function:
    """Return the same, compiled by `torch.compile` for batches of any size."""
    torch._dynamo.reset()
    torch._dynamo.config.specialize_float = True  # the constants of a workload stay so
    function: Function = torch.compile(mapped(workload), dynamic=True)
    return function


def call(function: Function, arguments: list[Any]) -> Callable[[], Any]:
    """Return a call without arguments that has its result when it returns."""

    def run() -> Any:
        with torch.no_grad():
            result = function(*arguments)
        if result.is_cuda:
            torch.cuda.synchronize()
        return result

    return run
