"""What several tests need: the built site, and its pages."""

import fcntl
import os
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from support.places import ORIGIN, PUBLISHED
from support.sites import build


def pytest_addoption(parser):
    """Add the option of these tests."""
    parser.addoption(
        "--site",
        type=Path,
        metavar="FOLDER",
        help=f"test the site in this folder, built for {ORIGIN}, instead of building one",
    )


@pytest.fixture(scope="session")
def site(pytestconfig, tmp_path_factory):
    """Build the site, strictly, as if to publish it, and return its folder."""
    if given := pytestconfig.getoption("--site"):
        return given.resolve()
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the processes of one run build it once
    folder = shared / "site"
    with open(shared / "site.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            result = build(folder, **PUBLISHED)
            if result.returncode:
                pytest.fail(result.stdout + result.stderr, pytrace=False)
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


def pytest_collection_modifyitems(config, items):
    """Put the files that take longest first: the other processor does the rest.

    Of a given site only what is about a site is tested.
    """
    if config.getoption("--site"):
        items[:] = [item for item in items if "site" in item.fixturenames]
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
