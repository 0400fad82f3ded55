"""What a page reads from a drawn figure; it needs no JAX."""

import re


def caption_of(drawing: str) -> str:
    """Return the caption of a drawing as HTML, with ``{o}`` and ``{i}`` for the lane."""
    return str(re.findall(r'data-caption="([^"]*)"', drawing)[0])
