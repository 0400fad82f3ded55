"""The machinery of the site: what reads, runs, draws, builds and serves it.

Each package imports only from those that stand before it, and from `project`:

* `examples` reads pages and examples, runs the examples and records what passed;
* `exercises` reads those of the pages, and runs what a reader wrote;
* `figures` draws the array figures, from what JAX answers;
* `explorer` has JAX's answers for the axis explorer and the quiz;
* `operations` has JAX's answers for the table of what `vmap` does to each operation;
* `phrasebook` has what one writes elsewhere beside what to write in JAX, and its values;
* `pages` makes of all this Markdown, HTML and notebooks, and finishes the built site;
* `serve` is for authors: it runs edited examples and keeps what an edit did not change.
"""
