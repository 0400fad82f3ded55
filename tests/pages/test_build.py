"""A fault stops the build with one message."""

import itertools
import os
import subprocess
import sys

import nbformat
import pytest

from mapped_axis.pages.__main__ import build as build_it
from mapped_axis.project import Project
from support.places import ROOT
from support.sites import EXAMPLE, build, pages, small_site

GOOD = {
    "docs/page.md": '# Page\n\n--8<-- "page/one.md"\n',
    "snippets/page/one.md": EXAMPLE,
}

# --- faults stop the build ------------------------------------------------------------


def notebook(cell):
    """Return a notebook of one cell as text."""
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


BUILD_FAULTS = {
    "missing example": (
        {"docs/page.md": '# Page\n\n--8<-- "page/one.md"\n'},
        "docs/page.md:3: no example snippets/page/one.md",
    ),
    "missing section": (
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md:part"\n',
            "snippets/page/one.md": EXAMPLE,
        },
        "docs/page.md:3: snippets/page/one.md is shown as: part",
    ),
    "unclosed section": (
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md:part"\n',
            "snippets/page/one.md": "<!-- --8<-- [start:part] -->\n" + EXAMPLE,
        },
        "snippets/page/one.md:1: section 'part' is never closed",
    ),
    "fence in a page": (
        {"docs/page.md": "# Page\n\n```python\nprint(1)\n```\n"},
        "docs/page.md:3: code in a page",
    ),
    # One build: the engine reports all that it finds.
    "broken link, broken anchor": (
        {"docs/page.md": "# Page\n\n[x](nowhere.md), [y](index.md#nowhere)\n"},
        "Doc file 'page.md' contains a link 'nowhere.md'",
        "does not contain an anchor '#nowhere'",
    ),
    "broken link in a notebook": (
        {
            "docs/further/page.ipynb": notebook(
                nbformat.v4.new_markdown_cell("# Page\n\n[x](nowhere.md)")
            ),
            "docs/page.md": "# Page\n",
        },
        "further/page.ipynb: the link 'nowhere.md' leads to no file",
    ),
    "times that were not measured": (
        {"docs/page.md": "# Page\n\n<!-- times: page/times.json -->\n"},
        "docs/page.md:3: cannot draw the times of page/times.json",
    ),
    "element that is no row of the table": (
        {
            "docs/page.md": '# Page\n\n<div class="axis-quiz" data-function="tan" '
            'data-shapes="3" data-in="0" data-out="0"></div>\n'
        },
        "docs/page.md:3: ",
    ),
    "element that nothing fills": (
        {"docs/page.md": '# Page\n\n<div class="axis-none"></div>\n'},
        "docs/page.md:3: nothing fills an element of the class 'axis-none'",
    ),
    "unknown output in a notebook": (
        {
            "docs/further/page.ipynb": notebook(
                nbformat.v4.new_code_cell(
                    "x",
                    outputs=[
                        nbformat.v4.new_output(
                            "display_data", {"text/html": "<b>x</b>"}
                        )
                    ],
                )
            ),
            "docs/page.md": "# Page\n",
        },
        "an output of the kind text/html has no form on a page",
    ),
}


@pytest.mark.parametrize("fault", BUILD_FAULTS)
@pytest.mark.slow
def test_a_fault_stops_the_build(tmp_path, fault):
    files, *says = BUILD_FAULTS[fault]
    small_site(tmp_path, files)
    result = build(tmp_path / "site", cwd=tmp_path)
    assert result.returncode == 1
    assert [text for text in says if text not in result.stderr] == []
    assert "Traceback" not in result.stderr
    assert not [path for path in tmp_path.glob("site*") if path.is_dir()]


def test_a_page_outside_the_navigation_and_one_that_is_none_are_faults(tmp_path):
    small_site(tmp_path, GOOD)
    config = tmp_path / "mkdocs.yml"
    config.write_text(config.read_text().replace("- page.md", "- Part: [gone.md]"))
    line = 1 + config.read_text().partition("gone.md")[0].count("\n")
    result = pages("check", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "docs/page.md:1: no part of nav in mkdocs.yml; add it there.",
        f"mkdocs.yml:{line}: nav names docs/gone.md, which is not there; mend or delete it.",
    ]


@pytest.mark.slow
def test_a_fault_keeps_the_site_that_was_built_before(tmp_path):
    small_site(tmp_path, {"docs/page.md": "# Page\n\n[x](nowhere.md)\n"})
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("before")
    assert build(tmp_path / "site", cwd=tmp_path).returncode == 1
    assert (tmp_path / "site/index.html").read_text() == "before"


@pytest.mark.slow
def test_a_site_that_cannot_be_removed_keeps_both(tmp_path, monkeypatch):
    small_site(tmp_path, GOOD | {"other/index.html": "before"})
    (tmp_path / "site").symlink_to("other")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"^site cannot be .* in site\.draft\.$") as e:
        build_it(Project(tmp_path), tmp_path / "site")
    assert "\n" not in str(e.value)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["index.html"]
    assert (tmp_path / "site.draft/index.html").exists()


@pytest.mark.slow
def test_an_engine_that_knows_one_folder_may_build_into_it(tmp_path, monkeypatch):
    # It takes no `--site-dir`, as Zensical.
    program = "from mkdocs.__main__ import cli\n\ncli()\n"
    small_site(tmp_path, GOOD | {"zensical.py": program})
    monkeypatch.chdir(tmp_path)
    build_it(Project(tmp_path), tmp_path / "site", engine="zensical")
    assert (tmp_path / "site/index.html").exists()


def engine(folder):
    """Run MkDocs alone over a small site, without what checks and finishes it."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=folder,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fault_is_a_message_in_the_engine_too(tmp_path):
    small_site(tmp_path, BUILD_FAULTS["missing example"][0])
    result = engine(tmp_path)
    assert result.returncode == 1
    assert BUILD_FAULTS["missing example"][1] in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_site_that_does_not_build_is_one_message(tmp_path):
    (tmp_path / "mkdocs.py").write_text('raise SystemExit("docs/a.md:3: broken")\n')
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, "tests/pages/test_faces.py"],
        cwd=ROOT,
        # By itself, although this test may run beside others.
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_XDIST")}
        | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 1
    assert said.count("docs/a.md:3: broken") == 1
    assert len(said.splitlines()) < 20, said


def test_the_small_site_builds_without_a_fault(tmp_path):
    small_site(tmp_path, GOOD)
    result = build(tmp_path / "site", cwd=tmp_path, SITE_URL="")
    assert result.returncode == 0, result.stderr
    assert "SITE_URL is not set" in result.stderr
    result = build(tmp_path / "site", cwd=tmp_path, SITE_URL="https://example.org/")
    assert "SITE_URL" not in result.stderr


@pytest.mark.slow
def test_the_order_of_the_hooks_does_not_matter(tmp_path):
    small_site(tmp_path, GOOD)
    path = tmp_path / "mkdocs.yml"
    text = path.read_text()
    hooks = [line for line in text.splitlines() if line.startswith("- mapped_axis/")]
    assert len(hooks) == 2
    built = []
    for order in itertools.permutations(hooks):
        path.write_text(text.replace("\n".join(hooks), "\n".join(order)))
        result = build(tmp_path / "site", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        built.append((tmp_path / "site/page/index.html").read_bytes())
    assert built[0] == built[1]
