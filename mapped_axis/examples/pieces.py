"""What a page may contain, and where it shows what.

A page is Markdown in which a line may stand for something that is put in its place:

* ``--8<-- "PAGE/EXAMPLE.md"``, or a section of it, ``"PAGE/EXAMPLE.md:SECTION"``;
* ``--8<-- "PAGE/FIGURE.svg"``: a figure of ``docs/_figures/``;
* ``<!-- changes: PAGE/EXAMPLE.md -->`` or ``<!-- mark: TEXT -->``: nothing; the include on
  the next line marks what differs from that example, or what holds that text;
* ``<!-- predict: PAGE/EXAMPLE.md -->``: an example behind the question what it prints, which
  `pages.predict` reads;
* ``<!-- times: FILE#TABLE -->``: a table of measured times, from a file of `make bench`;
* ``<!-- versions -->``: the table of the versions that the examples ran with;
* ``<!-- tampered -->``: how many changes `make tamper` made to each page, and how many were noticed;
* ``<!-- differs: WHAT -->``: a table of what differs between two versions of JAX;
* ``<!-- cluster: NAME -->``: a table whose rows were made by runs of `mapped_axis.cluster`;
* ``<div class="KIND" data-NAME="…"></div>``: something that a part of this package fills.

All else is prose. Prose holds no code: that is in the examples.
"""

import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from mapped_axis.examples.grammar import (
    SECTION_NAME,
    Problem,
    read_example,
    read_text,
)
from mapped_axis.examples.markup import front_matter_refusals, refusals
from mapped_axis.project import Project, shown

_ATTRIBUTE = re.compile(r'\bdata-([a-z]+)="([^"]*)"')
_INCLUDE_LIKE = re.compile(r"-+8<-")  # what an author may take for one
_NO_INCLUDE = (
    'not an include that is checked; write --8<-- "folder/name.md", '
    '--8<-- "folder/name.md:section" or --8<-- "folder/name.svg" on a line of its own.'
)
_MEND = {
    "example": "create it or mend the name",
    "figure": "declare it in mapped_axis/figures and run make figures",
}
_FRONT_MATTER = re.compile(r"---\n.*?\n---\n", re.DOTALL)


class Prose(NamedTuple):
    """A line of Markdown."""

    line: int
    text: str


class Include(NamedTuple):
    """An example, or a section of it.

    Args:
        line: the line in the page.
        example: the file, relative to ``snippets/``.
        section: the name of the section, or None for the whole file.
    """

    line: int
    example: str
    section: str | None


class Predict(NamedTuple):
    """An example that is shown behind a question: what does it print?

    Args:
        line: the line in the page.
        example: the file, relative to ``snippets/``.
        section: always None: the whole file.
    """

    line: int
    example: str
    section: None = None


class Figure(NamedTuple):
    """A figure; ``name`` is its file, relative to ``docs/_figures/``."""

    line: int
    name: str


class Changes(NamedTuple):
    """What the next include marks: the lines that differ from those of ``example``."""

    line: int
    example: str


class Mark(NamedTuple):
    """What the next include marks: the lines that hold ``text``."""

    line: int
    text: str


class Times(NamedTuple):
    """A table of measured times; ``file`` is relative to the page, and names the table."""

    line: int
    file: str


class Recorded(NamedTuple):
    """A table of what runs wrote down.

    Args:
        line: the line in the page.
        what: "versions", "tampered", or "differs: " or "cluster: " and the name of a
            table.
    """

    line: int
    what: str

    @property
    def table(self) -> str:
        """The name of a table of `make cluster`, or "" for another one."""
        return self.what.partition("cluster: ")[2]


class Element(NamedTuple):
    """An element that is filled.

    Args:
        line: the line in the page.
        kind: its class.
        written: its attributes as they are written.
    """

    line: int
    kind: str
    written: str

    @property
    def attributes(self) -> dict[str, str]:
        """The values of its ``data-`` attributes by name."""
        return dict(_ATTRIBUTE.findall(self.written))


Piece = Prose | Include | Predict | Figure | Changes | Mark | Times | Recorded | Element

# How a line is written that stands for something; the groups are what a piece holds.
_WRITTEN: dict[Callable[..., Piece], str] = {
    Include: rf'--8<-- "([^":]+\.md)(?::({SECTION_NAME}))?"',
    Predict: r"<!-- predict: ([^\s:]+\.md) -->",
    Figure: r'--8<-- "([^":]+\.svg)"',
    Changes: r"<!-- changes: (\S+\.md) -->",
    Mark: r"<!-- mark: (\S.*\S) -->",
    Times: r"<!-- times: (\S+) -->",
    Recorded: "<!-- (versions|tampered|differs: [a-z]+|cluster: [a-z]+) -->",
    Element: r'<div class="([a-z]+-[a-z]+)"([^>]*)></div>',
}


def pieces(page: Path) -> list[Piece]:
    """Read a page, line by line.

    Args:
        page: a Markdown file below ``docs/``.

    Returns:
        Its pieces, without the front matter.
    """
    now = page.stat()
    return [*_pieces(page, now.st_mtime_ns, now.st_size)]


@functools.lru_cache(maxsize=512)
def _pieces(page: Path, changed: int, size: int) -> tuple[Piece, ...]:
    """Read a page; the last arguments are there for the cache alone."""
    text = read_text(page)[0]
    before = len(front_matter(page))
    return (*read_lines(text.split("\n")[before:], before + 1),)


def front_matter(page: Path) -> list[str]:
    """Return the lines of the front matter of a page, with the marks around them."""
    front = _FRONT_MATTER.match(read_text(page)[0])
    return front[0].splitlines() if front else []


def read_lines(lines: Iterable[str], first: int = 1) -> list[Piece]:
    """Return the pieces of lines of a page, of which the first one has that number."""
    return [_piece(number, line) for number, line in enumerate(lines, first)]


def _piece(number: int, line: str) -> Piece:
    """Read one line of a page."""
    for piece, written in _WRITTEN.items():
        if match := re.fullmatch(written, line):
            return piece(number, *match.groups())
    return Prose(number, line)


def includes(page: Path) -> list[Include]:
    """Return the includes of examples in a page, those behind a question too."""
    return [
        Include(*piece)
        for piece in pieces(page)
        if isinstance(piece, Include | Predict)
    ]


def sources(page: Path, project: Project) -> list[Path]:
    """Return the files whose outputs a page shows: its examples, or the notebook."""
    if page.suffix == ".ipynb":
        return [page]
    named = dict.fromkeys(project.snippets / piece.example for piece in includes(page))
    return [path for path in named if path.is_file()]


def shown_by(example: Path, project: Project) -> list[tuple[Path, int]]:
    """Return where an example is shown, as a list of (page, line)."""
    name = example.relative_to(project.snippets).as_posix()
    return [
        (page, piece.line)
        for page in project.pages
        for piece in includes(page)
        if piece.example == name
    ]


# --- what is wrong ----------------------------------------------------------------------


def page_problems(page: Path, project: Project) -> list[Problem]:
    """Check one page, and the examples and figures that it includes.

    Returns:
        A list of `Problem`, in the page and in its examples.
    """
    problems = read_text(page)[1]
    folder = page.relative_to(project.docs).with_suffix("")
    parts: dict[Path, list[Include | Predict]] = {}
    drawn: set[Path] = set()
    read = pieces(page)
    prose = [piece for piece in read if isinstance(piece, Prose)]
    marked = [*front_matter_refusals(front_matter(page)), *refusals(prose, page)]
    problems += [Problem(page, line, says) for line, says in marked]
    for piece in read:
        match piece:
            case Prose(_, text):
                refusal = _NO_INCLUDE if _INCLUDE_LIKE.search(text) else ""
            case Include(_, name) | Predict(_, name):
                path = project.snippets / name
                refusal = _misplaced(path, project.snippets / folder, "example")
                if not refusal:
                    parts.setdefault(path, []).append(piece)
            case Figure(_, name):
                path = project.figures / name
                refusal = _misplaced(path, project.figures / folder, "figure")
                if path in drawn:
                    refusal = f"{shown(path)} is shown twice; show it once."
                drawn.add(path)
            case _:
                continue
        if refusal:
            problems.append(Problem(page, piece.line, refusal))
    for path, included in parts.items():
        example = read_example(path)
        problems += example.problems
        wanted: list[str | None] = [*example.sections] or [None]
        given = [part.section for part in included]
        if given != wanted:
            text = (
                f"{shown(path)} is shown as: {_names(given)}; "
                f"show every part once and in order: {_names(wanted)}."
            )
            problems.append(Problem(page, included[0].line, text))
    return problems


def _misplaced(path: Path, folder: Path, what: str) -> str:
    """Say why a file cannot be shown by the page with that folder, or return ""."""
    if not path.is_file():
        return f"no {what} {shown(path)}; {_MEND[what]}."
    if path.parent != folder:
        return (
            f"{shown(path)} belongs to another page; "
            f"this page's {what}s lie in {shown(folder)}/."
        )
    return ""


def _names(sections: Iterable[str | None]) -> str:
    """Return the names of sections as a list in words."""
    return ", ".join(section or "the whole file" for section in sections)


def all_problems(project: Project) -> list[Problem]:
    """Check every page, every example and every figure.

    Returns:
        A list of `Problem`: those of each page, and one for each file below
        ``snippets/`` and each figure that no page shows.
    """
    problems = []
    used: set[Path] = set()
    for page in project.pages:
        problems += page_problems(page, project)
        used |= {project.snippets / piece.example for piece in includes(page)}
        figures = (piece for piece in pieces(page) if isinstance(piece, Figure))
        used |= {project.figures / piece.name for piece in figures}
    for root, pattern in ((project.snippets, "*"), (project.figures, "*.svg")):
        for path in sorted(root.rglob(pattern)):
            if path.is_file() and path not in used and "__pycache__" not in path.parts:
                page = (project.docs / path.parent.relative_to(root)).with_suffix(".md")
                text = f"no page shows this; include it in {shown(page)} or delete."
                problems.append(Problem(path, 1, text))
    return problems
