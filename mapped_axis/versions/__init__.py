"""What differs between the oldest JAX that the examples run on and the newest.

``python -m mapped_axis.versions`` under JAX 0.10 and under the newest: each writes its own
answers into the data file, which nobody edits. `ask` asks, in processes of its own: it runs
the examples that catch an error, and looks up the names that the examples use. `table`
reads the file. The page that shows it is filled by `pages.versions`.
"""
