"""What the machines show is what JAX says, on the page too."""

import gzip
import itertools
import json
import re
from html import unescape

import pytest

from mapped_axis import asking
from mapped_axis.machines import __main__ as command
from mapped_axis.machines import ask, html, scenes, table
from mapped_axis.project import HERE
from support.places import DOCS, address_of

PAGES = {name: DOCS / f"{page}.md" for name, page in table.SCENES.items()}


@pytest.fixture(scope="module")
def answers(slow):
    """Return what JAX says now."""
    return ask.ask_all()


@pytest.fixture(scope="module")
def elements(pages):
    """Return the element of each scene."""
    return {
        name: pages[address_of(page)].find(attrs={"data-scene": name})
        for name, page in PAGES.items()
    }


def stale_lines(name, written, answers):
    """Return where the text of a file is not what JAX says, as "FILE:LINE: ..."."""
    file = table.path_of(name).relative_to(HERE.root)
    said = table.dump(answers[name]).splitlines()
    pairs = itertools.zip_longest(written.splitlines(), said)
    return [
        f"{file}:{number}: the file has {old}, JAX says {new}; make tables"
        for number, (old, new) in enumerate(pairs, start=1)
        if old != new
    ]


@pytest.mark.parametrize("name", table.SCENES)
def test_a_file_is_what_jax_says(name, answers):
    written = table.path_of(name).read_text(encoding="utf-8")
    assert stale_lines(name, written, answers) == []


def test_a_scene_that_is_wrong_is_said_with_its_line(monkeypatch):
    monkeypatch.setattr(scenes, "_mesh", lambda *_: 1 / 0)
    file, line, says = ask.recorded("collectives")["fault"].split(":", 2)
    code = (HERE.root / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert "_mesh(" in code
    assert (
        says == " the scene collectives: ZeroDivisionError: division by zero; mend it."
    )
    monkeypatch.delattr(scenes, "votes")
    assert ask.recorded("votes")["fault"].endswith(": no function votes; write it.")


def test_where_a_scene_is_wrong_nothing_is_written(monkeypatch):
    answers = {"collectives": {}, "trap": {"fault": "scenes.py:1: it is wrong."}}
    monkeypatch.setattr(asking, "answer_of", lambda *_: answers)
    before = table.path_of("collectives").read_bytes()
    assert command.main() == "scenes.py:1: it is wrong."
    assert table.path_of("collectives").read_bytes() == before


@pytest.mark.parametrize("name", table.SCENES)
def test_another_value_is_found_with_its_line(name, answers):
    lines = table.path_of(name).read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if re.search(r'"\d', line))
    changed = re.sub(r'"(\d)', r'"7\1', lines[at], count=1)
    written = "\n".join([*lines[:at], changed, *lines[at + 1 :]])
    (line,) = stale_lines(name, written, answers)
    assert f"{name}.json:{at + 1}: the file has {changed}" in line


def test_a_turn_marks_what_it_changed_and_nothing_else():
    """A lane that is done stays as it is, also beside one that goes on."""
    for show in table.read("votes")["shows"]:
        assert not any(show[0]["new"])
        for before, step in itertools.pairwise(show):
            for old, tile, marked in zip(
                before["tiles"], step["tiles"], step["new"], strict=True
            ):
                pairs = zip(itertools.chain(*old), itertools.chain(*tile), strict=True)
                assert marked == [i for i, (a, b) in enumerate(pairs) if a != b]


@pytest.mark.parametrize("name", table.SCENES)
def test_a_page_shows_its_scene_and_nothing_else(name, elements):
    """Without script, and in what the script reads."""
    scene, element = table.read(name), elements[name]
    still = element.select_one(".machine-still")
    data = json.loads(unescape(still["data-machine"]))
    shows = [
        [s | {"tiles": [[r.split(" ") for r in t.split("\n")] for t in s["tiles"]]}]
        for show in data["shows"]
        for s in show
    ]
    assert [s for (s,) in shows] == [s for show in scene["shows"] for s in show]
    assert (data["label"], data["fields"]) == (scene["label"], scene["fields"])
    blocks = [pre.get_text() for pre in still.select("pre")]
    assert len(blocks) == len(scene["shows"])
    for text, show in zip(blocks, scene["shows"], strict=True):
        lines = re.findall(r"^   \d+: (.*?)(?: \(.*\))?$", text, re.MULTILINE)
        said = [" / ".join(map(" ".join, t)) for step in show for t in step["tiles"]]
        assert lines == said


def test_the_trap_ends_where_the_page_says():
    """The numbers that the page is about: 3.5, 28.0 and 0.0, on eight devices."""
    ends = {
        step["tiles"][0][0][0]
        for show in table.read("trap")["shows"]
        for step in show[-1:]
    }
    assert {"3.5", "28.0", "0.0"} <= ends


def test_every_scene_is_on_its_page_and_no_other_is(elements):
    assert all(elements.values())
    for page in HERE.pages:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r'data-scene="(\w+)"', text):
            assert PAGES[name] == page


def test_a_scene_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"no machine shows 'nothing'; scenes: coll"):
        html.inside_of({"scene": "nothing"})


def test_a_machine_is_light(site, elements):
    files = [site / "assets" / name for name in html.ASSETS]
    own = sum(len(gzip.compress(file.read_bytes())) for file in files)
    for name, element in elements.items():
        weight = own + len(gzip.compress(str(element).encode()))
        assert weight < 25_000, name
