"""Marked lines: which they are, what the page says of them, what cannot be marked."""

import difflib
import itertools
import re

import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Changes, Include, Mark, Predict, pieces
from mapped_axis.pages.check import problems_of
from mapped_axis.pages.marks import as_marks, changes
from mapped_axis.pages.text import text_of
from mapped_axis.project import HERE, Project
from support.places import SNIPPETS, address_of
from support.sites import build, lay_out, small_site
from support.texts import SECTIONS

STEPS = [
    *("one-image", "batch", "ensemble", "clipped", "eight-devices", "shard-map"),
    *("two-axes", "two-processes"),
]
# A step changes a few lines. A second process asks for more: it has to find the first.
FEW, WITH_A_PROCESS = 12, 24
MARKING = [
    page
    for page in HERE.pages
    if any(isinstance(piece, Changes | Mark) for piece in pieces(page))
]


PAIRS = list(itertools.pairwise(STEPS))


# --- what is compared ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "marked", "gone"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", [], 0),
        ("a\nb\nc\n", "a\nx\nc\n", [2], 0),
        ("a\nc\n", "a\nb\nc\n", [2], 0),
        ("a\nb\nc\n", "a\nc\n", [], 1),
        ("a\nb\nc\nd\n", "a\nx\nd\n", [2], 1),
        ("a\nb\n", "a\nx\ny\nb\nz\n", [2, 3, 5], 0),
        ("a\nb\n", "a\n\n\nb\n", [], 0),
        ("a\n\nb\n", "a\nb\n", [], 0),
    ],
)
def test_what_differs_is_found(before, after, marked, gone):
    assert changes(before, after) == (marked, gone)


def program_of(step):
    """Return the Python program of a step."""
    program = read_example(SNIPPETS / f"program/{step}/train.md").program
    inner = re.search(r"<<'END'\n(.*?)^END$", program, re.DOTALL | re.MULTILINE)
    return inner[1] if inner else program


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_step_changes_few_lines(before, after):
    marked, gone = changes(program_of(before), program_of(after))
    limit = WITH_A_PROCESS if after == "two-processes" else FEW
    assert 0 < len(marked) + gone <= limit, (len(marked), gone)


def test_each_step_is_compared_with_the_one_before():
    for before, after in PAIRS:
        read = pieces(HERE.docs / f"program/{after}.md")
        first = next(n for n, piece in enumerate(read) if isinstance(piece, Include))
        assert read[first].example == f"program/{after}/train.md"
        assert read[first - 1][1:] == (f"program/{before}/train.md",)


# --- what a page shows --------------------------------------------------------------------


def new_lines(before, after):
    """Return the numbers of the lines that a diff adds to a program, if not empty."""
    old, new = before.splitlines(), after.splitlines()
    diff = difflib.unified_diff(old, new, n=len(old), lineterm="")
    kept = [line for line in [*diff][3:] if line[0] != "-"]
    return {n for n, line in enumerate(kept, 1) if line[0] == "+" and line[1:].strip()}


def unlike(page, soup):
    """Return what a page is to mark and what it marks, where they are not the same.

    Args:
        page: the page; its files say what is to be marked, block by block.
        soup: its HTML, parsed.
    """
    wanted, waiting = [], []
    for piece in pieces(page):
        if isinstance(piece, Changes | Mark):
            waiting.append(piece)
        if not isinstance(piece, Include | Predict):
            continue
        example = read_example(SNIPPETS / piece.example)
        before = 0  # lines of the parts before this one
        for block in example.blocks:
            lines = block.text.splitlines() if block is not example.output else []
            numbers = set()
            for how in waiting:
                if isinstance(how, Mark):
                    numbers |= {n for n, x in enumerate(lines, 1) if how.text in x}
                else:
                    other = read_example(SNIPPETS / how.example)
                    found = new_lines(other.program, example.program)
                    numbers |= {n - before for n in found}
            before += len(lines)
            if block in example.part(piece.section):
                wanted.append([x for n, x in enumerate(lines, 1) if n in numbers])
        waiting = []
    shown = [
        [mark.get_text() for mark in block.select("mark")]
        for block in soup.select("article .highlight")
    ]
    return [pair for pair in itertools.zip_longest(wanted, shown) if pair[0] != pair[1]]


@pytest.mark.parametrize("page", MARKING, ids=lambda path: path.stem)
def test_a_page_marks_what_differs(page, pages):
    assert unlike(page, pages[address_of(page)]) == []


def test_a_mark_on_another_line_is_found(pages):
    page = HERE.docs / "program/batch.md"
    soup = pages[address_of(page)]
    mark = soup.select_one("article mark")
    mark.name = "span"
    assert len(unlike(page, soup)) == 1
    mark.name = "mark"
    assert unlike(page, soup) == []


def test_no_other_page_has_a_mark(pages):
    marking = {address_of(page) for page in MARKING}
    others = [
        at for at, page in pages.items() if page.select("article .highlight mark")
    ]
    assert set(others) <= marking


ONE = """```python
a = 1
b = 2
print(a + b)
```

<!--pytest-codeblocks:expected-output-->

```text
3
```
"""
OTHER = (
    ONE.replace("b = 2", "b = 3\nc = 4").replace("a + b", "a").replace("3\n`", "1\n`")
)


def test_a_page_shows_and_says_what_changed(tmp_path):
    page = """# A

--8<-- "page/one.md"

<!-- changes: page/one.md -->
--8<-- "page/two.md"

<!-- changes: page/two.md -->
<!-- mark: print( -->
--8<-- "page/three.md"
"""
    files = {
        "docs/page.md": page,
        "snippets/page/one.md": ONE,
        "snippets/page/two.md": OTHER,
        "snippets/page/three.md": OTHER.replace("c = 4\n", ""),
    }
    small_site(tmp_path, files)
    result = build(tmp_path / "site", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "site/page/index.html").read_text()
    assert re.findall(
        r'<mark class="hll">(.*?)</mark>', re.sub(r"</?span.*?>", "", text)
    ) == [
        *("b = 3", "c = 4", "print(a)"),
        "print(a)",
    ]
    assert re.findall(r'<p class="part"[^>]*>(.*?)</p>', text) == [
        "Marked: 3 lines are new or changed.",
        "1 line went, and no line is new.",
    ]
    # No other form of the page has them.
    assert "mark" not in text_of(tmp_path / "docs/page.md", Project(tmp_path), str)
    notebook = (tmp_path / "site/page/page.ipynb").read_text()
    assert not re.search("mark(?!down)|Marked", notebook)


def test_a_marked_line_keeps_its_text():
    block = '<code><span>a</span>\n<span class="hll"><span>b</span>\n</span>c\n</code>'
    assert (
        as_marks(block)
        == '<code><span>a</span>\n<mark class="hll"><span>b</span></mark>\nc\n</code>'
    )
    assert as_marks(block.replace("hll", "other")) == block.replace("hll", "other")


# --- what cannot be marked ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("<!-- changes: page/none.md -->", "docs/page.md:5: no other example"),
        ("<!-- changes: page/two.md -->", "docs/page.md:5: no other example"),
        ("<!-- changes: page/same.md -->", "docs/page.md:5: nothing differs from"),
        ("<!-- mark: b = 2 -->", "here holds 'b = 2'; mend it."),
        ("<!-- mark: b = 3 -->\n", "docs/page.md:5: this marks nothing"),
        ("<!-- mark: b = 3 -->\nWords.\n", "docs/page.md:5: this marks nothing"),
        ("<!-- changes: page/one -->", "docs/page.md:5: HTML in a page"),
        ("<!-- mark:  -->", "docs/page.md:5: HTML in a page"),
        (" <!-- mark: b = 3 -->", "docs/page.md:5: HTML in a page"),
    ],
)
def test_a_mark_of_nothing_is_refused(tmp_path, monkeypatch, line, says):
    page = f'# A\n\n--8<-- "page/one.md"\n\n{line}\n--8<-- "page/two.md"\n'
    names = {"one": ONE, "two": OTHER, "same": OTHER}
    examples = {f"snippets/page/{name}.md": text for name, text in names.items()}
    lay_out(tmp_path, {"docs/page.md": page, **examples})
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    found = [
        str(problem) for problem in problems_of(tmp_path / "docs/page.md", project)
    ]
    assert any(says in problem for problem in found), found
    fine = page.replace(line, "<!-- mark: b = 3 -->")
    lay_out(tmp_path, {"docs/page.md": fine})
    assert problems_of(tmp_path / "docs/page.md", project) == []


def test_a_mark_at_the_end_of_a_page_is_refused(tmp_path):
    lay_out(tmp_path, {"docs/page.md": "# A\n\n<!-- mark: b = 3 -->\n"})
    project = Project(tmp_path)
    (problem,) = problems_of(tmp_path / "docs/page.md", project)
    assert (problem.line, problem.text.split(";")[0]) == (3, "this marks nothing")


def test_a_mark_counts_in_its_own_part(tmp_path):
    page = """# A

<!-- mark: a = 1 -->
--8<-- "page/one.md:first"

<!-- mark: a = 1 -->
--8<-- "page/one.md:second"
"""
    lay_out(tmp_path, {"docs/page.md": page, "snippets/page/one.md": SECTIONS})
    problems = problems_of(tmp_path / "docs/page.md", Project(tmp_path))
    assert [problem.line for problem in problems] == [6], problems
