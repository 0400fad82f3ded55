"""What a page reads from a drawn figure; it needs no JAX."""

import re


def caption_of(drawing: str) -> str:
    """Return the caption of a drawing as HTML, with ``{o}`` and ``{i}`` for the lane."""
    found = re.search(r'data-caption="([^"]*)"', drawing)
    return found[1] if found else ""  # one that nobody drew, which a test refuses
