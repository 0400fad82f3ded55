"""The rows of a table of error messages: each has an address, and its message is code.

A page asks for it with ``<div class="message-filter"></div>`` above its tables. The element
is empty without script; ``messages.js`` puts a box there that takes a pasted traceback.
"""

import re
from collections.abc import Mapping

KIND = "message-filter"  # the class of the element
ASSETS = ("messages.css", "messages.js")  # in docs/_theme/assets/

_TABLE = re.compile(
    r"<table>(?=\n<thead>\n<tr>\n<th>(The message says|JAX said|What you see)).*?</table>",
    re.DOTALL,
)
_ROW = re.compile(r"<tr>\n<td>(.*?)</td>", re.DOTALL)
_WORDS = 6  # of a message, in its address


def inside_of(_: Mapping[str, str]) -> str:
    """Return what the element holds: nothing, without script."""
    return ""


def text_of(_: Mapping[str, str]) -> str:
    """Return what stands for the element in plain text: nothing."""
    return ""


def with_addresses(html: str) -> str:
    """Return a page with tables of messages whose rows can be linked to.

    Args:
        html: the page as the engine made it.
    """
    taken: set[str] = set()

    def row(match: re.Match[str], quoted: bool) -> str:
        words = re.findall(r"[A-Za-z]\w*", re.sub(r"<[^>]*>|&\w+;", " ", match[1]))
        name = base = "-".join(["says", *words[:_WORDS]]).lower()
        while name in taken:
            name = f"{base}-{len(taken)}"
        taken.add(name)
        link = f'<a class="headerlink" href="#{name}" title="Permanent link">¶</a>'
        says = f"<code>{match[1]}</code>" if quoted else match[1]
        return f'<tr id="{name}">\n<td>{says}{link}</td>'

    def table(match: re.Match[str]) -> str:
        quoted = match[1] != "What you see"
        html = match[0].replace("<table>", '<table class="messages">', 1)
        return _ROW.sub(lambda found: row(found, quoted), html)

    return _TABLE.sub(table, html)
