"""What stands below the title of a page: its level, its time, what to know before.

The front matter says ``level: 2`` and ``before: [learn/axes.md]``; of a notebook its
metadata do. The time is computed.
"""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from mapped_axis.examples.data import read_notebook
from mapped_axis.examples.grammar import Problem, read_example
from mapped_axis.examples.pieces import Predict, Prose, sources
from mapped_axis.examples.pieces import pieces as read_page
from mapped_axis.pages.predict import predict_problems, without_questions
from mapped_axis.pages.site import Page, Site, read_site
from mapped_axis.project import Project

LEVELS = 3
MOST_WORDS = 2200  # of the prose of a page
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 15  # of code that one follows
_NO_WORD = re.compile(r"\]\([^)\s]*\)|\{[^}]*\}")  # an address, an attribute


def words_of(page: Path, project: Project) -> int:
    """Return how many words a page has, without its code, and with its question."""
    if page.suffix == ".ipynb":
        lines = _notebook(page, "markdown")
    else:
        read = without_questions(page, project)
        lines = [piece.text for piece in read if isinstance(piece, Prose)]
    words = _NO_WORD.sub("]", "\n".join(lines)).split()
    return sum(1 for word in words if re.search(r"\w", word))


def minutes_of(page: Path, project: Project) -> int:
    """Return how long it takes to read a page and the programs on it."""
    if page.suffix == ".ipynb":
        lines = _notebook(page, "code")
    else:
        programs = (read_example(path).program for path in sources(page, project))
        lines = "".join(programs).splitlines()
    code = sum(1 for line in lines if line.strip())
    return round(words_of(page, project) / WORDS_A_MINUTE + code / LINES_A_MINUTE)


def head_of(page: Page, project: Project, site: Site, root: str) -> str:
    """Return level, time and what to know before as HTML, or "" for a page without level.

    Args:
        page: the page.
        project: its project.
        site: the site.
        root: the way from the page to the site's own folder.
    """
    if not page.level:
        return ""
    pages = {other.source: other for other in site.pages}
    before = ", ".join(
        f'<a href="{root}/{pages[name].address}">{_short(pages[name].title)}</a>'
        for name in page.before or ()
    )
    time = minutes_of(project.docs / page.source, project)
    return (
        f"Level {page.level} of {LEVELS} · {time} minutes · "
        f"Know before: {before or 'Python and NumPy'}"
    )


def _short(title: str) -> str:
    """Return what stands before the colon of a title, as HTML."""
    return escape(title.partition(":")[0], quote=False)


def head_problems(project: Project) -> list[Problem]:
    """Return what is wrong with the heads of the pages that have one."""
    if not (project.root / "mkdocs.yml").is_file():
        return []  # a part of a project, without an order
    problems = []
    earlier: set[str] = set()
    for page in read_site(project).pages:
        path = project.docs / page.source
        if page.level or page.before is not None or _asks(path):
            faults = _faults(page, path, project, earlier)
            problems += [Problem(path, 1, says) for says in faults]
        earlier.add(page.source)
    return problems


def _faults(
    page: Page, path: Path, project: Project, earlier: set[str]
) -> Iterator[str]:
    """Yield what is wrong with the head of a page."""
    if not page.level or page.before is None:
        yield "level and before belong together; say both, before: [] for nothing."
    for name in page.before or ():
        if name not in earlier:
            yield f"{name} does not come before this page in mkdocs.yml."
    if path.suffix == ".md" and not _asks(path):
        yield "a page with a level asks first: add <!-- predict: … -->."
    elif not predict_problems(path, project):
        words = words_of(path, project)
        if words > MOST_WORDS:
            yield f"{words} words; {MOST_WORDS} is the limit: part the page."


def _asks(page: Path) -> bool:
    """Return whether a page has a question."""
    is_page = page.suffix == ".md" and page.is_file()
    return is_page and any(isinstance(piece, Predict) for piece in read_page(page))


def _notebook(path: Path, kind: str) -> list[str]:
    """Return the lines of the cells of a kind."""
    cells = read_notebook(path)["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]
    return "\n".join(texts).splitlines()
