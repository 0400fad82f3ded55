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
        ('# Page\n\n--8<- "page/one.md"\n', "docs/page.md:3: not an include"),
        ('# Page\n\n-8<- "page/one.md"\n', "docs/page.md:3: not an include"),
        ('# Page\n\n-8<- "docs/_figures/x.py"\n', "docs/page.md:3: not an include"),
        ("# Page\n", "snippets/page/one.md:1: no page shows this"),
    ],
)
def test_a_bad_page_is_refused(house, monkeypatch, page, says):
    project = house({"docs/page.md": page, "snippets/page/one.md": GOOD})
    monkeypatch.chdir(project.root)
    assert any(says in problem for problem in problems_of(project)), problems_of(
        project
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("<pre>x</pre>", "HTML in a page"),
        ("It is <kbd>[50 122]</kbd>.", "HTML in a page"),
        ("<output>[50 122]</output>", "HTML in a page"),
        ("<xmp>[50 122]</xmp>", "HTML in a page"),
        ('<section class="language-text"><tt>2</tt></section>', "HTML in a page"),
        ("<script>document.title = 2</script>", "HTML in a page"),
        ('<img src="result.png" alt="a">', "HTML in a page"),
        ("<!-- a note -->", "HTML in a page"),
        ('<div class="axis-quiz" hidden>x</div>', "HTML in a page"),
        ("It is 2.\n{ .language-text }", "an attribute"),
        ("It is 2.\n{: hidden }", "an attribute"),
        ("## Title { .language-text }", "an attribute"),
        ("## Title { #name hidden }", "an attribute"),
        ("`[50 122]`{ .highlight }", "an attribute"),
        ("[a](page.md){ .md-button hidden }", "an attribute"),
        ("`import jax\nprint(1)`", "code font that does not end on its line"),
        ("``\nimport jax\n``", "code font that does not end on its line"),
        ("- ```python\n  print(1)\n  ```", "code font that does not end"),
        ("    print(1)", "code in a page"),
        ("1. A\n\n        print(1)", "code in a page"),
        ('!!! note "A"\n\n        print(1)', "code in a page"),
        ("    A\n\n        print(1)", "code in a page"),
        (">     print(1)", "code in a page"),
        ("-      print(1)", "code in a page"),
        ('!!! note language-text "A"', "a box of another kind"),
        ('> !!! output "A"', "a box of another kind"),
        ("&#91;50 122&#93;", "a character by its code"),
        ("a&#8203;b", "a character by its code"),
        ("Checked. Every output is.", "what the foot of a page says"),
        ("**Checked.** Every output is.", "what the foot of a page says"),
        ("All of it is what its program printed.", "what the foot of a page says"),
        ("| Python | JAX |", "a table of versions"),
        ("| **JAX** | Examples |", "a table of versions"),
        ("![two](two.svg)", "no drawing docs/two.svg"),
        ("![two](result.png)", "no drawing docs/result.png"),
        ("![](drawing.svg)", "a picture without words"),
        ("![a][drawing]", "a picture that cannot be read"),
        ('![a](drawing.svg "title")', "a picture that cannot be read"),
        ("![a](text.svg)", "docs/text.svg holds '<text"),
        ("![a](image.svg)", "docs/image.svg holds '<image'"),
        ("[a]: javascript:x", "a link by reference"),
        ("[a](javascript:x)", "an address that is no page"),
        ('[a](page.md "2")', "a link with more than an address"),
    ],
)
def test_what_could_pass_for_an_output_is_refused(house, monkeypatch, line, says):
    files = {
        "docs/page.md": f"# Page\n\n{line}\n",
        "docs/drawing.svg": "<svg><path d='M0 0'/></svg>\n",
        "docs/text.svg": '<svg><text x="1">[50 122]</text></svg>\n',
        "docs/image.svg": "<svg><image href='data:image/png;base64,'/></svg>\n",
    }
    project = house(files | {"docs/result.txt": "2\n"})
    monkeypatch.chdir(project.root)
    found = problems_of(project)
    assert any(says in p and p.startswith("docs/page.md:") for p in found), found


@pytest.mark.parametrize(
    "line",
    [
        "## Title { #name }",
        "## The call `f({x: 1})` and `<pre>`",
        "#### `vmap`",
        "A literal \\` and a pair of ``a ` b``.",
        "[a](other.md){ .md-button .md-button--primary }",
        "> `a` is said of [b](other.md#c).",
        '!!! warning "Mind this"\n\n    A box.\n\n    - A list in it.\n      Two lines.',
        "* A list.\n  Two lines.",
        "| got { | 1 < 2 and a > b |",
        "![The axes of the array](drawing.svg)",
        "These were checked by hand.",
    ],
)
def test_what_a_page_needs_is_allowed(house, line):
    files = {
        "docs/page.md": f'---\ndescription: "A"\n---\n\n# Page\n\n{line}\n',
        "docs/drawing.svg": "<svg><text>axis</text><path d='M0 0'/></svg>\n",
    }
    assert problems_of(house(files)) == []


@pytest.mark.parametrize("line", ["template: own.html", "title: [50 122]", "# 2"])
def test_front_matter_that_changes_a_page_is_refused(house, line):
    page = f'---\ndescription: "A"\n{line}\n---\n\n# Page\n'
    assert any(
        "page.md:3: a page may" in p for p in problems_of(house({"docs/page.md": page}))
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
    project = house({"docs/page.md": page + "\n", "snippets/page/one.md": SECTIONS})
    problems = problems_of(project)
    assert (problems == []) is fine, problems
