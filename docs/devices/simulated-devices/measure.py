"""Measure one computation on one simulated device, and spread over several.

Two kinds of work: small steps, of which one device does one after the other on one core,
and matrix products, for which one device takes all cores. The work is the same in both
columns of a row. Each program is compiled and run once before it is timed; the two forms
of a row are timed in turns, and each time is a median.

Run it on a machine that does nothing else, with the environment of this project:

    python docs/devices/simulated-devices/measure.py

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

LANES = 8
STEPS = 3000


def small_steps(x):
    """Return a vector after many elementwise steps."""
    return jax.lax.fori_loop(0, STEPS, lambda _, x: jnp.sin(x) + 0.5 * x, x)


def matrix_product(x):
    """Return a matrix times its transpose."""
    return x @ x.T


WORK = {
    "small steps": (small_steps, (4096,)),
    "matrix products": (matrix_product, (1024, 1024)),
}


def spread(function, lanes, devices):
    """Return a call without arguments that maps the lanes on the first ``devices``.

    Args:
        function: a function of one lane.
        lanes: an array with the lanes along its first axis.
        devices: how many devices share them; must divide their number.
    """
    mesh = jax.make_mesh(
        (devices,), ("i",), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices]
    )
    mapped = jax.jit(
        jax.shard_map(jax.vmap(function), mesh=mesh, in_specs=P("i"), out_specs=P("i"))
    )
    lanes = jax.device_put(lanes, NamedSharding(mesh, P("i")))
    return lambda: mapped(lanes).block_until_ready()


def medians(calls, repeats):
    """Return the median time of each call, in seconds, timed in turns.

    Args:
        calls: functions without arguments.
        repeats: how often each is timed.
    """
    times = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(repeats):
        for call, own in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            own.append(time.perf_counter() - start)
    return [float(f"{statistics.median(own):.3g}") for own in times]


def measure(kind, devices, repeats):
    """Return the medians of a kind of work on one device and spread over ``devices``.

    Args:
        kind: a key of ``WORK``.
        devices: how many devices share the lanes.
        repeats: how many calls are timed.
    """
    function, shape = WORK[kind]
    lanes = jax.random.normal(jax.random.key(0), (LANES, *shape))
    calls = [spread(function, lanes, n) for n in (1, devices)]
    alone, together = medians(calls, repeats)
    return {"on one device": alone, "spread": together}


def main():
    """Read the options, measure, write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--devices",
        type=int,
        nargs="+",
        default=[2, 8],
        help="numbers of simulated devices (default: 2 8)",
    )
    parser.add_argument(
        "--repeats", type=int, default=15, help="timed calls (default: 15)"
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
        f"{kind}, {devices} devices": measure(kind, devices, options.repeats)
        for kind in WORK
        for devices in options.devices
    }
    settings = {"lanes": LANES, "steps": STEPS}
    result = measured({"work": times}, options.repeats, load, **settings)
    options.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
