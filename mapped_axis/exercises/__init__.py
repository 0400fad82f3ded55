"""The exercises: what they are made of, how a page shows them, how a reader does them.

An exercise is two examples of its page. Each is a program in two parts: what is to be
written, and the check. The starter prints what is wrong, the solution prints that nothing
is, and the check of both is the same text. `read` finds the exercises and their faults,
`html` puts them into pages, `attempt` runs what a reader wrote, and ``make exercises``
leads a reader from one to the next.
"""
