"""The phrasebook: what one writes elsewhere, or wrote in JAX once, and what to write today.

The pairs stand in ``docs/_phrases/``, a file for each group. `pairs` reads them; `ask`
runs their sides: JAX's, NumPy's and those of old JAX in a process with two simulated
devices, PyTorch's where it is installed, those of several ranks in two processes that
speak by gloo; `table` keeps what each side gave and compares; `html` fills the elements of
a page. All but `ask` need the standard library and Pygments alone, so that a build starts
no JAX.

After an edit, ``make tables`` with both Pythons asks JAX and NumPy again, and ``make
phrasebook`` PyTorch. The tests run all sides again but PyTorch's, which they take from the
record unless it is installed.
"""
