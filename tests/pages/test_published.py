"""What stands on a page is what ran: code, outputs, the record."""

import filecmp
import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples import record
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes
from mapped_axis.project import HERE, Project
from support.places import NOTEBOOKS, PUBLISHED, SNIPPETS, address_of
from support.sites import EXAMPLE, build, small_site

# Whatever a browser shows as code that one would copy: not a word in a sentence.
CODE = "pre, samp, textarea, .highlight, code:not(p code, li code, td code, th code)"

# All that these elements hold is compared to JAX by test_axis_table.py.
PROVEN_ELSEWHERE = ["axis-explorer", "axis-quiz"]


def shown_blocks(page):
    """Return the text of each outermost code-like element of a page, in order."""
    # By identity: to BeautifulSoup two elements with the same text are equal.
    blocks = {id(tag): tag for tag in page.select(CODE)}
    return [
        tag.get_text().rstrip("\n")
        for tag in blocks.values()
        if not any(id(parent) in blocks for parent in tag.parents)
        and not tag.find_parent(["h1", "h2", "h3", "h4", "nav", "label"])
        and not tag.find_parent(class_=PROVEN_ELSEWHERE)
    ]


def notebook_blocks(path):
    """Return the texts of the cells and text outputs of a notebook, in order."""
    blocks = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            blocks.append(cell.source)
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain")
                if text and "image/svg+xml" not in output.get("data", {}):
                    blocks.append(text)
    return [block.rstrip("\n") for block in blocks]


def example_blocks(page):
    """Return the texts of the blocks of the examples that a page includes, in order."""
    blocks = []
    for include in includes(page):
        example = read_example(SNIPPETS / include.example)
        blocks += [block.text for block in example.part(include.section)]
    return [block.rstrip("\n") for block in blocks]


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_heading_in_code_font_is_no_block(level):
    html = f"<h{level}><code>vmap</code></h{level}><pre>print(3)</pre>"
    assert shown_blocks(BeautifulSoup(html, "html.parser")) == ["print(3)"]


@pytest.fixture(scope="module")
def ran(pages):
    """Return, by address, the blocks that ran and may stand there."""
    blocks = dict.fromkeys(pages, ())
    blocks |= {address_of(page): example_blocks(page) for page in HERE.pages}
    blocks |= {address_of(path): notebook_blocks(path) for path in NOTEBOOKS}
    return {address: list(texts) for address, texts in blocks.items()}


def test_every_block_on_a_page_is_one_that_ran(pages, ran):
    shown = {address: shown_blocks(page) for address, page in pages.items()}
    assert shown == ran


@pytest.mark.parametrize(
    "smuggled",
    [
        "<pre>print(3)</pre>",
        "<pre><code>print(3)</code></pre>",
        "<div class='highlight'>print(3)</div>",
        "<div class='admonition'><div class='highlight'><pre>print(3)</pre></div></div>",
        "<div class='tabbed-block'><pre><code>print(3)</code></pre></div>",
        "<aside><samp>3</samp></aside>",
        "<footer><code>print(3)</code></footer>",
        "<textarea>print(3)</textarea>",
    ],
)
def test_code_that_did_not_run_is_found_however_it_got_there(smuggled):
    page = BeautifulSoup(f"<h1>A</h1><p>b <code>c</code></p>{smuggled}", "html.parser")
    assert len(shown_blocks(page)) == 1


# --- the record -----------------------------------------------------------------------


def foot(folder, page):
    """Return the words at the foot of a page, and its classes."""
    text = (folder / "site" / page / "index.html").read_text(encoding="utf-8")
    tag = BeautifulSoup(text, "html.parser").select_one("footer.checked")
    return " ".join(tag.get_text().split()), tag["class"]


def test_a_page_says_what_the_record_says(tmp_path):
    files = {
        "docs/page.md": '# A\n\n--8<-- "page/one.md"\n\n--8<-- "page/two.md"\n',
        "docs/page-of-versions.md": "# B\n\n<!-- versions -->\n",
        "docs/page-of-none.md": '# C\n\n--8<-- "page-of-none/one.md"\n',
        "snippets/page/one.md": EXAMPLE,
        "snippets/page/two.md": EXAMPLE,
        "snippets/page-of-none/one.md": EXAMPLE,
    }
    small_site(tmp_path, files)
    project = Project(tmp_path)
    entry = {"python": "3.99.1", "jax": "9.8.7", "devices": 4}
    passed = {
        path: {"digest": record.digest(path), **entry}
        for path in (tmp_path / "snippets/page").glob("*.md")
    }
    record.update(project, passed, [])
    assert build(tmp_path / "site", cwd=tmp_path).returncode == 0
    words, classes = foot(tmp_path, "page")
    assert "Checked. Every output on this page" in words
    assert "JAX 9.8.7 on Python 3.99.1, on 4 devices" in words
    assert "unchecked" not in classes
    table = (tmp_path / "site/page-of-versions/index.html").read_text()
    assert re.search(r"<td>3.99.1</td>\s*<td>9.8.7</td>\s*<td>2 of 3</td>", table)
    # No record for another page, and none that an edit did not make stale.
    assert foot(tmp_path, "page-of-none")[0].startswith("Not checked. 1 of the 1 ")
    edited = tmp_path / "snippets/page/one.md"
    edited.write_text(EXAMPLE.replace("print(1)", "print(+1)"))
    assert build(tmp_path / "site", cwd=tmp_path).returncode == 0
    words, classes = foot(tmp_path, "page")
    assert words.startswith("Not checked. 1 of the 2 outputs")
    assert "unchecked" in classes
    # A failure takes the entry away.
    record.update(project, {}, [edited])
    written = json.loads(record.record_path(project).read_text())
    assert list(written) == ["snippets/page/two.md"]


# --- reproducible ---------------------------------------------------------------------


def differences(one, other):
    """Return the names of files that two folders do not have alike."""
    compared = filecmp.dircmp(one, other)
    _, mismatch, errors = filecmp.cmpfiles(
        one, other, compared.common_files, shallow=False
    )
    found = compared.left_only + compared.right_only + mismatch + errors
    for name in compared.common_dirs:
        found += differences(f"{one}/{name}", f"{other}/{name}")
    return found


def test_two_builds_are_the_same_to_the_byte(site, tmp_path):
    # Built once more, elsewhere, with another order of Python's sets.
    result = build(tmp_path / "again", PYTHONHASHSEED="2", **PUBLISHED)
    assert result.returncode == 0, result.stderr
    assert differences(site, tmp_path / "again") == []


def test_a_file_that_is_missing_or_other_is_found(tmp_path):
    for folder, files in (("one", "abc"), ("other", "bcd")):
        (tmp_path / folder / "deep").mkdir(parents=True)
        for name in files:
            (tmp_path / folder / "deep" / name).write_text("same")
    (tmp_path / "one/deep/b").write_text("some")  # as long, and of the same second
    found = differences(tmp_path / "one", tmp_path / "other")
    assert sorted(found) == ["a", "b", "d"]
