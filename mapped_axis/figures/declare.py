"""All array figures of the site, by the page that shows them.

``make figures`` draws ``learn/axes/twice`` into ``docs/_figures/learn/axes/twice.svg``,
which ``docs/learn/axes.md`` includes. A figure names a call of an example, as the program
makes it and without its options; `record` runs the example and reads all else there.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """A figure of one call.

    Args:
        call: the call without its options: ``vmap(share)``, ``vmap(vmap(distance))``.
        number: how many calls of this name the example makes before it.
        example: the example; by default the one that has the name of the figure.
    """

    call: str
    number: int = 0
    example: str | None = None


FIGURES = {
    # --- Learn --------------------------------------------------------------------------
    "learn/why-vectorize/examples": Figure("vmap(forward)"),
    "learn/first-vmap/share": Figure("vmap(share)"),
    "learn/arguments/dot-product": Figure("vmap(dot_product)"),
    "learn/arguments/held": Figure("vmap(scaled_sum)", 1),
    "learn/arguments/pytrees": Figure("vmap(bill)", 1),
    "learn/axes/add-matrices": Figure("vmap(add_matrices)"),
    "learn/axes/rows": Figure("vmap(spread)", 0, "learn/axes/rows-or-columns"),
    "learn/axes/columns": Figure("vmap(spread)", 1, "learn/axes/rows-or-columns"),
    "learn/axes/every-pair": Figure("vmap(unchanged)", 4),
    "learn/axes/own-axes": Figure("vmap(move)"),
    "learn/axes/twice": Figure("vmap(jnp.dot)", 2),
    "learn/axes/one-for-all": Figure("vmap(above_lowest)", 1),
    "learn/nesting/pairwise": Figure("vmap(vmap(distance))"),
    "learn/nesting/grid": Figure("vmap(vmap(height))", 1),
    "learn/nesting/matrix-product": Figure("vmap(vmap(jnp.vdot))"),
    "learn/networks/linear-layer": Figure("vmap(linear_layer)"),
    "learn/networks/ensemble": Figure("vmap(vmap(model))"),
    "learn/networks/stack": Figure("vmap(model)", 1),
    "learn/networks/attention": Figure("vmap(head)"),
    "learn/networks/scan": Figure("vmap(network)"),
    # --- Devices ------------------------------------------------------------------------
    "devices/pmap/compute": Figure("pmap(compute)"),
    "devices/pmap/scale-array": Figure("pmap(scale_array)", 1),
    "devices/pmap/leading-axis": Figure("pmap(vmap(compute))"),
    "devices/meshes/blocks": Figure("device_put(x)"),
    "devices/meshes/specs": Figure("device_put(x)", 1),
    "devices/meshes/vmap-sharded": Figure("device_put(inputs)"),
    "devices/shard-map/lanes": Figure("vmap(number)", 0, "devices/shard-map/blocks"),
    "devices/shard-map/blocks": Figure("shard_map(number)"),
    "devices/shard-map/check-vma": Figure("shard_map(total)"),
    "devices/collectives/edge": Figure("shard_map(differences)"),
    "devices/training/learning-rate": Figure("shard_map(right)"),
    "devices/gradient-trap/shard-map": Figure("shard_map(gradient_of_average)"),
    "devices/from-pmap/groups": Figure("shard_map(lambda x: psum(x, 'b'))"),
    "devices/slow-while/own-loop": Figure("shard_map(vmap(collatz))"),
    "devices/model-parallel/by-columns": Figure(
        "shard_map(by_columns)", 0, "devices/model-parallel/two-products"
    ),
    "devices/model-parallel/by-rows": Figure(
        "shard_map(by_rows)", 0, "devices/model-parallel/two-products"
    ),
    # --- Further ------------------------------------------------------------------------
    "further/gradients/per-example": Figure("vmap(grad(loss))"),
    "further/indexing/lookup": Figure("vmap(pick)"),
    "further/indexing/segments": Figure("vmap(sums)"),
    "further/control-flow/cond": Figure("vmap(f)"),
    "further/control-flow/in-fours": Figure(
        "lax.map(count_up)", 0, "further/control-flow/sort-lanes"
    ),
    "further/control-flow/sort-lanes": Figure("lax.map(count_up)", 1),
    "further/randomness/split": Figure("vmap(draw)", 2),
    "learn/named-axes/batch-norm-layer": Figure("vmap(batch_norm)"),
    "learn/named-axes/collectives": Figure(
        "vmap(lambda x: lax.ppermute(x, 'i', one_to_the_left))"
    ),
    # --- How to read them ---------------------------------------------------------------
    "reference/figures/one-map": Figure("vmap(scaled_sum)", 1, "learn/arguments/held"),
    "reference/figures/three-axes": Figure(
        "vmap(unchanged)", 12, "learn/axes/every-pair"
    ),
    "reference/figures/two-maps": Figure("vmap(vmap(height))", 0, "learn/nesting/grid"),
    "reference/figures/devices": Figure(
        "shard_map(by_columns)", 0, "devices/model-parallel/two-products"
    ),
}
