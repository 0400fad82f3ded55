"""Each figure is drawn from what JAX says today, and everyone can read it."""

import gzip
import itertools
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import jax
import numpy as np
import pytest

from mapped_axis.figures.ask import Vmap
from mapped_axis.figures.declare import FIGURES
from mapped_axis.figures.draw import BORDER, COLORS, FONT, SHADE, WIDTH
from mapped_axis.project import HERE
from support.places import address_of

SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(FIGURES)
# Where lanes look at each other, or ask where they are, one depends on all.
LANES = [
    name
    for name, figure in FIGURES.items()
    if isinstance(figure, Vmap) and not figure.axis_name
]


def files(folder):
    """Return the figures in a folder, by name, as bytes."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.svg"))
    }


def root_of(name):
    """Return the parsed drawing of a figure."""
    return ElementTree.parse(HERE.figures / f"{name}.svg").getroot()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Draw all figures as `make figures` does: JAX counts its devices once a process."""
    folder = tmp_path_factory.mktemp("figures")
    result = subprocess.run(
        [sys.executable, "-m", "mapped_axis.figures", folder],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    return files(folder)


# --- what is drawn is what JAX says -----------------------------------------------------


def test_each_figure_is_what_is_drawn_today(drawn):
    committed = files(HERE.figures)
    assert sorted(committed) == sorted(drawn), "draw them anew: make figures"
    other = [name for name in drawn if drawn[name] != committed[name]]
    assert other == [], "draw them anew: make figures"


def test_other_axes_make_another_figure(drawn):
    name = "learn/axes/columns"
    figure = FIGURES[name]
    assert figure.draw(name).encode() == drawn[name]
    for change in ({"in_axes": 0}, {"arguments": {"readings": (3, 3)}}):
        assert replace(figure, **change).draw(name).encode() != drawn[name]


def test_a_figure_of_what_jax_refuses_is_not_drawn():
    figure = replace(FIGURES["learn/axes/twice"], in_axes=(0, 2))
    with pytest.raises(ValueError) as refused:
        jax.vmap(jax.numpy.dot, figure.in_axes)(*map(np.zeros, figure.arrays.values()))
    with pytest.raises(ValueError, match=re.escape(str(refused.value))):
        figure.draw("learn/axes/twice")


@pytest.mark.parametrize("name", LANES)
def test_a_lane_depends_on_what_is_shaded_alone(name):
    function, arrays, _ = FIGURES[name].ask(name)
    arguments = [array for array in arrays if not array.result]
    results = [array for array in arrays if array.result]
    structure = jax.tree.structure(FIGURES[name].given)
    random = np.random.default_rng(0)

    def run(inputs):
        outputs = function(*jax.tree.unflatten(structure, inputs))
        return [
            np.asarray(output)[shaded(array)]
            for array, output in zip(results, jax.tree.leaves(outputs), strict=True)
        ]

    def differ(a, b):
        return any((x != y).any() for x, y in zip(a, b, strict=True))

    shades = [shaded(array) for array in arguments]
    inputs = [random.normal(size=shade.shape) for shade in shades]
    other = [random.normal(size=shade.shape) for shade in shades]
    changed = [
        [
            np.where(shade == change, b, a)
            for shade, a, b in zip(shades, inputs, other, strict=True)
        ]
        for change in (False, True)
    ]
    assert not differ(run(inputs), run(changed[0]))
    assert differ(run(inputs), run(changed[1]))


def shaded(array):
    """Return which cells of an array are shaded, as an array of its shape."""
    cells = np.zeros(array.shape, bool)
    for index in np.ndindex(array.shape):
        cells[index] = array.is_shaded(index)
    return cells


@pytest.mark.parametrize("name", LANES)
def test_each_cell_shows_its_index(name):
    found = {}
    for array in root_of(name).findall(f"{SVG}g/{SVG}g"):
        title, shape = ("".join(e.itertext()) for e in array.findall(f"{SVG}text"))
        found[title] = shape, [written(row) for row in array.findall(f"{SVG}g/{SVG}g")]
    assert found == {
        array.name: (str(array.shape), list(rows(array.shape)))
        for array in FIGURES[name].ask(name)[1]
    }


def written(row):
    """Return what is written in a row of cells, from left to right."""
    chars = [
        (float(x), char)
        for text in row.findall(f"{SVG}text")
        for x, char in zip(text.get("x").split(), text.text, strict=True)
    ]
    return "".join(char for _, char in sorted(chars))


def rows(shape):
    """Yield the indices of an array, a row at a time, as they are written."""
    if not shape:
        yield "()"
        return
    for _, row in itertools.groupby(np.ndindex(shape), lambda index: index[:-1]):
        yield "".join(",".join(map(str, index)) for index in row)


# --- everyone can read it ---------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_small_and_complete(name):
    drawing = (HERE.figures / f"{name}.svg").read_bytes()
    assert len(gzip.compress(drawing)) < 1000
    root = root_of(name)
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 30
    width = int(root.get("viewBox").split()[2])
    assert width <= WIDTH + 2 * BORDER  # a phone shows it without making it smaller
    sizes = {float(e.get("font-size")) for e in root.iter() if e.get("font-size")}
    assert sizes == {FONT}
    for element in root.iter():
        assert not {"id", "style"} & set(element.keys())  # twice on a page, strict CSP
        # On its own it has no stylesheet.
        assert (element.get("class") in COLORS) == bool(element.get("color"))


def test_a_page_shows_each_of_its_figures_and_no_other(pages):
    for source in HERE.pages:
        shown = pages[address_of(source)].select("figure.array-figure > svg")
        page = source.relative_to(HERE.docs).with_suffix("").as_posix()
        labels = [
            root_of(name).get("aria-label")
            for name in NAMES
            if name.rpartition("/")[0] == page
        ]
        assert sorted(svg["aria-label"] for svg in shown) == sorted(labels)


def test_the_search_does_not_look_into_figures(site):
    files = sorted((site / "search").glob("*.json"))
    index = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "jax.vmap" in index  # the texts of the pages are here
    texts = {text.text for name in NAMES for text in root_of(name).iter(f"{SVG}text")}
    shaded = {text for text in texts if str(text).startswith("shaded: ")}
    assert shaded and not [text for text in shaded if text in index]


def luminance(color):
    """Return the relative luminance of a colour (WCAG 2)."""
    parts = [part / 255 for part in color]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """Return the contrast of two colours (WCAG 2)."""
    light, dark = sorted([luminance(a), luminance(b)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rgb(color):
    """Return the parts of a colour like ``#0f56b3``."""
    return tuple(bytes.fromhex(color[1:]))


# Contrast falls as a light page darkens, or a dark one lightens: these are the furthest
# that a theme may go.
BACKGROUNDS = {"light": "#f0f0f0", "dark": "#303030"}


@pytest.mark.parametrize("scheme", BACKGROUNDS)
def test_the_colors_can_be_read(scheme):
    sheet = (HERE.docs / "_theme/assets/site.css").read_text(encoding="utf-8")
    found = re.findall(r"--axis-(\w+): (#\w+);", sheet)
    assert [name for name, _ in found] == [*COLORS] * 2
    light, dark = dict(found[:3]), dict(found[3:])
    assert light == COLORS
    colors = {"light": light, "dark": dark}[scheme]
    page, mapped = rgb(BACKGROUNDS[scheme]), rgb(colors["mapped"])
    opacity = float(SHADE)
    for color in map(rgb, colors.values()):
        shade = [
            opacity * a + (1 - opacity) * b for a, b in zip(color, page, strict=True)
        ]
        # A marked index may stand in a cell that another role shades.
        assert min(contrast(color, page), contrast(mapped, shade)) >= 4.5
