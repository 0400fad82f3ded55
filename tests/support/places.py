"""Where things are: the folders of the project, and the address of the built site."""

from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
NOTEBOOKS = sorted(DOCS.rglob("*.ipynb"))

# What the tests tell the build that its address will be.
ORIGIN = "https://example.org/"

# What whoever publishes the site tells the build.
PUBLISHED = {
    "SITE_URL": ORIGIN,
    "REPO_URL": "https://github.com/example/site",
    "EDIT_URI": "edit/main/docs/",
}


def address_of(source):
    """Return the address of the page that a file of docs/ becomes."""
    path = source.relative_to(DOCS).with_suffix("").as_posix()
    return urljoin(ORIGIN, "" if path == "index" else f"{path}/")
