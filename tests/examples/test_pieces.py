"""A page: what it may include, and that all else is refused."""

import pytest

from mapped_axis.examples.pieces import all_problems, shown_by
from mapped_axis.project import HERE
from support.texts import GOOD, SECTIONS


def problems_of(project):
    return [str(problem) for problem in all_problems(project)]


def test_pages_and_examples_are_as_they_should_be():
    assert problems_of(HERE) == []


PAGE = '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'


def test_a_good_page_has_no_problem(house):
    project = house({"docs/page.md": PAGE, "snippets/page/one.md": GOOD})
    assert problems_of(project) == []
    shown = shown_by(project.snippets / "page/one.md", project)
    assert shown == [(project.docs / "page.md", 5)]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (PAGE.replace("one.md", "two.md"), "docs/page.md:5: no example"),
        (PAGE.replace("one.md", "one.md:part"), "is shown as: part; show every part"),
        (PAGE + '\n--8<-- "page/one.md"\n', "show every part once"),
        (PAGE.replace('"page', '"other'), "docs/page.md:5: no example"),
        (PAGE.replace("one.md", "one.md:1:2"), "docs/page.md:5: not an include"),
        (PAGE.replace("--8<--", ";--8<--"), "docs/page.md:5: not an include"),
        ("--8<--\npage/one.md\n--8<--\n", "docs/page.md:1: not an include"),
        (PAGE + "\n```python\nprint(3)\n```\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n~~~\nprint(3)\n~~~\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n> ```\n> x\n> ```\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n<pre>x</pre>\n", "docs/page.md:7: code in a page"),
        ("# Page\n", "snippets/page/one.md:1: no page shows this"),
    ],
)
def test_a_bad_page_is_refused(house, monkeypatch, page, says):
    project = house({"docs/page.md": page, "snippets/page/one.md": GOOD})
    monkeypatch.chdir(project.root)
    assert any(says in problem for problem in problems_of(project)), problems_of(
        project
    )


FIGURE = '--8<-- "page/one.svg"\n'


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (FIGURE, None),
        ("", "docs/_figures/page/one.svg:1: no page shows this"),
        (
            FIGURE + "\n" + FIGURE,
            "docs/page.md:9: docs/_figures/page/one.svg is shown tw",
        ),
        (
            FIGURE.replace("one", "two"),
            "docs/page.md:7: no figure docs/_figures/page/two",
        ),
        (
            FIGURE.replace("page/one", "other/one"),
            "docs/page.md:7: docs/_figures/other/o",
        ),
        (FIGURE.replace(".svg", ".svg:part"), "docs/page.md:7: not an include"),
        (f"    {FIGURE}", "docs/page.md:7: not an include"),
    ],
)
def test_a_figure_is_shown_once_and_by_its_own_page(house, monkeypatch, page, says):
    project = house(
        {
            "docs/page.md": f"{PAGE}\n{page}",
            "docs/_figures/page/one.svg": "<svg/>\n",
            "docs/_figures/other/one.svg": "<svg/>\n",
            "docs/other.md": '--8<-- "other/one.svg"\n',
            "snippets/page/one.md": GOOD,
        }
    )
    monkeypatch.chdir(project.root)
    problems = problems_of(project)
    assert any(says in problem for problem in problems) if says else problems == []


def test_an_example_of_another_page_is_refused(house):
    project = house(
        {
            "docs/page.md": PAGE,
            "docs/other.md": PAGE,
            "snippets/page/one.md": GOOD,
        }
    )
    assert any("belongs to another page" in problem for problem in problems_of(project))


def test_a_file_that_is_no_example_is_refused(house):
    project = house(
        {
            "docs/page.md": PAGE,
            "snippets/page/one.md": GOOD,
            "snippets/page/helper.py": "x = 1\n",
        }
    )
    assert any("helper.py:1: no page shows this" in p for p in problems_of(project))


@pytest.mark.parametrize(
    ("parts", "fine"),
    [
        (["first", "second"], True),
        (["first"], False),
        (["second", "first"], False),
        (["first", "second", "second"], False),
        (["first", "second", "third"], False),
    ],
)
def test_sections_are_shown_once_and_in_order(house, parts, fine):
    page = "\n\n".join(f'--8<-- "page/one.md:{part}"' for part in parts)
    project = house({"docs/page.md": page, "snippets/page/one.md": SECTIONS})
    problems = problems_of(project)
    assert (problems == []) is fine, problems
