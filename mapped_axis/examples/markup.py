"""Which markup the prose of a page may use: what is listed here, and nothing else.

A reader takes for a checked output whatever looks like one. So a page is Markdown without
HTML, with the attributes that its headings and buttons need, with code font inside a line.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mapped_axis.examples.grammar import FENCE_LIKE
from mapped_axis.project import shown

# Code font: what stands between as many backquotes, on one line.
CODE_FONT = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]*)\)")
# Attributes that a page may give: a heading its id, a link the look of a button.
_ID = re.compile(r"(^#{1,6} .*) \{ #[a-z][-a-z0-9]* \}$")
_BUTTON = re.compile(r"\)\{ \.md-button(?: \.md-button--primary)? \}")
_ADMONITION = re.compile(r'!!! (?:note|warning) "[^"]+"')
_FRONT_MATTER = re.compile(
    r'description: "[^"]+"|level: [123]|before: \[[^\]]*\]|hide:|  - (?:navigation|toc)|---'
)
# What a drawing could show a result by.
_DRAWN = re.compile(
    r"<(image|foreignObject|script|style|use|a)\b|<text\b[^>]*>[^<]*(?:<tspan[^<]*)*\d"
)
_CODE = "code in a page; move it to an example in snippets/ and include it."
_REFUSED = {
    re.compile(pattern): says
    for pattern, says in {
        r"<([A-Za-z/!?])": "HTML in a page; write Markdown: a page holds no tag but the "
        "elements that mapped_axis/pages/elements.py fills.",
        r"`": "code font that does not end on its line; a program is an example, and a "
        "literal backquote is \\`.",
        r"\{.*\}": "an attribute; a heading may have an id, as in { #name }, a link "
        "{ .md-button }, and nothing else may have one.",
        r"&#?\w+;": "a character by its code; write the character itself.",
        r"^(?:>\s?)+\s{4}|^\s*(?:[-+*]|\d+[.)])\s{5}": _CODE,
        r"^[-+*>\s]*(?:!!!|\?\?\?|===)": "a box of another kind; write "
        '!!! note "Title" or !!! warning "Title".',
        r"(?i)^\W*(?:not )?checked\b|is what its program printed": "this is what the "
        "foot of a page says, by itself; say it in other words.",
        r"\|[\s*]*(?:Python|JAX)[\s*]*\|": "a table of versions; "
        "<!-- versions --> on a line of its own shows what ran.",
        r"^\s*\[[^\]]*\]:|\]\[": "a link by reference; write [text](address).",
        r"\]\(\s*(?!https?:)<?[A-Za-z]+:": "an address that is no page; write a "
        "relative path or one that begins with https.",
        r"\]\([^)]*\s": "a link with more than an address; write [text](address).",
    }.items()
}


def refusals(lines: Iterable[tuple[int, str]], page: Path) -> Iterator[tuple[int, str]]:
    """Say why lines of prose are no markup that a page may use.

    Args:
        lines: number and text of each line of prose of the page, in order.
        page: the page; its pictures lie beside it.

    Yields:
        The number of a line, and what is wrong with it; the first fault of each line.
    """
    boxed = False  # whether lines with four spaces are text of a box
    for number, line in lines:
        if line and not line.startswith(" "):
            boxed = bool(_ADMONITION.fullmatch(line))
        if says := _refusal(line, page, boxed):
            yield number, says


def _refusal(line: str, page: Path, boxed: bool) -> str:
    """Say why a line is no markup that a page may use, or return ""."""
    indent = len(line) - len(line.lstrip(" "))
    if FENCE_LIKE.match(line) or indent >= (8 if boxed else 4):
        return _CODE
    if _ADMONITION.fullmatch(line):
        return ""
    line = _BUTTON.sub(")", _ID.sub(r"\1", CODE_FONT.sub("x", line)))
    for text, address in _PICTURE.findall(line):
        if says := _no_picture(text, page.parent / address):
            return says
    line = _PICTURE.sub("x", line).replace("\\`", "")
    if "![" in line:
        return "a picture that cannot be read; write ![what it shows](name.svg)."
    return next((says for what, says in _REFUSED.items() if what.search(line)), "")


def _no_picture(text: str, file: Path) -> str:
    """Say why a page may not show a picture, or return ""."""
    if not text.strip():
        return "a picture without words; write ![what it shows](name.svg)."
    if file.suffix != ".svg" or not file.is_file():
        return f"no drawing {shown(file)}; a picture is an SVG file beside its page."
    if found := _DRAWN.search(file.read_text(encoding="utf-8")):
        return (
            f"{shown(file)} holds {found[0]!r}; a drawing shows no results: declare a "
            "figure, which is drawn from what ran."
        )
    return ""


def front_matter_refusals(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the number and the fault of each line of front matter that may not be."""
    for number, line in enumerate(lines, 1):
        if not _FRONT_MATTER.fullmatch(line):
            yield (
                number,
                'a page may say description: "…", level and before here, hide parts.',
            )
