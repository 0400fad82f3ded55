"""What mkdocs.yml says of the site: its name, its addresses, its pages in their order."""

import functools
import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml_env_tag import add_env_tag

from mapped_axis.examples.data import read_json
from mapped_axis.examples.grammar import read_text
from mapped_axis.project import Project

_META = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_TITLE = re.compile(r"^# (.+?)(?: *\{[^}]*\})?$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A page of the navigation.

    Args:
        source: its file, relative to ``docs/``, with slashes.
        title: the name that the navigation gives it, or its heading.
        description: what it says of itself.
        level: how hard it is, from 1 to 3, or 0 where it does not say.
        before: the pages that its reader knows, or None where it does not say.
    """

    source: str
    title: str
    description: str
    level: int = 0
    before: tuple[str, ...] | None = None

    @property
    def address(self) -> str:
        """Where it is in the site: ``learn/axes/``, or "" for the home page."""
        return address_of(self.source)


@dataclass(frozen=True)
class Site:
    """What the configuration says.

    Args:
        name: the name of the site.
        description: what it is.
        url: where it is published, or "".
        repository: the address of its repository, or "".
        sections: the title of each part of the navigation, with its pages.
    """

    name: str
    description: str
    url: str
    repository: str
    sections: tuple[tuple[str, tuple[Page, ...]], ...]

    @property
    def pages(self) -> list[Page]:
        """All pages in the order of the navigation."""
        return [page for _, pages in self.sections for page in pages]


def address_of(source: str) -> str:
    """Return where a file of ``docs/`` is in the site: a page in a folder of its own."""
    stem, suffix = posixpath.splitext(source)
    if suffix not in (".md", ".ipynb"):
        return source
    return "" if stem == "index" else f"{stem}/"


def read_site(project: Project) -> Site:
    """Read the configuration, with the environment's values in it."""
    text = (project.root / "mkdocs.yml").read_text(encoding="utf-8")
    named = tuple(os.environ.get(n, "") for n in re.findall(r"!ENV \[(\w+)", text))
    changed = tuple(path.stat().st_mtime_ns for path in _pages_of(project))
    return _read_site(project, text, named, changed)


def _pages_of(project: Project) -> list[Path]:
    return [*project.pages, *project.notebooks]


@functools.lru_cache(maxsize=8)
def _read_site(project: Project, text: str, *_: object) -> Site:
    """Read the configuration; the last arguments are there for the cache alone."""
    loaded: dict[str, Any] = yaml.load(text, Loader)
    sections = []
    for item in loaded["nav"]:
        title, entries = _named(item)
        if isinstance(entries, str):
            pages = [_page_of(project, title, entries)]
        else:
            pages = [_page_of(project, *_named(entry)) for entry in entries]
        sections.append((title or pages[0].title, tuple(pages)))
    return Site(
        loaded["site_name"],
        loaded["site_description"],
        loaded.get("site_url") or "",
        loaded.get("repo_url") or "",
        tuple(sections),
    )


class Loader(yaml.SafeLoader):
    """Reads YAML with ``!ENV``, as MkDocs does."""


add_env_tag(Loader)


def _named(item: Any) -> tuple[str, Any]:
    """Return an entry of the navigation as a name ("" for none) and what it names."""
    if isinstance(item, dict):
        ((name, value),) = item.items()
        return name, value
    return "", item


def _page_of(project: Project, title: str, source: str) -> Page:
    """Read what a page says of itself, again only where it changed."""
    path = project.docs / source
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _page(project, title, source, changed)


@functools.lru_cache(maxsize=512)
def _page(project: Project, title: str, source: str, _: int) -> Page:
    """Read a page; the last argument is there for the cache alone."""
    path = project.docs / source
    if path.suffix == ".ipynb":
        notebook = read_json(path)
        text = "".join(notebook["cells"][0]["source"]) if notebook["cells"] else ""
        data = notebook["metadata"]
    else:
        text = read_text(path)[0] if path.is_file() else ""
        meta = _META.match(text)
        data = (yaml.safe_load(meta[1]) if meta else None) or {}
    heading = _TITLE.search(text)
    before = data.get("before")
    return Page(
        source,
        title or (heading[1] if heading else ""),
        data.get("description", ""),
        data.get("level", 0),
        before if before is None else tuple(before),
    )
