"""The array figures of the pages: declared here, read from a run, drawn as SVG.

To add or change a figure edit `declare`, then ``make figures``; what it writes into
``docs/_figures/`` nobody edits. `record` runs the example and watches its calls, `draw`
knows neither JAX nor an example. A change to either shows in the diff of all figures.
"""
