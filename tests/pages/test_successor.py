"""The comparison of two engines' sites sees what differs, and nothing else."""

import pytest

from mapped_axis.pages.successor import other_bytes, other_parts
from mapped_axis.project import HERE
from support.sites import lay_out, pages

HEAD = '<meta name="generator" content="{}"><meta http-equiv="Content-Security-Policy">'
BODY = "<article><h1>A</h1><div class='highlight'><pre>print(1)</pre></div></article>"


def sites(folder, other):
    """Lay out two sites: one as it should be, and one with some files other."""
    files = {"a/index.html": HEAD.format("one") + BODY, "a/index.md": "# A\n"}
    changed = {"a/index.html": HEAD.format("other") + BODY, **other}
    lay_out(folder / "one", files)
    lay_out(folder / "other", files | changed)
    return folder / "one", folder / "other"


def test_the_name_of_the_generator_is_no_difference(tmp_path):
    one, other = sites(tmp_path, {})
    assert list(other_bytes(one, other)) == list(other_parts(one, other)) == []


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a/index.html": HEAD + BODY.replace("1", "2")}, "code blocks and outputs"),
        ({"a/index.html": HEAD + BODY.replace("h1", "h2")}, ""),
        ({"a/index.html": HEAD + BODY.replace("A", "B")}, "headings"),
        ({"a/index.html": BODY}, "no policy"),
        ({"a/index.md": "# B\n"}, "missing or other"),
    ],
)
def test_another_part_is_found(tmp_path, files, says):
    one, other = sites(tmp_path, files)
    assert list(other_bytes(one, other))
    found = list(other_parts(one, other))
    assert [says in line for line in found] == ([True] if says else [])


def test_a_missing_page_is_found(tmp_path):
    one, other = sites(tmp_path, {})
    (other / "a/index.html").unlink()
    assert list(other_bytes(one, other)) == ["a/index.html: only in one of the two"]
    assert list(other_parts(one, other)) == ["a/index.html: no such page"]


@pytest.mark.slow
def test_the_copy_that_an_engine_builds_has_all_that_pages_are_made_of(tmp_path):
    HERE.copy_to(tmp_path / "copy")
    result = pages("check", cwd=tmp_path / "copy")
    assert (result.returncode, result.stderr) == (0, "")
