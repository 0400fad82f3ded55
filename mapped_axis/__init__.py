"""The machinery of the site: what reads, runs, draws, builds and serves it.

Each package imports only from those that stand before it, and from `project` and `asking`.
This list is the one place that says so, and tests/test_layers.py reads it:

* `bench` measures what the page on speed shows, on whatever machine it runs;
* `examples` reads pages and examples, runs the examples and records what passed;
* `exercises` reads those of the pages, and runs what a reader wrote;
* `figures` draws the array figures, from what JAX answers;
* `explorer` has JAX's answers for the axis explorer and the quiz;
* `operations` has JAX's answers for the table of what `vmap` does to each operation;
* `machines` has what several devices hold at each step of a program, recorded from runs;
* `versions` has what the oldest JAX and the newest answer;
* `phrasebook` has what one writes elsewhere beside what to write in JAX, and its values;
* `cluster` runs what needs a launcher, and writes down what came out;
* `pages` makes of all this Markdown, HTML and notebooks, and finishes the built site;
* `serve` is for authors: it runs edited examples and keeps what an edit did not change;
* `costs` measures what building, serving and testing the site costs;
* `attack` plants faults, and says what refuses them.
"""
