"""Measure the times that the page "Speed, measured" draws.

    python docs/further/speed/measure.py

takes about two minutes and writes times.json beside this file: the date, the machine in
general terms, the versions, and two measurements.

* The Rosenbrock function on batches of points of R^128, in a Python loop, in NumPy by
  hand, and under jit(vmap).
* The norms of per-example gradients of one layer, in a Python loop over a compiled
  function, under jit(vmap), and under jit(lax.map).

A time is the median of several rounds. Each round measures everything once, so that a
busy moment of the machine falls on one round of all rows and not on all rounds of one
row. The load is how many programs were at work on average in the minute before. The
functions are those that the page shows.

With --quick a small part is measured once and printed, and nothing is written: enough to
see that the script still works.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from mapped_axis.measured import measured

DIMENSION = 128
POINTS = [4**power for power in range(9)]  # 1 to 65536
EXAMPLES = 64
WIDTHS = [32, 128, 512, 1024]
ROUNDS = 21
SHORTEST = 0.02  # seconds that one measurement takes at least, by calling repeatedly


def rosenbrock(x):
    """Return the Rosenbrock function of one point."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def by_loop(points):
    """Return its values at many points, one call for each."""
    return np.array([rosenbrock(point) for point in points])


def by_hand(points):
    """Return its values at many points, with an axis for the points in each step."""
    left, right = points[:, :-1], points[:, 1:]
    return (100 * (right - left**2) ** 2 + (1 - left) ** 2).sum(axis=1)


def loss(weights, x, y):
    """Return the squared error of a linear layer on one example."""
    return jnp.sum((x @ weights - y) ** 2)


def gradient_norm(weights, x, y):
    """Return the norm of the gradient of that loss."""
    return jnp.sqrt(jnp.sum(jax.grad(loss)(weights, x, y) ** 2))


def rosenbrock_calls(size):
    """Return what is timed on ``size`` points: functions without arguments, by name."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((size, DIMENSION), dtype=np.float32)
    on_device = jnp.asarray(points)
    by_vmap = jax.jit(jax.vmap(rosenbrock))

    def first_call():
        jax.clear_caches()
        jax.jit(jax.vmap(rosenbrock))(on_device).block_until_ready()

    return {
        "first call": first_call,
        "loop": lambda: by_loop(points),
        "NumPy": lambda: by_hand(points),
        "jit(vmap)": lambda: by_vmap(on_device).block_until_ready(),
    }


def gradient_norm_calls(width):
    """Return what is timed on a layer of ``width`` units, by name."""
    rng = np.random.default_rng(0)
    weights = jnp.asarray(rng.standard_normal((width, width), dtype=np.float32))
    xs = jnp.asarray(rng.standard_normal((EXAMPLES, width), dtype=np.float32))
    ys = jnp.asarray(rng.standard_normal((EXAMPLES, width), dtype=np.float32))
    pairs = list(zip(xs, ys, strict=True))
    one = jax.jit(gradient_norm)
    mapped = jax.jit(jax.vmap(gradient_norm, in_axes=(None, 0, 0)))
    in_turn = jax.jit(
        lambda weights, xs, ys: jax.lax.map(
            lambda example: gradient_norm(weights, *example), (xs, ys)
        )
    )
    wait = jax.block_until_ready
    return {
        "loop": lambda: wait([one(weights, x, y) for x, y in pairs]),
        "jit(vmap)": lambda: wait(mapped(weights, xs, ys)),
        "jit(lax.map)": lambda: wait(in_turn(weights, xs, ys)),
    }


def seconds(call, count):
    """Return the seconds that one of ``count`` calls takes."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def medians(table, rounds):
    """Return the median seconds of each call.

    Args:
        table: by row and by column, functions that have their result when they return.
        rounds: how often each is measured.

    Returns:
        Seconds by row and by column, with the three digits that they are worth.
    """
    cells = [(row, name) for row in table for name in table[row]]
    counts, times = {}, {cell: [] for cell in cells}
    # The first column of a row clears what is compiled; the others compile it again.
    for row, name in cells:
        table[row][name]()
        once = seconds(table[row][name], 1)
        counts[row, name] = max(1, round(SHORTEST / once))
    for _ in range(rounds):
        for row, name in cells:
            if name != "first call":
                table[row][name]()  # warm: compiled again, and its data in the cache
            times[row, name].append(seconds(table[row][name], counts[row, name]))
    return {
        row: {
            name: float(f"{statistics.median(times[row, name]):.3g}")
            for name in table[row]
        }
        for row in table
    }


def main():
    """Measure, and write or print the result."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--quick",
        action="store_true",
        help="measure a small part once, print it, and write nothing",
    )
    quick = parser.parse_args().quick
    sizes, widths = (POINTS[:3], WIDTHS[:1]) if quick else (POINTS, WIDTHS)
    rounds = 1 if quick else ROUNDS
    load = os.getloadavg()[0]
    seconds = {
        "points": medians({str(n): rosenbrock_calls(n) for n in sizes}, rounds),
        "widths": medians({str(n): gradient_norm_calls(n) for n in widths}, rounds),
    }
    result = measured(seconds, rounds, load, dimension=DIMENSION, examples=EXAMPLES)
    text = json.dumps(result, indent=2) + "\n"
    if quick:
        print(text, end="")
    else:
        Path(__file__).with_name("times.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
