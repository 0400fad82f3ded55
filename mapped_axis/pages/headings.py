"""The headings of the sections of a page, and their ids."""

import re

from markdown.extensions.toc import slugify

_HEADING = re.compile(r"## (.*?)(?: \{ #([-a-z0-9]+) \})?")


def heading_of(line: str) -> tuple[str, str] | None:
    """Return the id and the text of the heading of a section; None of another line."""
    heading = _HEADING.fullmatch(line)
    return (heading[2] or slugify(heading[1], "-"), heading[1]) if heading else None
