"""Speed, measured: one harness, one schema of file, one file for each machine.

``make bench`` runs `__main__`: it measures the machine's ceilings (`machine`), then each
of the `workloads` at batch sizes from 1 to where memory or patience ends, in all `forms`
that can be had, and what several `devices` do. `timing` takes the times, `programs`
compares what the compiler made, `store` writes the file. The page further/speed and the
tables of two pages of Devices show what the file holds.
"""
