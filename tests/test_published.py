"""What stands on a page is what ran: code, outputs, values in the prose, the record."""

import filecmp
import json
import re
import shutil

import examples
import nbformat
import pytest
import records
from bs4 import BeautifulSoup
from places import DOCS, NOTEBOOKS, ROOT, SNIPPETS, address_of

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
        and not tag.find_parent(["h1", "h2", "h3", "nav", "label"])
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
    for include in examples.read_page(page)[0]:
        example = examples.read_example(SNIPPETS / include.example)
        blocks += [b.text for b in example.blocks if b.section == include.section]
    return [block.rstrip("\n") for block in blocks]


@pytest.fixture(scope="module")
def ran(pages):
    """Return, by address, the blocks that ran and may stand there."""
    blocks = dict.fromkeys(pages, ())
    blocks |= {address_of(page): example_blocks(page) for page in examples.pages(DOCS)}
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


# --- values in prose ------------------------------------------------------------------


def unproven_values(page):
    """Return the values in code font that stand in no code block of the page."""
    article = page.find("article")
    blocks = " ".join(" ".join(shown_blocks(page)).split())
    spans = [
        tag.get_text()
        for tag in (article or page).select("p code, li code, td code, th code")
        if not tag.find_parent("pre") and not tag.find_parent(class_=PROVEN_ELSEWHERE)
    ]
    return [
        span
        for span in spans
        if examples.states_a_value(span) and " ".join(span.split()) not in blocks
    ]


def test_every_value_in_the_prose_stands_in_a_block_of_its_page(pages):
    unproven = {
        a: values for a, page in pages.items() if (values := unproven_values(page))
    }
    assert unproven == {}


@pytest.mark.parametrize(
    "value",
    [
        "8",
        "-0.5",
        "(3, 2)",
        "[1 2 3]",
        "float32",
        "f32[2,3]",
        "ValueError: a b",
        "a b c d",
    ],
)
def test_a_value_that_no_block_shows_is_found(value):
    html = f"<article><p>It is <code>{value}</code>.</p><pre>(4, 2)</pre></article>"
    assert unproven_values(BeautifulSoup(html, "html.parser")) == [value]


@pytest.mark.parametrize("value", ["(4, 2)", "vmap", "in_axes=0", "x.shape"])
def test_a_value_that_a_block_shows_and_a_name_are_fine(value):
    html = f"<article><p>It is <code>{value}</code>.</p><pre>(4, 2)</pre></article>"
    assert unproven_values(BeautifulSoup(html, "html.parser")) == []


# --- the record -----------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the project in which nothing was checked."""
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    return tmp_path


def foot(folder, page="learn/first-vmap"):
    """Return the words at the foot of a page, and its classes."""
    text = (folder / "site" / page / "index.html").read_text(encoding="utf-8")
    tag = BeautifulSoup(text, "html.parser").select_one("footer.checked")
    return " ".join(tag.get_text().split()), tag["class"]


def test_a_page_says_what_the_record_says(copy, mkdocs):
    folder = copy / "snippets/learn/first-vmap"
    entry = {"python": "3.99.1", "jax": "9.8.7", "devices": 4}
    passed = {
        path: {"digest": records.digest(path), **entry} for path in folder.glob("*.md")
    }
    records.update(copy, passed, [])
    assert mkdocs("build", cwd=copy).returncode == 0
    words, classes = foot(copy)
    assert "Checked. Every output on this page" in words
    assert "JAX 9.8.7 on Python 3.99.1, on 4 devices" in words
    assert "unchecked" not in classes
    table = (copy / "site/reference/how-this-is-checked/index.html").read_text()
    total = len([*SNIPPETS.rglob("*.md"), *NOTEBOOKS])
    row = rf"<td>3.99.1</td>\s*<td>9.8.7</td>\s*<td>{len(passed)} of {total}</td>"
    assert re.search(row, table)
    # No record for another page, and none that an edit did not make stale.
    assert foot(copy, "learn/axes")[0].startswith("Not checked.")
    edited = min(passed)
    edited.write_text(
        edited.read_text().replace("import jax\n", "import jax  # x\n", 1)
    )
    assert mkdocs("build", cwd=copy).returncode == 0
    words, classes = foot(copy)
    assert words.startswith(f"Not checked. 1 of the {len(passed)} outputs")
    assert "unchecked" in classes
    # A failure takes the entry away.
    records.update(copy, {}, [edited])
    record = json.loads(records.record_path(copy).read_text())
    assert len(record) == len(passed) - 1


# --- reproducible ---------------------------------------------------------------------


def test_two_builds_are_the_same_to_the_byte(tmp_path, mkdocs):
    for name, seed in (("one", "1"), ("two", "2")):
        result = mkdocs(
            *("build", "--site-dir", str(tmp_path / name)),
            SOURCE_DATE_EPOCH="1700000000",
            PYTHONHASHSEED=seed,
        )
        assert result.returncode == 0, result.stderr

    def differences(compared):
        found = compared.left_only + compared.right_only
        _, mismatch, errors = filecmp.cmpfiles(
            compared.left, compared.right, compared.common_files, shallow=False
        )
        found += mismatch + errors
        for inner in compared.subdirs.values():
            found += differences(inner)
        return found

    assert differences(filecmp.dircmp(tmp_path / "one", tmp_path / "two")) == []
