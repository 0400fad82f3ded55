"""What is measured: twelve functions of one lane, and the same written for a batch by hand.

A lane is one point, one image, one model. Each workload gives

* ``make``: its arguments for a number of lanes, as NumPy arrays of float32;
* ``one``: the function of one lane, in JAX;
* ``hand``: what one writes in JAX instead of `jax.vmap`, with an axis for the lanes;
* ``numpy``: what one writes in NumPy;
* ``mended``: for a workload that is slower than it has to be, a better program.

The forms in Numba and in PyTorch are in `numba_forms` and in `torch_forms`. All forms
of a workload compute the same, which `forms` checks before anything is timed.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Function = Callable[..., Any]

DIMENSION = 128  # of a point of the Rosenbrock function
UNITS = 256  # of the linear layer
COORDINATES = 16  # of a point of the pairwise distances
TOKENS, HEAD = 64, 64  # of one sequence of the attention
WIDTH = 128  # of the layer whose gradients are clipped
CLIP = 1.0
SAMPLES, FEATURES, HIDDEN = 64, 32, 64  # that each model of the ensemble sees
ORDER = 16  # of a matrix of the linear solves
STEPS = 64  # of a path of the Monte Carlo price
RATE, VOLATILITY, STRIKE = 0.02, 0.3, 1.0
ENTRIES = 65536  # of the table
PIXELS, TAPS = 64, 5  # along an edge of an image, and of its filter
MOST_TURNS = 60  # of a Newton iteration


@dataclass(frozen=True)
class Workload:
    """One thing to measure.

    Args:
        name: one word.
        title: what it is, for a heading.
        lane: what one lane is, for a sentence.
        make: takes a number of lanes, returns the arguments of all forms.
        one: the function of one lane, in JAX.
        hand: the same for the batch, in JAX.
        numpy: the same for the batch, in NumPy.
        flops: how many floating-point operations a number of lanes takes at least; a
            root, a sine or an exponential counts as one.
        in_axes: 0 for an argument with an axis for the lanes, None for a held one.
        summed: whether the result is the sum over the lanes.
        mended: by its name, a better program for the batch, in JAX.
        tolerance: how far results may differ, as a share of the largest.
        half: whether it can be measured in bfloat16 too.
        drawn: whether the results are random: then only their mean is compared.
    """

    name: str
    title: str
    lane: str
    make: Callable[[int], tuple[np.ndarray, ...]]
    one: Function
    hand: Function
    numpy: Function
    flops: Callable[[int], float]
    in_axes: tuple[int | None, ...] = (0,)
    summed: bool = False
    mended: Mapping[str, Function] = field(default_factory=dict)
    tolerance: float = 1e-3
    half: bool = False
    drawn: bool = False

    def finish(self, results: Any) -> Any:
        """Return what is wanted of the results of all lanes, in any library."""
        return results.sum(0) if self.summed else results

    def mapped(self, *arguments: Any) -> Any:
        """Return the results of all lanes by `jax.vmap`."""
        return self.finish(jax.vmap(self.one, self.in_axes)(*arguments))

    def in_turn(self, batch_size: int | None) -> Function:
        """Return the function of all lanes by `jax.lax.map`, some lanes at a time."""

        def run(*arguments: Any) -> Any:
            lanes = [
                a for a, axis in zip(arguments, self.in_axes, strict=True) if axis == 0
            ]

            def one(mapped: list[Any]) -> Any:
                left = iter(mapped)
                return self.one(
                    *(
                        next(left) if axis == 0 else held
                        for held, axis in zip(arguments, self.in_axes, strict=True)
                    )
                )

            return self.finish(lax.map(one, lanes, batch_size=batch_size))

        return run


def _normal(*shape: int) -> np.ndarray:
    """Return normal numbers, the same at every call."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


# --- a scalar function on R^128, and its gradient ---------------------------------------


def rosenbrock(x: Any) -> Any:
    """Return the Rosenbrock function of one point; of NumPy, JAX or PyTorch."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_by_hand(points: Any) -> Any:
    """Return its values at many points; of NumPy or JAX."""
    left, right = points[:, :-1], points[:, 1:]
    return (100 * (right - left**2) ** 2 + (1 - left) ** 2).sum(1)


def _gradient_by_hand(points: Any) -> Any:
    return jax.grad(lambda points: rosenbrock_by_hand(points).sum())(points)


def _gradient_numpy(points: Any) -> Any:
    left, right = points[:, :-1], points[:, 1:]
    off = right - left**2
    gradient = np.zeros_like(points)
    gradient[:, :-1] = -400 * left * off - 2 * (1 - left)
    gradient[:, 1:] += 200 * off
    return gradient


# --- a linear layer ---------------------------------------------------------------------


def _linear(x: Any, weights: Any, bias: Any) -> Any:
    return jnp.tanh(x @ weights + bias)


def _linear_numpy(x: Any, weights: Any, bias: Any) -> Any:
    return np.tanh(x @ weights + bias)


# --- pairwise distances -----------------------------------------------------------------


def _distance(x: Any, y: Any) -> Any:
    return jnp.sqrt(((x - y) ** 2).sum())


def _distances_by_hand(points: Any, others: Any) -> Any:
    return jnp.sqrt(((points[:, None] - others[None, :]) ** 2).sum(2))


def _distances_matrix(points: Any, others: Any) -> Any:
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)[None, :]
    return jnp.sqrt(jnp.maximum(squares - 2 * points @ others.T, 0))


def _distances_numpy(points: Any, others: Any) -> Any:
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)[None, :]
    return np.sqrt(np.maximum(squares - 2 * points @ others.T, 0))


# --- attention for one head -------------------------------------------------------------


def _attention(queries: Any, keys: Any, values: Any) -> Any:
    """Return what one head reads; for one sequence, and for a batch of them as well."""
    scores = queries @ keys.mT / math.sqrt(HEAD)
    return jax.nn.softmax(scores) @ values


def _attention_numpy(queries: Any, keys: Any, values: Any) -> Any:
    scores = queries @ keys.mT / np.float32(math.sqrt(HEAD))
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    return scores / scores.sum(-1, keepdims=True) @ values


# --- per-example gradients, clipped -----------------------------------------------------


def _loss(weights: Any, x: Any, y: Any) -> Any:
    return ((x @ weights - y) ** 2).sum()


def _clipped(weights: Any, x: Any, y: Any) -> Any:
    gradient = jax.grad(_loss)(weights, x, y)
    norm = jnp.sqrt((gradient**2).sum())
    return gradient * jnp.minimum(1, CLIP / norm)


def _clipped_by_hand(weights: Any, xs: Any, ys: Any) -> Any:
    gradients = xs[:, :, None] * (2 * (xs @ weights - ys))[:, None, :]
    norms = jnp.sqrt((gradients**2).sum((1, 2)))
    return (gradients * jnp.minimum(1, CLIP / norms)[:, None, None]).sum(0)


def _clipped_without_gradients(weights: Any, xs: Any, ys: Any) -> Any:
    """The gradient of one example is an outer product: so is its norm a product."""
    slopes = 2 * (xs @ weights - ys)
    norms = jnp.sqrt((xs**2).sum(1) * (slopes**2).sum(1))
    return xs.T @ (slopes * jnp.minimum(1, CLIP / norms)[:, None])


def _clipped_in_a_scan(weights: Any, xs: Any, ys: Any) -> Any:
    def add(total: Any, pair: Any) -> Any:
        return total + _clipped(weights, *pair), None

    return lax.scan(add, jnp.zeros_like(weights), (xs, ys))[0]


def _clipped_numpy(weights: Any, xs: Any, ys: Any) -> Any:
    gradients = xs[:, :, None] * (2 * (xs @ weights - ys))[:, None, :]
    norms = np.sqrt((gradients**2).sum((1, 2)))
    return (gradients * np.minimum(1, CLIP / norms)[:, None, None]).sum(0)


# --- an ensemble ------------------------------------------------------------------------


def _network(first: Any, second: Any, x: Any) -> Any:
    return jnp.tanh(x @ first) @ second


def _ensemble_by_hand(first: Any, second: Any, x: Any) -> Any:
    hidden = jnp.tanh(jnp.einsum("sf,mfh->msh", x, first))
    return jnp.einsum("msh,mh->ms", hidden, second)


def _ensemble_numpy(first: Any, second: Any, x: Any) -> Any:
    return (np.tanh(x @ first) @ second[:, :, None])[:, :, 0]


# --- small linear solves ----------------------------------------------------------------


def _solve_by_hand(matrices: Any, vectors: Any) -> Any:
    return jnp.linalg.solve(matrices, vectors[:, :, None])[:, :, 0]


def _solve_numpy(matrices: Any, vectors: Any) -> Any:
    return np.linalg.solve(matrices, vectors[:, :, None])[:, :, 0]


def _eliminated(matrix: Any, vector: Any) -> Any:
    """Solve by elimination without pivots: a positive definite matrix needs none."""
    rows = jnp.concatenate([matrix, vector[:, None]], 1)
    for i in range(ORDER):
        row = rows[i] / rows[i, i]
        rows = (rows - rows[:, i : i + 1] * row).at[i].set(row)
    return rows[:, ORDER]


def _make_solves(lanes: int) -> tuple[np.ndarray, ...]:
    factors = _normal(lanes, ORDER, ORDER) / np.float32(math.sqrt(ORDER))
    matrices = factors @ factors.mT + np.eye(ORDER, dtype=np.float32)
    return matrices, _normal(lanes, ORDER)


# --- Newton with uneven lanes -----------------------------------------------------------


def _root(number: Any) -> Any:
    """Return a square root by Newton's iteration, which starts at 1."""

    def is_off(state: Any) -> Any:
        turn, x = state
        return (jnp.abs(x * x - number) > 1e-5 * number) & (turn < MOST_TURNS)

    def step(state: Any) -> Any:
        turn, x = state
        return turn + 1, 0.5 * (x + number / x)

    return lax.while_loop(is_off, step, (0, jnp.ones_like(number)))[1]


def _roots_by_hand(numbers: Any) -> Any:
    def is_off(state: Any) -> Any:
        turn, x = state
        return (jnp.abs(x * x - numbers) > 1e-5 * numbers) & (turn < MOST_TURNS)

    def step(state: Any) -> Any:
        turn, x = state
        active = is_off(state)
        better = 0.5 * (x + numbers / x)
        return turn + active, jnp.where(active, better, x)

    start = (jnp.zeros(numbers.shape, int), jnp.ones_like(numbers))
    return lax.while_loop(lambda state: is_off(state).any(), step, start)[1]


def _roots_sorted(numbers: Any) -> Any:
    """Sort the lanes by how many turns they take, and map a thousand at a time."""
    order = jnp.argsort(numbers)
    roots = lax.map(_root, numbers[order], batch_size=min(1024, len(numbers)))
    return jnp.zeros_like(numbers).at[order].set(roots)


def _roots_numpy(numbers: Any) -> Any:
    x, active = np.ones_like(numbers), np.arange(len(numbers))
    for _ in range(MOST_TURNS):
        now = x[active]
        off = np.abs(now * now - numbers[active]) > 1e-5 * numbers[active]
        active = active[off]
        if not len(active):
            break
        x[active] = 0.5 * (x[active] + numbers[active] / x[active])
    return x


def _make_roots(lanes: int) -> tuple[np.ndarray, ...]:
    """Numbers of which one in sixty-four takes many turns, the others a few."""
    rng = np.random.default_rng(0)
    powers = np.where(np.arange(lanes) % 64 == 63, 12.0, rng.uniform(-0.3, 0.3, lanes))
    return ((10.0**powers).astype(np.float32),)


# --- a Monte Carlo price, a key per path ------------------------------------------------


def _payoff_of(normals: Any, xp: Any) -> Any:
    """Return what an option on the mean of a path pays, from its normal numbers."""
    step = 1 / STEPS
    drift = (RATE - VOLATILITY**2 / 2) * step
    logs = xp.cumsum(drift + VOLATILITY * math.sqrt(step) * normals, -1)
    mean = xp.exp(logs).mean(-1)
    return math.exp(-RATE) * xp.maximum(mean - STRIKE, 0)


def _payoff(seed: Any) -> Any:
    key = jax.random.wrap_key_data(seed)
    return _payoff_of(jax.random.normal(key, (STEPS,)), jnp)


def _payoffs_by_hand(seeds: Any) -> Any:
    # There is no form of `normal` with a key for each row but the mapped one.
    keys = jax.random.wrap_key_data(seeds)
    normals = jax.vmap(lambda key: jax.random.normal(key, (STEPS,)))(keys)
    return _payoff_of(normals, jnp)


def _payoffs_of_one_key(seeds: Any) -> Any:
    """Draw all paths from one key: as random, and not a key for each path."""
    key = jax.random.wrap_key_data(seeds[0])
    return _payoff_of(jax.random.normal(key, (len(seeds), STEPS)), jnp)


def _payoffs_numpy(seeds: Any) -> Any:
    rng = np.random.default_rng(0)
    normals = rng.standard_normal((len(seeds), STEPS), dtype=np.float32)
    return _payoff_of(normals, np)


def _make_seeds(lanes: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    return (rng.integers(0, 2**32, (lanes, 2), dtype=np.uint32),)


# --- a table look-up --------------------------------------------------------------------


def _read(position: Any, table: Any) -> Any:
    """Return the value between two entries of a table; for one position or many."""
    place = position * (ENTRIES - 1)
    entry = jnp.clip(place.astype(int), 0, ENTRIES - 2)
    part = place - entry
    return table[entry] * (1 - part) + table[entry + 1] * part


def _read_numpy(positions: Any, table: Any) -> Any:
    places = positions * np.float32(ENTRIES - 1)
    entries = np.clip(places.astype(np.int32), 0, ENTRIES - 2)
    part = places - entries.astype(np.float32)
    return table[entries] * (1 - part) + table[entries + 1] * part


def _make_positions(lanes: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    table = np.sin(np.linspace(0, 6, ENTRIES)).astype(np.float32)
    return rng.random(lanes, dtype=np.float32), table


# --- an image filter --------------------------------------------------------------------


def _filter_batch(images: Any, taps: Any) -> Any:
    """Filter a batch of images by a convolution of one channel."""
    return lax.conv(images[:, None], taps[None, None], (1, 1), "VALID")[:, 0]


def _filter(image: Any, taps: Any) -> Any:
    return _filter_batch(image[None], taps)[0]


def _filter_shifted(images: Any, taps: Any) -> Any:
    """Add shifted images, one for each tap; of NumPy or JAX."""
    edge = PIXELS - TAPS + 1
    return sum(
        taps[i, j] * images[:, i : i + edge, j : j + edge]
        for i in range(TAPS)
        for j in range(TAPS)
    )


WORKLOADS = (
    Workload(
        name="rosenbrock",
        title="a scalar function on R^128",
        lane="a point",
        make=lambda lanes: (0.1 * _normal(lanes, DIMENSION),),
        one=rosenbrock,
        hand=rosenbrock_by_hand,
        numpy=rosenbrock_by_hand,
        flops=lambda lanes: 8 * (DIMENSION - 1) * lanes,
        half=True,
    ),
    Workload(
        name="gradient",
        title="the gradient of that function",
        lane="a point",
        make=lambda lanes: (0.1 * _normal(lanes, DIMENSION),),
        one=jax.grad(rosenbrock),
        hand=_gradient_by_hand,
        numpy=_gradient_numpy,
        flops=lambda lanes: 10 * (DIMENSION - 1) * lanes,
        half=True,
    ),
    Workload(
        name="linear",
        title="a linear layer",
        lane="an input",
        make=lambda lanes: (
            _normal(lanes, UNITS),
            _normal(UNITS, UNITS) / np.float32(math.sqrt(UNITS)),
            _normal(UNITS),
        ),
        one=_linear,
        hand=_linear,
        numpy=_linear_numpy,
        in_axes=(0, None, None),
        flops=lambda lanes: (2 * UNITS * UNITS + 2 * UNITS) * lanes,
        half=True,
    ),
    Workload(
        name="distances",
        title="pairwise distances",
        lane="a point, against all points",
        make=lambda lanes: tuple(_normal(2, lanes, COORDINATES)),
        one=jax.vmap(_distance, (None, 0)),
        hand=_distances_by_hand,
        numpy=_distances_numpy,
        in_axes=(0, None),
        mended={"matrix form": _distances_matrix},
        flops=lambda lanes: (2 * COORDINATES + 4) * lanes**2,
    ),
    Workload(
        name="attention",
        title="attention for one head",
        lane="a sequence",
        make=lambda lanes: tuple(_normal(3, lanes, TOKENS, HEAD)),
        one=_attention,
        hand=_attention,
        numpy=_attention_numpy,
        in_axes=(0, 0, 0),
        flops=lambda lanes: (4 * TOKENS**2 * HEAD + 4 * TOKENS**2) * lanes,
        half=True,
    ),
    Workload(
        name="clipping",
        title="clipped per-example gradients",
        lane="an example",
        make=lambda lanes: (
            _normal(WIDTH, WIDTH) / np.float32(math.sqrt(WIDTH)),
            *_normal(2, lanes, WIDTH),
        ),
        one=_clipped,
        hand=_clipped_by_hand,
        numpy=_clipped_numpy,
        in_axes=(None, 0, 0),
        summed=True,
        mended={
            "norms without gradients": _clipped_without_gradients,
            "running sum": _clipped_in_a_scan,
        },
        flops=lambda lanes: 4 * WIDTH * WIDTH * lanes,
    ),
    Workload(
        name="ensemble",
        title="an ensemble",
        lane="a model",
        make=lambda lanes: (
            _normal(lanes, FEATURES, HIDDEN) / np.float32(math.sqrt(FEATURES)),
            _normal(lanes, HIDDEN) / np.float32(math.sqrt(HIDDEN)),
            _normal(SAMPLES, FEATURES),
        ),
        one=_network,
        hand=_ensemble_by_hand,
        numpy=_ensemble_numpy,
        in_axes=(0, 0, None),
        flops=lambda lanes: SAMPLES * HIDDEN * (2 * FEATURES + 3) * lanes,
    ),
    Workload(
        name="solves",
        title="small linear solves",
        lane="a matrix and a vector",
        make=_make_solves,
        one=jnp.linalg.solve,
        hand=_solve_by_hand,
        numpy=_solve_numpy,
        in_axes=(0, 0),
        mended={"elimination written out": jax.vmap(_eliminated)},
        flops=lambda lanes: (2 / 3 * ORDER**3 + 2 * ORDER**2) * lanes,
    ),
    Workload(
        name="newton",
        title="Newton with uneven lanes",
        lane="a root",
        make=_make_roots,
        one=_root,
        hand=_roots_by_hand,
        numpy=_roots_numpy,
        mended={"sorted, some at a time": _roots_sorted},
        flops=lambda lanes: 7 * 4 * lanes,
    ),
    Workload(
        name="price",
        title="a Monte Carlo price with a key per path",
        lane="a path",
        make=_make_seeds,
        one=_payoff,
        hand=_payoffs_by_hand,
        numpy=_payoffs_numpy,
        mended={"one key for all": _payoffs_of_one_key},
        flops=lambda lanes: 100 * STEPS * lanes,
        drawn=True,
    ),
    Workload(
        name="lookup",
        title="a table look-up",
        lane="a position",
        make=_make_positions,
        one=_read,
        hand=_read,
        numpy=_read_numpy,
        in_axes=(0, None),
        flops=lambda lanes: 7 * lanes,
    ),
    Workload(
        name="filter",
        title="an image filter",
        lane="an image",
        make=lambda lanes: (_normal(lanes, PIXELS, PIXELS), _normal(TAPS, TAPS)),
        one=_filter,
        hand=_filter_batch,
        numpy=_filter_shifted,
        in_axes=(0, None),
        mended={"shifted sums": _filter_shifted},
        flops=lambda lanes: 2 * TAPS**2 * (PIXELS - TAPS + 1) ** 2 * lanes,
    ),
)
