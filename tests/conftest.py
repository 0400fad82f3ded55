"""What several tests need: the built site, and its pages."""

import fcntl
import os
import subprocess
import sys
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from places import ORIGIN, PUBLISHED, ROOT


@pytest.fixture(scope="session")
def mkdocs():
    """Return a function that runs mkdocs as the Makefile does.

    It takes the command's words, the folder ``cwd`` and environment variables, and
    returns the finished process with its output as text.
    """

    def run(*words, cwd=ROOT, **environment):
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", *words],
            cwd=cwd,
            env=os.environ
            | {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1700000000"}
            | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def site(tmp_path_factory, mkdocs):
    """Build the site, strictly, as if to publish it, and return its folder."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the processes of one run build it once
    folder = shared / "site"
    with open(shared / "site.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = shared / "site.draft"
            result = mkdocs("build", "--site-dir", str(draft), **PUBLISHED)
            assert result.returncode == 0, result.stderr
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """Return the parsed pages of the site by address."""
    return {
        urljoin(ORIGIN, path.relative_to(site).as_posix().removesuffix("index.html")): (
            BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        )
        for path in sorted(site.rglob("*.html"))
    }


def pytest_collection_modifyitems(items):
    """Put the files that take longest first: the other processor does the rest."""
    slow = ("test_notebooks.py", "test_pages.py")
    items.sort(key=lambda item: item.path.name not in slow)


def pytest_terminal_summary(terminalreporter):
    """Say loudly which checks in a browser did not run, for want of one."""
    skipped = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if "/browser/" in report.nodeid
    ]
    if skipped:
        terminalreporter.section("NOT RUN: checks in a browser", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} checks did not run: no Chromium or Chrome, or no "
            "chromedriver, on this machine."
        )
        for name in skipped:
            terminalreporter.write_line(f"  {name}")
