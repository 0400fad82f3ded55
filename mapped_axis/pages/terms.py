"""The first mention of a term on a page leads to the glossary, and says its sentence.

`docs/reference/glossary.md` is the one list: a heading of the third level is a term, and
the line below it a sentence and a link to where it is shown (``glossary.py`` checks it). A
term is not linked on the page that shows it, which explains it better; nor is one that
means other things, too.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

from mapped_axis.pages import links
from mapped_axis.pages.context import rendering
from mapped_axis.project import Project

KIND = "term"  # the class of a link to the glossary
ASSETS = ("terms.js",)  # in docs/_theme/assets/
PAGE = "reference/glossary.md"

ENTRY = re.compile(
    r"^### (?P<term>.+?) \{ #(?P<id>\S+) \}\n\n"
    r"(?P<says>.+?) \[Shown\]\((?P<shown>[^)]+)\)$",
    re.MULTILINE,
)
# Words that mean other things in a sentence, too.
_COMMON = {"block", "carry", "leaf", "varying"}
_SKIPPED = {"a", "code", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"}


class Term(NamedTuple):
    """An entry of the glossary.

    Args:
        name: the term.
        anchor: its address in the page.
        says: its sentence, without marks.
        shown: the page that shows it, relative to ``docs/``.
    """

    name: str
    anchor: str
    says: str
    shown: str


def glossary(project: Project) -> list[Term]:
    """Return the entries of the glossary; none where a project has no such page."""
    path = project.docs / PAGE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else []


@functools.lru_cache(maxsize=4)
def _read(path: Path, _: int) -> list[Term]:
    """Read the glossary as it is now; the last argument is there for the cache alone."""
    found = []
    for entry in ENTRY.finditer(path.read_text(encoding="utf-8")):
        target = links.target(PAGE, entry["shown"])
        says = entry["says"].replace("`", "")
        shown = target[0] if target else ""
        found.append(Term(entry["term"], entry["id"], says, shown))
    return found


class Terms(Treeprocessor):
    """Makes the links to the glossary."""

    def run(self, root: Element) -> None:
        """Wrap the first mention of each term in a link."""
        now = rendering(self.md)
        if now is None:
            return
        page = now.page.relative_to(now.project.docs).as_posix()
        left = {
            form: term
            for term in glossary(now.project)
            if term.name not in _COMMON and page not in (PAGE, term.shown)
            for form in _forms(term.name)
        }
        if not left:
            return
        # The longest first: "named axis" before "axis".
        words = "|".join(map(re.escape, sorted(left, key=len, reverse=True)))
        self._left = left
        self._pattern = re.compile(rf"\b({words})\b", re.IGNORECASE)
        for element in list(_texts(root)):
            self._link(element)

    def _link(self, element: Element) -> None:
        """Make links in the text of an element, and in what follows its children."""
        at = 0
        rest, put = element.text or "", "text"
        holder = element
        while True:
            match = next(
                (m for m in self._pattern.finditer(rest) if m[0].lower() in self._left),
                None,
            )
            if match:
                link = self._make(match[0])
                setattr(holder, put, rest[: match.start()])
                element.insert(at, link)
                rest, holder, put = rest[match.end() :], link, "tail"
                at += 1
                continue
            setattr(holder, put, rest)
            if at >= len(element):
                return
            holder, put = element[at], "tail"
            rest = holder.tail or ""
            at += 1

    def _make(self, written: str) -> Element:
        """Return a link to a term, which is not linked again."""
        term = self._left[written.lower()]
        for form in _forms(term.name):
            del self._left[form]
        # `finish` makes an address of what is given as a path of the site.
        place = f"{PAGE.removesuffix('.md')}/#{term.anchor}"
        link = Element("a", {"data-to": place, "class": KIND, "data-says": term.says})
        link.text = written
        return link


def _forms(name: str) -> list[str]:
    """Return the singular and the plural of a term, in small letters."""
    name = name.lower()
    plural = f"{name}es" if name.endswith(("s", "sh")) else f"{name}s"
    return [name, f"{name[:-2]}es" if name.endswith("axis") else plural]


def _texts(element: Element) -> Iterator[Element]:
    """Yield the elements of a page whose text is prose, in order."""
    if element.tag in ("p", "li", "dd", "strong", "em"):
        yield element
    for child in element:
        if child.tag not in _SKIPPED:
            yield from _texts(child)
