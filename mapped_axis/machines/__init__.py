"""Machines: what the devices hold, step by step, recorded from runs of JAX.

`scenes` are programs for eight simulated devices that return each step on their way;
`ask` runs them in a process of its own; `table` reads and writes what came out, a JSON
file for each scene beside its page, which nobody edits; `html` fills the element of a
page. All but `scenes` need the standard library alone, so that a build starts no JAX.

To add a scene write it in `scenes`, list it in `table`, then ``make tables``.
"""
