"""What only an author needs: ``python -m mapped_axis.serve``, which `make serve` calls.

It serves the site with MkDocs, and runs edited examples beside it (`watch`, a process of
its own). `reload` is a MkDocs hook that makes again only what an edit changed.

To change: freely; a published site knows nothing of it.
"""
