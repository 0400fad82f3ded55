"""The loop beside its map on the home page shows what its examples print, and no more."""

import re

import pytest

from mapped_axis.examples.write import example_text
from mapped_axis.pages import loop_map
from support.places import DOCS, address_of


@pytest.fixture(scope="module")
def home(pages):
    return pages[address_of(DOCS / "index.md")]


def test_its_lanes_are_those_of_the_program_above_its_output(home):
    program, output = (block.get_text() for block in home.select(".highlight code")[:2])
    for stage in home.select(".lam-stage"):
        points = [tag.text for tag in stage.select(".lam-in")]
        distances = [tag.text for tag in stage.select(".lam-out")]
        assert points == ["(3, 4)", "(6, 8)", "(5, 12)"]
        listed = re.sub(r"\.0", "", program)
        assert all(f"[{point[1:-1]}]" in listed for point in points)
        assert [f"{distance}." for distance in distances] == output.strip(
            "[ ]\n"
        ).split()


def test_its_counts_are_those_that_the_program_prints(home):
    printed = home.select(".highlight code")[3].text.strip().split("\n")
    table = [
        [cell.text.replace(",", "") for cell in row.select("td")]
        for row in home.select(".lam-counts tbody tr")
    ]
    # The first line is the head; the last two name the operations.
    assert table == [line.split() for line in printed[1:-2]]
    first = [tag.text for tag in home.select(".lam-stage figcaption b")]
    assert first == table[0][1:]


@pytest.mark.parametrize(
    ("name", "output", "says"),
    [
        ("COUNTS", "places loop vmap\n4 16 5\n", "does not begin with 3 places"),
        ("COUNTS", "places loop vmap\n", "prints no rows of three numbers"),
        ("VALUES", "[ 5. 10.]\n", "zip"),
    ],
)
def test_examples_that_do_not_fit_are_refused(
    tmp_path, monkeypatch, name, output, says
):
    program = "places = jnp.array([[3.0, 4.0], [6.0, 8.0], [5.0, 12.0]])\n"
    path = tmp_path / "one.md"
    path.write_text(example_text(program, output=output), encoding="utf-8")
    monkeypatch.setattr(loop_map, name, path)
    with pytest.raises(ValueError, match=says):
        loop_map.inside_of({})
