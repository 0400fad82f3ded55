"""JAX's answers for the axis explorer and the quiz, and how a page shows them.

To change what is offered edit ``FUNCTIONS`` in `ask` and its counterpart in
``docs/_theme/assets/axis-table.js``, then ``make tables``; the table that this writes
nobody edits. `table` reads it and `html` fills the elements of a page; both need the
standard library alone, so that a build starts no JAX.
"""
