"""Draw all array figures, and the preview: ``make figures``."""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mapped_axis.examples.grammar import read_example
from mapped_axis.figures import record
from mapped_axis.figures.declare import FIGURES, Figure
from mapped_axis.figures.preview import PATH, draw
from mapped_axis.project import HERE


def draw_all(
    figures: dict[str, Figure], snippets: Path = HERE.snippets
) -> dict[str, str]:
    """Return the drawing of each figure, or why there is none; each example runs once.

    Args:
        figures: the figures by name.
        snippets: where the examples are.
    """
    wanted: dict[str, dict[str, Figure]] = {}
    for name, figure in figures.items():
        wanted.setdefault(figure.example or name, {})[name] = figure
    # A fork of a process that has imported JAX and not started it, one for each example.
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        drawn: dict[str, str] = {}
        examples = ((snippets / f"{name}.md", f) for name, f in wanted.items())
        for found in pool.starmap(draw_example, examples, chunksize=1):
            drawn |= found
    return drawn


def draw_example(example: Path, figures: dict[str, Figure]) -> dict[str, str]:
    """Run an example and return its figures, or why there is none.

    Args:
        example: its file.
        figures: its figures by name.
    """
    program = read_example(example).program
    try:
        calls, printed = record.record(example)
    except record.NotDrawnError as error:
        return dict.fromkeys(figures, f"{error}")
    drawn = {}
    for name, figure in figures.items():
        try:
            place = record.find(calls, figure.call, figure.number)
            drawing = record.draw(calls[place], printed, program)
            # Which call it is of, for who compares the order of figures with that.
            drawn[name] = drawing.replace("<svg", f'<svg data-call="{place}"', 1)
        except record.NotDrawnError as error:
            drawn[name] = f"{name}: {error}"
    return drawn


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Draw each figure into a folder: ``learn/axes/rows`` as ``learn/axes/rows.svg``.

    Returns:
        What could not be drawn, and why, or None.
    """
    parser = argparse.ArgumentParser(description="Draw all array figures.")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="where they go; without it to their pages, and the preview is drawn too",
    )
    given = parser.parse_args(arguments).folder
    if given is None:
        draw(PATH)
    folder = HERE.figures if given is None else given.absolute()
    drawn = draw_all(FIGURES)
    for name, drawing in drawn.items():
        if drawing.startswith("<svg"):
            path = folder / f"{name}.svg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(drawing, encoding="utf-8")
    failed = [said for said in drawn.values() if not said.startswith("<svg")]
    return "\n".join(failed) or None


if __name__ == "__main__":
    os.environ["JAX_PLATFORMS"] = "cpu"
    compiled = HERE.cache / "compiled"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(compiled))
    sys.exit(main())
