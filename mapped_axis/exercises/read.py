"""Where an exercise stands in its page, what it is made of, and what is wrong with it.

In a page, in this order, each on a line of its own::

    ### TITLE { #exercise-NAME }

    <div class="exercise-head" data-name="NAME" data-level="1" data-minutes="5"></div>

    What to do.

    --8<-- "learn/axes/exercise-NAME-start.md"

    <div class="exercise-solution"></div>

    What there is to say about the solution.

    --8<-- "learn/axes/exercise-NAME-solution.md"

    <div class="exercise-end"></div>
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mapped_axis.examples.grammar import Example, Problem, read_example
from mapped_axis.examples.pieces import Element, Include, Piece, Prose, pieces
from mapped_axis.project import Project, shown

HEAD, SOLUTION, END = "exercise-head", "exercise-solution", "exercise-end"
LEVELS = ("1", "2", "3")
NOT_YET, SOLVED = "not yet: ", "solved\n"

EXAMPLE = re.compile(r"exercise-(?P<name>.+)-(?P<part>start|solution)\.md")
TITLE = re.compile(r"### (?P<title>.+) \{ #exercise-(?P<name>[-a-z0-9]+) \}")
_PAGE_IN_NAV = re.compile(r"^ *- (?:.*: )?(\S+\.md)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        page: the page that shows it.
        name: its name, that of no other exercise.
        title: its heading.
        level: 1, 2 or 3.
        minutes: how long it takes.
        text: what to do, in Markdown.
        start: the starter.
        solution: the solution.
    """

    page: Path
    name: str
    title: str
    level: int
    minutes: int
    text: str
    start: Example
    solution: Example

    @property
    def check(self) -> str:
        """The program that says whether it is solved, to run after what is written."""
        return self.solution.code[-1].text

    @property
    def plain(self) -> str:
        """What to do, without links."""
        return _LINK.sub(r"\1", self.text)


def written_of(example: Example) -> str:
    """Return the part of a starter or a solution that a reader writes."""
    return "".join(block.text for block in example.code[:-1])


def exercises(project: Project) -> list[Exercise]:
    """Return all exercises in the order of the navigation, but those with a fault."""
    config = project.root / "mkdocs.yml"
    text = config.read_text(encoding="utf-8") if config.is_file() else ""
    order = {page: n for n, page in enumerate(_PAGE_IN_NAV.findall(text))}

    def place(page: Path) -> tuple[int, Path]:
        name = page.relative_to(project.docs).as_posix()
        return order.get(name, len(order)), page

    return [
        exercise
        for page in sorted(project.pages, key=place)
        for exercise in exercises_of(page, project)[0]
    ]


def exercises_of(page: Path, project: Project) -> tuple[list[Exercise], list[Problem]]:
    """Return the exercises of a page, and what is wrong with the others."""
    found, problems = [], []
    marks = [*_marks(page)]
    for begin in [n for n, mark in enumerate(marks) if mark.what == "head"] or [0]:
        if begin == len(marks):
            break  # a page without exercises
        following = (m.what == "head" for m in marks[begin + 1 :])
        length = next((n for n, head in enumerate(following, 1) if head), None)
        group = marks[begin:][:length]
        read = _exercise(group, page, project)
        if isinstance(read, str):
            problems.append(Problem(page, group[0].line, read))
        else:
            found.append(read)
    return found, problems


class _Mark(NamedTuple):
    """A line of a page that is a part of an exercise; of prose the text before it."""

    line: int
    what: str
    name: str
    piece: Piece
    before: str


def _marks(page: Path) -> Iterator[_Mark]:
    """Yield the lines of a page that are parts of an exercise."""
    prose: list[str] = []
    for piece in pieces(page):
        before = "\n".join(prose).strip()
        match piece:
            case Element(line, kind) if kind in (HEAD, SOLUTION, END):
                name = piece.attributes.get("name", "")
                what = kind.removeprefix("exercise-")
                yield _Mark(line, what, name, piece, before)
            case Include(line, example):
                part = EXAMPLE.fullmatch(PurePosixPath(example).name)
                if part:
                    what = {"solution": "program"}.get(part["part"], part["part"])
                    yield _Mark(line, what, part["name"], piece, before)
            case Prose(_, text):
                prose.append(text)
                continue
        prose.clear()


_ORDER = ["head", "start", "solution", "program", "end"]


def _exercise(marks: list[_Mark], page: Path, project: Project) -> Exercise | str:
    """Return the exercise that these lines are, or what is wrong with them."""
    if [mark.what for mark in marks] != _ORDER:
        return (
            "an exercise is: its head, its starter, the mark of its solution, the "
            "solution, and its end; see mapped_axis/exercises/read.py."
        )
    head, start, _, solution, _ = marks
    assert isinstance(head.piece, Element)
    assert isinstance(start.piece, Include) and isinstance(solution.piece, Include)
    given = head.piece.attributes
    title = TITLE.fullmatch(head.before.rpartition("\n")[2])
    if title is None or {title["name"], start.name, solution.name} != {head.name}:
        return (
            f"the exercise {head.name!r} has another name in its heading, "
            "### Title { #exercise-NAME }, or in its examples."
        )
    if given.get("level") not in LEVELS or not given.get("minutes", "").isdigit():
        return f"the exercise {head.name!r} has no level of 1 to 3, or no minutes."
    files = [project.snippets / m.piece.example for m in (start, solution)]  # type: ignore[union-attr]
    if not all(file.is_file() for file in files):
        return f"the exercise {head.name!r} lacks an example."
    first, last = map(read_example, files)
    if says := _fault(first, last):
        return says
    level, minutes = int(given["level"]), int(given["minutes"])
    names = head.name, title["title"], level, minutes
    return Exercise(page, *names, start.before, first, last)


def _fault(start: Example, solution: Example) -> str:
    """Say what is wrong with the two programs of an exercise, or return ""."""
    for example in (start, solution):
        if len(example.code) != 2 or example.language != "python":
            return f"{shown(example.path)} is not in two parts: the program, the check."
    if start.code[-1].text != solution.code[-1].text:
        return f"the check in {shown(start.path)} is not that of its solution."
    if start.code[0].text == solution.code[0].text:
        return f"{shown(start.path)} is its own solution."
    # A missing output is none: the run supplies it.
    if start.output and not start.output.text.startswith(NOT_YET):
        return f"{shown(start.path)} does not print {NOT_YET!r} and what is missing."
    if solution.output and solution.output.text != SOLVED:
        return f"{shown(solution.path)} does not print {SOLVED.strip()!r} and no more."
    return ""
