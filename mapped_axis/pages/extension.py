"""MkDocs hook: the figures of a page are blocks of their own.

Python-Markdown leaves a ``<figure>`` as it is; an ``<svg>`` it would take for text. A
search does not look into figures: they hold indices.
"""

import re

import examples

_LINE = re.compile(f"^{examples.FIGURE.pattern}$", re.MULTILINE)
_OPEN = '<figure class="array-figure" data-search-exclude>'


def on_page_markdown(markdown, page, config, files):
    """Put each figure that the page includes into its element."""
    return _LINE.sub(rf"{_OPEN}\n\g<0>\n</figure>", markdown)
