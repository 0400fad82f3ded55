"""All array figures of the site, by the page that shows them.

``make figures`` draws each into a file beside this one: ``learn/axes/twice`` into
``learn/axes/twice.svg``, which ``docs/learn/axes.md`` includes. A figure declares shapes
and axes; the function is the one of an example, and what comes out is JAX's answer.
"""

import sys
from pathlib import Path

import jax
from kinds import Placed, Pmap, ShardMap, Vmap

FIGURES = {
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
    "learn/axes/one-for-all": Vmap(
        "above_lowest",
        {"value": (4,), "everyone": (4,)},
        in_axes=(0, None),
        out_axes=(0, None),
        results=("difference", "lowest"),
    ),
    "learn/nesting/pairwise": Vmap(
        "distance",
        {"a": (3, 2), "b": (3, 2)},
        in_axes=(0, None),
        inner=((None, 0), 0),
    ),
    "learn/nesting/what-each-level-sees": Vmap(
        "innermost", {"x": (2, 3, 4)}, in_axes=1, inner=(0, 0)
    ),
    "learn/networks/ensemble": Vmap(
        "model",
        {"parameters": {"weights": (5, 2), "bias": (5,)}, "inputs": (7, 2)},
        in_axes=(0, None),
        inner=((None, 0), 0),
    ),
    "learn/networks/attention": Vmap(
        "head",
        {"queries": (3, 2, 3), "keys": (3, 2, 3), "values": (3, 2, 3)},
        in_axes=1,
        out_axes=1,
    ),
    # --- Devices ------------------------------------------------------------------------
    "devices/pmap/compute": Pmap("compute", {"data": (8,)}),
    "devices/pmap/scale-array": Pmap(
        "scale_array", {"x": (4,), "factor": ()}, in_axes=(0, None)
    ),
    "devices/meshes/blocks": Placed((8, 4), {"rows": 4, "cols": 2}, ("rows", "cols")),
    "devices/meshes/copied": Placed((8, 4), {"rows": 4, "cols": 2}, ("rows",)),
    "devices/shard-map/lanes": Vmap(
        "number", {"x": (16,)}, axis_name="i", example="devices/shard-map/blocks"
    ),
    "devices/shard-map/blocks": ShardMap(
        "number", {"x": (16,)}, {"i": 8}, (("i",),), (("i",),)
    ),
    "devices/shard-map/check-vma": ShardMap(
        "total", {"x": (16,), "y": (16,)}, {"i": 8}, (("i",), ("i",)), ((),)
    ),
}


def main(folder):
    """Draw all figures into a folder."""
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", 8)
    for name, figure in FIGURES.items():
        path = Path(folder, f"{name}.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(figure.draw(name), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:] or [Path(__file__).parent])
