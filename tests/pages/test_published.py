"""What stands on a page is what ran: code, outputs, the record."""

import difflib
import filecmp
import itertools
import json
import re
import shutil

import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples import record, tamper
from mapped_axis.pages.tables import recorded_table
from mapped_axis.project import Project
from support.blocks import CODE, PROVEN_ELSEWHERE, ran
from support.places import PUBLISHED, ROOT
from support.sites import EXAMPLE, build, lay_out, small_site


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


def other_blocks(address, shown, blocks):
    """Return where a page first shows another block than what ran, or "".

    Args:
        address: the address of the page.
        shown: the texts of the blocks on the page.
        blocks: the texts of the blocks that ran, each with its file and line.
    """
    for number, (text, block) in enumerate(
        itertools.zip_longest(shown, blocks, fillvalue=None), start=1
    ):
        if block and text == block[0]:
            continue
        source = block[1] if block else "a block that ran"
        texts = (block[0] if block else "", text or "")
        diff = difflib.unified_diff(
            *(t.splitlines() for t in texts), source, "the page", n=1, lineterm=""
        )
        return "\n".join([f"{address}: block {number} is not {source}", *diff])
    return ""


def test_every_block_on_a_page_is_one_that_ran(pages):
    blocks = ran()
    found = [
        other_blocks(address, shown_blocks(page), blocks.get(address, []))
        for address, page in pages.items()
    ]
    if any(found):
        pytest.fail("\n\n".join(filter(None, found)), pytrace=False)


def test_another_block_is_named_with_its_source():
    blocks = [("print(1)", "a.md:1"), ("1\n2", "a.md:7"), ("print(3)", "b.md:1")]
    good = [text for text, _ in blocks]
    assert other_blocks("x/", good, blocks) == ""
    assert other_blocks("x/", [good[0], "1\n3", good[2]], blocks).splitlines() == [
        "x/: block 2 is not a.md:7",
        "--- a.md:7",
        "+++ the page",
        "@@ -1,2 +1,2 @@",
        " 1",
        "-2",
        "+3",
    ]
    says = "x/: block 3 is not b.md:1"
    assert other_blocks("x/", good[:2], blocks).splitlines()[0] == says
    says = "x/: block 4 is not a block that ran"
    assert other_blocks("x/", [*good, "4"], blocks).splitlines()[0] == says


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_heading_in_code_font_is_no_block(level):
    html = f"<h{level}><code>vmap</code></h{level}><pre>print(3)</pre>"
    assert shown_blocks(BeautifulSoup(html, "html.parser")) == ["print(3)"]


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


@pytest.mark.slow
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


def test_a_score_counts_only_for_what_was_changed_then(tmp_path, monkeypatch):
    project = Project(tmp_path)
    lay_out(tmp_path, {"snippets/page/one.md": EXAMPLE})
    digests = {"one.md": record.digest(project.snippets / "page/one.md")}
    score = {"changes": 12, "noticed": 11, "accepted": 1, "examples": digests}
    path = tmp_path / "tampered.json"
    path.write_text("{}")
    monkeypatch.setattr(tamper, "SCORES", path)
    assert "| page | not yet |" in recorded_table("tampered", project)
    path.write_text(json.dumps({"page": score}))
    assert "| page | 12 | 11 | 1 | 0 |" in recorded_table("tampered", project)
    path.write_text(json.dumps({"page": score | {"noticed": 8}}))
    assert "| page | 12 | 8 | 1 | 3 |" in recorded_table("tampered", project)
    lay_out(tmp_path, {"snippets/page/one.md": EXAMPLE + "\n"})
    assert "| page | edited since |" in recorded_table("tampered", project)
    lay_out(
        tmp_path, {"snippets/page/one.md": EXAMPLE, "snippets/page/two.md": EXAMPLE}
    )
    assert "| page | edited since |" in recorded_table("tampered", project)


@pytest.mark.slow
def test_what_was_not_compared_is_not_published(tmp_path):
    files = {"docs/page.md": '# A\n\n--8<-- "page/one.md"\n'}
    small_site(tmp_path, {**files, "snippets/page/one.md": EXAMPLE})
    project, example = Project(tmp_path), tmp_path / "snippets/page/one.md"
    this = record.record_path(project).stem
    line = "docs/page.md: snippets/page/one.md was not compared on Python {}"

    def complete():
        result = build(
            *(tmp_path / "site", "--complete", "3.98"),
            cwd=tmp_path,
            SITE_URL=PUBLISHED["SITE_URL"],
            REPO_URL=PUBLISHED["REPO_URL"],
        )
        published = (tmp_path / "site").exists()
        assert published == (result.returncode == 0)
        return [text for text in result.stderr.splitlines() if "not compared" in text]

    assert complete() == [line.format(this), line.format("3.98")]
    entry = {"python": "3.99.1", "jax": "9.8.7", "devices": 4}
    entry["digest"] = record.digest(example)
    record.update(project, {example: entry}, [])
    assert complete() == [line.format("3.98")]
    other = record.folder(project) / "3.98.json"
    other.write_bytes(record.record_path(project).read_bytes())
    assert complete() == []
    assert foot(tmp_path, "page")[1] == ["checked"]
    shutil.rmtree(tmp_path / "site")
    nowhere = build(tmp_path / "site", "--complete", "3.98", cwd=tmp_path, REPO_URL="")
    assert "publish nothing: name its addresses" in nowhere.stderr
    assert not (tmp_path / "site").exists()
    example.write_text(EXAMPLE.replace("print(1)", "print(+1)"))
    assert complete() == [line.format(this), line.format("3.98")]


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


@pytest.mark.slow
def test_two_builds_are_the_same_to_the_byte(site, tmp_path):
    """Built once more, elsewhere, with another order of Python's sets."""
    again = tmp_path / "again"
    result = build(again, cwd=ROOT, PYTHONHASHSEED="2", **PUBLISHED)
    assert result.returncode == 0, result.stderr
    assert differences(site, again) == []


def test_a_file_that_is_missing_or_other_is_found(tmp_path):
    for folder, files in (("one", "abc"), ("other", "bcd")):
        (tmp_path / folder / "deep").mkdir(parents=True)
        for name in files:
            (tmp_path / folder / "deep" / name).write_text("same")
    (tmp_path / "one/deep/b").write_text("some")  # as long, and of the same second
    found = differences(tmp_path / "one", tmp_path / "other")
    assert sorted(found) == ["a", "b", "d"]
