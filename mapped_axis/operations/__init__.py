"""JAX's answers for the table of operations: what `jax.vmap` makes of each, and its cost.

To add an operation edit `catalogue`, then ``python -m mapped_axis.operations`` under JAX
0.10 and under the newest: each writes its own answers into the data file, which nobody
edits. `ask` asks JAX, in processes of its own; `table` reads and compares; `html` fills
the elements of a page. All but `ask` need the standard library alone, so that a build
starts no JAX.
"""
