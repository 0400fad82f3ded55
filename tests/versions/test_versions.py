"""The page on versions says what both versions of JAX say, and what the lock holds."""

import copy
import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile

import pytest

from mapped_axis import asking
from mapped_axis.examples.pieces import Recorded, pieces
from mapped_axis.operations.table import (
    NEWEST,
    OLDEST,
    SLOTS,
    changed,
    dump,
    slot_of,
)
from mapped_axis.pages import versions
from mapped_axis.pages.check import every_problem
from mapped_axis.project import HERE, Project
from mapped_axis.versions import __main__ as command
from mapped_axis.versions import ask, table
from support.places import address_of
from support.sites import lay_out

VERSION = importlib.metadata.version("jax")
PAGE = HERE.docs / "reference/versions.md"
TAMPERED = "learn/arguments/keywords.md"


@pytest.fixture(scope="module")
def content():
    return table.read()


@pytest.fixture(scope="module")
def asked(thorough):
    """Return the examples to run: all that catch an error, or some."""
    catching = ask.catching(ask.programs())
    return [
        name
        for number, name in enumerate(catching)
        if thorough or number % 12 == 0 or name == TAMPERED
    ]


@pytest.fixture(scope="module")
def answers(asked, slow):
    """Return what JAX answers now."""
    return ask.ask(asked)


@pytest.fixture(scope="module")
def part(content, asked):
    """Return the file's content without the examples that are not run here."""
    kept = {
        name: both
        for name, both in content["answers"].items()
        if table.kind_of(name) != "example" or name in asked
    }
    return content | {"answers": kept}


# --- the data -----------------------------------------------------------------------------


def test_the_file_is_what_jax_says(part, answers):
    assert changed(part, VERSION, answers) == []


STALE = {
    # kind: (what was asked, how its answer is made wrong, what is then said)
    "a message": (
        TAMPERED,
        lambda answer: answer["caught"][0].__setitem__(1, "vmap got other words"),
        "caught: the file has [['ValueError', 'vmap got other words']]",
    ),
    "a name": (
        "jax.tree",
        lambda answer: answer["there"].remove("map"),
        "jax.tree, there: the file has ",
    ),
    "a warning": (
        "jax.tree",
        lambda answer: answer["warns"].__setitem__("map", "jax.tree.map is old"),
        "jax.tree, warns/map: the file has 'jax.tree.map is old'",
    ),
    "a parameter": (
        "jax.vmap()",
        lambda answer: answer["parameters"].append("out_sizes"),
        "jax.vmap(), parameters: the file has ",
    ),
}


@pytest.mark.parametrize("kind", STALE)
def test_an_answer_that_is_no_longer_so_is_found(part, answers, kind):
    name, change, says = STALE[kind]
    stale = copy.deepcopy(part)
    change(stale["answers"][name][slot_of(VERSION)])
    (line,) = changed(stale, VERSION, answers)
    assert says in line


def questions_that_differ(content, catching):
    """Return the examples that catch an error and were not asked, or no longer do."""
    stored = [n for n in content["answers"] if table.kind_of(n) == "example"]
    return sorted({*stored} ^ {*catching})


def test_each_example_that_catches_an_error_was_asked(content):
    catching = ask.catching(ask.programs())
    assert len(catching) > 80
    assert questions_that_differ(content, catching) == []
    assert questions_that_differ(content, catching[1:]) == catching[:1]
    assert questions_that_differ(content, [*catching, "new.md"]) == ["new.md"]


def test_each_question_has_an_answer_of_both_versions(content):
    assert {tuple(both) for both in content["answers"].values()} == {SLOTS}
    made = content["made_with"]
    assert [slot_of(of["jax"]) for of in made.values()] == [OLDEST, NEWEST]
    assert {table.kind_of(name) for name in content["answers"]} == {
        "example",
        "function",
        "module",
    }


def test_the_file_is_written_as_it_would_be(content):
    assert table.PATH.read_text(encoding="utf-8") == dump(content)


# --- what asks ----------------------------------------------------------------------------


def caught_by(program, time_limit=60.0):
    """Return what a program catches, run as an example is: forked from a new process."""
    code = (
        "import json, sys; from mapped_axis.versions import ask; "
        f"ask.TIME_LIMIT = {time_limit}; "
        "print(json.dumps(ask._caught_by(sys.stdin.read())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.root,
        input=program,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_whole_of_a_message_is_noted():
    program = (
        "try:\n    raise ValueError('at 0x7f31 in /some/where.py:12\\nand more')\n"
        "except ValueError as error:\n    print(str(error)[:4])\n"
    )
    caught = [["ValueError", "at 0x… in ….py\nand more"]]
    assert caught_by(program) == {"caught": caught}


@pytest.mark.parametrize(
    ("program", "ended"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os\nos._exit(3)", "its interpreter ended with 3."),
    ],
)
def test_an_example_that_does_not_end_well_is_no_answer(program, ended):
    assert caught_by(program) == {"ended": ended}


def test_an_example_that_never_ends_is_no_answer():
    ended = {"ended": "not done after 0.2 seconds."}
    assert caught_by("while True: pass", time_limit=0.2) == ended


def test_an_example_that_does_not_end_well_is_named_and_nothing_is_written(monkeypatch):
    answers = {TAMPERED: {"ended": "SystemExit: 3"}}
    monkeypatch.setattr(asking, "answer_of", lambda *_: answers)
    before = table.PATH.read_bytes()
    assert command.main() == f"snippets/{TAMPERED}:1: SystemExit: 3"
    assert table.PATH.read_bytes() == before


def test_the_check_of_an_exercise_is_not_counted():
    program = "try:\n    pass\nexcept {} as error:\n    print(error)\n"
    written = {"a": program.format("AssertionError"), "b": program.format("OSError")}
    assert ask.catching(written | {"c": "try: pass\nexcept OSError: pass"}) == ["b"]


def test_the_names_of_a_program_are_found():
    program = """
import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import NamedSharding as Cut
x = jax.vmap(jnp.linalg.norm)
y, z = lax.scan, Cut.spec
numpy.sin, x.shape
"""
    assert ask.used_by(program) == {
        *("jax", "jax.vmap", "jax.numpy", "jax.numpy.linalg", "jax.numpy.linalg.norm"),
        *("jax.lax", "jax.lax.scan"),
        *("jax.sharding.NamedSharding", "jax.sharding.NamedSharding.spec"),
    }
    assert ask.imported_by(program) == {"jax"}


# --- what is shown ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("a b c", "a b c", []),
        ("this Batch with", "this Vmap with", [(("Batch", "Vmap"), "this Batch with")]),
        ("a b", "a b. And more.", [(("", ". And more."), "a b")]),
        ("see x/e#A", "see x/101/e#A", [(("", "101/"), "see x/e#A")]),
        ("Old new words", "new words", [(("Old", ""), "Old new …")]),
        ("a b c d e", "a b C d e", [(("c", "C"), "… b c d …")]),
    ],
)
def test_the_parts_that_differ_are_told(one, other, parts):
    found = [(core, old) for core, old, _ in versions.parts_that_differ(one, other)]
    assert found == parts


def test_a_version_of_the_lock_is_that_of_its_marker():
    assert versions.version_in_lock("jax", "3.11").startswith("0.10.")
    assert not versions.version_in_lock("jax", "3.12").startswith("0.10.")
    assert versions.version_in_lock("no-such-library", "3.12") == "none"
    python = ".".join(map(str, sys.version_info[:2]))
    for library in versions.libraries():
        installed = importlib.metadata.version(library)
        assert versions.version_in_lock(library, python) == installed
    assert {"jax", "scikit-learn", "flax"} <= {*versions.libraries()}


def test_the_page_shows_all_tables_with_their_rows(pages, content):
    asked = [piece.what for piece in pieces(PAGE) if isinstance(piece, Recorded)]
    kinds = [what.removeprefix("differs: ") for what in asked if what != "versions"]
    assert sorted(kinds) == sorted(versions._TABLES)
    text = pages[address_of(PAGE)].article.get_text()
    for says in (
        "This VmapTracer",
        "no such operation",
        "axis_sizes",
        "psum_scatter_start",
    ):
        assert says in text
    for of in content["made_with"].values():
        assert f"JAX {of['jax']} with Python {of['python']}" in text


def test_each_message_that_differs_stands_in_its_table(content):
    shown = versions.differences("messages")
    differ = 0
    for name, both in content["answers"].items():
        old, new = (both[slot].get("caught") for slot in SLOTS)
        if table.kind_of(name) == "example" and old != new:
            differ += 1
            page = re.sub(r"/[^/]+\.md$", "", name).removeprefix("reference/")
            assert f"{page}.md" in shown, name
    assert differ > 10


def test_a_table_that_is_none_is_refused_with_its_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, {"docs/page.md": "# A\n\n<!-- differs: weather -->\n"})
    (problem,) = every_problem(Project(tmp_path))
    assert str(problem).startswith("docs/page.md:3: no table 'weather'; there are ")


def test_what_is_not_the_same_tomorrow_is_left_out(content):
    said = (
        f"no {tempfile.gettempdir()}/tmpk7kcen4u/2/d/c1c789f71dbe6f5307b912cfe170b970"
    )
    assert ask._stable(said) == "no FOLDER/2/d/…"
    assert tempfile.gettempdir() not in json.dumps(content)


def test_what_a_message_says_in_one_order_or_the_other_is_left_out():
    says = "OUT_OF_RANGE: size 50"
    one = ask._stable(f"{says} [tensorstore_spec[1]='base']")
    other = ask._stable(f"{says} [tensorstore_spec='context']")
    assert one == other == f"{says} […]"
