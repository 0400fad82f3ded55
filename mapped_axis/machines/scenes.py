"""The programs behind the machines: each runs on eight devices and returns its steps.

No step is worked out here: what a tile shows is what a program returned from that device,
and each message is one pair of a real ``ppermute``. JAX does a collective in one piece, so
a scene that shows its messages does it by hand, and raises unless the result is that of
the collective. Bytes are those of what a message carries, as JAX says, times messages.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from mapped_axis.machines.table import DEVICES, Scene, Step


class OtherValueError(Exception):
    """What was done by hand has another result than what it takes apart."""


def _mesh(shape: tuple[int, ...] = (DEVICES,), names: Sequence[str] = ("i",)) -> Any:
    """Return a mesh with Auto axes."""
    return jax.make_mesh(shape, names, axis_types=(AxisType.Auto,) * len(shape))


def _text(value: Any) -> Any:
    """Return an array as lists of what Python prints for its elements."""
    value = np.asarray(value)
    return [_text(item) for item in value] if value.ndim else str(value.item())


def _rows(block: Any) -> list[list[str]]:
    """Return the block of a device as rows."""
    rows: list[list[str]] = _text(np.atleast_2d(np.asarray(block)))
    return rows


def _same(mine: Any, expected: Any) -> None:
    """Compare what was done by hand with what JAX does in one piece."""
    if not np.array_equal(np.asarray(mine), np.asarray(expected)):
        raise OtherValueError(f"{np.asarray(mine)} instead of {np.asarray(expected)}")


def _step(says: str, tiles: Sequence[list[list[str]]], **more: Any) -> Step:
    """Return a step."""
    return {"says": says, "tiles": list(tiles)} | more


# --- collectives, message by message ----------------------------------------------------


def _send(value: Any, pairs: list[tuple[int, int]]) -> tuple[Any, Any]:
    """Send a value along pairs; return what arrives, and from which device."""
    arrived: tuple[Any, Any] = jax.lax.ppermute(
        (value, jax.lax.axis_index("i")), "i", pairs
    )
    return arrived


def _ring(by: int = 1) -> list[tuple[int, int]]:
    """Return the pairs of a ring."""
    return [(source, (source + by) % DEVICES) for source in range(DEVICES)]


def _pairs(by: int) -> list[tuple[int, int]]:
    """Return pairs that exchange: devices whose numbers differ by one bit pattern."""
    return [(source, source ^ by) for source in range(DEVICES)]


History: TypeAlias = list[tuple[Any, Any, Any]]  # block, which entries changed, sender


def _adding(x: Any, first: int) -> History:
    """Add up one entry on its way round; its last stop is ``first`` after its own."""
    here = jax.lax.axis_index("i")
    history = []
    for step in range(1, DEVICES):
        out = (here + first - step + 1) % DEVICES
        entry, source = _send(x[out], _ring())
        into = (here + first - step) % DEVICES
        x = x.at[into].add(entry)
        history.append((x, into[None], source))
    return history


def _handing(x: Any, first: int) -> History:
    """Hand round the entry that each device has finished."""
    here = jax.lax.axis_index("i")
    history = []
    for step in range(DEVICES - 1):
        out = (here + first + 1 - step) % DEVICES
        entry, source = _send(x[out], _ring())
        into = (here + first - step) % DEVICES
        x = x.at[into].set(entry)
        history.append((x, into[None], source))
    return history


def _psum(x: Any) -> History:
    """Do a ``psum`` in two tours."""
    history = _adding(x, 0)
    return history + _handing(history[-1][0], 0)


def _all_to_all(x: Any) -> History:
    """Exchange one entry with each other device."""
    here = jax.lax.axis_index("i")
    history = []
    for step in range(1, DEVICES):
        other = here ^ step
        entry, source = _send(x[other], _pairs(step))
        x = x.at[other].set(entry)
        history.append((x, other[None], source))
    return history


def _around(x: Any) -> History:
    """Send whole blocks on until each is home."""
    history = []
    for _ in range(DEVICES):
        x, source = _send(x, _ring())
        history.append((x, jnp.arange(DEVICES), source))
    return history


def _run(function: Callable[[Any], Any], x: Any) -> Any:
    """Run a function on the row of each device; return rows stacked by device."""

    def on_block(block: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf[None], function(block[0]))

    mapped = jax.shard_map(
        on_block, mesh=_mesh(), in_specs=P("i"), out_specs=P("i"), check_vma=False
    )
    return jax.device_get(jax.jit(mapped)(x))


def _told(start: Any, history: Any, carried: int, says: Callable[[int], str]) -> Any:
    """Yield the steps of a history: where each device stands, and what it got."""
    sent = 0
    for number, (blocks, new, source) in enumerate(history, 1):
        sent += carried * DEVICES
        yield _step(
            f"{says(number)} {DEVICES} messages of {carried} bytes; {sent} bytes so far.",
            [_rows(block) for block in blocks],
            new=np.asarray(new).tolist(),
            notes=[f"from {device}" for device in np.asarray(source)],
            **{"from": np.asarray(source).tolist()},
        )


def _blank(blocks: Any, have: Any) -> list[list[list[str]]]:
    """Return blocks as rows, with a dot where nothing has arrived yet."""
    return [
        [[text if there else "·" for text, there in zip(_text(b), h, strict=True)]]
        for b, h in zip(blocks, have, strict=True)
    ]


def collectives() -> Scene:
    """Record six collectives; the blocks are the rows of ``arange(64).reshape(8, 8)``."""
    x = jnp.arange(DEVICES * DEVICES).reshape(DEVICES, DEVICES)
    entry, block = x.dtype.itemsize, x[0].nbytes
    start = _step(
        f"Each device holds a block of {x.shape[1]} numbers, {block} bytes.",
        [_rows(row) for row in x],
    )
    shows = []

    def same(history: Any, collective: Callable[[Any], Any], end: str = "") -> Step:
        """Compare the end of a history; return the step that says so."""
        _same(history[-1][0], expected := _run(collective, x))
        return _step(f"This is what {end} returns.", [_rows(row) for row in expected])

    def tours(number: int) -> str:
        if number < DEVICES:
            return (
                "First tour: each device passes on one entry, and its neighbour adds."
            )
        return "Second tour: the finished sums are handed round."

    # psum
    history = _run(_psum, x)
    summed = [start, *_told(x, history, entry, tours)]
    shows.append([*summed, same(history, lambda b: jax.lax.psum(b, "i"), "`psum`")])
    # pmean: the same, and a division
    means = _run(lambda b: jax.lax.pmean(b, "i"), x)
    _same(_run(lambda b: b / jax.lax.axis_size("i"), history[-1][0]), means)
    divided = _step(
        f"`pmean` is `psum`, divided by {DEVICES} on each device. "
        "The division sends nothing.",
        [_rows(row) for row in means],
        new=[[*range(DEVICES)]] * DEVICES,
    )
    shows.append([*summed, divided])
    # all_gather: each begins with one number
    own = x[:, 0]

    def gathering(number: Any) -> Any:
        here = jax.lax.axis_index("i")
        filled = jnp.zeros(DEVICES, number.dtype).at[here].set(number)
        have = jnp.arange(DEVICES) == here
        history = [(filled, have, here[None], here)]
        for step in range(DEVICES - 1):
            out = (here - step) % DEVICES
            (number, there), source = _send((filled[out], have[out]), _ring())
            into = (here - step - 1) % DEVICES
            filled, have = filled.at[into].set(number), have.at[into].set(there)
            history.append((filled, have, into[None], source))
        return history

    gathered = _run(gathering, own)
    first, *others = gathered
    steps = [
        _step(
            f"Each device has the first number of its block, {entry} bytes, and room "
            "for the others.",
            _blank(*first[:2]),
        )
    ]
    for number, (blocks, have, new, source) in enumerate(others, 1):
        steps.append(
            _step(
                "Each passes on what it got last. "
                f"{DEVICES} messages of {entry} bytes; "
                f"{number * DEVICES * entry} bytes so far.",
                _blank(blocks, have),
                new=new.tolist(),
                notes=[f"from {device}" for device in source],
                **{"from": source.tolist()},
            )
        )
    expected = _run(lambda b: jax.lax.all_gather(b, "i"), own)
    _same(others[-1][0], expected)
    if not others[-1][1].all():
        raise OtherValueError("a number did not arrive")
    end = _step("This is what `all_gather` returns.", [_rows(row) for row in expected])
    shows.append([*steps, end])
    # psum_scatter: the first tour alone, begun one entry earlier
    history = _run(lambda b: _adding(b, -1), x)
    kept = _run(lambda b: b[jax.lax.axis_index("i")], history[-1][0])
    expected = _run(lambda b: jax.lax.psum_scatter(b, "i"), x)
    _same(kept, expected)
    end = _step(
        "Each device keeps the entry that it finished: what `psum_scatter` returns.",
        [_rows(value) for value in expected],
    )
    shows.append([start, *_told(x, history, entry, tours), end])
    # all_to_all
    history = _run(_all_to_all, x)

    def exchange(number: int) -> str:
        return f"Each device exchanges one entry with one other, {number} of {DEVICES - 1}."

    steps = [start, *_told(x, history, entry, exchange)]
    end = same(history, lambda b: jax.lax.all_to_all(b, "i", 0, 0), "`all_to_all`")
    shows.append([*steps, end])
    # ppermute
    history = _run(_around, x)
    one = _run(lambda b: jax.lax.ppermute(b, "i", _ring()), x)
    _same(history[0][0], one)
    _same(history[-1][0], x)

    def on(number: int) -> str:
        if number == 1:
            return "One `ppermute`: each device sends its whole block to the next."
        home = " All blocks are home." if number == DEVICES else ""
        return f"The same {number} times.{home}"

    shows.append([start, *_told(x, history, block, on)])
    names = ["psum", "pmean", "all_gather", "psum_scatter", "all_to_all", "ppermute"]
    return {
        "label": "Collectives, message by message",
        "fields": [{"label": "Collective", "options": names}],
        "shows": shows,
    }


# --- the gradient trap --------------------------------------------------------------------

ORDERS = ["pmean(grad(loss))", "grad(pmean(loss))"]
MAPS = ["pmap", "shard_map, check_vma=False", "shard_map", "vmap"]


def _loss(w: Any, x: Any) -> Any:
    """Return the loss of the examples of a device."""
    return jnp.mean(w * x)


def _mean_loss(w: Any, x: Any) -> Any:
    """Return the mean of the losses of all devices."""
    return jax.lax.pmean(_loss(w, x), "i")


def _average_of_gradients(w: Any, x: Any) -> Any:
    """Take the first order."""
    return jax.lax.pmean(jax.grad(_loss)(w, x), "i")


def _gradient_of_average(w: Any, x: Any) -> Any:
    """Take the second order."""
    return jax.grad(_mean_loss)(w, x)


def _weight_of_loss(w: Any, x: Any) -> Any:
    """Return by how much the loss of this device counts in what is differentiated."""
    return jax.grad(lambda loss: jax.lax.pmean(loss, "i"))(_loss(w, x))


def _mapped(name: str, function: Callable[..., Any], size: int, joined: bool) -> Any:
    """Map a function of ``w`` and the examples over devices or lanes.

    Args:
        name: one of `MAPS`.
        function: what each device runs.
        size: how many devices.
        joined: whether the result is promised to be the same everywhere; else each
            device's own is returned.
    """
    axes: dict[str, Any] = {
        "axis_name": "i",
        "in_axes": (None, 0),
        "out_axes": None if joined else 0,
    }
    if name == "pmap":
        return jax.pmap(function, devices=jax.devices()[:size], **axes)
    if name == "vmap":
        return jax.vmap(function, **axes)

    def own(w: Any, x: Any) -> Any:
        return jnp.reshape(function(w, x), 1)

    return jax.jit(
        jax.shard_map(
            function if joined else own,
            mesh=_mesh((size,)),
            in_specs=(P(), P("i")),
            out_specs=P() if joined else P("i"),
            check_vma="check_vma" not in name,
        )
    )


def _trap_steps(name: str, order: str, size: int) -> list[Step]:
    """Record one case of the trap, from the examples to what is printed."""
    w, x = jnp.ones(()), jnp.arange(float(size))
    what = "lane" if name == "vmap" else "device"

    def each(function: Callable[..., Any]) -> Any:
        return np.asarray(_mapped(name, function, size, False)(w, x))

    def tiles(values: Any) -> list[list[list[str]]]:
        return [_rows(value) for value in values]

    new = [[0]] * size
    checked = name == "shard_map"

    def share(w: Any, x: Any) -> Any:
        """Return this device's own share, before anything is added up."""
        if checked:
            w = jax.lax.pcast(w, "i", to="varying")
        return jax.grad(_loss if order == ORDERS[0] else _mean_loss)(w, x)

    losses, shares = each(_loss), each(share)
    steps = [
        _step(
            f"One example on each {what}; `w` is {w}.", tiles(each(lambda _, x: x + 0))
        ),
        _step("The loss of each, `w * x`.", tiles(losses), new=new),
    ]
    if order == ORDERS[1]:
        means = each(_mean_loss)
        weights = each(_weight_of_loss)
        counted = (
            f"once: each loss enters with weight {weights[0]}"
            if checked
            else f"{size} times, once for each {what}: each loss enters with weight "
            f"{weights[0]}, not {1 / size}"
        )
        steps += [
            _step("`pmean` of the losses: the same everywhere.", tiles(means), new=new),
            _step(
                f"Backward. `grad` counts the mean {counted}.", tiles(weights), new=new
            ),
            _step(
                f"That weight times the example: the share of each {what}.",
                tiles(shares),
                new=new,
            ),
        ]
    else:
        steps.append(
            _step(
                f"Backward. The share of each {what} in the gradient.",
                tiles(shares),
                new=new,
            )
        )
    function = _average_of_gradients if order == ORDERS[0] else _gradient_of_average
    if checked:
        gradient = each(jax.grad(_loss) if order == ORDERS[0] else _gradient_of_average)
        _same(gradient, each(lambda w, x: jax.lax.psum(share(w, x), "i")))
        steps.append(
            _step(
                "`w` is one variable for all: `grad` adds the shares up, "
                f"{' + '.join(_text(shares))} = {gradient[0]}."
                + (" Here the factor comes in." if order == ORDERS[0] else ""),
                tiles(gradient),
                new=new,
            )
        )
    elif order == ORDERS[1]:
        steps.append(
            _step(
                f"Each {what} has a `w` of its own, so nothing is added up: "
                "the average is gone.",
                tiles(shares),
            )
        )
    held = each(function)
    if order == ORDERS[0]:
        equal = "They were equal, so it changes nothing." if checked else ""
        steps.append(
            _step(f"`pmean` of the gradients. {equal}".strip(), tiles(held), new=new)
        )
    try:
        result = float(_mapped(name, function, size, True)(w, x))
        right = float(np.mean(np.asarray(x)))
        verdict = "right" if result == right else f"the mean of the examples is {right}"
        end = f"The program returns {result}: {verdict}."
    except ValueError as error:
        end = f"The program is refused: `{error}`."
    steps.append(_step(end, tiles(held)))
    return steps


def trap() -> Scene:
    """Record the four transformations in both orders on 2, 4 and 8 devices."""
    sizes = [8, 4, 2]
    return {
        "label": "Where the factor comes from",
        "fields": [
            {"label": "Transformation", "options": MAPS},
            {"label": "Order", "options": ORDERS},
            {"label": "Devices", "options": [str(size) for size in sizes]},
        ],
        "shows": [
            _trap_steps(*case) for case in itertools.product(MAPS, ORDERS, sizes)
        ],
    }


# --- a sharded array ----------------------------------------------------------------------


def blocks() -> Scene:
    """Record what each device holds, axis by axis, for each spec of the page."""
    mesh = _mesh((4, 2), ("rows", "cols"))
    x = np.arange(32).reshape(8, 4)
    whole = P()
    # Each spec, after those that cut fewer axes.
    ways = [
        [whole, P("rows"), P("rows", "cols")],
        [whole, P("rows")],
        [whole, P(None, "cols")],
        [whole, P("cols"), P("cols", "rows")],
        [whole, P("rows"), P(("rows", "cols"))],
        [whole],
    ]
    shows = []
    for way in ways:
        steps = []
        for spec in way:
            placed = jax.device_put(x, NamedSharding(mesh, spec))
            held = {shard.device: shard.data for shard in placed.addressable_shards}
            tiles = [np.asarray(held[device]) for device in mesh.devices.flat]
            copies = sum(np.array_equal(tile, tiles[0]) for tile in tiles)
            of = "one device" if copies == 1 else f"{copies} devices"
            steps.append(
                _step(
                    f"`{spec}`: a device holds {tiles[0].shape[0]} x "
                    f"{tiles[0].shape[1]} numbers, {tiles[0].nbytes} bytes of "
                    f"{x.astype(tiles[0].dtype).nbytes}. Each value lies on {of}.",
                    [_rows(tile) for tile in tiles],
                    notes=[str(position) for position in np.ndindex(4, 2)],
                )
            )
        shows.append(steps)
    return {
        "label": "What each device holds",
        "fields": [{"label": "Spec", "options": [str(way[-1]) for way in ways]}],
        "shows": shows,
    }


# --- the slow while -----------------------------------------------------------------------


def votes() -> Scene:
    """Record each iteration of the Collatz loop, in one loop and in a loop for each device."""
    mesh = _mesh()

    def iterated(n: Any, limit: Any) -> Any:
        """Run at most so many iterations; return the lanes, their steps and how many ran."""

        def unfinished(state: Any) -> Any:
            n, _, iterations = state
            return jnp.any(n != 1) & jnp.all(iterations < limit)

        def step(state: Any) -> Any:
            n, steps, iterations = state
            moves = n != 1
            following = jnp.where(n % 2, 3 * n + 1, n // 2)
            return jnp.where(moves, following, n), steps + moves, iterations + 1

        start = (n, jnp.zeros_like(n), jnp.zeros_like(n[:1]))
        return jax.lax.while_loop(unfinished, step, start)

    def asked(n: Any) -> Any:
        """Return whether a lane of this device is not done."""
        return jnp.any(n != 1)[None]

    own = {"mesh": mesh, "out_specs": P("i")}
    votes_of = jax.jit(jax.shard_map(asked, in_specs=P("i"), **own))
    forms = [
        jax.jit(iterated),
        jax.jit(jax.shard_map(iterated, in_specs=(P("i"), P()), **own)),
    ]
    n = jax.device_put(jnp.arange(1, 17), NamedSharding(mesh, P("i")))
    shows = []
    for together, form in zip((True, False), forms, strict=True):
        steps: list[Step] = []
        before = None
        while True:
            state, count, iterations = form(n, len(steps))
            vote = np.asarray(votes_of(state))
            iterations = np.broadcast_to(np.asarray(iterations), DEVICES)
            both = np.stack([np.asarray(state), np.asarray(count)])
            lanes = both.reshape(2, DEVICES, -1)
            changed = lanes != (lanes if before is None else before)
            before = lanes
            made = int(iterations.sum())
            if together:
                on = "so all devices go on" if vote.any() else "so the loop ends"
                says = (
                    f"After iteration {len(steps)}: {vote.sum()} of {DEVICES} devices vote "
                    f"to go on, {on}. {made} iterations run, by all devices together."
                )
                notes = ["votes: on" if on_ else "votes: done" for on_ in vote]
            else:
                says = (
                    f"After iteration {len(steps)}: {vote.sum()} of {DEVICES} loops go on. "
                    f"Nobody votes. {made} iterations run, by all devices together."
                )
                notes = [
                    f"iteration {iteration}" if on_ else f"left after {iteration}"
                    for on_, iteration in zip(vote, iterations, strict=True)
                ]
            steps.append(
                _step(
                    says,
                    [_rows(lanes[:, device]) for device in range(DEVICES)],
                    notes=notes,
                    new=[
                        np.flatnonzero(changed[:, device]).tolist()
                        for device in range(DEVICES)
                    ],
                )
            )
            if not vote.any():
                break
        shows.append(steps)
    return {
        "label": "Lanes that finish, and the vote",
        "fields": [
            {
                "label": "Program",
                "options": ["jit(vmap(collatz))", "jit(shard_map(vmap(collatz)))"],
            }
        ],
        "shows": shows,
    }


# --- one step of training -----------------------------------------------------------------


def step() -> Scene:
    """Record one data-parallel step of the page's one weight."""
    rate = 0.125
    x = jnp.array([1.0, -1.0] * 8) * jnp.repeat(jnp.array([1.0, 2.0]), 8)
    y, w = 3 * x, jnp.zeros(())

    def loss_fn(w: Any, x: Any, y: Any) -> Any:
        return jnp.mean((w * x - y) ** 2)

    def on_device(w: Any, x: Any, y: Any) -> Any:
        w = jax.lax.pcast(w, "i", to="varying")
        loss, own = jax.value_and_grad(loss_fn)(w, x, y)
        mean = jax.lax.pmean(own, "i") + 0 * own
        return [value[None] for value in (w, loss, own, mean, w - rate * mean)]

    mapped = jax.shard_map(
        on_device, mesh=_mesh(), in_specs=(P(), P("i"), P("i")), out_specs=P("i")
    )
    weight, loss, own, mean, after = map(np.asarray, jax.jit(mapped)(w, x, y))
    whole = jax.jit(jax.grad(loss_fn))(w, x, y)
    _same(mean[0], whole)
    shown = [np.asarray(x).reshape(DEVICES, 2), np.asarray(y).reshape(DEVICES, 2)]

    def tiles(values: Any) -> list[list[list[str]]]:
        return [_rows(value) for value in values]

    new = [[0]] * DEVICES
    steps = [
        _step(
            f"Each device has two of the {x.size} examples: `x` above, `y` below. "
            f"All hold the same `w`, {weight[0]}.",
            [_text(np.stack([a, b])) for a, b in zip(*shown, strict=True)],
        ),
        _step("Forward: the loss of its two examples.", tiles(loss), new=new),
        _step("Backward: the gradient of its own loss.", tiles(own), new=new),
        _step(
            f"`pmean` of the gradients, {own[0].nbytes} bytes for each device. It is "
            f"the gradient of all {x.size} examples on one device, {whole}.",
            tiles(mean),
            new=new,
        ),
        _step(
            f"Each device takes the same step, {weight[0]} - {rate} * {mean[0]}: "
            "the copies of `w` stay equal, and nothing more is sent.",
            tiles(after),
            new=new,
        ),
    ]
    return {"label": "One data-parallel step", "fields": [], "shows": [steps]}


# --- one layer, cut in two ways -------------------------------------------------------------


def products() -> Scene:
    """Record the two products of the page, cut by columns and by rows."""
    mesh = _mesh((2,), ("model",))
    inputs = jnp.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    weights = jnp.array([[1, 0], [2, 0], [0, 3], [0, 1]])
    whole = inputs @ weights

    def held(array: Any, spec: Any) -> list[Any]:
        placed = jax.device_put(array, NamedSharding(mesh, spec))
        return [np.asarray(shard.data) for shard in placed.addressable_shards]

    def each(function: Callable[..., Any], specs: Any) -> Any:
        mapped = jax.shard_map(
            lambda a, b: function(a, b)[None],
            mesh=mesh,
            in_specs=specs,
            out_specs=P("model"),
            check_vma=False,
        )
        return np.asarray(jax.jit(mapped)(inputs, weights))

    def tiles(values: Any) -> list[list[list[str]]]:
        return [_rows(value) for value in values]

    shows = []
    for cut, specs in (
        ("columns", (P(), P(None, "model"))),
        ("rows", (P(None, "model"), P("model"))),
    ):
        given, weight = held(inputs, specs[0]), held(weights, specs[1])
        part = each(lambda a, b: a @ b, specs)
        all_new = [[*range(part[0].size)]] * 2
        steps = [
            _step(f"Inputs, `{specs[0]}`.", tiles(given)),
            _step(f"Weights, `{specs[1]}`: cut by {cut}.", tiles(weight)),
        ]
        if cut == "columns":
            _same(np.concatenate(part, axis=1), whole)
            steps.append(
                _step(
                    "Each device multiplies, and has half of the columns of the "
                    "outputs. Nothing is sent.",
                    tiles(part),
                    new=all_new,
                )
            )
        else:
            other = each(
                lambda a, b: jax.lax.ppermute(a @ b, "model", [(0, 1), (1, 0)]), specs
            )
            total = each(lambda a, b: jax.lax.psum(a @ b, "model"), specs)
            _same(part + other, total)
            _same(total[0], whole)
            steps += [
                _step(
                    "Each device multiplies, and has half of each sum.",
                    tiles(part),
                    new=all_new,
                ),
                _step(
                    f"`psum`. Each sends its half, {part[0].nbytes} bytes, here to the "
                    "other. The tiles show what arrived.",
                    tiles(other),
                    new=all_new,
                    **{"from": [1, 0]},
                ),
                _step("Added to its own half: the outputs, on both.", tiles(total)),
            ]
        shows.append(steps)
    return {
        "label": "One layer, cut in two ways",
        "fields": [{"label": "Cut", "options": ["by columns", "by rows"]}],
        "shows": shows,
    }
