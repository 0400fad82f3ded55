"""Everything that can be wrong with a page before it is rendered."""

import json
from pathlib import Path

from mapped_axis.cluster.grounds import GROUNDS
from mapped_axis.cluster.record import runs_of
from mapped_axis.examples.data import FaultyFileError, read_notebook
from mapped_axis.examples.grammar import Problem, foreign_characters, read_example
from mapped_axis.examples.pieces import (
    Element,
    Recorded,
    Times,
    all_problems,
    page_problems,
    pieces,
    sources,
)
from mapped_axis.exercises.read import exercises_of
from mapped_axis.pages.elements import Elements
from mapped_axis.pages.glossary import term_problems
from mapped_axis.pages.heads import head_problems
from mapped_axis.pages.marks import mark_problems
from mapped_axis.pages.moved import moved_problems
from mapped_axis.pages.predict import path_of, predict_problems
from mapped_axis.pages.prose import notebook_markup, prose_problems
from mapped_axis.pages.site import nav_problems
from mapped_axis.pages.tables import recorded_table, times_table
from mapped_axis.project import Project


def problems_of(page: Path, project: Project) -> list[Problem]:
    """Return what is wrong with a page and all that it shows."""
    found = page_problems(page, project) + _unfilled(page, project)
    found += exercises_of(page, project)[1]
    return found + predict_problems(page, project)


def every_problem(project: Project) -> list[Problem]:
    """Return what is wrong with any page, and each file that no page shows."""
    found = all_problems(project) + nav_problems(project) + moved_problems(project)
    found += term_problems(project) + cluster_problems(project)
    for notebook in project.notebooks:
        # As it is written, but with no character hidden in an escape.
        read = read_notebook(notebook)
        text = json.dumps(read, ensure_ascii=False, indent=1)
        found += foreign_characters(notebook, text) + notebook_markup(notebook)
        found += prose_problems(notebook, project)
    faulty = {problem.path for problem in found}
    for page in project.pages:
        unfilled = _unfilled(page, project)
        # What its prose says is compared with all that the page shows, if that is whole.
        whole = faulty.isdisjoint({page, *sources(page, project)})
        found += unfilled or (prose_problems(page, project) if whole else [])
        found += predict_problems(page, project) + exercises_of(page, project)[1]
    asked = {path_of(page, project) for page in project.pages}
    for path in sorted(project.questions.rglob("*")):
        if path.is_file() and path not in asked:
            found.append(Problem(path, 1, "the question of no page; delete it."))
    # Of a file that several pages show, once.
    return list(dict.fromkeys(found + head_problems(project)))


def cluster_problems(project: Project) -> list[Problem]:
    """Return what `make cluster` could not run, or would not."""
    problems = []
    for path in sorted(project.snippets.rglob("*.md")):
        example = read_example(path)
        if example.ground and example.ground not in GROUNDS:
            says = (
                f"nothing starts {example.ground!r}; write one of {', '.join(GROUNDS)}."
            )
            problems.append(Problem(path, 1, says))
        if example.file and not runs_of(example):
            says = f"no example of this page runs {example.file}; name it in one."
            problems.append(Problem(path, 1, says))
    return problems


def _unfilled(page: Path, project: Project) -> list[Problem]:
    """Return the faults of the marks of a page, and of what is filled from data."""
    read = pieces(page)
    problems = mark_problems(page, read, project)
    elements = Elements()
    for piece in read:
        try:
            if isinstance(piece, Times):
                times_table(page.parent / piece.file)
            elif isinstance(piece, Recorded):
                recorded_table(piece.what, project)
            elif isinstance(piece, Element):
                elements.fill(piece)
        except FaultyFileError as error:
            problems.append(error.problem)
        except ValueError as error:
            problems.append(Problem(page, piece.line, str(error)))
    # Of a file that several elements show, once.
    return list(dict.fromkeys(problems))
