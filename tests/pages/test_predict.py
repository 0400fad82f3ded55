"""The questions at the heads of the pages: their faults, their answers, their forms."""

import json
import re
from collections import Counter
from urllib.parse import urljoin

import nbformat
import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Predict, pieces
from mapped_axis.examples.write import example_text
from mapped_axis.pages.check import every_problem, problems_of
from mapped_axis.pages.heads import MOST_WORDS, minutes_of, words_of
from mapped_axis.pages.predict import question_of
from mapped_axis.pages.site import read_site
from mapped_axis.project import HERE, Project
from support.places import address_of, file_at
from support.sites import lay_out

CHAPTERS = [
    page
    for title, section in read_site(HERE).sections
    for page in section
    if title in ("Learn", "Devices", "Further")
]
PROGRAM = "a = 1\nb = 2\nc = 3\nprint(a + b + c)\nprint([a, b], a / b)\n"
PAGE = """\
---
description: "A"
---

# Page

After this page you can.

<!-- predict: page/predict.md -->

## The sum of it

It is so.
"""
QUESTION = """\
ask = "What is the first line?"
section = "the-sum-of-it"

[[answer]]
says = "5"
why = "You left out `a = 1`."

[[answer]]
prints = 1
why = "It is 1 + 2 + 3."

[[answer]]
happens = "an error, at once"
why = "Numbers < 5 can be added."
"""


def files(page=PAGE, question=QUESTION, program=PROGRAM):
    output = "6\n[1, 2] 0.5\n"
    return {
        "docs/page.md": page,
        "docs/_questions/page.toml": question,
        "snippets/page/predict.md": example_text(program, output=output),
    }


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return a function from files to what is wrong with the project they make."""
    monkeypatch.chdir(tmp_path)

    def problems(given):
        lay_out(tmp_path, {name: text for name, text in given.items() if text})
        return [str(problem) for problem in every_problem(Project(tmp_path))]

    return problems


def test_a_question_without_a_fault_has_none(found):
    assert found(files()) == []


def test_a_question_is_made_of_its_file_and_of_the_output(tmp_path):
    lay_out(tmp_path, files())
    project = Project(tmp_path)
    page = project.docs / "page.md"
    piece = Predict(8, "page/predict.md")
    question = question_of(piece, page, project)
    assert [answer.says for answer in question.answers] == [
        "5",
        "6",
        question.wrong[1].says,
    ]
    assert question.right.says == "6"
    assert question.title == "The sum of it"
    # The answer is what the program printed, whatever that is.
    other = files()["snippets/page/predict.md"].replace("\n6\n", "\n7\n")
    lay_out(tmp_path, {"snippets/page/predict.md": other})
    assert question_of(piece, page, project).right.says == "7"


AT = "docs/_questions/page.toml:"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ask = ", "asks = ", f"{AT}1: no ask"),
        ('ask = "What is the first line?"', "ask = 3", f"{AT}1: no ask"),
        ('"the-sum-of-it"', '""', f"{AT}1: no section"),
        ('"the-sum-of-it"', '"the-end"', f"{AT}2: the page has no section 'the-end'"),
        ('section = "', 'more = "x"\nsection = "', f"{AT}2: 'more' is not read"),
        ('says = "5"', "says = 5", f"{AT}4: says is no text"),
        ('says = "5"', 'said = "5"', f"{AT}4: an answer has why, and one of"),
        ("prints = 1", 'prints = 1\nsays = "6"', f"{AT}8: an answer has why, and one"),
        ("prints = 1", "prints = 3", f"{AT}8: the output has no line 3: it has 2"),
        ("prints = 1", "prints = 0", f"{AT}8: the output has no line 0"),
        ("prints = 1", "prints = true", f"{AT}8: the output has no line True"),
        ("prints = 1", 'prints = "6"', f"{AT}8: the output has no line '6'"),
        ("prints = 1", 'says = "6"', f"{AT}1: one answer is right"),
        ('says = "5"', "prints = 2", f"{AT}8: one answer is right"),
        ('says = "5"', 'says = "6"', f"{AT}8: '6' is said twice and that is right"),
        ('says = "5"', 'says = " 6.0 "', f"{AT}8: '6' is said twice and that is"),
        ('happens = "an error, at once"', 'says = "5"', f"{AT}12: '5' is said twice;"),
        ('why = "It is 1 + 2 + 3."', "", f"{AT}8: an answer without a reason"),
        ('why = "It is 1 + 2 + 3."', 'why = " "', f"{AT}8: an answer without a rea"),
        ('"It is 1 + 2 + 3."', '"It is 1 + 2 + 4."', f"{AT}8: 1 + 2 + 4 stands"),
        ('"It is 1 + 2 + 3."', '"It is 36."', f"{AT}8: 36 stands neither in an"),
        ("`a = 1`", "`a = 4`", f"{AT}4: `a = 4` stands neither"),
        ("the first line?", "line 12 of it?", f"{AT}1: 12 stands neither in an answer"),
        ("at once", "at 77", f"{AT}12: 77 stands neither"),
        ("can be added", "are [added](a.md)", f"{AT}12: a link; the answer links"),
        ("can be added", "are <b>added</b>", f"{AT}12: HTML in a page"),
        ("can be added", "are\u200badded", f"{AT}14: column 23: the character ZERO"),
        ("prints = 1", "prints = ", f"{AT}9: no TOML: Invalid value"),
        ("[[answer]]\nprints", "[[answers]]\nprints", f"{AT}1: a question has three"),
    ],
)
def test_a_fault_of_a_question_is_one_message_with_its_line(found, old, new, says):
    assert old in QUESTION
    problems = found(files(question=QUESTION.replace(old, new, 1)))
    assert problems, "nothing is found"
    assert any(problem.startswith(says) for problem in problems), problems
    # Only what follows from the same fault is said beside it.
    assert len(problems) <= 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"docs/_questions/page.toml": None}, "page.md:9: no question docs/_questions"),
        ({"snippets/page/predict.md": None}, "docs/page.md:9: no example snippets/page"),
        (
            {"docs/page.md": PAGE.replace("<!-- predict: page/predict.md -->\n", "")},
            "docs/_questions/page.toml:1: docs/page.md does not ask this",
        ),
        (
            {"docs/page.md": PAGE.replace("## The", "So it is.\n\n## The")},
            "docs/page.md:9: a question stands directly before the first",
        ),
        (
            {"docs/page.md": PAGE.replace("After", "## Before\n\nAfter")},
            "docs/page.md:11: a question stands directly before the first",
        ),
        (
            {"docs/page.md": PAGE + "\n<!-- predict: page/predict.md -->\n"},
            "docs/page.md:15: a second question",
        ),
        (
            {"docs/page.md": PAGE.replace("page/predict", "other/predict")},
            "docs/page.md:9: no example snippets/other/predict.md",
        ),
        (
            {"docs/page.md": PAGE.replace("predict: page/predict.md", "predict: page")},
            "docs/page.md:9: HTML in a page",
        ),
        (
            {"docs/page.md": PAGE + '\n--8<-- "page/predict.md"\n'},
            "docs/page.md:9: snippets/page/predict.md is shown as: the whole file, the",
        ),
        (
            {"docs/_questions/other.toml": QUESTION},
            "docs/_questions/other.toml:1: the question of no page",
        ),
        (files(program="print(6)\n"), "toml:1: snippets/page/predict.md has 1 lines"),
        (files(program=PROGRAM + "a\n" * 10), "predict.md has 15 lines; ask about 5 to 14"),
    ],
)  # fmt: skip
def test_a_question_in_the_wrong_place_is_found(found, changed, says):
    problems = found(files() | changed)
    assert any(says in problem for problem in problems), problems


def test_a_page_with_a_faulty_question_shows_the_fault(tmp_path):
    lay_out(tmp_path, files(question="ask = 1\n"))
    project = Project(tmp_path)
    assert problems_of(project.docs / "page.md", project)


# --- the questions of this site ---------------------------------------------------------


def asked(page):
    """Return the question of a page of this site."""
    path = HERE.docs / page.source
    (piece,) = (piece for piece in pieces(path) if isinstance(piece, Predict))
    return question_of(piece, path, HERE)


MARKDOWN = [page for page in CHAPTERS if page.source.endswith(".md")]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.source)
def test_each_page_asks_and_the_answer_is_what_its_program_printed(page, pages):
    question = asked(page)
    html = pages[address_of(HERE.docs / page.source)]
    (root,) = html.select(".predict-first")
    assert root.has_attr("data-nosnippet")
    (right,) = root.select("fieldset li[data-right]")
    assert right.get_text() == question.right.says
    shown = root.select_one("details .language-text code").get_text()
    assert question.right.says in [line.strip() for line in shown.splitlines()]
    assert len(root.select("fieldset li")) == len(question.answers)
    for answer in question.answers:
        assert answer.why.replace("`", "") in root.details.get_text()
    (link,) = root.details.select("p:not(.own-file) a")
    assert html.select_one(f"h2#{re.escape(link['href'][1:])}")
    # The first thing on the page but its introduction.
    assert not root.find_previous_sibling(["h2", "div", "figure"])
    # The order of things for who cannot see: program, question, answers, what is said.
    kinds = [tag.name for tag in root.find_all(recursive=False)]
    assert kinds == ["p", "div", "fieldset", "p", "details"]
    assert root.select_one("fieldset > legend:first-child").get_text().endswith("?")


def test_the_right_answer_is_not_always_at_the_same_place():
    places = Counter(asked(p).answers.index(asked(p).right) for p in MARKDOWN)
    assert len(places) >= 3
    assert max(places.values()) <= len(MARKDOWN) / 2, places


def test_a_search_finds_no_answer(site):
    """A wrong answer is no statement of the page."""
    indexed = json.loads((site / "search/docs.json").read_text("utf-8"))
    texts = " ".join(entry["text"] for entry in indexed)
    for page in MARKDOWN:
        question = asked(page)
        for words in (question.ask, *(answer.why for answer in question.answers)):
            first = re.sub(r"`.*", "", words)
            if len(first) > 20:
                assert first not in texts, page.source


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.source)
def test_the_other_forms_hold_question_answers_and_then_the_answer(page, site):
    address = address_of(HERE.docs / page.source)
    stem = page.source.rpartition("/")[2].removesuffix(".md")
    markdown = file_at(site, urljoin(address, "index.md")).read_text("utf-8")
    notebook = nbformat.read(file_at(site, urljoin(address, f"{stem}.ipynb")), 4)
    cells = "\n".join(
        "\n".join([cell.source, *(out.text for out in cell.get("outputs", ()))])
        for cell in notebook.cells
    )
    question = asked(page)
    output = read_example(
        HERE.snippets / page.source.removesuffix(".md") / "predict.md"
    ).output.text
    for text in (markdown, cells):
        at = 0
        for part in (
            "**Predict, then run.** ",
            question.ask,
            *(f"- {answer.markdown}\n" for answer in question.answers),
            output,
            f"The answer is {question.right.markdown}. {question.right.why}",
            *(f"- Not {answer.markdown}: {answer.why}" for answer in question.wrong),
        ):
            assert part in text[at:], part
            at = text.index(part, at)


# --- the heads --------------------------------------------------------------------------


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.source)
def test_each_page_says_its_level_its_time_and_what_to_know_before(page, pages):
    path = HERE.docs / page.source
    assert page.level in (1, 2, 3)
    assert page.before is not None
    assert words_of(path, HERE) <= MOST_WORDS
    minutes = minutes_of(path, HERE)
    assert 5 <= minutes <= 40
    line = pages[address_of(path)].select_one("h1 + .page-forms")
    says = f"Level {page.level} of 3 · {minutes} minutes · Know before: "
    assert line.get_text().startswith(says)
    links = [urljoin(address_of(path), a["href"]) for a in line.select("a")]
    known = [address_of(HERE.docs / name) for name in page.before]
    assert links[: len(known)] == known


SITE = "site_name: A\nsite_description: A\nnav: [first.md, page.md, last.md]\n"
LEVELLED = PAGE.replace("---\n\n#", "level: 2\nbefore: [first.md]\n---\n\n#")


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (LEVELLED, ""),
        (LEVELLED.replace("[first.md]", "[]"), ""),
        (LEVELLED.replace("[first.md]", "[last.md]"), "last.md does not come before"),
        (LEVELLED.replace("[first.md]", "[page.md]"), "page.md does not come before"),
        (LEVELLED.replace("[first.md]", "[x.md]"), "x.md does not come before"),
        (LEVELLED.replace("level: 2\n", ""), "level and before belong together"),
        (LEVELLED.replace("before: [first.md]\n", ""), "level and before belong"),
        (PAGE, "level and before belong together"),
        (LEVELLED.replace("level: 2", "level: 4"), "a page may say"),
        (re.sub("<!-- .*", "", LEVELLED), "a page with a level asks first"),
        (f"{LEVELLED}\n{'word ' * 2180}\n", "words; 2200 is the limit"),
    ],
)
def test_a_head_that_is_not_right_is_found(found, page, says):
    first = {"mkdocs.yml": SITE, "docs/first.md": "# First\n", "docs/last.md": "# L\n"}
    given = files(page=page) | first
    if "predict:" not in page:
        given["docs/_questions/page.toml"] = given["snippets/page/predict.md"] = None
    problems = found(given)
    assert bool(says) == bool(problems)
    assert not says or any(says in problem for problem in problems), problems


def test_words_are_counted_without_code_and_time_with_it(tmp_path):
    lay_out(tmp_path, files())
    project = Project(tmp_path)
    page = project.docs / "page.md"
    before = words_of(page, project)
    page.write_text(f"{PAGE}\nThree [more words](a-b.md#c).\n", encoding="utf-8")
    assert words_of(page, project) == before + 3
    page.write_text(PAGE + "\n" + "word " * 2000, encoding="utf-8")
    assert minutes_of(page, project) == 11  # 2,034 words, five lines
    long = example_text("a = 1\n" * 150, output="6\n")
    lay_out(tmp_path, {"snippets/page/predict.md": long})
    assert minutes_of(page, project) == 20  # 150 lines
