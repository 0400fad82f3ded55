"""The operations of the table: what each is called, and a program that maps it.

Here an operation is added or changed; ``make tables`` then asks JAX. What is said here in
words is only why a row surprises, and the page that explains it. Everything counted is
JAX's answer.
"""

import re
from dataclasses import dataclass, field

LANES = 64  # along the leading axis of each mapped argument

# The groups in their order: the name of each, and its name in the page.
GROUPS = {
    "arithmetic": "Arithmetic and shapes",
    "reductions": "Reductions",
    "products": "Products and convolutions",
    "indexing": "Indexing and updates",
    "sorting": "Sorting and searching",
    "cumulative": "Cumulative operations",
    "branches": "Branches and loops",
    "linalg": "Linear algebra",
    "fft": "Fourier transforms",
    "random": "Random numbers",
    "special": "Special functions",
    "rules": "Derivatives, custom rules, callbacks",
    "collectives": "Collectives over the lanes",
}


@dataclass(frozen=True)
class Operation:
    """An operation that people map.

    Args:
        name: what people write and search for.
        group: a key of `GROUPS`.
        code: the definition of ``f``; its parameters are ``mapped``, then ``held``.
        mapped: by parameter, an expression of an array of `LANES` lanes.
        held: by parameter, an expression of an array that every lane gets whole.
        by_hand: the same for the whole batch, an expression of the parameters.
        axis_name: the name of the lanes, for collectives.
        explicit: on an Explicit mesh instead of ``vmap(f)``, an expression of the
            parameters.
        page: the page that explains what surprises here, relative to ``docs/``, with an
            anchor; empty for the page that explains this kind of surprise (see `html`).
    """

    name: str
    group: str
    code: str
    mapped: dict[str, str]
    held: dict[str, str] = field(default_factory=dict)
    by_hand: str = ""
    axis_name: str = ""
    explicit: str = ""
    page: str = ""

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters of ``f``."""
        return [*self.mapped, *self.held]

    @property
    def options(self) -> str:
        """What `jax.vmap` is given after ``f``."""
        options = ""
        if self.held:
            axes = ["0"] * len(self.mapped) + ["None"] * len(self.held)
            options = f", in_axes=({', '.join(axes)})"
        if self.axis_name:
            options += f', axis_name="{self.axis_name}"'
        return options

    @property
    def call(self) -> str:
        """The call that maps ``f`` over its parameters."""
        return f"jax.vmap(f{self.options})({', '.join(self.parameters)})"

    @property
    def remedies(self) -> list[str]:
        """What may run on an Explicit mesh where `call` does not, best first."""
        mapped, given = f"jax.vmap(f{self.options})", ", ".join(self.parameters)
        found = [self.explicit] if self.explicit else []
        if self.held:
            held = [f"jax.reshard({name}, jax.P())" for name in self.held]
            found.append(f"{mapped}({', '.join([*self.mapped, *held])})")
        specs = ['jax.P("i")'] * len(self.mapped) + ["jax.P()"] * len(self.held)
        of = specs[0] if len(specs) == 1 else f"({', '.join(specs)})"
        cut = f'jax.shard_map({mapped}, in_specs={of}, out_specs=jax.P("i")'
        found.append(f"{cut})({given})")
        found.append(f"{cut}, check_vma=False)({given})")
        auto = f'jax.sharding.auto_axes({mapped}, axes="i", out_sharding=jax.P("i"))'
        return [*found, f"{auto}({given})"]

    @property
    def setup(self) -> str:
        """The first part of the program: the imports, the arguments and ``f``."""
        arguments = [
            *(f"{name} = {code}" for name, code in self.mapped.items()),
            *(f"{name} = {code}  # held" for name, code in self.held.items()),
        ]
        body = "\n".join([*arguments, "", "", self.code.strip()])
        used = [
            line
            for name, line in _IMPORTS.items()
            if re.search(rf"\b{name}\.", body + self.by_hand) or name == "jax"
        ]
        return "\n".join([*used, "", body, "", ""])

    @property
    def program(self) -> str:
        """The whole program, as a reader may copy it."""
        lines = [self.setup, f"result = {self.call}"]
        if self.by_hand:
            lines.append(f"by_hand = {self.by_hand}")
        return "\n".join(lines) + "\n"


_IMPORTS = {
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "jsp": "import jax.scipy as jsp",
    "np": "import numpy as np",
    "lax": "from jax import lax",
}

# --- arguments --------------------------------------------------------------------------

X = "jax.random.normal(jax.random.key(0), (64, 8))"
Y = "jax.random.normal(jax.random.key(1), (64, 8))"
U = "jax.random.uniform(jax.random.key(0), (64, 8))"
I = "jnp.arange(64) % 8"
N = "jnp.arange(64) % 5"
P = "jnp.arange(64) % 2 == 0"
A = "jax.random.normal(jax.random.key(0), (64, 8, 8))"
SYMMETRIC = "jnp.eye(8) + 0.1 * jnp.ones((64, 8, 8)) * jnp.arange(1, 65)[:, None, None]"
B = "jax.random.normal(jax.random.key(1), (64, 8, 8))"
W = "jax.random.normal(jax.random.key(1), (32, 8))"
SQUARE = "jax.random.normal(jax.random.key(1), (32, 32))"
X32 = "jax.random.normal(jax.random.key(0), (64, 32))"
TABLE = "jnp.arange(512.0)"
KEYS = "jax.random.split(jax.random.key(0), 64)"
RBG = 'jax.random.split(jax.random.key(0, impl="rbg"), 64)'


def _unary(
    name: str, group: str, code: str, by_hand: str = "", *, x: str = X, **more: str
) -> Operation:
    """Return an operation on one mapped argument ``x``."""
    code = f"def f(x):\n    return {code}"
    return Operation(name, group, code, {"x": x}, by_hand=by_hand, **more)  # type: ignore[arg-type]


def _draw(name: str, call: str, *, keys: str = KEYS, **more: str) -> Operation:
    """Return a random draw with a key per lane."""
    code = f"def f(key):\n    return {call}"
    return Operation(name, "random", code, {"key": keys}, **more)  # type: ignore[arg-type]


OPERATIONS = [
    # --- arithmetic and shapes
    Operation(
        "x + y",
        "arithmetic",
        "def f(x, y):\n    return x + y",
        {"x": X, "y": Y},
        by_hand="x + y",
    ),
    Operation(
        "x * w, w held",
        "arithmetic",
        "def f(x, w):\n    return x * w",
        {"x": X32},
        {"w": "jnp.arange(32.0)"},
        by_hand="x * w",
    ),
    _unary("jnp.exp", "arithmetic", "jnp.exp(x)", "jnp.exp(x)"),
    Operation(
        "jnp.where",
        "arithmetic",
        "def f(p, x):\n    return jnp.where(p, jnp.sin(x), x)",
        {"p": P, "x": X},
        by_hand="jnp.where(p[:, None], jnp.sin(x), x)",
    ),
    Operation(
        "jnp.concatenate, one part held",
        "arithmetic",
        "def f(x, w):\n    return jnp.concatenate([x, w])",
        {"x": X},
        {"w": "jnp.arange(256.0)"},
        by_hand="jnp.concatenate([x, jnp.tile(w, (64, 1))], axis=1)",
    ),
    _unary("jnp.reshape", "arithmetic", "x.reshape(2, 4)", "x.reshape(64, 2, 4)"),
    Operation(
        "jnp.roll, mapped shift",
        "arithmetic",
        "def f(x, i):\n    return jnp.roll(x, i)",
        {"x": X, "i": I},
        by_hand=("jnp.take_along_axis(x, (jnp.arange(8) - i[:, None]) % 8, axis=1)"),
    ),
    # --- reductions
    _unary("jnp.sum", "reductions", "jnp.sum(x)", "jnp.sum(x, axis=1)"),
    _unary("jnp.mean", "reductions", "jnp.mean(x)", "jnp.mean(x, axis=1)"),
    _unary("jnp.max", "reductions", "jnp.max(x)", "jnp.max(x, axis=1)"),
    _unary("jnp.argmax", "reductions", "jnp.argmax(x)", "jnp.argmax(x, axis=1)"),
    _unary(
        "jax.nn.softmax", "reductions", "jax.nn.softmax(x)", "jax.nn.softmax(x, axis=1)"
    ),
    # --- products and convolutions
    Operation(
        "jnp.dot of two vectors",
        "products",
        "def f(x, y):\n    return jnp.dot(x, y)",
        {"x": X, "y": Y},
        by_hand="jnp.sum(x * y, axis=1)",
    ),
    Operation(
        "w @ x, w held",
        "products",
        "def f(x, w):\n    return w @ x",
        {"x": X32},
        {"w": SQUARE},
        by_hand="x @ w.T",
    ),
    Operation(
        "w @ x, both mapped",
        "products",
        "def f(w, x):\n    return w @ x",
        {"w": A, "x": X},
        by_hand="(w @ x[:, :, None])[:, :, 0]",
    ),
    Operation(
        "jnp.einsum",
        "products",
        'def f(x, y):\n    return jnp.einsum("ij,jk->ik", x, y)',
        {"x": A, "y": B},
        by_hand='jnp.einsum("bij,bjk->bik", x, y)',
    ),
    Operation(
        "jnp.outer",
        "products",
        "def f(x, y):\n    return jnp.outer(x, y)",
        {"x": X, "y": Y},
        by_hand="x[:, :, None] * y[:, None, :]",
    ),
    Operation(
        "jnp.convolve, held kernel",
        "products",
        'def f(x, w):\n    return jnp.convolve(x, w, mode="valid")',
        {"x": X32},
        {"w": "jnp.array([1.0, 2.0, 3.0])"},
        by_hand="3 * x[:, :-2] + 2 * x[:, 1:-1] + x[:, 2:]",
    ),
    Operation(
        "lax.conv, held kernel",
        "products",
        'def f(x, w):\n    return lax.conv(x[None], w, (1, 1), "SAME")[0]',
        {"x": "jax.random.normal(jax.random.key(0), (64, 2, 8, 8))"},
        {"w": "jax.random.normal(jax.random.key(1), (4, 2, 3, 3))"},
        by_hand='lax.conv(x, w, (1, 1), "SAME")',
    ),
    Operation(
        "lax.conv, mapped kernel",
        "products",
        'def f(x, w):\n    return lax.conv(x[None], w, (1, 1), "SAME")[0]',
        {
            "x": "jax.random.normal(jax.random.key(0), (64, 2, 8, 8))",
            "w": "jax.random.normal(jax.random.key(1), (64, 4, 2, 3, 3))",
        },
    ),
    Operation(
        "jax.vmap in jax.vmap: all pairs",
        "products",
        "def f(x, w):\n    return jax.vmap(lambda row: jnp.sum((x - row) ** 2))(w)",
        {"x": X},
        {"w": W},
        by_hand="jnp.sum((x[:, None] - w) ** 2, axis=2)",
    ),
    # --- indexing and updates
    Operation(
        "x[i]",
        "indexing",
        "def f(x, i):\n    return x[i]",
        {"x": X, "i": I},
        by_hand="jnp.take_along_axis(x, i[:, None], axis=1)[:, 0]",
    ),
    Operation(
        "table[i], table held",
        "indexing",
        "def f(i, table):\n    return table[i]",
        {"i": I},
        {"table": TABLE},
        by_hand="table[i]",
        explicit='table.at[i].get(out_sharding=jax.P("i"))',
    ),
    Operation(
        "jnp.take_along_axis",
        "indexing",
        "def f(x, i):\n    return jnp.take_along_axis(x, jnp.stack([i, 7 - i]), axis=0)",
        {"x": X, "i": I},
        by_hand="jnp.take_along_axis(x, jnp.stack([i, 7 - i], axis=1), axis=1)",
    ),
    Operation(
        "lax.dynamic_slice",
        "indexing",
        "def f(x, i):\n    return lax.dynamic_slice(x, (i,), (3,))",
        {"x": X, "i": N},
        by_hand="jnp.take_along_axis(x, i[:, None] + jnp.arange(3), axis=1)",
    ),
    Operation(
        "lax.dynamic_slice of a held array",
        "indexing",
        "def f(i, table):\n    return lax.dynamic_slice(table, (i,), (3,))",
        {"i": I},
        {"table": TABLE},
        by_hand="table[i[:, None] + jnp.arange(3)]",
        explicit=('table.at[i[:, None] + jnp.arange(3)].get(out_sharding=jax.P("i"))'),
    ),
    Operation(
        "lax.dynamic_update_slice",
        "indexing",
        "def f(x, i):\n    return lax.dynamic_update_slice(x, jnp.zeros(3), (i,))",
        {"x": X, "i": N},
        by_hand="x.at[jnp.arange(64)[:, None], i[:, None] + jnp.arange(3)].set(0)",
    ),
    Operation(
        "x.at[i].set",
        "indexing",
        "def f(x, i):\n    return x.at[i].set(0)",
        {"x": X, "i": I},
        by_hand="x.at[jnp.arange(64), i].set(0)",
    ),
    Operation(
        "x.at[i].add",
        "indexing",
        "def f(x, i):\n    return x.at[i].add(1)",
        {"x": X, "i": I},
        by_hand="x.at[jnp.arange(64), i].add(1)",
    ),
    Operation(
        "table.at[i].set, table held",
        "indexing",
        "def f(i, table):\n    return table.at[i].set(0)",
        {"i": I},
        {"table": TABLE},
        by_hand="jnp.tile(table, (64, 1)).at[jnp.arange(64), i].set(0)",
        page="further/memory.md#an-update-in-each-lane-is-a-copy-for-each-lane",
    ),
    Operation(
        "jax.ops.segment_sum",
        "indexing",
        "def f(x, i):\n"
        "    parts = (jnp.arange(8) + i) % 4\n"
        "    return jax.ops.segment_sum(x, parts, num_segments=4)",
        {"x": X, "i": I},
    ),
    _unary(
        "x[x > 0], a mask",
        "indexing",
        "x[x > 0]",
        page="further/control-flow.md#a-boolean-mask-has-no-shape-in-advance",
    ),
    _unary("jnp.nonzero with size", "indexing", "jnp.nonzero(x > 0, size=3)[0]"),
    # --- sorting and searching
    _unary("jnp.sort", "sorting", "jnp.sort(x)", "jnp.sort(x, axis=1)"),
    _unary("jnp.argsort", "sorting", "jnp.argsort(x)", "jnp.argsort(x, axis=1)"),
    _unary("lax.top_k", "sorting", "lax.top_k(x, 2)", "lax.top_k(x, 2)"),
    _unary("jnp.top_k", "sorting", "jnp.top_k(x, 2)"),
    Operation(
        "jnp.searchsorted, held table",
        "sorting",
        "def f(x, table):\n    return jnp.searchsorted(table, x)",
        {"x": U},
        {"table": "jnp.linspace(0, 1, 512)"},
        by_hand="jnp.searchsorted(table, x)",
        explicit='jnp.searchsorted(table, x, method="compare_all")',
    ),
    Operation(
        "jnp.interp, held table",
        "sorting",
        "def f(x, xs, ys):\n    return jnp.interp(x, xs, ys)",
        {"x": U},
        {"xs": "jnp.linspace(0, 1, 512)", "ys": TABLE},
        by_hand="jnp.interp(x, xs, ys)",
    ),
    Operation(
        "jnp.bincount",
        "sorting",
        "def f(i):\n    return jnp.bincount(jnp.arange(8) * i % 8, length=8)",
        {"i": I},
    ),
    # --- cumulative
    _unary("jnp.cumsum", "cumulative", "jnp.cumsum(x)", "jnp.cumsum(x, axis=1)"),
    _unary(
        "lax.associative_scan",
        "cumulative",
        "lax.associative_scan(jnp.add, x)",
        "lax.associative_scan(jnp.add, x, axis=1)",
    ),
    # --- branches and loops
    Operation(
        "lax.cond, mapped predicate",
        "branches",
        "def f(p, x, w):\n    return lax.cond(p, lambda: jnp.tanh(w @ x), lambda: x)",
        {"p": P, "x": X32},
        {"w": SQUARE},
        by_hand="jnp.where(p[:, None], jnp.tanh(x @ w.T), x)",
        page="further/control-flow.md#a-mapped-cond-copies-what-its-branches-hold",
    ),
    Operation(
        "lax.cond, held predicate",
        "branches",
        "def f(x, p, w):\n    return lax.cond(p, lambda: jnp.tanh(w @ x), lambda: x)",
        {"x": X32},
        {"p": "jnp.array(True)", "w": SQUARE},
        by_hand="lax.cond(p, lambda: jnp.tanh(x @ w.T), lambda: x)",
    ),
    Operation(
        "lax.switch, mapped index",
        "branches",
        "def f(i, x, w):\n"
        "    branches = [lambda: w @ x, lambda: (2 * w) @ x, lambda: x]\n"
        "    return lax.switch(i, branches)",
        {"i": "jnp.arange(64) % 3", "x": X32},
        {"w": SQUARE},
        by_hand=(
            "jnp.select([i[:, None] == 0, i[:, None] == 1], [x @ w.T, x @ (2 * w).T], x)"
        ),
        page="further/control-flow.md#a-mapped-cond-copies-what-its-branches-hold",
    ),
    Operation(
        "lax.while_loop, mapped condition",
        "branches",
        "def f(x, w):\n"
        "    return lax.while_loop(\n"
        "        lambda x: jnp.sum(x**2) > 1, lambda x: 0.1 * (w @ x), x\n"
        "    )",
        {"x": X32},
        {"w": SQUARE},
        page="devices/slow-while.md",
    ),
    Operation(
        "lax.while_loop, held condition",
        "branches",
        "def f(x, n, w):\n"
        "    return lax.while_loop(\n"
        "        lambda c: c[0] < n, lambda c: (c[0] + 1, 0.1 * (w @ c[1])), (0, x)\n"
        "    )[1]",
        {"x": X32},
        {"n": "jnp.array(5)", "w": SQUARE},
    ),
    _unary(
        "lax.fori_loop, fixed bound",
        "branches",
        "lax.fori_loop(0, 5, lambda _, x: jnp.sin(x), x)",
        "lax.fori_loop(0, 5, lambda _, x: jnp.sin(x), x)",
    ),
    Operation(
        "lax.fori_loop, mapped bound",
        "branches",
        "def f(x, i):\n    return lax.fori_loop(0, i, lambda _, x: jnp.sin(x), x)",
        {"x": X, "i": I},
        explicit="jax.vmap(lambda x, i: lax.fori_loop(0 * i, i, lambda _, x: jnp.sin(x), x))(x, i)",
        page="devices/slow-while.md",
    ),
    _unary(
        "lax.scan, constant start",
        "branches",
        "lax.scan(lambda total, v: (total + v, total), 0.0, x)",
        "jnp.sum(x, axis=1), jnp.cumsum(x, axis=1) - x",
        explicit="jax.vmap(lambda x: lax.scan(lambda total, v: (total + v, total), 0 * x[0], x))(x)",
        page="devices/shard-map.md#a-loop-whose-carry-changes-its-type",
    ),
    _unary(
        "lax.scan, start from the data",
        "branches",
        "lax.scan(lambda total, v: (total + v, total), 0 * x[0], x)",
    ),
    _unary("lax.map in a lane", "branches", "lax.map(jnp.sin, x)", "jnp.sin(x)"),
    # --- linear algebra
    _unary(
        "jnp.linalg.cholesky",
        "linalg",
        "jnp.linalg.cholesky(x)",
        "jnp.linalg.cholesky(x)",
        x=SYMMETRIC,
    ),
    Operation(
        "jnp.linalg.solve",
        "linalg",
        "def f(a, b):\n    return jnp.linalg.solve(a, b)",
        {"a": A, "b": X},
        by_hand="jnp.linalg.solve(a, b[:, :, None])[:, :, 0]",
    ),
    Operation(
        "jnp.linalg.solve, held matrix",
        "linalg",
        "def f(b, a):\n    return jnp.linalg.solve(a, b)",
        {"b": X32},
        {"a": SQUARE},
        by_hand="jnp.linalg.solve(a, b.T).T",
    ),
    Operation(
        "jsp.linalg.cho_solve, held factor",
        "linalg",
        "def f(b, a):\n    return jsp.linalg.cho_solve((a, True), b)",
        {"b": X32},
        {"a": "jnp.eye(32) + jnp.tri(32) / 32"},
        by_hand="jsp.linalg.cho_solve((a, True), b.T).T",
    ),
    _unary("jnp.linalg.inv", "linalg", "jnp.linalg.inv(x)", "jnp.linalg.inv(x)", x=A),
    _unary(
        "jnp.linalg.slogdet",
        "linalg",
        "jnp.linalg.slogdet(x)",
        "jnp.linalg.slogdet(x)",
        x=A,
    ),
    _unary("jnp.linalg.qr", "linalg", "jnp.linalg.qr(x)", "jnp.linalg.qr(x)", x=A),
    _unary(
        "jnp.linalg.eigh",
        "linalg",
        "jnp.linalg.eigh(x)[0]",
        "jnp.linalg.eigh(x)[0]",
        x=SYMMETRIC,
    ),
    _unary(
        "jnp.linalg.svd",
        "linalg",
        "jnp.linalg.svd(x, compute_uv=False)",
        "jnp.linalg.svd(x, compute_uv=False)",
        x=A,
    ),
    Operation(
        "jnp.linalg.lstsq",
        "linalg",
        "def f(a, b):\n    return jnp.linalg.lstsq(a, b)[0]",
        {"a": A, "b": X},
    ),
    _unary(
        "jnp.linalg.norm",
        "linalg",
        "jnp.linalg.norm(x)",
        "jnp.linalg.norm(x, axis=1)",
    ),
    _unary(
        "jsp.linalg.expm", "linalg", "jsp.linalg.expm(x)", "jsp.linalg.expm(x)", x=A
    ),
    # --- Fourier transforms
    _unary("jnp.fft.fft", "fft", "jnp.fft.fft(x)", "jnp.fft.fft(x, axis=1)"),
    Operation(
        "jsp.signal.fftconvolve, held kernel",
        "fft",
        'def f(x, w):\n    return jsp.signal.fftconvolve(x, w, mode="same")',
        {"x": X32},
        {"w": "jnp.arange(32.0)"},
    ),
    # --- random numbers
    _draw("jax.random.normal", "jax.random.normal(key, (3,))"),
    _draw(
        "jax.random.normal, rbg key",
        "jax.random.normal(key, (3,))",
        keys=RBG,
        page="further/randomness.md#generators-that-break-the-promise-under-vmap",
    ),
    Operation(
        "jax.random.fold_in, held key",
        "random",
        "def f(i, key):\n    return jax.random.uniform(jax.random.fold_in(key, i))",
        {"i": "jnp.arange(64)"},
        {"key": "jax.random.key(0)"},
    ),
    _draw("jax.random.permutation", "jax.random.permutation(key, 10)"),
    Operation(
        "jax.random.categorical, held logits",
        "random",
        "def f(key, logits):\n    return jax.random.categorical(key, logits)",
        {"key": KEYS},
        {"logits": "jnp.arange(256.0) / 256"},
        by_hand="",
    ),
    _draw("jax.random.gamma", "jax.random.gamma(key, 2.0)"),
    _draw("jax.random.poisson", "jax.random.poisson(key, 2.0)"),
    # --- special functions
    _unary(
        "jsp.special.erfinv",
        "special",
        "jsp.special.erfinv(x)",
        "jsp.special.erfinv(x)",
        x=U,
    ),
    _unary(
        "jsp.special.betainc",
        "special",
        "jsp.special.betainc(2.0, 3.0, x)",
        "jsp.special.betainc(2.0, 3.0, x)",
        x=U,
    ),
    # --- derivatives, custom rules, callbacks
    _unary(
        "jax.grad",
        "rules",
        "jax.grad(lambda x: jnp.sum(jnp.sin(x) ** 2))(x)",
        "2 * jnp.sin(x) * jnp.cos(x)",
    ),
    Operation(
        "jax.grad for held weights",
        "rules",
        "def f(x, w):\n    return jax.grad(lambda w: jnp.sum((w @ x) ** 2))(w)",
        {"x": X32},
        {"w": SQUARE},
        by_hand="2 * (x @ w.T)[:, :, None] * x[:, None, :]",
        page="devices/gradient-trap.md#in-shard_map-average-the-loss",
    ),
    _unary(
        "jax.hessian",
        "rules",
        "jax.hessian(lambda x: jnp.sum(x**3))(x)",
        "6 * x[:, :, None] * jnp.eye(8)",
    ),
    Operation(
        "jax.custom_jvp",
        "rules",
        "@jax.custom_jvp\n"
        "def g(x):\n"
        "    return jnp.sin(x)\n"
        "\n"
        "\n"
        "g.defjvps(lambda dx, y, x: dx * jnp.cos(x))\n"
        "\n"
        "\n"
        "def f(x):\n"
        "    return jax.grad(lambda x: jnp.sum(g(x)))(x)",
        {"x": X},
        by_hand="jnp.cos(x)",
    ),
    Operation(
        "jax.custom_vjp",
        "rules",
        "@jax.custom_vjp\n"
        "def g(x):\n"
        "    return jnp.sin(x)\n"
        "\n"
        "\n"
        "g.defvjp(lambda x: (g(x), x), lambda x, dy: (dy * jnp.cos(x),))\n"
        "\n"
        "\n"
        "def f(x):\n"
        "    return jax.grad(lambda x: jnp.sum(g(x)))(x)",
        {"x": X},
        by_hand="jnp.cos(x)",
    ),
    Operation(
        "jax.custom_batching.custom_vmap",
        "rules",
        "@jax.custom_batching.custom_vmap\n"
        "def f(x):\n"
        "    return jnp.sum(x)\n"
        "\n"
        "\n"
        "@f.def_vmap\n"
        "def rule(axis_size, is_mapped, x):\n"
        "    return x @ jnp.ones(8), True",
        {"x": X},
        by_hand="x @ jnp.ones(8)",
    ),
    Operation(
        "jax.custom_batching.sequential_vmap",
        "rules",
        "@jax.custom_batching.sequential_vmap\ndef f(x):\n    return jnp.sin(x)",
        {"x": X},
        by_hand="jnp.sin(x)",
        page="further/escape-hatches.md#sequential_vmap-a-loop-inside-a-map",
    ),
    _unary(
        'jax.pure_callback, "expand_dims"',
        "rules",
        'jax.pure_callback(np.sin, x, x, vmap_method="expand_dims")',
        "jax.pure_callback(np.sin, x, x)",
        page="further/escape-hatches.md#pure_callback-shapes-that-the-host-sees",
    ),
    _unary(
        'jax.pure_callback, "sequential"',
        "rules",
        'jax.pure_callback(np.sin, x, x, vmap_method="sequential")',
        "jax.pure_callback(np.sin, x, x)",
        page="further/escape-hatches.md#pure_callback-shapes-that-the-host-sees",
    ),
    _unary(
        "jax.pure_callback without vmap_method",
        "rules",
        "jax.pure_callback(np.sin, x, x)",
        page="further/escape-hatches.md#pure_callback-shapes-that-the-host-sees",
    ),
    Operation(
        "io_callback, ordered",
        "rules",
        "from jax.experimental import io_callback\n"
        "\n"
        "\n"
        "def f(x):\n"
        "    return io_callback(np.sin, x, x, ordered=True)",
        {"x": X},
        page="further/escape-hatches.md#pure_callback-shapes-that-the-host-sees",
    ),
    # --- collectives over the lanes
    *(
        _unary(
            f"lax.{name}",
            "collectives",
            code,
            by_hand,
            axis_name="lanes",
            page="devices/shard-map-today.md#where-lanes-and-devices-differ",
        )
        for name, code, by_hand in [
            ("psum", 'lax.psum(x, "lanes")', "jnp.tile(jnp.sum(x, axis=0), (64, 1))"),
            (
                "pmean",
                'lax.pmean(x, "lanes")',
                "jnp.tile(jnp.mean(x, axis=0), (64, 1))",
            ),
            ("all_gather", 'lax.all_gather(x, "lanes")', "jnp.tile(x, (64, 1, 1))"),
            (
                "ppermute",
                'lax.ppermute(x, "lanes", [(i, (i + 1) % 64) for i in range(64)])',
                "jnp.roll(x, 1, axis=0)",
            ),
            (
                "axis_index",
                'x + lax.axis_index("lanes")',
                "x + jnp.arange(64)[:, None]",
            ),
        ]
    ),
    Operation(
        "lax.psum_scatter",
        "collectives",
        'def f(x):\n    return lax.psum_scatter(x, "lanes")',
        {"x": "jax.random.normal(jax.random.key(0), (64, 64))"},
        axis_name="lanes",
        by_hand="jnp.sum(x, axis=0)",
        page="devices/shard-map-today.md#where-lanes-and-devices-differ",
    ),
    Operation(
        "lax.all_to_all",
        "collectives",
        'def f(x):\n    return lax.all_to_all(x, "lanes", 0, 0)',
        {"x": "jax.random.normal(jax.random.key(0), (64, 64))"},
        axis_name="lanes",
        by_hand="x.T",
        page="devices/shard-map-today.md#where-lanes-and-devices-differ",
    ),
]
