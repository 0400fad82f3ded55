"""What a page makes of a drawn figure; it needs no JAX."""

import re

# In units of a drawing: an em of the page, and what is free around a drawing, or the
# outermost lines would be half cut off.
EM = 10
BORDER = 1

_PART = re.compile(
    r'<svg x="\d+" y="\d+" width="(\d+)" height="(\d+)" (.*?</svg>)', re.DOTALL
)
_SAID = re.compile(r'role="\w+"|(?:aria|data)-\w+="[^"]*"')


def caption_of(drawing: str) -> str:
    """Return the caption of a drawing as HTML, with ``{o}`` and ``{i}`` for the lane."""
    found = re.search(r'data-caption="([^"]*)"', drawing)
    return found[1] if found else ""  # one that nobody drew, which a test refuses


def flowing(drawing: str) -> str:
    """Return a drawing as HTML, whose arrays stand in one line where there is room.

    One that a phone shows in a single line is a single SVG, and stays as it is.
    """
    parts = []
    for inner_width, inner_height, rest in _PART.findall(drawing):
        width, height = int(inner_width) + 2 * BORDER, int(inner_height) + 2 * BORDER
        box = f'viewBox="-{BORDER} -{BORDER} {width} {height}"'
        parts.append(f'<svg {box} width="{width / EM:g}em" {rest}')
    if not parts:
        return drawing
    said = " ".join(_SAID.findall(drawing.partition(">")[0]))
    return f"<div {said}>{parts[0]}<div>{''.join(parts[1:])}</div></div>\n"
