"""What is measured on several devices: on simulated ones, or on those of the machine.

* ``scaling``: a mapped function, its batch cut over 1, 2, 4 and 8 devices.
* ``slow-while``: a while loop over sharded lanes, as one loop and as a loop per device.
  Every lane takes the same number of turns, so both do the same work, and their
  difference is what the hidden all-reduce of the loop's condition costs.
* ``simulated-devices``: one computation on one simulated device, and spread over several:
  small steps, of which one device does one after the other on one core, and matrix
  products, for which one device takes all cores.

The number of simulated devices is set before JAX starts: `__main__` runs this module in a
process of its own, which prints what it found as JSON.
"""

import argparse
import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from mapped_axis.bench.timing import Call, interleaved
from mapped_axis.bench.workloads import WORKLOADS

DEVICES = (1, 2, 4, 8)
# What is cut over devices: bound by memory, by arithmetic, and by neither.
SCALED = {"gradient": 16384, "linear": 4096, "newton": 65536}
LANES, TURNS = 16, 2000  # of the slow while
STEPS = 3000  # of the small steps
ONE_LOOP, LOOP_EACH = "jit(vmap)", "jit(shard_map(vmap))"
ALONE, SPREAD = "on one device", "spread"

Times = dict[str, dict[str, dict[str, Any]]]


def _mesh(devices: int) -> jax.sharding.Mesh:
    """Return a mesh of the first devices."""
    return jax.make_mesh(
        (devices,), ("i",), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices]
    )


def _count_down(turns: Any) -> Any:
    """Return the sum of the numbers from ``turns`` down to 1, by a while loop."""

    def unfinished(state: Any) -> Any:
        return state[0] > 0

    def step(state: Any) -> Any:
        turns, total = state
        return turns - 1, total + turns

    return jax.lax.while_loop(unfinished, step, (turns, jnp.zeros_like(turns)))[1]


def _small_steps(x: Any) -> Any:
    """Return a vector after many elementwise steps."""
    return jax.lax.fori_loop(0, STEPS, lambda _, x: jnp.sin(x) + 0.5 * x, x)


def _matrix_product(x: Any) -> Any:
    """Return a matrix times its transpose."""
    return x @ x.T


def _ready(function: Any, arguments: list[Any]) -> Call:
    """Return a call that waits for its result, called once."""

    def call() -> Any:
        return jax.block_until_ready(function(*arguments))

    call()
    return call


def scaling(devices: tuple[int, ...], rounds: int, budget: float) -> Times:
    """Return, by workload and number of devices, the times of its mapped program."""
    found: Times = {}
    for workload in WORKLOADS:
        if workload.name not in SCALED:
            continue
        arguments = workload.make(SCALED[workload.name])
        calls = {}
        for count in devices:
            mesh = _mesh(count)
            placed = [
                jax.device_put(a, NamedSharding(mesh, P("i") if axis == 0 else P()))
                for a, axis in zip(arguments, workload.in_axes, strict=True)
            ]
            specs = tuple(P("i") if axis == 0 else P() for axis in workload.in_axes)
            each = jax.shard_map(
                workload.mapped, mesh=mesh, in_specs=specs, out_specs=P("i")
            )
            calls[str(count)] = _ready(jax.jit(each), placed)
        found[workload.name] = interleaved(calls, rounds, budget)
    return found


def slow_while(devices: tuple[int, ...], rounds: int, turns: int) -> Times:
    """Return, by number of devices, the times of one loop, and of a loop on each."""
    found: Times = {}
    for count in devices:
        mesh = _mesh(count)
        lanes = jax.device_put(
            jnp.full(LANES, turns, jnp.int32), NamedSharding(mesh, P("i"))
        )
        mapped = jax.vmap(_count_down)
        each = jax.shard_map(mapped, mesh=mesh, in_specs=P("i"), out_specs=P("i"))
        forms = {ONE_LOOP: jax.jit(mapped), LOOP_EACH: jax.jit(each)}
        calls = {form: _ready(function, [lanes]) for form, function in forms.items()}
        found[str(count)] = interleaved(calls, rounds, 6)
    return found


def spread(devices: tuple[int, ...], rounds: int) -> Times:
    """Return the times of two kinds of work on one device, and spread over several."""
    work: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
        "small steps": (_small_steps, (4096,)),
        "matrix products": (_matrix_product, (1024, 1024)),
    }
    found: Times = {}
    for kind, (function, shape) in work.items():
        batch = jax.random.normal(jax.random.key(0), (8, *shape))

        def on(count: int, function: Any = function, batch: Any = batch) -> Call:
            mesh = _mesh(count)
            each = jax.shard_map(
                jax.vmap(function), mesh=mesh, in_specs=P("i"), out_specs=P("i")
            )
            placed = jax.device_put(batch, NamedSharding(mesh, P("i")))
            return _ready(jax.jit(each), [placed])

        for count in devices:
            calls = {ALONE: on(1), SPREAD: on(count)}
            found[f"{kind}, {count} devices"] = interleaved(calls, rounds, 6)
    return found


def main() -> None:
    """Measure on the devices that there are, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    counts = DEVICES[:2] if options.quick else DEVICES
    there = tuple(count for count in counts if count <= jax.device_count())
    several = tuple(count for count in (2, 8) if count in there)
    found = {
        "scaling": {
            "varied": "workload",
            "settings": {"lanes": SCALED},
            "times": scaling(there, options.rounds, 1 if options.quick else 6),
        },
        "slow-while": {
            "varied": "devices",
            "settings": {"lanes": LANES, "turns": options.turns},
            "times": slow_while(there, options.rounds, options.turns),
        },
    }
    if jax.default_backend() == "cpu":
        found["simulated-devices"] = {
            "varied": "work",
            "settings": {"lanes": 8, "steps": STEPS},
            "times": spread(several[:1] if options.quick else several, options.rounds),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
