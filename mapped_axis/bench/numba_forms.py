"""The workloads as loops that Numba compiles, over lanes and on all cores.

Import this only where Numba is installed. Each function takes the NumPy arguments of its
workload, and returns what the other forms return. The attention and the Monte Carlo price
are left to those: a loop in Numba would call the same matrix products, and draw other
numbers.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np

from mapped_axis.bench import workloads as w

_loop: Callable[..., Any] = numba.njit(parallel=True, cache=True)


@_loop
def _rosenbrock(points):  # type: ignore[no-untyped-def]
    out = np.empty(points.shape[0], np.float32)
    for lane in numba.prange(points.shape[0]):
        total = np.float32(0)
        for i in range(points.shape[1] - 1):
            off = points[lane, i + 1] - points[lane, i] ** 2
            rest = np.float32(1) - points[lane, i]
            total += np.float32(100) * off * off + rest * rest
        out[lane] = total
    return out


@_loop
def _gradient(points):  # type: ignore[no-untyped-def]
    out = np.zeros_like(points)
    for lane in numba.prange(points.shape[0]):
        for i in range(points.shape[1] - 1):
            x = points[lane, i]
            off = points[lane, i + 1] - x * x
            out[lane, i] += np.float32(-400) * x * off - np.float32(2) * (1 - x)
            out[lane, i + 1] += np.float32(200) * off
    return out


@_loop
def _linear(xs, weights, bias):  # type: ignore[no-untyped-def]
    out = np.empty((xs.shape[0], weights.shape[1]), np.float32)
    for lane in numba.prange(xs.shape[0]):
        out[lane] = np.tanh(np.dot(xs[lane], weights) + bias)
    return out


@_loop
def _distances(points, others):  # type: ignore[no-untyped-def]
    out = np.empty((points.shape[0], others.shape[0]), np.float32)
    for lane in numba.prange(points.shape[0]):
        for other in range(others.shape[0]):
            total = np.float32(0)
            for i in range(points.shape[1]):
                off = points[lane, i] - others[other, i]
                total += off * off
            out[lane, other] = math.sqrt(total)
    return out


@_loop
def _ensemble(first, second, x):  # type: ignore[no-untyped-def]
    out = np.empty((first.shape[0], x.shape[0]), np.float32)
    for lane in numba.prange(first.shape[0]):
        out[lane] = np.dot(np.tanh(np.dot(x, first[lane])), second[lane])
    return out


@_loop
def _solves(matrices, vectors):  # type: ignore[no-untyped-def]
    out = np.empty_like(vectors)
    for lane in numba.prange(matrices.shape[0]):
        out[lane] = np.linalg.solve(matrices[lane], vectors[lane])
    return out


@numba.njit
def _clip_one(weights, x, y, total):  # type: ignore[no-untyped-def]
    """Add the clipped gradient of one example."""
    slope = np.float32(2) * (np.dot(x, weights) - y)
    norm = math.sqrt((x * x).sum() * (slope * slope).sum())
    scale = np.float32(min(1.0, w.CLIP / norm))
    for i in range(len(x)):
        total[i] += scale * x[i] * slope


@numba.njit(parallel=True)  # Numba cannot keep this one on disk
def _clipping(weights, xs, ys):  # type: ignore[no-untyped-def]
    parts = numba.get_num_threads()
    totals = np.zeros((parts, weights.shape[0], weights.shape[1]), np.float32)
    for part in numba.prange(parts):
        for lane in range(part, xs.shape[0], parts):
            _clip_one(weights, xs[lane], ys[lane], totals[part])
    return totals.sum(0)


@_loop
def _newton(numbers):  # type: ignore[no-untyped-def]
    out = np.empty_like(numbers)
    for lane in numba.prange(numbers.shape[0]):
        number, x = numbers[lane], np.float32(1)
        for _ in range(w.MOST_TURNS):
            if abs(x * x - number) <= np.float32(1e-5) * number:
                break
            x = np.float32(0.5) * (x + number / x)
        out[lane] = x
    return out


@_loop
def _lookup(positions, table):  # type: ignore[no-untyped-def]
    out = np.empty_like(positions)
    for lane in numba.prange(positions.shape[0]):
        place = positions[lane] * np.float32(w.ENTRIES - 1)
        entry = min(max(int(place), 0), w.ENTRIES - 2)
        part = place - np.float32(entry)
        out[lane] = table[entry] * (1 - part) + table[entry + 1] * part
    return out


@_loop
def _filter(images, taps):  # type: ignore[no-untyped-def]
    edge = w.PIXELS - w.TAPS + 1
    out = np.zeros((images.shape[0], edge, edge), np.float32)
    for lane in numba.prange(images.shape[0]):
        for row in range(edge):
            for i in range(w.TAPS):
                for j in range(w.TAPS):
                    for column in range(edge):
                        out[lane, row, column] += (
                            taps[i, j] * images[lane, row + i, column + j]
                        )
    return out


FORMS: Mapping[str, Callable[..., Any]] = {
    "rosenbrock": _rosenbrock,
    "gradient": _gradient,
    "linear": _linear,
    "distances": _distances,
    "clipping": _clipping,
    "ensemble": _ensemble,
    "solves": _solves,
    "newton": _newton,
    "lookup": _lookup,
    "filter": _filter,
}
