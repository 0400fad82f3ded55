"""Links of a page to other files of ``docs/``, as they are written and as they are shown."""

import posixpath
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_ATTRIBUTES = re.compile(r" *\{ *[.#][^}]*\}")  # of a heading or a link


def target(page: str, link: str) -> tuple[str, str] | None:
    """Return what a link of a page leads to.

    Args:
        page: the page's file, relative to ``docs/``.
        link: the link as it is written.

    Returns:
        The file, relative to ``docs/``, and the anchor ("" for none); or None for a link
        that leads out of the site.
    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return page, parts.fragment
    path = posixpath.join(posixpath.dirname(page), parts.path)
    return posixpath.normpath(path), parts.fragment


def plain(text: str, resolve: Callable[[str], str | None]) -> str:
    """Return Markdown for readers without this site's extensions.

    Args:
        text: prose, without code blocks.
        resolve: a function from a link to the one that is shown, or to None for none:
            then the words of the link remain.
    """

    def relink(match: re.Match[str]) -> str:
        link = resolve(match[2])
        return f"[{match[1]}]({link})" if link else match[1]

    return _ATTRIBUTES.sub("", _LINK.sub(relink, text))
