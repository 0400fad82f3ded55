"""All array figures of the site, by the page that shows them.

``make figures`` draws ``learn/axes/twice`` into ``docs/_figures/learn/axes/twice.svg``,
which ``docs/learn/axes.md`` includes. A figure declares shapes and axes; the function is
the one of an example, and what comes out is JAX's answer.
"""

from jax.sharding import PartitionSpec as P

from mapped_axis.figures.ask import Placed, Pmap, ShardMap, Vmap

ROWS_AND_COLS = {"rows": 4, "cols": 2}
EIGHT = {"i": 8}

FIGURES: dict[str, Vmap | Pmap | ShardMap | Placed] = {
    # --- Learn --------------------------------------------------------------------------
    "learn/why-vectorize/examples": Vmap("forward", {"batch": (3, 2)}),
    "learn/first-vmap/share": Vmap("share", {"batch": (2, 3)}),
    "learn/first-vmap/jaxpr": Vmap("layer", {"batch": (5, 3)}),
    "learn/arguments/dot-product": Vmap("dot_product", {"x": (2, 3), "y": (2, 3)}),
    "learn/arguments/held": Vmap(
        "scaled_sum", {"x": (2, 3), "factor": ()}, in_axes=(0, None)
    ),
    "learn/arguments/pytrees": Vmap(
        "bill",
        {"order": {"price": (2,), "count": (2,), "fee": ()}},
        in_axes=({"price": 0, "count": 0, "fee": None},),
        results=("goods", "total"),
    ),
    "learn/axes/add-matrices": Vmap("add_matrices", {"a": (3, 2, 2), "b": (3, 2, 2)}),
    "learn/axes/rows": Vmap(
        "spread", {"readings": (2, 3)}, example="learn/axes/rows-or-columns"
    ),
    "learn/axes/columns": Vmap(
        "spread", {"readings": (2, 3)}, in_axes=1, example="learn/axes/rows-or-columns"
    ),
    "learn/axes/every-pair": Vmap("unchanged", {"x": (2, 3, 4)}, in_axes=1),
    "learn/axes/own-axes": Vmap(
        "move",
        {"turn": (2, 2), "points": (2, 3), "shifts": (3, 2)},
        in_axes=(None, -1, 0),
        out_axes=-1,
    ),
    "learn/axes/twice": Vmap(
        "jnp.dot", {"links, rows": (3, 3), "links, columns": (3, 3)}, in_axes=(0, 1)
    ),
    "learn/axes/one-for-all": Vmap(
        "above_lowest",
        {"value": (4,), "everyone": (4,)},
        in_axes=(0, None),
        out_axes=(0, None),
        results=("difference", "lowest"),
    ),
    "learn/nesting/pairwise": Vmap(
        "distance", {"a": (3, 2), "b": (3, 2)}, in_axes=(0, None), inner=(None, 0)
    ),
    "learn/nesting/grid": Vmap(
        "height", {"xs": (2,), "ys": (3,)}, in_axes=(None, 0), inner=(0, None)
    ),
    "learn/nesting/what-each-level-sees": Vmap(
        "innermost", {"x": (2, 3, 4)}, in_axes=1, inner=0
    ),
    "learn/nesting/matrix-product": Vmap(
        "matrix_vector", {"M": (2, 3), "N": (3, 3)}, in_axes=(None, 1), out_axes=1
    ),
    "learn/networks/linear-layer": Vmap(
        "linear_layer",
        {"weights": (3, 2), "biases": (2,), "inputs": (3, 3)},
        in_axes=(None, None, 0),
    ),
    "learn/networks/ensemble": Vmap(
        "one_on_all",
        {"models": {"weights": (5, 2), "bias": (5,)}, "inputs": (7, 2)},
        in_axes=(0, None),
    ),
    "learn/networks/stack": Vmap(
        "model",
        {"stacked": {"scale": (3, 2), "shift": (3, 2)}, "x": (2,)},
        in_axes=(0, None),
    ),
    "learn/networks/attention": Vmap(
        "head",
        {"queries": (3, 2, 3), "keys": (3, 2, 3), "values": (3, 2, 3)},
        in_axes=1,
        out_axes=1,
    ),
    "learn/networks/batch-norm": Vmap(
        "batch_norm",
        {"inputs": (2, 2)},
        out_axes=(0, None),
        axis_name="batch",
        results=("outputs", "mean"),
    ),
    # --- Devices ------------------------------------------------------------------------
    "devices/pmap/compute": Pmap("compute", {"data": (8,)}),
    "devices/pmap/scale-array": Pmap(
        "scale_array", {"x": (4,), "factor": ()}, in_axes=(0, None)
    ),
    "devices/pmap/leading-axis": Pmap("jax.vmap(compute)", {"per_device": (8, 2)}),
    "devices/meshes/blocks": Placed({"x": (8, 4)}, ROWS_AND_COLS, (P("rows", "cols"),)),
    "devices/meshes/specs": Placed({"x": (8, 4)}, ROWS_AND_COLS, (P("rows"),)),
    "devices/meshes/vmap-sharded": Placed({"inputs": (8, 3)}, EIGHT, (P("i"),)),
    "devices/shard-map/lanes": Vmap(
        "number", {"x": (16,)}, axis_name="i", example="devices/shard-map/blocks"
    ),
    "devices/shard-map/blocks": ShardMap(
        "number", {"x": (16,)}, EIGHT, in_specs=(P("i"),), out_specs=P("i")
    ),
    "devices/shard-map/check-vma": ShardMap(
        "total",
        {"x": (16,), "y": (16,)},
        EIGHT,
        in_specs=(P("i"), P("i")),
        out_specs=P(),
    ),
    "devices/shard-map/vmap-inside": Vmap(
        "nearest", {"centers": (3, 2), "points": (2, 2)}, in_axes=(None, 0)
    ),
    "devices/training/learning-rate": ShardMap(
        "right",
        {"w": (), "x": (16,), "y": (16,)},
        {"batch": 8},
        in_specs=(P(), P("batch"), P("batch")),
        out_specs=P(),
    ),
    "devices/gradient-trap/shard-map": ShardMap(
        "gradient_of_average",
        {"w": (), "x": (8,)},
        EIGHT,
        in_specs=(P(), P("i")),
        out_specs=P(),
    ),
    "devices/from-pmap/groups": ShardMap(
        "lambda x: psum(x, 'b')",
        {"x": (8,)},
        {"a": 2, "b": 4},
        in_specs=(P(("a", "b")),),
        out_specs=P("a"),
    ),
    "devices/slow-while/own-loop": ShardMap(
        "jax.vmap(collatz)", {"n": (16,)}, EIGHT, (P("i"),), P("i")
    ),
    "devices/model-parallel/by-columns": ShardMap(
        "by_columns",
        {"inputs": (2, 4), "weights": (4, 2)},
        {"model": 2},
        in_specs=(P(), P(None, "model")),
        out_specs=P(None, "model"),
        example="devices/model-parallel/two-products",
    ),
    "devices/model-parallel/by-rows": ShardMap(
        "by_rows",
        {"inputs": (2, 4), "weights": (4, 2)},
        {"model": 2},
        in_specs=(P(None, "model"), P("model")),
        out_specs=P(),
        example="devices/model-parallel/two-products",
    ),
    "devices/model-parallel/two-axes": Placed(
        {"x": (4, 2), "w": (2, 4)},
        {"data": 4, "model": 2},
        (P("data"), P(None, "model")),
    ),
    # --- How to read them ---------------------------------------------------------------
    "reference/figures/one-map": Vmap(
        "scaled_sum",
        {"x": (2, 3), "factor": ()},
        in_axes=(0, None),
        example="learn/arguments/held",
    ),
    "reference/figures/three-axes": Vmap(
        "unchanged", {"x": (2, 2, 3)}, in_axes=-1, example="learn/axes/every-pair"
    ),
    "reference/figures/two-maps": Vmap(
        "height",
        {"x": (2,), "y": (3,)},
        in_axes=(0, None),
        inner=(None, 0),
        example="learn/nesting/grid",
    ),
    "reference/figures/devices": ShardMap(
        "total",
        {"x": (4,), "y": (4,)},
        {"i": 2},
        in_specs=(P("i"), P("i")),
        out_specs=P(),
        example="devices/shard-map/check-vma",
    ),
}
