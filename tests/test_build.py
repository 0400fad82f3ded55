"""A fault stops the build with one message, and does not stop `mkdocs serve`."""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import examples
import nbformat
import pytest
from places import DOCS, ROOT

# --- faults stop the build ------------------------------------------------------------

EXAMPLE = f"```python\nprint(1)\n```\n\n{examples.OUTPUT}\n\n```text\n1\n```\n"


def small_site(folder, files):
    """Lay out a site of its own with the project's configuration, hooks and theme."""
    for name in ("_hooks", "_theme"):
        shutil.copytree(DOCS / name, folder / "docs" / name)
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = "nav:\n  - index.md\n" + "".join(
        f"  - {name.removeprefix('docs/')}\n"
        for name in files
        if name.startswith("docs/page")
    )
    text, found = re.subn(r"^nav:\n(?: .*\n)+", nav, text, flags=re.MULTILINE)
    assert found == 1
    (folder / "mkdocs.yml").write_text(text)
    (folder / "snippets").mkdir()
    for name, content in {"docs/index.md": "# Home\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


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
    "page outside the navigation": (
        {"docs/other.md": "# Other\n"},
        'exist in the docs directory, but are not included in the "nav"',
    ),
    "broken link": (
        {"docs/page.md": "# Page\n\n[x](nowhere.md)\n"},
        "Doc file 'page.md' contains a link 'nowhere.md'",
    ),
    "broken anchor": (
        {"docs/page.md": "# Page\n\n[x](index.md#nowhere)\n"},
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
def test_a_fault_stops_the_build(tmp_path, mkdocs, fault):
    files, says = BUILD_FAULTS[fault]
    small_site(tmp_path, files)
    result = mkdocs("build", cwd=tmp_path)
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_the_small_site_builds_without_a_fault(tmp_path, mkdocs):
    small_site(
        tmp_path,
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md"\n',
            "snippets/page/one.md": EXAMPLE,
        },
    )
    result = mkdocs("build", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_busy_port_is_one_line(tmp_path, mkdocs):
    small_site(tmp_path, {})
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = mkdocs("serve", "-a", f"127.0.0.1:{port}", cwd=tmp_path)
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert f"port {port} is in use" in said
    assert "Traceback" not in said


def test_a_broken_page_is_served_and_says_what_is_wrong(tmp_path):
    small_site(tmp_path, {"docs/page.md": '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mkdocs", "serve", "--no-strict"),
            *("-a", f"127.0.0.1:{port}"),
        ],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = None
        while page is None and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/page/") as answer:
                    page = answer.read().decode()
            except urllib.error.URLError:
                time.sleep(0.05)
        assert "docs/page.md:5: no example snippets/page/one.md" in page
        assert "Prose." in page
    finally:
        server.terminate()
        server.wait()
