"""A fault stops the build with one message, and does not stop `mkdocs serve`."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from places import ROOT
from small_site import EXAMPLE, small_site

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
    "times that were not measured": (
        {"docs/page.md": "# Page\n\n<!-- times: page/times.json -->\n"},
        "page.md: cannot draw the times of page/times.json",
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


class Server:
    """`mkdocs serve` over a small site, on a free port.

    Args:
        folder: where the site's mkdocs.yml lies.
    """

    def __init__(self, folder):
        """Start it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}/"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--no-strict", "-a", address],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self):
        """Return the server itself."""
        return self

    def __exit__(self, *error):
        """Stop it."""
        # As Ctrl-C does: it removes what it built.
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def page_when(self, path, wanted):
        """Wait until ``wanted(text)`` holds for a page, and return its text."""
        deadline = time.monotonic() + 60
        text = "nothing served"
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the server ended"
            try:
                with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                    text = answer.read().decode()
                if wanted(text):
                    return text
            except OSError:
                pass  # not up yet, or in the middle of a rebuild
            time.sleep(0.05)
        pytest.fail(f"never came: {text}")


def test_a_broken_page_is_served_and_says_what_is_wrong(tmp_path):
    small_site(tmp_path, {"docs/page.md": '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'})
    with Server(tmp_path) as server:
        page = server.page_when("page/", lambda text: "Prose." in text)
        assert "docs/page.md:5: no example snippets/page/one.md" in page
        # Mended, it is shown without a restart.
        (tmp_path / "snippets/page").mkdir()
        (tmp_path / "snippets/page/one.md").write_text(EXAMPLE)
        server.page_when("page/", lambda text: "language-python" in text)


def test_what_is_kept_between_edits_is_what_a_new_server_shows(tmp_path):
    files = {
        "docs/page.md": '# Page\n\nBefore.\n\n--8<-- "page/one.md"\n',
        "docs/page-two.md": "# Two\n\n[To the other](page.md).\n",
        "docs/page-three.md": '# Three\n\n--8<-- "page-three/figure.svg"\n',
        "docs/_figures/page-three/figure.svg": '<svg aria-label="old"></svg>\n',
        "snippets/page/one.md": EXAMPLE,
    }
    small_site(tmp_path, files)

    def shown(server, path):
        # Less what differs from server to server: its address, and when it built.
        text = server.page_when(path, lambda text: text).replace(server.url, "")
        return re.sub(r"livereload\(\d+, \d+\)", "", text)

    with Server(tmp_path) as server:
        server.page_when("page/", lambda text: "Before." in text)
        for path, old, new, page in (
            ("docs/page.md", "Before.", "After.", "page/"),
            ("snippets/page/one.md", "print", "# edited\nprint", "page/"),
            ("docs/_figures/page-three/figure.svg", "old", "new", "page-three/"),
            ("mkdocs.yml", "The Mapped Axis", "Another name", "page-two/"),
        ):
            file = tmp_path / path
            file.write_text(file.read_text().replace(old, new))
            there = new.partition("\n")[0]
            server.page_when(page, lambda text, there=there: there in text)
        paths = ["", "page/", "page-two/", "page-three/", "search/docs.json"]
        kept = {path: shown(server, path) for path in paths}
    with Server(tmp_path) as server:
        assert {path: shown(server, path) for path in paths} == kept


def test_an_edited_example_that_is_stale_is_shown_as_such(tmp_path):
    small_site(
        tmp_path,
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md"\n\n--8<-- "page/two.md"\n',
            "snippets/page/one.md": EXAMPLE,
            "snippets/page/two.md": EXAMPLE.replace("1", "2", 1),  # wrong, not edited
        },
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests/run_examples.py", tmp_path / "tests")
    with Server(tmp_path) as server:
        server.page_when("page/", lambda text: "language-text" in text)
        example = tmp_path / "snippets/page/one.md"
        example.write_text(EXAMPLE.replace("print(1)", "print(3)"))
        page = server.page_when("page/", lambda text: 'class="stale"' in text)
        assert "-1\n+3" in page, page[page.index("stale") :][:2000]
        assert page.count('class="stale"') == 1
        example.write_text(EXAMPLE)
        server.page_when("page/", lambda text: 'class="stale"' not in text)
