"""What the prose says of values and numbers stands in a block of its page, or is listed."""

import re

import jax
import jax.numpy as jnp
import nbformat
import pytest
from jax.sharding import AxisType

from mapped_axis.examples.write import example_text
from mapped_axis.pages.check import every_problem
from mapped_axis.pages.prose import Claim, prose_problems, read_claims
from mapped_axis.project import HERE, Project
from support.sites import lay_out

SHOWN = example_text(
    "print(f([50, 122]), -0.5)\n",
    output="(4, 2)\n[1. 1.]\n122\nValueError: too many values to unpack\n",
)
VERSION = tuple(map(int, jax.__version__.split(".")[:2]))


def problems_of(folder, prose, claims=(), front=""):
    """Return what is wrong with the prose of a page that shows `SHOWN`."""
    page = f'{front}# Page\n\n{prose}\n\n--8<-- "page/one.md"\n'
    lay_out(folder, {"docs/page.md": page, "snippets/page/one.md": SHOWN})
    project = Project(folder)
    found = prose_problems(project.docs / "page.md", project, tuple(claims))
    return [str(problem) for problem in found]


def test_no_page_says_what_it_does_not_show():
    pages = [*HERE.pages, *HERE.notebooks]
    assert [str(p) for page in pages for p in prose_problems(page, HERE)] == []


@pytest.mark.parametrize(
    "prose",
    [
        "It is `8`.",
        "It is `12`.",  # a part of 122
        "It is `22`.",
        "It is `(4, 3)`.",
        "It is `[0 122]`.",  # the end of 50, and 122
        "It is `float32`.",
        "It says `ValueError: too many`, and `ValueError: too few`.",
        "Say `in_axes=7`.",
        "## It is `8`",
        "| Now |\n|---|\n| `8` |",
        "It is 8.",
        "It is 12 and no more.",
        "It is 0.4, about.",
        "It is 1,122.",
        "It computes six others.",
        "Six others are computed.",
        "## All 33 of them",
        "| Number |\n|---|\n| 33 |",
        "![The 33 rows](drawing.svg)",
        "[All 33](page.md)",
        "It takes 33ms.",
        "It is (3).",
        "33",
        "A box of 127.0.0.1.",
    ],
)
def test_a_number_that_no_block_shows_is_found(tmp_path, monkeypatch, prose):
    monkeypatch.chdir(tmp_path)
    line = 3 + prose.count("\n")
    found = problems_of(tmp_path, prose)
    assert [p.startswith(f"docs/page.md:{line}: ") for p in found] == [True], found


def test_a_number_in_a_description_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    front = '---\ndescription: "All 33 of them."\n---\n'
    (problem,) = problems_of(tmp_path, "A.", front=front)
    assert problem.startswith("docs/page.md:2: 33 stands in no block")


@pytest.mark.parametrize(
    "prose",
    [
        "It is `(4, 2)`, `[1. 1.]`, `122`, `vmap` and `x.shape`.",
        "It is `(4,\u0020 2)`, and 122, and four.",
        "It is 0.5 less, that is `-0.5`.",
        "One or two of them.",
        "1. A list\n2. of things\n3. to do",
        "[A page](page-33.md) and [another](33/page.md#a-33)",
        "## Title { #title-33 }",
        "It is 4. It is 122.",
        "`f32` is no number, nor is x33.",
    ],
)
def test_what_a_block_shows_and_what_is_no_number_are_fine(tmp_path, prose):
    found = problems_of(tmp_path, prose.replace("`f32` is", "A type is"))
    assert found == []


def test_a_claim_excuses_its_own_words_and_no_others(tmp_path):
    claim = Claim("page.md", "there are 33", "counted by hand")
    assert problems_of(tmp_path, "Now there\nare 33.", [claim]) == []
    assert len(problems_of(tmp_path, "Now there are 33, or 33.", [claim])) == 1
    changed = problems_of(tmp_path, "Now there are 34.", [claim])
    assert ["does not stand in" in problem for problem in changed] == [False, True]


@pytest.mark.parametrize(
    "prose", ["Since JAX 4 it is so.", "It is gone since 122.", "From version 0.5 on."]
)
def test_a_version_is_listed_even_if_a_block_shows_its_number(tmp_path, prose):
    assert "is not listed" in problems_of(tmp_path, prose)[0]
    words = prose.rstrip(".")
    plain, version = Claim("page.md", words, "w"), Claim("page.md", words, "w", "4")
    assert problems_of(tmp_path, prose, [plain]) != []
    assert problems_of(tmp_path, prose, [version]) == []


def test_the_text_of_a_notebook_is_read_as_a_page_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = [
        nbformat.v4.new_markdown_cell('# Title\n\nIt is 4, "well", or 33.'),
        nbformat.v4.new_markdown_cell("It is <kbd>4</kbd>."),
        nbformat.v4.new_markdown_cell("No\u200bthing."),
        nbformat.v4.new_code_cell("print(4)"),
    ]
    written = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    written = written.replace("\u200b", "\\u200b")
    lay_out(tmp_path, {"docs/page.ipynb": f"{written}\n", "snippets/.keep": ""})
    lines = written.split("\n")
    found = [str(p).split(";")[0] for p in every_problem(Project(tmp_path))]
    numbers = [
        next(n for n, line in enumerate(lines, 1) if what in line)
        for what in ("<kbd>", "or 33")
    ]
    assert any("the character ZERO WIDTH SPACE" in problem for problem in found)
    assert f"docs/page.ipynb:{numbers[0]}: HTML in a page" in found
    shown = "33 stands in no block of the page"
    assert f"docs/page.ipynb:{numbers[1]}: {shown}" in found


# --- what is listed -------------------------------------------------------------------


def unfounded(claim):
    """Say why what a claim gives as its reason is not so, or return ""."""
    if not (HERE.docs / claim.page).is_file() or not claim.why:
        return "no such page, or no reason"
    if claim.version and claim.version not in claim.says:
        return "the words do not name the version"
    if claim.counted:
        known = {"sum": sum, "range": range, "round": round, "__builtins__": {}}
        value = eval(claim.counted, known)
        words = {"five": 5, "six": 6}
        numbers = {float(n) for n in re.findall(r"\d+(?:\.\d+)?", claim.says)}
        numbers |= {n for word, n in words.items() if word in claim.says}
        if value not in numbers:
            return f"{claim.counted} is {value}"
    if claim.gone:
        since = tuple(map(int, claim.version.split(".")[:2])) <= VERSION
        if any(hasattr(jax, name) == since for name in claim.gone):
            return f"{claim.gone} in JAX {jax.__version__}"
    return ""


@pytest.mark.parametrize("claim", read_claims(), ids=lambda claim: claim.says)
def test_what_is_listed_is_so(claim):
    assert unfounded(claim) == ""


@pytest.mark.parametrize(
    "claim",
    [
        Claim("nowhere.md", "33", "why"),
        Claim("index.md", "33", ""),
        Claim("index.md", "since 0.5", "why", version="0.6"),
        Claim("index.md", "since 0.5", "why", version="0.5", gone=("vmap",)),
        Claim("index.md", "since 9.5", "why", version="9.5", gone=("tree_map",)),
        Claim("index.md", "33 turns", "why", counted="4 * 8"),
        Claim("index.md", "six others", "why", counted="3 * 3"),
    ],
)
def test_a_claim_that_is_not_so_is_found(claim):
    assert unfounded(claim)


def test_the_default_of_a_mesh_is_explicit_since_0_9():
    assert VERSION >= (0, 9)
    assert jax.make_mesh((1,), ("i",)).axis_types == (AxisType.Explicit,)


def test_the_derivative_of_tanh_has_another_name_since_0_12():
    text = str(jax.make_jaxpr(jax.grad(jnp.tanh))(1.0))
    assert ("one_minus_square" in text) == (VERSION >= (0, 12))
    assert all(name in text for name in ("mul", "sub")) == (VERSION < (0, 12))


def test_number_words_from_three_to_twenty_are_read(tmp_path):
    words = "three four five six seven eight nine ten eleven twelve thirteen fourteen "
    words += "fifteen sixteen seventeen eighteen nineteen twenty"
    shown = {"four"}  # of the page of these tests
    found = problems_of(tmp_path, words)
    assert len(found) == len({*words.split()} - shown) == 17


def test_the_quiz_has_as_many_questions_as_it_says():
    text = (HERE.docs / "reference/quiz.md").read_text(encoding="utf-8")
    assert text.count('class="axis-quiz"') == 10
