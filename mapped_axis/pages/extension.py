"""The Python-Markdown extension of the site: all that happens in a page.

It puts in place what a page includes (see `examples.pieces`). A page with a fault is shown
with the fault and without its examples, so that an author never looks at a stale or an
empty block. Each fault is also logged as an error, by which a strict build fails: to raise
would be a traceback in one engine, and the end of the server in all.
"""

import functools
import html
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from mapped_axis.cluster import record as cluster
from mapped_axis.examples import record, tamper
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import (
    Changes,
    Element,
    Figure,
    Include,
    Piece,
    Predict,
    Prose,
    Recorded,
    Times,
    pieces,
    read_lines,
)
from mapped_axis.exercises import html as exercises
from mapped_axis.explorer.table import PATH
from mapped_axis.figures.page import caption_of, flowing
from mapped_axis.machines.table import SCENES, path_of
from mapped_axis.operations import html as operations
from mapped_axis.operations.table import PATH as OPERATIONS
from mapped_axis.pages import terms
from mapped_axis.pages.api import Links
from mapped_axis.pages.check import problems_of
from mapped_axis.pages.context import Rendering, rendering
from mapped_axis.pages.elements import Elements
from mapped_axis.pages.marks import fenced, marks_of
from mapped_axis.pages.predict import html_of
from mapped_axis.pages.predict import path_of as question_path
from mapped_axis.pages.tables import recorded_table, times_table
from mapped_axis.pages.terms import Terms
from mapped_axis.pages.versions import LOCK, WORKFLOW
from mapped_axis.phrasebook import html as phrasebook
from mapped_axis.project import Project
from mapped_axis.versions.table import PATH as VERSIONS

# MkDocs and ProperDocs count the errors of loggers with such a name.
log = logging.getLogger("mkdocs.mapped_axis")

# Set by `mapped_axis.serve`: the file with what the edited examples' runs said.
SERVING = "MAPPED_AXIS_SERVING"
# Before fenced blocks are found, after line ends are made the same.
_PRIORITY = 28
# After code font and links are found.
_AFTER_INLINE = 5
# After an engine has resolved the links.
_LAST = -1


class PageExtension(Extension):
    """Registers what makes Markdown of a page."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Add what runs before Markdown is read, and after."""
        md.preprocessors.register(_Pages(md), "mapped_axis", _PRIORITY)
        md.treeprocessors.register(Links(md), "mapped_axis_links", _AFTER_INLINE)
        md.treeprocessors.register(Terms(md), "mapped_axis_terms", _LAST)


def makeExtension() -> PageExtension:
    """Return the extension: Python-Markdown calls this by its name."""
    return PageExtension()


class _Pages(Preprocessor):
    """Replaces what stands for something in a page by that."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the page in Markdown that needs no extension of this project."""
        now = rendering(self.md)
        if now is None:
            return lines  # some text that is no page
        problems = problems_of(now.page, now.project)
        read = read_lines(lines)
        if not problems:
            return "\n".join(_render(read, now)).splitlines()
        for problem in problems:
            log.error("%s", problem)
        items = "".join(f"<li>{html.escape(str(problem))}</li>" for problem in problems)
        notice = f'<div class="admonition failure"><ul>{items}</ul></div>'
        return [notice, "", *(piece.text for piece in read if isinstance(piece, Prose))]


def _render(read: list[Piece], now: Rendering) -> Iterator[str]:
    """Yield what stands in place of each piece, in lines or several lines."""
    elements = Elements()
    marks = marks_of(read, now.project)
    for piece in read:
        match piece:
            case Prose(_, text):
                yield text
            case Include(line, name, section):
                example = read_example(now.project.snippets / name)
                for block in example.part(section):
                    yield f"\n{fenced(block, marks.get(line))}"
                yield from _failure(name)
            case Predict(_, name):
                yield from html_of(piece, now.page, now.project)
                yield from _failure(name)
            case Figure(_, name):
                # Python-Markdown leaves a figure as it is; an svg it takes for text.
                # A search does not look into figures: they hold indices.
                drawing = (now.project.figures / name).read_text(encoding="utf-8")
                yield '<figure class="array-figure" data-search-exclude>'
                yield f"{flowing(drawing)}{_caption(drawing)}</figure>"
            case Times(_, file):
                yield times_table(now.page.parent / file)
            case Recorded(_, what):
                yield recorded_table(what, now.project)
            case Element():
                yield elements.fill(piece)


def _caption(drawing: str) -> str:
    """Return the caption of a figure, with the index of the lane where a script finds it."""
    text = caption_of(drawing)
    for slot in "oi":
        text = text.replace(f"{{{slot}}}", f'<b data-slot="{slot}">0</b>')
    return f"<figcaption>{text}</figcaption>"


def _failure(name: str) -> Iterator[str]:
    """Yield what the run of an edited example said, if it failed."""
    if said := _failures().get(name):
        yield f'\n<pre class="stale" role="alert">{html.escape(said)}</pre>\n'


def _failures() -> dict[str, str]:
    """Return what the runs of edited examples said, by example, while serving."""
    file = Path(os.environ.get(SERVING, ""))
    if not file.is_file():
        return {}
    said: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return said


# What shows titles of other pages, and how long their exercises take.
_OF_OTHERS = (exercises.LIST, operations.KIND, phrasebook.KIND)


def made_of(page: Path, project: Project) -> list[object]:
    """Return all that the HTML of a page depends on, to be compared.

    Of other pages that is their outlines, where the page shows anything of them. How many
    examples ran is not among it until a run has written it down.
    """
    files = [page, project.root / "mkdocs.yml", PATH, OPERATIONS]
    files += [project.docs / terms.PAGE, *phrasebook.made_of()]
    files += [*map(path_of, SCENES), question_path(page, project)]
    failures = _failures()
    said: list[object] = []
    of_others = False
    for piece in pieces(page):
        match piece:
            case Include(_, name) | Predict(_, name):
                files.append(project.snippets / name)
                said.append(failures.get(name))
            case Changes(_, name):
                files.append(project.snippets / name)
            case Figure(_, name):
                files.append(project.figures / name)
            case Times(_, file):
                files.append(page.parent / file)
            case Recorded(_, "versions"):
                files.append(record.record_path(project))
            case Recorded(_, what):
                files += [tamper.SCORES, VERSIONS, cluster.path_of(project)]
                files += [LOCK, WORKFLOW]
                of_others |= what.startswith("differs: ")
            case Element(_, kind):
                of_others |= kind in _OF_OTHERS
    if of_others:
        said += [_outline(other, other.stat().st_mtime_ns) for other in project.pages]
    return said + [(path, path.stat().st_mtime_ns) for path in files if path.is_file()]


@functools.lru_cache(maxsize=512)
def _outline(page: Path, _: int) -> tuple[object, ...]:
    """Return all of a page but its text; the last argument is there for the cache alone."""
    return (
        page,
        *(
            piece[1:]  # wherever it stands
            for piece in pieces(page)
            if not isinstance(piece, Prose) or piece.text.startswith("#")
        ),
    )
