"""Each page with examples as a notebook, with its outputs in place.

A notebook runs all its cells in one interpreter, and JAX counts its devices once; so the
cell that asks for simulated devices comes first, where the page has an example that needs
them. The solutions of its exercises come last, where a reader does not meet them first.
"""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import v4

from mapped_axis.examples.grammar import Example, read_example
from mapped_axis.examples.pieces import (
    Element,
    Include,
    Piece,
    Prose,
    Recorded,
    Times,
)
from mapped_axis.exercises.html import PLAIN, with_solutions_last
from mapped_axis.pages import links
from mapped_axis.pages.predict import without_questions
from mapped_axis.pages.tables import recorded_table, times_table
from mapped_axis.project import Project

_DEVICES = re.compile(
    r'^jax\.config\.update\("jax_num_cpu_devices", \d+\)$', re.MULTILINE
)


def notebook_of(
    page: Path, project: Project, resolve: Callable[[str], str | None]
) -> nbformat.NotebookNode:
    """Make the notebook of a page.

    Args:
        page: a Markdown file below ``docs/``.
        project: its project.
        resolve: a function from a link of the page to an absolute address, or to None
            where there is none.
    """
    read = with_solutions_last(without_questions(page, project))
    named = [piece.example for piece in read if isinstance(piece, Include)]
    programs = {n: read_example(project.snippets / n) for n in dict.fromkeys(named)}
    setup = {m[0] for e in programs.values() for m in _DEVICES.finditer(e.program)}
    cells: list[nbformat.NotebookNode] = []
    prose: list[str] = []
    for piece in [*read, None]:
        if isinstance(piece, Include) and programs[piece.example].by_cluster:
            # A kernel has no launcher: what ran on one stands there as text.
            for block in programs[piece.example].part(piece.section):
                prose += ["", block.fenced]
            continue
        if piece is not None and not isinstance(piece, Include):
            prose += _text(piece, page, project)
            continue
        if text := links.plain("\n".join(prose), resolve).strip():
            cells.append(v4.new_markdown_cell(text))
        prose.clear()
        if piece and setup:
            devices = "import jax\n\n" + "\n".join(sorted(setup))
            cells.append(v4.new_code_cell(devices))
            setup.clear()
        if piece:
            cells += _cells(piece, programs[piece.example])
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # a random one would make each build another
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made: nbformat.NotebookNode = v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel}
    )
    return made


def _cells(include: Include, example: Example) -> list[nbformat.NotebookNode]:
    """Return the cells of an example, or of a section of it."""
    part = example.part(include.section)
    magic = "%%sh\n" if example.language == "sh" else ""
    cells = [
        v4.new_code_cell(
            magic + block.text.rstrip("\n"),
            # Says which program a cell is a part of: it may have several, and one output.
            metadata={"example": include.example},
        )
        for block in part
        if block is not example.output
    ]
    if example.output and any(block is example.output for block in part):
        text = example.output.text
        cells[-1].outputs = [v4.new_output("stream", name="stdout", text=text)]
    return cells


def _text(piece: Piece, page: Path, project: Project) -> list[str]:
    """Return the prose that stands for a piece in a notebook."""
    match piece:
        case Prose(_, text):
            return [text]
        case Times(_, file):
            return [times_table(page.parent / file)]
        case Recorded(_, what):
            return [recorded_table(what, project)]
        case Element(_, kind) if kind in PLAIN:
            return [PLAIN[kind](piece.attributes)]
        case Element():
            return ["*The page has [an interactive part](#) here.*"]
    return []  # a figure is an inline drawing, coloured by the page
