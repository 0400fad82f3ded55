"""Each figure is a run of its example as it is today, and everyone can read it."""

import ast
import gzip
import itertools
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Figure, Include, pieces
from mapped_axis.figures import preview
from mapped_axis.figures.declare import FIGURES
from mapped_axis.figures.draw import BORDER, COLORS, FONT, INDEX, SHADE, VALUE, WIDTH
from mapped_axis.project import HERE
from support.places import address_of

SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(FIGURES)
LEGEND = "reference/figures"  # shows figures without their examples


def files(folder):
    """Return the figures in a folder, by name, as bytes."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.svg"))
    }


def root_of(name):
    """Return the parsed drawing of a figure."""
    return ElementTree.parse(HERE.figures / f"{name}.svg").getroot()


def arrays_of(name):
    """Return the groups of the arrays, or of the frames, of a figure."""
    return root_of(name).findall(f".//{SVG}g[@font-size='{FONT}']/{SVG}g")


def example_of(name):
    """Return the example that a figure is of."""
    return f"{FIGURES[name].example or name}.md"


def run(*args):
    """Run this Python as `make figures` does: JAX counts its devices once a process."""
    return subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Draw all figures into a folder of their own, and nothing elsewhere."""
    folder = tmp_path_factory.mktemp("figures")
    before = preview.PATH.stat().st_mtime_ns
    result = run("-m", "mapped_axis.figures", folder)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert preview.PATH.stat().st_mtime_ns == before
    return files(folder)


# --- what is drawn is what ran ----------------------------------------------------------


def test_each_figure_is_what_is_drawn_today(drawn):
    committed = files(HERE.figures)
    assert sorted(committed) == sorted(drawn), "draw them anew: make figures"
    other = [name for name in drawn if drawn[name] != committed[name]]
    assert other == [], "draw them anew: make figures"


@pytest.mark.slow
def test_a_wrong_option_draws_nothing():
    result = run("-m", "mapped_axis.figures", "--nowhere")
    assert result.returncode == 2
    assert "unrecognized arguments: --nowhere" in result.stderr


# An example with other values, another call, or what it does not print; and a figure that
# names another call, none, one that no array ever reached, or one that is too large.
CHANGES = {
    "values": ("learn/axes/add-matrices", "2, 2), 10)", "2, 2), 20)"),
    "axes": ("learn/axes/twice", "in_axes=(0, 1)", "in_axes=(1, 0)"),
    "output": ("learn/axes/own-axes", "[[10 20 25]", "[[10 20 26]"),
}
OTHERS = {
    "another": ("vmap(spread)", 2, "learn/axes/rows-or-columns"),
    "none": ("vmap(spread)", 3, "learn/axes/rows-or-columns"),
    "swapped": ("vmap(move)", 0, "learn/axes/add-matrices"),
    "large": ("vmap(jnp.sum)", 0, "large"),
    "traced": ("vmap(layer)", 0, "learn/first-vmap/jaxpr"),
}
SCRIPT = """
import json, sys
from pathlib import Path
from mapped_axis.figures.__main__ import draw_all
from mapped_axis.figures.declare import Figure
figures = {k: Figure(*v) for k, v in json.loads(sys.argv[1]).items()}
print(json.dumps(draw_all(figures, Path(sys.argv[2]))))
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Draw figures of changed examples, and other figures than are declared."""
    snippets = tmp_path_factory.mktemp("snippets")
    figures = dict(OTHERS)
    for kind, (name, before, after) in CHANGES.items():
        call, number, _ = FIGURES[name]
        figures[kind] = (call, number, kind)
        text = (HERE.snippets / f"{name}.md").read_text(encoding="utf-8")
        assert before in text
        (snippets / f"{kind}.md").write_text(text.replace(before, after), "utf-8")
    large = (
        "import jax\nimport jax.numpy as jnp\n\njax.vmap(jnp.sum)(jnp.ones((9, 9)))\n"
    )
    (snippets / "large.md").write_text(f"```python\n{large}```\n", "utf-8")
    for _, _, name in OTHERS.values():
        if name == "large":
            continue
        path = snippets / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((HERE.snippets / f"{name}.md").read_bytes())
    result = run("-c", SCRIPT, json.dumps(figures), snippets)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.slow
def test_another_example_or_call_makes_another_figure(changed, drawn):
    for kind in ("values", "axes"):
        drawing = changed[kind]
        assert drawing.startswith("<svg")
        assert drawing.encode() != drawn[CHANGES[kind][0]]
    assert ">20<" in changed["values"]
    drawing = changed["another"]
    assert drawing.startswith("<svg") and "in_axes=-1" in drawing
    assert drawing.encode() not in drawn.values()


@pytest.mark.parametrize(
    ("kind", "says"),
    {
        "output": "watched, it prints",
        "large": "too large",
        "none": "no call 3 of vmap(spread)",
        "swapped": "no call 0 of vmap(move); there are vmap(add_matrices)",
        "traced": "never had real arrays",
    }.items(),
)
@pytest.mark.slow
def test_what_did_not_run_so_is_not_drawn(changed, kind, says):
    assert not changed[kind].startswith("<svg")
    assert says in changed[kind]


def misplaced(read, page):
    """Return the figures of a page that are under another example, or out of order."""
    found, example, last = [], None, -1
    for piece in read:
        if isinstance(piece, Include):
            example, last = piece.example, -1
        elif isinstance(piece, Figure) and page != LEGEND:
            name = piece.name.removesuffix(".svg")
            call = int(root_of(name).get("data-call"))
            if example != example_of(name) or call <= last:
                found.append(name)
            last = call
    return found


def page_of(source):
    """Return the name of a page."""
    return source.relative_to(HERE.docs).with_suffix("").as_posix()


@pytest.mark.site
@pytest.mark.parametrize("source", HERE.pages, ids=page_of)
def test_a_figure_follows_its_example_in_the_order_of_the_calls(source):
    assert misplaced(pieces(source), page_of(source)) == []


def test_a_figure_that_is_swapped_is_found():
    read = list(pieces(HERE.docs / "learn/axes.md"))
    places = [n for n, piece in enumerate(read) if isinstance(piece, Figure)]
    for a, b in itertools.combinations(places, 2):
        other = list(read)
        other[a], other[b] = other[b], other[a]
        assert misplaced(other, "learn/axes"), (read[a], read[b])


def values(name, title, **lane):
    """Return the values in the cells of an array that a lane has, in their order."""
    for array in arrays_of(name):
        if array.find(f"{SVG}text").text != title:
            continue
        return [
            float(text.text)
            for group in array.findall(f"{SVG}g/{SVG}g/{SVG}g")
            if all(
                group.get(f"data-{key}") in (None, str(i)) for key, i in lane.items()
            )
            for text in group.findall(f"{SVG}text")
            if text.get("font-size")
        ]
    raise KeyError(title)


def test_a_lane_has_what_it_computes_with():
    for lane in range(3):
        turn, point, shift, result = (
            np.array(values("learn/axes/own-axes", title, o=lane))
            for title in ("turn", "point", "shift", "result")
        )
        assert (turn.reshape(2, 2) @ point + shift == result).all()
    for o, i in np.ndindex(3, 3):
        a, b, (result,) = (
            np.array(values("learn/nesting/pairwise", title, o=o, i=i))
            for title in ("a", "b", "result")
        )
        assert np.hypot(*(a - b)) == result


def lanes(name):
    """Return the arrays of a figure of lanes by name: the shape and the rows of indices."""
    found = {}
    for array in arrays_of(name):
        texts = array.findall(f"{SVG}text")
        if texts and texts[0].get("class"):  # not a frame
            title, shape = ("".join(text.itertext()) for text in texts)
            rows = array.findall(f"{SVG}g/{SVG}g")
            found[title] = ast.literal_eval(shape), "".join(map(written, rows))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_shows_its_index(name):
    for shape, text in lanes(name).values():
        indices = [",".join(map(str, index)) for index in np.ndindex(*shape)]
        assert text == "".join(indices)


def written(row):
    """Return the indices that are written in a row of cells, from left to right."""
    chars = [
        (float(x), char)
        for text in row.iter(f"{SVG}text")
        if text.get("y") == str(INDEX)
        for x, char in zip(text.get("x").split(), text.text, strict=True)
    ]
    return "".join(char for _, char in sorted(chars))


def test_what_is_linked_stands_in_the_program_and_its_output():
    linked = set()
    for name in NAMES:
        example = read_example(HERE.snippets / example_of(name))
        at, _, call = root_of(name).get("data-code").partition(":")
        assert example.program[int(at) :].startswith(call)
        for group in root_of(name).iter():
            for place in (group.get("data-at") or "").split():
                at, _, text = place.partition(":")
                assert example.output.text[int(at) :].startswith(text)
                cells = [t.text for t in group.iter(f"{SVG}text")]
                assert any(
                    float(text) == float(c) for c in cells if c[:1] in "-0123456789"
                )
                linked.add(name)
    assert len(linked) > len(NAMES) / 2, sorted(linked)


# --- everyone can read it ---------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_small_and_complete(name):
    drawing = (HERE.figures / f"{name}.svg").read_bytes()
    assert len(gzip.compress(drawing)) < 2000
    root = root_of(name)
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 30
    width = int(root.get("viewBox").split()[2])
    assert width <= WIDTH + 2 * BORDER  # a phone shows it without making it smaller
    sizes = {float(e.get("font-size")) for e in root.iter() if e.get("font-size")}
    assert sizes == {FONT, VALUE}
    assert min(sizes) >= 13  # a unit is shown as a pixel or more
    for element in root.iter():
        assert not {"id", "style"} & set(element.keys())  # twice on a page, strict CSP
        # On its own it has no stylesheet.
        assert (element.get("class") in COLORS) == bool(element.get("color"))


def test_a_page_shows_each_of_its_figures_and_no_other(pages):
    for source in HERE.pages:
        shown = pages[address_of(source)].select("figure.array-figure > [role=img]")
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
    captions = [root_of(name).get("data-caption").partition("{")[2] for name in NAMES]
    assert captions and not [text for text in captions if text[3:] in index]


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
