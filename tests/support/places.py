"""Where things are: the project that is tested, and the address of the built site."""

from urllib.parse import urljoin

from mapped_axis.pages.site import address_of as path_of
from mapped_axis.project import HERE

ROOT, DOCS, SNIPPETS = HERE.root, HERE.docs, HERE.snippets
NOTEBOOKS = HERE.notebooks

# What the tests tell the build that its address will be.
ORIGIN = "https://example.org/"

# What whoever publishes the site tells the build.
PUBLISHED = {
    "SITE_URL": ORIGIN,
    "REPO_URL": "https://github.com/example/site",
    "EDIT_URI": "edit/main/docs/",
    "SOURCE_DATE_EPOCH": "1700000000",
}


def address_of(source):
    """Return the address of the page that a file of docs/ becomes."""
    return urljoin(ORIGIN, path_of(source.relative_to(DOCS).as_posix()))
