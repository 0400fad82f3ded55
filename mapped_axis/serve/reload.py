"""MkDocs hook, while serving only: an edit is seen soon, and only what it changed is made.

MkDocs builds the whole site at each edit. Most of that time goes into turning Markdown
into HTML, HTML into the texts of the search, and templates into Python; so all three are
kept, with what they were made from. A build makes everything.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from watchdog.observers.polling import PollingObserver

from mapped_axis.examples.data import FaultyFileError
from mapped_axis.pages.extension import SERVING, log, made_of
from mapped_axis.pages.finish import finish
from mapped_axis.project import Project

PAUSE = 0.15  # seconds between two looks at the sources; 0.5 without this

_rendered: dict[str, tuple[object, dict[str, Any]]] = {}
_indexed: dict[str, tuple[str | None, list[Any]]] = {}


def on_serve(
    server: LiveReloadServer, config: MkDocsConfig, builder: Callable[..., None]
) -> LiveReloadServer:
    """Have the server look for edits more often."""
    watched = [config.docs_dir, str(config.config_file_path)]
    for path in watched:
        server.unwatch(path)
    server.observer = PollingObserver(timeout=PAUSE)
    for path in watched:
        server.watch(path)
    return server


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have the search keep the texts of a page for as long as its HTML stays the same."""
    if SERVING in os.environ:
        index = config.plugins["material/search"].search_index  # type: ignore[attr-defined]
        index.add_entry_from_context = _keeping(index, index.add_entry_from_context)
    return config


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Have the templates keep what they were compiled to: each build reads them anew."""
    if SERVING in os.environ:
        env.bytecode_cache = _templates
    return env


class _Templates(BytecodeCache):
    """What templates were compiled to, in memory, by a key that holds their text."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what is known of its template."""
        if code := self._known.get(f"{bucket.key} {bucket.checksum}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember what a template was compiled to."""
        self._known[f"{bucket.key} {bucket.checksum}"] = bucket.bytecode_to_string()


_templates = _Templates()


def _keeping(index: Any, add: Callable[[Page], None]) -> Callable[[Page], None]:
    """Return ``add`` so that it keeps what it adds."""

    def add_or_keep(page: Page) -> None:
        made_from, entries = _indexed.get(page.url, ("", []))
        if made_from == page.content:
            index.entries += entries
            return
        content, start = page.content, len(index.entries)
        add(page)
        _indexed[page.url] = content, index.entries[start:]

    return add_or_keep


def on_pre_page(page: Page, config: MkDocsConfig, files: Files) -> Page:
    """Have a page keep its HTML for as long as what it is made from stays the same."""
    if SERVING not in os.environ:
        return page
    render = page.render

    def render_or_keep(config: MkDocsConfig, files: Files) -> None:
        made_from = _sources(page, config, files)
        kept, attributes = _rendered.get(page.url, (None, {}))
        if kept != made_from:
            before = {**vars(page)}
            render(config, files)
            attributes = {
                name: value
                for name, value in vars(page).items()
                if name not in before or before[name] is not value
            }
            _rendered[page.url] = made_from, attributes
        vars(page).update(attributes)

    page.render = render_or_keep  # type: ignore[method-assign]
    return page


def _sources(page: Page, config: MkDocsConfig, files: Files) -> object:
    """Return what the HTML of a page is made from, to be compared."""
    project = Project(Path(config.docs_dir).parent)
    links_lead_to = [file.src_uri for file in files]
    made_from = made_of(Path(str(page.file.abs_src_path)), project)
    return page.markdown, links_lead_to, made_from


def on_post_build(config: MkDocsConfig) -> None:
    """Finish the site as a build is finished, as far as its files can be read."""
    if SERVING in os.environ:
        project = Project(Path(config.docs_dir).parent)
        try:
            finish(Path(config.site_dir), project, serving=True)
        except FaultyFileError as error:  # to raise it would end the server
            log.error("%s", error)
