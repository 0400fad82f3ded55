"""What a page shows of exercises: level and time, a solution that unfolds, the list of all.

A page asks for it with the elements that `read` names, and the list with
``<div class="exercise-list" data-level="1"></div>``.
"""

import functools
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path, PurePosixPath

from mapped_axis.examples.pieces import Element, Piece, Prose
from mapped_axis.exercises.read import (
    END,
    EXAMPLE,
    HEAD,
    SOLUTION,
    TITLE,
    Exercise,
    exercises,
)
from mapped_axis.project import HERE

LIST = "exercise-list"
ASSETS = ("exercises.css",)  # in docs/_theme/assets/
# Exercises that stood on another page, whose address leads to the list.
MOVED = {"speed": "one-shape"}
_OPEN = f'<div class="{SOLUTION}"></div>'
_CLOSE = f'<div class="{END}"></div>'


def folded(html: str) -> str:
    """Return a page whose solutions are folded.

    An engine closes what it opens, so an element around its Markdown is made afterwards.

    Args:
        html: the page as the engine made it.
    """
    opens = (
        f'<details class="{SOLUTION}"><summary data-search-exclude>Solution</summary>'
    )
    return html.replace(_OPEN, opens).replace(_CLOSE, "</details>")


def with_solutions_last(read: list[Piece]) -> list[Piece]:
    """Return the pieces of a page, what is folded there at the end, each with its title."""
    first: list[Piece] = []
    last: list[Piece] = []
    title: Piece | None = None
    inside = False
    for piece in read:
        if isinstance(piece, Prose) and (found := TITLE.fullmatch(piece.text)):
            title = Prose(piece.line, f"### {found['title']}")
        inside = inside and not (isinstance(piece, Element) and piece.kind == END)
        if isinstance(piece, Element) and piece.kind == SOLUTION:
            inside = True
            last += [Prose(piece.line, "")] + ([title] if title else [])
            says = "The solution stands at the end of this notebook."
            first.append(Prose(piece.line, says))
            continue
        (last if inside else first).append(piece)
    if last:
        last.insert(0, Prose(0, "\n## Solutions"))
    return first + last


def title_of_part(example: str, number: int) -> str:
    """Return what a part of a starter or a solution is, or "" for another example."""
    if part := EXAMPLE.fullmatch(PurePosixPath(example).name):
        first = "The solution" if part["part"] == "solution" else "Yours to change"
        return "The check" if number > 1 else first
    return ""


def _head(attributes: Mapping[str, str]) -> str:
    """Return level and time of an exercise."""
    return f"<p>{_effort(attributes)}</p>"


def _effort(attributes: Mapping[str, str]) -> str:
    """Return level and time of an exercise in words."""
    return f"Level {attributes['level']} of 3, {attributes['minutes']} minutes"


def _list(attributes: Mapping[str, str]) -> str:
    """Return the exercises of a level as a list; a page's first has the page's id."""
    rows = ""
    for exercise, names in _of_level(attributes["level"]):
        ids = "".join(f'<span id="{name}"></span>' for name in names)
        address = f"{_address(exercise)}#exercise-{exercise.name}"
        rows += (
            f'<li>{ids}<a data-to="{address}">{escape(exercise.title)}</a> '
            f"<span>{_page_title(exercise.page)}, {exercise.minutes} minutes</span></li>"
        )
    return f"<ul>{rows}</ul>"


def _plain_list(attributes: Mapping[str, str]) -> str:
    """Return the exercises of a level as a list in Markdown."""
    level = attributes["level"]
    rows = (
        f"- {exercise.title} ({_page_title(exercise.page)}, {exercise.minutes} minutes)"
        for exercise, _ in _of_level(level)
    )
    return "\n".join([f"Level {level}:", "", *rows])


def _of_level(level: str) -> list[tuple[Exercise, list[str]]]:
    """Return the exercises of a level, each with the old addresses that lead to it.

    Raises:
        ValueError: there are none.
    """
    taken: set[str] = set()
    found = []
    for exercise in _all(_changed()):
        old = [page for page, name in MOVED.items() if name == exercise.name]
        names = [n for n in (exercise.page.stem, *old) if n not in taken]
        taken |= {*names}
        if str(exercise.level) == level:
            found.append((exercise, names))
    if not found:
        raise ValueError(f"no exercise has the level {level!r}.")
    return found


@functools.lru_cache(maxsize=1)
def _all(changed: object) -> list[Exercise]:
    """Return all exercises; ``changed`` is there for the cache alone."""
    return exercises(HERE)


def _changed() -> object:
    """Return when each page was last changed."""
    return tuple((page, page.stat().st_mtime_ns) for page in HERE.pages)


def _address(exercise: Exercise) -> str:
    """Return where the page of an exercise is in the site."""
    return f"{exercise.page.relative_to(HERE.docs).with_suffix('').as_posix()}/"


def _page_title(page: Path) -> str:
    """Return the heading of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next(line[2:] for line in lines if line.startswith("# "))


# By the class of an element: what fills it, and what stands for it in plain text.
FILL: dict[str, Callable[[Mapping[str, str]], str]] = {
    HEAD: _head,
    SOLUTION: lambda _: "",
    END: lambda _: "",
    LIST: _list,
}
PLAIN: dict[str, Callable[[Mapping[str, str]], str]] = {
    HEAD: lambda attributes: f"*{_effort(attributes)}.*",
    SOLUTION: lambda _: "Solution:",
    END: lambda _: "",
    LIST: _plain_list,
}
