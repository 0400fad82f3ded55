"""What stands at the address of a page that has moved: a way to where it is now.

``extra: moved:`` in mkdocs.yml says which page is where. The part of the page that a link
names is kept by a script, since no element of HTML can: without script, the reader lands at
the head of the page.
"""

import html
import posixpath

from mapped_axis.examples.data import FaultyFileError, line_of_yaml
from mapped_axis.examples.grammar import Problem
from mapped_axis.pages.site import Site, address_of, config_of, parse_config
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
    """Return where each page that has moved is now, by where it was; both in ``docs/``.

    Raises:
        FaultyFileError: that cannot be read.
    """
    path = config_of(project)
    text = path.read_text(encoding="utf-8") if path.is_file() else "{}"
    extra = parse_config(text, project).get("extra")
    listed = (extra.get("moved") if isinstance(extra, dict) else None) or {}
    whole = isinstance(listed, dict)
    if not whole or not all(
        isinstance(n, str) for pair in listed.items() for n in pair
    ):
        line = line_of_yaml(text, "moved", key=True)
        says = "`moved` names pages by pages; write old.md: new.md."
        raise FaultyFileError(Problem(path, line, says))
    return dict(listed)


def moved_problems(project: Project) -> list[Problem]:
    """Say which pages are said to have moved and have not, or to nowhere."""
    path = config_of(project)
    problems = []
    for old, new in moved(project).items():
        number = line_of_yaml(path.read_text(encoding="utf-8"), old, key=True)
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
