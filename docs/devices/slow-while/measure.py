"""Measure a while loop over sharded lanes, as one loop and as a loop per device.

Every lane takes the same number of turns, so both forms do the same work and their
difference is what the hidden all-reduce of the loop's condition costs. Each form is
compiled and run once before it is timed; each time is a median.

Run it on a machine that does nothing else, with the environment of this project:

    python docs/devices/slow-while/measure.py

It writes times.json beside itself, with the load of the machine at the start: a load
near its number of cores means that something else was running: try again later.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from mapped_axis.measured import measured

LANES = 16
ONE_LOOP = "jit(vmap)"
LOOP_EACH = "jit(shard_map(vmap))"


def count_down(turns):
    """Return the sum of the numbers from ``turns`` down to 1, by a while loop."""

    def unfinished(state):
        return state[0] > 0

    def step(state):
        turns, total = state
        return turns - 1, total + turns

    return jax.lax.while_loop(unfinished, step, (turns, jnp.zeros_like(turns)))[1]


def median(function, argument, repeats):
    """Return the median time of a call, in seconds.

    Args:
        function: a function of one array.
        argument: the array.
        repeats: how many calls are timed.
    """
    function(argument).block_until_ready()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(argument).block_until_ready()
        times.append(time.perf_counter() - start)
    return float(f"{statistics.median(times):.3g}")


def measure(devices, turns, repeats):
    """Return the medians of both forms on the first ``devices`` devices.

    Args:
        devices: how many devices share the lanes; must divide their number.
        turns: how many turns each lane takes.
        repeats: how many calls are timed.
    """
    mesh = jax.make_mesh(
        (devices,), ("i",), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices]
    )
    lanes = jax.device_put(
        jnp.full(LANES, turns, jnp.int32), NamedSharding(mesh, P("i"))
    )
    mapped = jax.vmap(count_down)
    each = jax.shard_map(mapped, mesh=mesh, in_specs=P("i"), out_specs=P("i"))
    return {
        ONE_LOOP: median(jax.jit(mapped), lanes, repeats),
        LOOP_EACH: median(jax.jit(each), lanes, repeats),
    }


def main():
    """Read the options, measure, write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--devices",
        type=int,
        nargs="+",
        default=[1, 2, 4, 8],
        help="numbers of simulated devices (default: 1 2 4 8)",
    )
    parser.add_argument(
        "--turns", type=int, default=2000, help="turns of a lane (default: 2000)"
    )
    parser.add_argument(
        "--repeats", type=int, default=25, help="timed calls (default: 25)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).with_name("times.json"),
        help="the file to write (default: times.json beside this script)",
    )
    options = parser.parse_args()
    if wrong := [n for n in options.devices if n < 1 or LANES % n]:
        parser.error(f"--devices: {wrong[0]} does not divide {LANES} lanes")
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", max(options.devices))
    load = os.getloadavg()[0]
    times = {
        str(devices): measure(devices, options.turns, options.repeats)
        for devices in options.devices
    }
    result = measured(
        {"devices": times}, options.repeats, load, lanes=LANES, turns=options.turns
    )
    options.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
