"""What several tests need: the built site, and its pages."""

import fcntl
import gc
import os
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from support import places
from support.sites import build


def pytest_addoption(parser):
    """Add the option of these tests."""
    parser.addoption(
        "--site",
        type=Path,
        metavar="FOLDER",
        help="test the site in this folder, under its own address, instead of a new one; "
        "with `-m site`, test nothing else",
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="look at every view of every page, run every notebook in a kernel, ask of "
        "every operation; `make publish` does",
    )


def pytest_configure(config):
    """Learn the addresses of a given site, before tests that ask for them are read."""
    config.addinivalue_line("markers", "site: is run again before publishing")
    config.addinivalue_line(
        "markers", "slow: is left out by `make test`, and run before publishing"
    )
    if given := config.getoption("--site"):
        places.be_published_as(given)


@pytest.fixture(scope="session")
def thorough(pytestconfig):
    """Return whether to look at all of what takes long, and not at a part."""
    return pytestconfig.getoption("--thorough")


@pytest.fixture(scope="session")
def slow():
    """Mark as slow whatever uses a fixture that asks for this."""


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
            result = build(folder, **places.PUBLISHED)
            if result.returncode and shared == tmp_path_factory.getbasetemp():
                # One message, not one for each test that asks for the site.
                pytest.exit(f"the site does not build\n{result.stderr}", returncode=1)
            elif result.returncode:
                says = "the site does not build: python -m mapped_axis.pages build"
                pytest.fail(says, pytrace=False)
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """Return the parsed pages of the site by address."""
    # Two fifths of the time would go into a search for garbage in what is there to stay.
    gc.disable()
    parsed = {
        urljoin(
            places.ORIGIN, path.relative_to(site).as_posix().removesuffix("index.html")
        ): (BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
        for path in sorted(site.rglob("*.html"))
        if path.relative_to(site).as_posix() not in places.MOVED
    }
    gc.freeze()
    gc.enable()
    return parsed


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the marks
def pytest_collection_modifyitems(items):
    """Put the files that take longest first: the other processor does the rest."""
    for item in items:
        fixtures = {*getattr(item, "fixturenames", ())}
        if {"site", "thorough"} & fixtures:
            item.add_marker("site")
        if "slow" in fixtures:
            item.add_marker("slow")
    first = ("test_notebooks.py", "test_pages.py", "test_phrasebook.py")
    items.sort(key=lambda item: item.path.name not in first)


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
