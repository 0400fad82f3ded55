"""An author sees each edit and each fault, and a fault does not stop the server."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from mapped_axis.examples import record
from mapped_axis.project import Project
from support.sites import EXAMPLE, small_site


def serve(port, folder):
    """Serve the project of a folder on a port, and return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "mapped_axis.serve", f"--port={port}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_busy_port_is_one_line(tmp_path):
    small_site(tmp_path, {})
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = serve(port, tmp_path)
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert f"port {port} is in use" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["99999", "-1", "eighty"])
def test_a_port_that_is_none_is_one_message(tmp_path, port):
    result = serve(port, tmp_path)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].endswith(
        f"{port} is no port; choose one up to 65535: make serve PORT=8001"
    )
    assert "Traceback" not in result.stderr


class Server:
    """`make serve` over a small site, on a free port.

    Args:
        folder: where the site's mkdocs.yml lies.
    """

    def __init__(self, folder):
        """Start it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mapped_axis.serve", f"--port={port}"],
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


@pytest.mark.slow
def test_an_interrupt_ends_it_even_where_a_script_has_it_ignored(tmp_path):
    small_site(tmp_path, {"docs/page.md": "# Page\n\nProse.\n"})
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as `command &` in a script
    try:
        server = Server(tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        server.page_when("page/", lambda text: "Prose." in text)
        server.process.send_signal(signal.SIGINT)
        server.process.wait(timeout=20)
    finally:
        server.process.kill()


@pytest.mark.slow
def test_a_broken_page_is_served_and_says_what_is_wrong(tmp_path):
    small_site(tmp_path, {"docs/page.md": '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'})
    with Server(tmp_path) as server:
        page = server.page_when("page/", lambda text: "Prose." in text)
        assert "docs/page.md:5: no example snippets/page/one.md" in page
        # Mended, it is shown without a restart.
        (tmp_path / "snippets/page").mkdir()
        (tmp_path / "snippets/page/one.md").write_text(EXAMPLE)
        server.page_when("page/", lambda text: "language-python" in text)


@pytest.mark.slow
def test_a_front_matter_that_cannot_be_read_does_not_stop_the_server(tmp_path):
    page = '---\ndescription: "A\\d"\n---\n\n# Page\n\n{}\n'
    small_site(tmp_path, {"docs/page.md": page.format("Before.")})
    with Server(tmp_path) as server:
        server.page_when("page/", lambda text: "Before." in text)
        (tmp_path / "docs/page.md").write_text("# Page\n\nAfter.\n")
        server.page_when("page/", lambda text: "After." in text)


def passed(root, example):
    """Wait until the record says that an example passed as it stands."""
    project = Project(root)
    deadline = time.monotonic() + 60
    while not record.valid(project, record.read(record.record_path(project)), example):
        assert time.monotonic() < deadline, "its run did not end"
        time.sleep(0.05)


@pytest.mark.slow
def test_what_is_kept_between_edits_is_what_a_new_server_shows(tmp_path):
    files = {
        "docs/page.md": '# Page\n\nBefore.\n\n--8<-- "page/one.md"\n',
        "docs/page-two.md": "# Two\n\n[To the other](page.md).\n",
        "docs/page-three.md": '# Three\n\n--8<-- "page-three/figure.svg"\n',
        "docs/_figures/page-three/figure.svg": '<svg aria-label="old" data-caption="c"></svg>\n',
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
            if path.startswith("snippets"):
                # It passes, which builds nothing: its page says so from the next edit on.
                passed(tmp_path, file)
        paths = ["", "page/", "page-two/", "page-three/", "search/docs.json"]
        kept = {path: shown(server, path) for path in paths}
    with Server(tmp_path) as server:
        assert {path: shown(server, path) for path in paths} == kept


@pytest.mark.slow
def test_an_edited_example_that_is_stale_is_shown_as_such(tmp_path):
    small_site(
        tmp_path,
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md"\n\n--8<-- "page/two.md"\n',
            "snippets/page/one.md": EXAMPLE,
            "snippets/page/two.md": EXAMPLE.replace("1", "2", 1),  # wrong, not edited
        },
    )
    with Server(tmp_path) as server:
        server.page_when("page/", lambda text: "language-text" in text)
        example = tmp_path / "snippets/page/one.md"
        example.write_text(EXAMPLE.replace("print(1)", "print(3)"))
        page = server.page_when("page/", lambda text: 'class="stale"' in text)
        assert "-1\n+3" in page, page[page.index("stale") :][:2000]
        assert page.count('class="stale"') == 1
        example.write_text(EXAMPLE)
        server.page_when("page/", lambda text: 'class="stale"' not in text)
