"""What building, serving and testing this site costs: ``make bench-site``.

`__main__` measures the parts, and writes the table of CONTRIBUTING.md; `tools` runs the
examples by other tools too, to compare what checking them costs.
"""
