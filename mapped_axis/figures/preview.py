"""The picture that stands for the site where someone links to it.

``make figures`` writes it: the mark of the site, an axis beside the lanes that it maps, and
the site's name. It shows no value, so there is nothing in it that a program must print.
"""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon

from mapped_axis.project import HERE

PATH = HERE.docs / "_theme/assets/preview.png"
NAME = "The Mapped Axis"
WIDTH, HEIGHT = 1200, 630  # pixels, as those who show previews ask for
_GROUND, _LANE, _MAPPED = "#1f3a5f", "#ffffff", "#ffb066"


def draw(path: Path) -> None:
    """Write the picture as a PNG file."""
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=_GROUND)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.axis("off")
    shaft = [(150, 130), (170, 130), (170, 270), (190, 270), (160, 310), (130, 270)]
    axes.add_patch(Polygon([*shaft, (150, 270)], color=_LANE))
    for top, color in ((130, _LANE), (196, _MAPPED), (262, _LANE)):
        lane = FancyBboxPatch(
            (228, top), 820, 44, boxstyle="round,pad=0,rounding_size=8"
        )
        lane.set_color(color)
        axes.add_patch(lane)
    axes.text(130, 480, NAME, color=_LANE, size=60, weight="bold", family="DejaVu Sans")
    figure.savefig(path, metadata={"Software": None})
