"""What runs the examples that need a launcher: ``make cluster``.

Open MPI, Slurm, Ray and Kubernetes are too heavy for every run of the tests. So an example
may say that it runs on one of them (see `examples.grammar`), and this package runs it:
`world` makes a machine of its own, with a network that nobody else is in and from which
nothing survives; `grounds` starts what an example runs on; `scenes` makes the tables whose
cells come from runs; `run` compares; `record` keeps what was compared, when and with what,
in a file that is committed, for the pages say it and publishing looks at it.
"""
