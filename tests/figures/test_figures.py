"""Each figure is drawn from what JAX says today, and everyone can read it."""

import gzip
import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import examples
import figures
import jax
import kinds
import numpy as np
import pytest
from draw import COLORS, WIDTH
from places import DOCS, address_of

FOLDER = DOCS / "_figures"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(figures.FIGURES)
# Where lanes look at each other, or ask where they are, one depends on all.
LANES = [
    name
    for name, figure in figures.FIGURES.items()
    if isinstance(figure, kinds.Vmap) and not figure.axis_name
]


def files(folder):
    """Return the figures in a folder, by name, as bytes."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.svg"))
    }


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Draw all figures as `make figures` does: JAX counts its devices once a process."""
    folder = tmp_path_factory.mktemp("figures")
    result = subprocess.run(
        [sys.executable, FOLDER / "figures.py", folder],
        env=os.environ | {"PYTHONPATH": str(DOCS / "_hooks")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    return files(folder)


# --- what is drawn is what JAX says -----------------------------------------------------


def test_each_figure_is_what_is_drawn_today(drawn):
    committed = files(FOLDER)
    assert sorted(committed) == sorted(drawn), "draw them anew: make figures"
    other = [name for name in drawn if drawn[name] != committed[name]]
    assert other == [], "draw them anew: make figures"


def test_other_axes_make_another_figure(drawn):
    name = "learn/axes/columns"
    figure = figures.FIGURES[name]
    assert figure.draw(name).encode() == drawn[name]
    for change in ({"in_axes": 0}, {"arguments": {"readings": (3, 3)}}):
        assert replace(figure, **change).draw(name).encode() != drawn[name]


def test_a_figure_of_what_jax_refuses_is_not_drawn():
    figure = replace(figures.FIGURES["learn/axes/twice"], in_axes=(0, 2))
    with pytest.raises(ValueError, match="implies that its rank should be at least 3"):
        figure.draw("learn/axes/twice")


@pytest.mark.parametrize("name", LANES)
def test_a_lane_depends_on_what_is_shaded_alone(name):
    function, given, arguments, results, _ = figures.FIGURES[name].ask(name)
    structure = jax.tree.structure(given)
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
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    found = {}
    for array in root.findall(f"{SVG}g/{SVG}g"):
        title, shape = ("".join(e.itertext()) for e in array.findall(f"{SVG}text"))
        found[title] = shape, [written(row) for row in array.findall(f"{SVG}g/{SVG}g")]
    _, _, arguments, results, _ = figures.FIGURES[name].ask(name)
    assert found == {
        array.name: (str(array.shape), list(rows(array.shape)))
        for array in arguments + results
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
    path = FOLDER / f"{name}.svg"
    assert len(gzip.compress(path.read_bytes())) < 1000
    root = ElementTree.parse(path).getroot()
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 30
    width = int(root.get("viewBox").split()[2])
    assert width <= WIDTH + 2  # a phone shows it without making it smaller
    sizes = {float(e.get("font-size")) for e in root.iter() if e.get("font-size")}
    assert sizes == {12}
    for element in root.iter():
        assert not {"id", "style"} & set(element.keys())  # twice on a page, strict CSP
        # On its own it has no stylesheet.
        assert (element.get("class") in COLORS) == bool(element.get("color"))


def test_a_page_shows_each_of_its_figures(pages):
    for source in examples.pages(DOCS):
        shown = pages[address_of(source)].select("figure.array-figure > svg")
        labels = [
            ElementTree.parse(FOLDER / include.example).getroot().get("aria-label")
            for include in examples.read_figures(source)
        ]
        assert [svg["aria-label"] for svg in shown] == labels


def test_the_search_does_not_look_into_figures(site):
    index = (site / "search/search_index.json").read_text(encoding="utf-8")
    assert "shaded: lane" not in index


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colors_can_be_read(scheme):
    sheet = (DOCS / "_theme/assets/site.css").read_text(encoding="utf-8")
    found = re.findall(r"--axis-(\w+): (#\w+);", sheet)
    assert [name for name, _ in found] == [*COLORS] * 2
    light, dark = dict(found[:3]), dict(found[3:])
    assert light == COLORS
    colors, background = {
        "light": (light, "#ffffff"),
        "dark": (dark, "#1e2129"),  # Material's
    }[scheme]
    page, mapped = rgb(background), rgb(colors["mapped"])
    for color in map(rgb, colors.values()):
        shade = [0.15 * a + 0.85 * b for a, b in zip(color, page, strict=True)]
        # A marked index may stand in a cell that another role shades.
        assert min(contrast(color, page), contrast(mapped, shade)) >= 4.5
