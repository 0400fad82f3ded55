"""At an edit, what did not change is not made again."""

import os

import jinja2
import pytest
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer

from mapped_axis.pages import extension
from mapped_axis.pages import finish as finishing
from mapped_axis.pages.extension import SERVING
from mapped_axis.project import Project
from mapped_axis.serve import reload
from support.sites import lay_out, small_site


def test_a_server_watches_the_same_as_before_and_looks_more_often(tmp_path):
    small_site(tmp_path, {})
    config = load_config(str(tmp_path / "mkdocs.yml"))
    with LiveReloadServer(lambda: None, "127.0.0.1", 0, str(tmp_path)) as server:
        for path in (config.docs_dir, config.config_file_path):
            server.watch(path)
        before = {emitter.watch.path for emitter in server.observer.emitters}
        reload.on_serve(server, config, lambda: None)
        emitters = server.observer.emitters
        assert {emitter.watch.path for emitter in emitters} == before
        assert {emitter.timeout for emitter in emitters} == {reload.PAUSE}


def test_a_template_is_compiled_once_and_again_when_it_is_edited(monkeypatch):
    monkeypatch.setenv(SERVING, "yes")
    monkeypatch.setattr(reload, "_templates", reload._Templates())
    compiled = []
    compile_ = jinja2.Environment.compile

    def counted(self, source, *arguments, **named):
        compiled.append(source)
        return compile_(self, source, *arguments, **named)

    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    for text in ("one", "one", "two"):
        env = jinja2.Environment(
            loader=jinja2.DictLoader({"main.html": text}), autoescape=True
        )
        reload.on_env(env, None, None)
        assert env.get_template("main.html").render() == text
    assert compiled == ["one", "two"]


def test_only_a_page_that_changed_is_finished_again(tmp_path, monkeypatch):
    small_site(tmp_path, {"docs/page1.md": "# 1\n", "docs/page2.md": "# 2\n"})
    site = tmp_path / "site"
    finished = []
    finish_page = finishing._finish_page

    def counted(html, path, *rest):
        finished.append(path.parent.name)
        return finish_page(html, path, *rest)

    monkeypatch.setattr(finishing, "_finish_page", counted)
    for first, made in (("one", ["page1", "page2"]), ("one", []), ("two", ["page1"])):
        # A server builds all of it anew.
        index = {"search/search_index.json": '{"config": {}, "docs": []}'}
        html = '<head><meta charset="utf-8"></head><article>{}</article>'
        pages = {"page1/index.html": html.format(first), "page2/index.html": html}
        lay_out(site, index | pages)
        finished.clear()
        finishing.finish(site, Project(tmp_path), serving=True)
        assert finished == made
        assert first in (site / "page1/index.html").read_text()


@pytest.mark.parametrize(
    "shows",
    [
        '<div class="exercise-list" data-level="1"></div>',
        '<div class="operations-table"></div>',
        '<div class="phrase-pairs" data-group="numpy"></div>',
        "<!-- differs: messages -->",
    ],
)
def test_a_page_that_shows_titles_of_others_is_made_again_where_one_changed(
    tmp_path, shows
):
    pages = {name: f"docs/{name}.md" for name in ("shows", "plain", "other")}
    head = '<div class="exercise-head" data-name="a" data-minutes="{}"></div>'
    other = "# {}\n\n{}\n\n## Part\n\n" + head + "\n"
    lay_out(tmp_path, {pages["shows"]: f"# A\n\n{shows}\n", pages["plain"]: "# B\n"})

    def made_of(number, *words):
        path = tmp_path / pages["other"]
        path.write_text(other.format(*words))
        # Two edits may be closer than the clock of the file system can tell.
        os.utime(path, ns=(number * 10**9, number * 10**9))
        both = (tmp_path / pages[name] for name in ("shows", "plain"))
        return [extension.made_of(page, Project(tmp_path)) for page in both]

    first, plain = made_of(1, "Other", "Prose.", 5)
    assert made_of(2, "Other", "More prose.\n\nAnd more.", 5) == [first, plain]
    titled, same = made_of(3, "Another", "Prose.", 5)
    assert (titled != first, same) == (True, plain)
    longer, same = made_of(4, "Another", "Prose.", 8)
    assert (longer != titled, same) == (True, plain)
