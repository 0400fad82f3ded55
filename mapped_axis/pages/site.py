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

from mapped_axis.examples.data import (
    FaultyFileError,
    line_of_yaml,
    parse_yaml,
    read_notebook,
)
from mapped_axis.examples.grammar import Problem, read_text
from mapped_axis.project import Project, shown

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


def config_of(project: Project) -> Path:
    """Return the file of the configuration."""
    return project.root / "mkdocs.yml"


def parse_config(text: str, project: Project) -> dict[str, Any]:
    """Return what the text of the configuration says, with the environment's values in it.

    Raises:
        FaultyFileError: it cannot be read.
    """
    loaded = parse_yaml(text, config_of(project), loader=Loader)
    if not isinstance(loaded, dict):
        problem = Problem(config_of(project), 1, "no configuration; write name: value.")
        raise FaultyFileError(problem)
    return loaded


def read_site(project: Project) -> Site:
    """Read the configuration, with the environment's values in it.

    Raises:
        FaultyFileError: it cannot be read, or lacks what a site has, or a page that it
            names says nothing that can be read.
        OSError: it is not there.
    """
    text = config_of(project).read_text(encoding="utf-8")
    named = tuple(os.environ.get(n, "") for n in re.findall(r"!ENV \[(\w+)", text))
    changed = tuple(path.stat().st_mtime_ns for path in _pages_of(project))
    return _read_site(project, text, named, changed)


def _pages_of(project: Project) -> list[Path]:
    return [*project.pages, *project.notebooks]


@functools.lru_cache(maxsize=8)
def _read_site(project: Project, text: str, *_: object) -> Site:
    """Read the configuration; the last arguments are there for the cache alone."""
    loaded = parse_config(text, project)
    for name in ("site_name", "site_description", "nav"):
        if not loaded.get(name):
            problem = Problem(config_of(project), 1, f"it has no {name}; add it.")
            raise FaultyFileError(problem)
    sections = []
    for item in loaded["nav"]:
        title, entries = _named(item)
        listed = entries if title and isinstance(entries, list) else [item]
        for entry in listed:
            if not isinstance(_named(entry)[1], str):
                line = line_of_yaml(text, "nav", key=True)
                says = f"{entry!r} in nav is no page; write page.md, or Title: page.md."
                raise FaultyFileError(Problem(config_of(project), line, says))
        pages = [_page_of(project, *_named(entry)) for entry in listed]
        sections.append((title or pages[0].title, tuple(pages)))
    return Site(
        loaded["site_name"],
        loaded["site_description"],
        loaded.get("site_url") or "",
        loaded.get("repo_url") or "",
        tuple(sections),
    )


def nav_problems(project: Project) -> list[Problem]:
    """Return which page no part of the navigation names, and what it names in vain.

    Raises:
        FaultyFileError: the navigation cannot be read.
    """
    config = config_of(project)
    if not config.is_file():
        return []  # a part of a project, without an order
    named = {project.docs / page.source for page in read_site(project).pages}
    files = _pages_of(project)
    problems = [
        Problem(path, 1, f"no part of nav in {config.name}; add it there.")
        for path in files
        if path not in named
    ]
    text = config.read_text(encoding="utf-8")
    for path in sorted(named - {*files}):
        line = line_of_yaml(text, path.relative_to(project.docs).as_posix(), key=False)
        says = f"nav names {shown(path)}, which is not there; mend or delete it."
        problems.append(Problem(config, line, says))
    return problems


class Loader(yaml.SafeLoader):
    """Reads YAML with ``!ENV``, as MkDocs does."""


add_env_tag(Loader)


def _named(item: Any) -> tuple[str, Any]:
    """Return an entry of the navigation as a name ("" for none) and what it names."""
    if isinstance(item, dict) and len(item) == 1:
        ((name, value),) = item.items()
        return str(name), value
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
        notebook = read_notebook(path)
        text = "".join(notebook["cells"][0]["source"]) if notebook["cells"] else ""
        data = notebook["metadata"]
    else:
        text = read_text(path)[0] if path.is_file() else ""
        meta = _META.match(text)
        data = (parse_yaml(meta[1], path, before=1) if meta else None) or {}
        if not isinstance(data, dict):
            problem = Problem(path, 1, "no front matter; write name: value.")
            raise FaultyFileError(problem)
    heading = _TITLE.search(text)
    before = data.get("before")
    return Page(
        source,
        title or (heading[1] if heading else ""),
        data.get("description", ""),
        data.get("level", 0),
        before if before is None else tuple(before),
    )
