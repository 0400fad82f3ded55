"""Where things are: the project that is tested, and the address of the built site."""

import os
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from mapped_axis.pages.moved import moved
from mapped_axis.pages.site import address_of as path_of
from mapped_axis.project import EXAMPLE, HERE

ROOT, DOCS, SNIPPETS = HERE.root, HERE.docs, HERE.snippets
NOTEBOOKS = HERE.notebooks

# Where a page was that has moved: what is there leads on, and is no page.
MOVED = {f"{path_of(old)}index.html" for old in moved(HERE)}

# What the tests tell the build that its address will be. Of a site that was built before,
# `be_published_as` reads it, before any test is imported.
ORIGIN = EXAMPLE["SITE_URL"]

# What whoever publishes the site tells the build.
PUBLISHED = EXAMPLE | {"SOURCE_DATE_EPOCH": "1700000000"}


def be_published_as(site):
    """Take the addresses that a built site says of itself for those of the tests."""
    global ORIGIN
    home = BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser")
    found = {
        "SITE_URL": home.select_one("link[rel=canonical]"),
        "REPO_URL": home.select_one("a.md-source"),
        "EDIT_URI": home.select_one("a[rel=edit]"),
    }
    if missing := " and ".join(name for name in found if found[name] is None):
        raise pytest.UsageError(
            f"{site} was built without {missing}: name its addresses (see README.md), or "
            "build it as `make test` does."
        )
    ORIGIN, repository, edit = (element["href"] for element in found.values())
    # One that is published is of its commit's time, which `make publish` tells all it runs.
    PUBLISHED.update(
        (name, os.environ[name]) for name in PUBLISHED if name in os.environ
    )
    PUBLISHED["SITE_URL"] = ORIGIN
    PUBLISHED["REPO_URL"] = repository
    PUBLISHED["EDIT_URI"] = edit.removeprefix(f"{repository}/").removesuffix("index.md")


def address_of(source):
    """Return the address of the page that a file of docs/ becomes."""
    return urljoin(ORIGIN, path_of(source.relative_to(DOCS).as_posix()))


def file_at(site, address):
    """Return the file that a server sends for an address of the site."""
    base, path = urlsplit(ORIGIN).path, unquote(urlsplit(address).path)
    # What lies outside the site's own folder is no file of it.
    found = site / path.removeprefix(base) if path.startswith(base) else site / "//"
    return found / "index.html" if found.is_dir() else found
