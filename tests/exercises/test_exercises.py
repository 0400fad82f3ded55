"""Each exercise can be done: its starter fails, its solution passes, a blank fails too."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.exercises import html
from mapped_axis.exercises.read import (
    LEVELS,
    NOT_YET,
    SOLVED,
    exercises,
    exercises_of,
    written_of,
)
from mapped_axis.project import HERE, Project
from support.sites import lay_out

ALL = exercises(HERE)
BY_NAME = {exercise.name: exercise for exercise in ALL}


def test_there_are_enough_of_each_level():
    assert len(ALL) >= 40
    assert len(BY_NAME) == len(ALL) == len({exercise.title for exercise in ALL})
    counts = [sum(e.level == int(level) for e in ALL) for level in LEVELS]
    assert sum(counts) == len(ALL)
    assert min(counts) >= 7


def test_there_are_forty_and_each_page_of_learn_has_one():
    assert len(ALL) >= 40
    assert {*(HERE.docs / "learn").glob("*.md")} <= {one.page for one in ALL}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_starter_says_what_is_missing_and_the_solution_passes(name):
    """That their outputs are what they print, the run of all examples shows."""
    exercise = BY_NAME[name]
    assert exercise.start.output.text.startswith(NOT_YET)
    assert SOLVED not in exercise.start.output.text.splitlines(keepends=True)
    assert exercise.solution.output.text == SOLVED
    assert exercise.start.code[1].text == exercise.solution.code[1].text
    # In words: more than that something is wrong.
    assert len(exercise.start.output.text.split()) > 4


# --- blanks -----------------------------------------------------------------------------


def blank(start, solution):
    """Return a solution without what its starter lacks."""
    known = {ast.dump(node) for node in ast.parse(start).body}
    tree = ast.parse(solution)
    removed = 0
    for node in tree.body:
        if ast.dump(node) in known:
            continue
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Return(ast.Constant(None))]
            removed += 1
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            node.value = ast.Constant(None)
            removed += 1
    assert removed
    return ast.unparse(ast.fix_missing_locations(tree))


# One process for all: it starts JAX once, with the devices that some of them ask for.
RUN_ALL = """
import contextlib, io, json, sys
import jax
jax.config.update("jax_num_cpu_devices", 8)
said = {}
for name, program in json.load(sys.stdin).items():
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(program, {"__name__": "__main__"})
        said[name] = printed.getvalue()
    except Exception as error:
        said[name] = f"raises {type(error).__name__}: {error}"
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def blanks():
    """Return by name what a solution with nothing in it says to its check."""
    programs = {
        e.name: f"{blank(written_of(e.start), written_of(e.solution))}\n{e.check}"
        for e in ALL
    }
    # The same way of running lets a solution pass.
    programs |= {f"{e.name}, solved": e.solution.program for e in ALL[:3]}
    ran = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        input=json.dumps(programs),
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.mark.slow
def test_no_blank_passes(blanks):
    passed = {name for name, said in blanks.items() if said.endswith(SOLVED)}
    assert passed == {f"{exercise.name}, solved" for exercise in ALL[:3]}
    for name in BY_NAME:
        assert blanks[name].startswith((NOT_YET, "raises ")), name


def test_what_is_blanked():
    start = "import a\nx = 1\n\ndef f():\n    return 0\n\ndef same():\n    return 1\n"
    solution = start.replace("return 0", "return x").replace("x = 1", "x = 2")
    emptied = blank(start, solution)
    assert "x = None" in emptied
    assert emptied.count("return None") == 1
    assert "return 1" in emptied
    with pytest.raises(AssertionError):
        blank(start, start)


# --- faults -----------------------------------------------------------------------------

CHECK = (
    "try:\n    assert x == 2, 'no'\n    print('solved')\nexcept AssertionError as e:\n"
)
CHECK += "    print('not yet:', e)\n"
TWO_PARTS = "```\n\n<!--pytest-codeblocks:cont-->\n\n```python\n"
MARK = "<!--pytest-codeblocks:expected-output-->"


def example(first, output, check=CHECK):
    return (
        f"```python\n{first}{TWO_PARTS}{check}```\n\n{MARK}\n\n```text\n{output}```\n"
    )


PAGE = """# Page

## Exercises { #exercise }

### Two { #exercise-two }

<div class="exercise-head" data-name="two" data-level="1" data-minutes="5"></div>

Make it two.

--8<-- "page/exercise-two-start.md"

<div class="exercise-solution"></div>

It is two.

--8<-- "page/exercise-two-solution.md"

<div class="exercise-end"></div>
"""
FILES = {
    "docs/page.md": PAGE,
    "snippets/page/exercise-two-start.md": example("x = 1\n", "not yet: no\n"),
    "snippets/page/exercise-two-solution.md": example("x = 2\n", "solved\n"),
}


def read(tmp_path, **changes):
    """Read a page with one exercise; by the end of a file's name, its other content."""
    files = {
        name: next(
            (new for end, new in changes.items() if name[:-3].endswith(end)), old
        )
        for name, old in FILES.items()
    }
    lay_out(tmp_path, files)
    return exercises_of(tmp_path / "docs/page.md", Project(tmp_path))


def test_an_exercise_is_read(tmp_path):
    (exercise,), problems = read(tmp_path)
    assert problems == []
    told = (
        exercise.name,
        exercise.title,
        exercise.level,
        exercise.minutes,
        exercise.text,
    )
    assert told == ("two", "Two", 1, 5, "Make it two.")
    assert written_of(exercise.start) == "x = 1\n"
    assert exercise.check == CHECK
    assert exercises(Project(tmp_path)) == [exercise]


@pytest.mark.parametrize(
    ("part", "old", "new", "says"),
    [
        ("page", 'data-level="1"', 'data-level="4"', "no level of 1 to 3"),
        ("page", 'data-minutes="5"', "", "no minutes"),
        ("page", 'data-name="two"', 'data-name="three"', "another name"),
        ("page", "#exercise-two", "#exercise-three", "another name"),
        ("page", '<div class="exercise-end"></div>\n', "", "an exercise is:"),
        ("page", '<div class="exercise-solution"></div>', "", "an exercise is:"),
        (
            "page",
            '<div class="exercise-head" data-name="two" ',
            "<x ",
            "an exercise is:",
        ),
        ("page", '--8<-- "page/exercise-two-start.md"\n', "", "an exercise is:"),
        ("start", "not yet: no", "solved", "does not print 'not yet: '"),
        ("start", "x = 1", "x = 2", "is its own solution"),
        ("start", "x == 2", "x == 1", "is not that of its solution"),
        ("solution", "```text\nsolved", "```text\nnot yet", "does not print 'solved'"),
        ("solution", TWO_PARTS, "", "is not in two parts"),
    ],
)
def test_a_fault_of_an_exercise_is_found(tmp_path, part, old, new, says):
    (before,) = (text for name, text in FILES.items() if name[:-3].endswith(part))
    assert old in before
    found, problems = read(tmp_path, **{part: before.replace(old, new)})
    assert found == []
    assert [says in problem.text for problem in problems] == [True]


def test_a_missing_file_is_found(tmp_path):
    read(tmp_path)
    (tmp_path / "snippets/page/exercise-two-start.md").unlink()
    found, problems = exercises_of(tmp_path / "docs/page.md", Project(tmp_path))
    assert found == []
    assert "lacks an example" in problems[0].text


def test_they_come_in_the_order_of_the_navigation():
    pages = list(dict.fromkeys(exercise.page for exercise in ALL))
    named = re.findall(
        r"(\S+\.md)$", (HERE.root / "mkdocs.yml").read_text(), re.MULTILINE
    )
    order = [named.index(p.relative_to(HERE.docs).as_posix()) for p in pages]
    assert order == sorted(order)


# --- the rule of build-vmap in the page's own vmap ---------------------------------------


@pytest.mark.slow
def test_the_rule_for_cumsum_fits_the_vmap_of_its_page():
    """In a process of its own: the page's program begins with JAX's own settings."""
    page = read_example(HERE.snippets / "further/build-vmap/vmap.md").program
    rule = written_of(BY_NAME["cumsum-rule"].solution).partition("def cumsum")[2]
    start = written_of(BY_NAME["cumsum-rule"].start).partition("def cumsum")[2]
    ask = """
import numpy as np
def both(x):
    return lax.cumsum(lax.cumsum(x, axis=1, reverse=True) * 2.0, axis=0)
x = jnp.arange(24.0).reshape(4, 2, 3)
print(np.array_equal(vmap(both)(x), jax.vmap(both)(x)))
"""
    ran = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"{page}\ndef cumsum{rule}\n{ask}\ndef cumsum{start}\n{ask}",
        ],
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-2:] == ["True", "False"]


# --- on the site ------------------------------------------------------------------------


def test_each_exercise_stands_on_its_page_with_a_folded_solution(pages):
    from support.places import address_of

    for exercise in ALL:
        page = pages[address_of(exercise.page)]
        heading = page.find(id=f"exercise-{exercise.name}")
        head = heading.find_next(class_="exercise-head")
        says = f"Level {exercise.level} of 3, {exercise.minutes} minutes"
        assert head.get_text() == says
        fold = heading.find_next("details", class_=html.SOLUTION)
        assert fold.find("summary").get_text() == "Solution"
        assert not fold.has_attr("open")
        (output,) = fold.select(
            f'[data-example$="exercise-{exercise.name}-solution.md"]'
        )[-1:]
        assert output.get_text().strip() == SOLVED.strip()
        starter = f'[data-example$="exercise-{exercise.name}-start.md"]'
        assert page.select(starter)
        assert not fold.select(starter)


def test_the_list_leads_to_each_and_old_addresses_lead_on(pages):
    from support.places import DOCS, address_of

    page = pages[address_of(DOCS / "reference/exercises.md")]
    for level, listed in zip(LEVELS, page.select(".exercise-list"), strict=True):
        links = [a["href"].partition("#")[2] for a in listed.select("a")]
        assert listed["data-level"] == level
        assert links == [f"exercise-{e.name}" for e in ALL if e.level == int(level)]
    old = {exercise.page.stem for exercise in ALL} | {*html.MOVED}
    ids = [tag["id"] for tag in page.select(".exercise-list [id]")]
    assert sorted(ids) == sorted(old)
    # Each stands at an exercise of its own page.
    for tag in page.select(".exercise-list [id]"):
        name = tag.find_next("a")["href"].partition("#exercise-")[2]
        assert tag["id"] == BY_NAME[name].page.stem or html.MOVED[tag["id"]] == name


def test_a_notebook_has_starter_and_check_as_cells_and_solutions_last(site):
    import nbformat

    notebook = nbformat.read(site / "learn/axes/axes.ipynb", as_version=4)
    names = [c.metadata.get("example", "") for c in notebook.cells if "outputs" in c]
    kinds = [name.rpartition("-")[2] for name in names if "exercise-" in name]
    assert kinds == ["start.md"] * 6 + ["solution.md"] * 6
    last = next(n for n, c in enumerate(notebook.cells) if "## Solutions" in c.source)
    first = [
        n for n, c in enumerate(notebook.cells) if "solution.md" in str(c.metadata)
    ]
    assert last < min(first)
