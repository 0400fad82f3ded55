"""The array figures of the pages: declared here, answered by JAX, drawn as SVG.

To add or change a figure edit `declare`, then ``make figures``; what it writes into
``docs/_figures/`` nobody edits. `ask` has the kinds of figures and asks JAX, `draw` knows
neither JAX nor an example. A change to either shows in the diff of all figures.

May import `examples` and `project`.
"""
