"""What stands at the address of a page that has moved: a way to where it is now.

``extra: moved:`` in mkdocs.yml says which page is where. The part of the page that a link
names is kept by a script, since no element of HTML can: without script, the reader lands at
the head of the page.
"""

import html
import posixpath

import yaml

from mapped_axis.examples.grammar import Problem
from mapped_axis.pages.site import Loader, Site, address_of
from mapped_axis.project import Project

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Moved: {title}</title>
<meta name="robots" content="noindex">
<link rel="canonical" href="{address}">
<noscript><meta http-equiv="refresh" content="0; url={link}"></noscript>
<script src="{assets}moved.js" defer></script>
</head>
<body><main><h1>This page has moved</h1>
<p><a href="{link}">{title}</a></p></main></body>
</html>
"""


def moved(project: Project) -> dict[str, str]:
    """Return where each page that has moved is now, by where it was; both in ``docs/``."""
    path = project.root / "mkdocs.yml"
    text = path.read_text(encoding="utf-8") if path.is_file() else "{}"
    extra = yaml.load(text, Loader).get("extra") or {}
    return dict(extra.get("moved") or {})


def moved_problems(project: Project) -> list[Problem]:
    """Say which pages are said to have moved and have not, or to nowhere."""
    path = project.root / "mkdocs.yml"
    problems = []
    for old, new in moved(project).items():
        lines = path.read_text(encoding="utf-8").splitlines()
        number = next(n for n, line in enumerate(lines, 1) if f"{old}:" in line)
        if (project.docs / old).is_file():
            problems.append(
                Problem(path, number, f"{old} has not moved; take it out of `moved`.")
            )
        if not (project.docs / new).is_file():
            problems.append(
                Problem(path, number, f"{old} has moved to {new}, which is no page.")
            )
    return problems


def pages_of_moved(site: Site, project: Project) -> dict[str, str]:
    """Return the pages that lead on, as HTML, by their paths in the site."""
    titles = {page.source: page.title for page in site.pages}
    made = {}
    for old, new in moved(project).items():
        here = address_of(old)
        link = posixpath.relpath(address_of(new) or ".", here) + "/"
        made[f"{here}index.html"] = _PAGE.format(
            title=html.escape(titles.get(new, new)),
            address=html.escape(site.url + address_of(new) if site.url else link),
            link=html.escape(link),
            assets=posixpath.relpath("assets", here) + "/",
        )
    return made
