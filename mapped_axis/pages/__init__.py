"""Pages: how what a page includes becomes Markdown, HTML and notebooks.

`extension` is the Python-Markdown extension that every engine loads: it does all that
happens in a page. `finish` does what happens to the built site: its notebooks, its text,
its policy. `notebook_page` is the one MkDocs hook, for the page that is a notebook.
`python -m mapped_axis.pages build` does all of it in order, `check` finds the faults alone.

To change: what a page may include, in `examples.pieces` first. What an engine needs to
render a page (`extension` and what it imports) imports neither JAX nor an engine.
"""
