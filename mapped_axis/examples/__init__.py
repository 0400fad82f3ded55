"""Examples: what a file of one and a page may contain, how one runs, what is recorded.

`grammar` reads an example file and `write` writes one; `pieces` reads a page, `data` a file
of data. `run` is the pytest plugin that runs the examples, each in a `child` process.
`record` keeps what passed. `tamper` is a tool over all examples.

To change: a rule of the grammar together with its case in tests/examples.
"""
