"""What the prose says of values and numbers stands in a block of its page, or is listed."""

import re

import jax
import jax.numpy as jnp
import nbformat
import pytest
from jax.sharding import AxisType, PartitionSpec

from mapped_axis.examples.data import FaultyFileError
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
    shown = "33 stands in no block of its section"
    assert f"docs/page.ipynb:{numbers[1]}: {shown}" in found


# --- sections -------------------------------------------------------------------------

OTHER = example_text("print(33, 34, 35)\n", output="33 34 35\nlane 7\nlane 7\nlane 7\n")


def problems_in_sections(folder, prose, claims=()):
    """Return what is wrong with the first section of a page, whose second shows `OTHER`."""
    shown = '--8<-- "page/one.md"\n\n## Second\n\n--8<-- "page/two.md"\n'
    files = {
        "docs/page.md": f"# Page\n\nSee 33.\n\n## First\n\n{prose}\n\n{shown}",
        "docs/answers.md": '# A\n\n## The answer { #page }\n\n--8<-- "page/two.md"\n',
        "snippets/page/one.md": SHOWN,
        "snippets/page/two.md": OTHER,
    }
    lay_out(folder, files)
    project = Project(folder)
    found = prose_problems(project.docs / "page.md", project, tuple(claims))
    return [str(problem) for problem in found]


@pytest.mark.parametrize("prose", ["It is `33`.", "It is 33.", "All seven.", "| 33 |"])
def test_a_number_of_another_section_is_found(tmp_path, monkeypatch, prose):
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_in_sections(tmp_path, prose)
    assert problem.startswith("docs/page.md:7: ")
    assert "in no block of its section" in problem


def test_what_a_heading_counts_is_listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for heading in ("### Four lanes", "### Two lanes", "# The two"):
        (problem,) = problems_in_sections(tmp_path, heading)
        assert problem.startswith("docs/page.md:7: a heading counts ")
        words = Claim(**GIVEN, says=heading)
        assert problems_in_sections(tmp_path, heading, [words]) == []
    counted = Claim(**GIVEN, says="### Three of", shown_in="#second", matches="^lane")
    assert problems_in_sections(tmp_path, "### Three of them", [counted]) == []


GIVEN = {"page": "page.md", "why": "why"}


@pytest.mark.parametrize(
    ("prose", "more"),
    [
        ("It is 33 and `34`.", {"shown_in": "#second"}),
        ("It is 33 and `34`.", {"shown_in": "answers.md#page"}),
        ("Now three lanes.", {"shown_in": "#second", "matches": "^lane"}),
        ("It is 8.", {"counted": "4 * 2"}),
        ("Of 33 it is 67.", {"counted": "33 + 34", "shown_in": "#second"}),
        ("It is 61.", {"counted": "122 / 2"}),
    ],
)
def test_a_claim_that_holds_excuses(tmp_path, prose, more):
    claims = [Claim(**GIVEN, says=prose, **more)]
    assert problems_in_sections(tmp_path, prose, claims) == []


@pytest.mark.parametrize(
    ("prose", "more", "says"),
    [
        ("It is 36.", {"shown_in": "#second"}, "no block of #second shows 36"),
        ("It is `36`.", {"shown_in": "answers.md#page"}, "shows `36`"),
        ("It is 33.", {"shown_in": "#first"}, "no block of #first shows 33"),
        ("It is 33.", {"shown_in": "#third"}, "no section #third"),
        ("It is 33.", {"shown_in": "none.md#page"}, "no section none.md#page"),
        ("It has three.", {"matches": "^lane"}, "matches 0 times"),
        ("Four.", {"shown_in": "#second", "matches": "^lane"}, "matches 3 times"),
        ("### Two.", {"shown_in": "#second", "matches": "^lane"}, "matches 3 times"),
        ("### Nine.", {"shown_in": "#second"}, "no block of #second shows Nine"),
        ("3 or 5.", {"shown_in": "#second", "matches": "^lane"}, "matches 3 times"),
        ("33 iterations.", {"counted": "4 * 8"}, "4 * 8 is 32"),
        ("Six others.", {"counted": "4 * 2"}, "4 * 2 is 8"),
        ("It is 35.", {"counted": "7 * 5"}, "does not show 7 of"),
        ("It is 67.", {"counted": "33 + 34"}, "does not show 33 of"),
        ("It has 3.", {"counted": "len((4, 4, 2))"}, "has no value"),
        ("It is 36.", {"counted": "0x24"}, "does not show 36 of"),
        ("It has 3.", {"counted": "4 - ('a' < 'b')"}, "does not show 'a' of"),
        ("It has 10.", {"counted": "1000 / 100"}, "has no number of its section"),
        ("It has 3.", {"counted": "1 + 2 + 0 * 122"}, "does not show 0 of"),
    ],
)
def test_a_claim_that_does_not_hold_is_found(tmp_path, prose, more, says):
    claims = [Claim(**GIVEN, says=prose, **more)]
    (problem,) = problems_in_sections(tmp_path, prose, claims)
    assert "claims.toml:" in problem
    assert says in problem


# --- sums that are written out --------------------------------------------------------


@pytest.mark.parametrize(
    "prose",
    [
        "The second is 4·10 + 5·11 + 3·9.",  # 122
        "It is 60 + 62, and no more.",
        "60 + 62 is 122.",
        "2·(3 + 1) = 8",
        "100·(2 \u2212 4)² + 1 is 401.",
        "It is 16, that is 8 + 8.",
        "0 + 1 + … + 7 is 28.",
        "Half of it: 100 / 2.",
        "The mean of (4 + 6) / 2 is 5.",
    ],
)
def test_a_sum_that_is_true_shows_its_numbers(tmp_path, prose):
    claims = [Claim(**GIVEN, says="16, that")] if "16," in prose else []
    claims += [Claim(**GIVEN, says="is 5")] if "is 5." in prose else []
    assert problems_in_sections(tmp_path, prose, claims) == []


@pytest.mark.parametrize(
    ("prose", "value"),
    [
        ("The second is 4·10 + 5·11 + 3·8.", "119"),
        ("It is 60 + 63, and no more.", "123"),
        ("60 + 62 is 50.", "122"),
        ("2·(3 + 1) = 4", "8"),
        ("100·(2 \u2212 5)² + 1 is 401.", "901"),
        ("It is 16, that is 8 + 9.", "17"),
        ("It is 17. That is 8 + 8.", "16"),
        ("0 + 1 + … + 8 is 28.", "36"),
        ("Half of it: 120 / 2.", "60"),
        ("(3 + 6) / 3 is 4.", "3"),
        ("So (4 + 5) is 8.", "9"),
        ("Half of (that: 4 + 5).", "9"),
        ("4 / 0 is 4.", "nan"),
        ("1 + 1 + … + 4 is 4.", "nan"),
        ("07 + 1 is 4.", "nan"),
    ],
)
def test_a_sum_that_is_not_true_is_found(tmp_path, prose, value):
    found = problems_in_sections(tmp_path, prose)
    assert any(f" is {value}, " in problem for problem in found), found


def test_shard_map_takes_no_specs_by_position():
    mesh = jax.make_mesh((1,), ("i",))
    with pytest.raises(TypeError, match="positional arguments"):
        jax.shard_map(jnp.sin, mesh, PartitionSpec(), PartitionSpec())


# --- what is listed -------------------------------------------------------------------


def unfounded(claim):
    """Say why what a claim gives as its reason is not so, or return ""."""
    if not (HERE.docs / claim.page).is_file() or not claim.why:
        return "no such page, or no reason"
    if claim.version and claim.version not in claim.says:
        return "the words do not name the version"
    if claim.gone:
        since = tuple(map(int, claim.version.split(".")[:2])) <= VERSION
        if any(hasattr(jax, name) == since for name in claim.gone):
            return f"{claim.gone} in JAX {jax.__version__}"
    return ""


@pytest.mark.parametrize("claim", read_claims(), ids=lambda claim: claim.says)
def test_what_is_listed_is_so(claim):
    assert unfounded(claim) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('page = "a.md"\nsays = "33"\nwhy = "x"\nsay = ""', "nothing is called 'say'"),
        ('page = "a.md"\nsays = "33"', "lacks 'why'"),
        ('page = "a.md"\nsays = 33\nwhy = "x"', "says is no text"),
        ('page = "a.md"\nsays = "33"\nwhy = "x"\ngone = "pmap"', "gone is no list"),
    ],
)
def test_a_claim_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, says):
    path = tmp_path / "claims.toml"
    path.write_text(f"# Listed.\n\n[[claim]]\n{text}\n")
    with pytest.raises(FaultyFileError, match=rf"claims.toml:3: .*{says}"):
        read_claims(path)


def test_a_list_without_a_claim_may_be(tmp_path):
    (tmp_path / "claims.toml").write_text("# None.\n")
    assert read_claims(tmp_path / "claims.toml") == ()
    (tmp_path / "other.toml").write_text("[claim]\npage = 1\n")
    with pytest.raises(FaultyFileError, match=r"other.toml:1: write \[\[claim\]\]"):
        read_claims(tmp_path / "other.toml")


@pytest.mark.parametrize(
    "claim",
    [
        Claim("nowhere.md", "33", "why"),
        Claim("index.md", "33", ""),
        Claim("index.md", "since 0.5", "why", version="0.6"),
        Claim("index.md", "since 0.5", "why", version="0.5", gone=("vmap",)),
        Claim("index.md", "since 9.5", "why", version="9.5", gone=("tree_map",)),
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


def test_the_quiz_has_as_many_questions_and_arguments_as_it_says():
    text = (HERE.docs / "reference/quiz.md").read_text(encoding="utf-8")
    assert text.count('class="axis-quiz"') == 10
    one, two = re.findall(r"(?s)## (?:One|Two) argument(.*?)(?=\n## )", text)
    for section, number in ((one, 1), (two, 2)):
        shapes = re.findall('data-shapes="(.*?)"', section)
        assert {len(each.split(",")) for each in shapes} == {number}
