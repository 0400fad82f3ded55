"""Draw all array figures, and the preview: ``python -m mapped_axis.figures``, or ``make figures``."""

import contextlib
import io
import sys
from pathlib import Path

import jax

from mapped_axis.figures.declare import FIGURES
from mapped_axis.figures.preview import PATH, draw
from mapped_axis.project import HERE


def main(folder: Path = HERE.figures) -> None:
    """Draw each figure into a folder: ``learn/axes/rows`` as ``learn/axes/rows.svg``."""
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", 8)
    for name, figure in FIGURES.items():
        path = folder / f"{name}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.redirect_stdout(io.StringIO()):  # what the examples print
            drawing = figure.draw(name)
        path.write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
    draw(PATH)
