"""A link to where a page was leads to where it is."""

from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples.data import FaultyFileError
from mapped_axis.pages.moved import moved, moved_problems
from mapped_axis.project import Project
from support import places
from support.places import ROOT, address_of
from support.sites import lay_out

HERE = Project(ROOT)


def test_a_moved_page_leads_on_without_a_script(site):
    assert moved(HERE)
    for old, new in moved(HERE).items():
        there = address_of(places.DOCS / new)
        page = site / places.path_of(old) / "index.html"
        html = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        _, url = html.select_one("noscript meta[http-equiv=refresh]")["content"].split(
            "; url="
        )
        here = address_of(places.DOCS / old)
        links = (
            url,
            html.main.a["href"],
            html.select_one("link[rel=canonical]")["href"],
        )
        assert [urljoin(here, link) for link in links] == [there] * 3
        script = html.select_one("head script")["src"]
        assert places.file_at(site, urljoin(here, script)).is_file()
        assert places.file_at(site, there).is_file()
        # A search engine keeps the page and not what leads to it.
        assert html.select_one("meta[name=robots]")["content"] == "noindex"
        assert here not in (site / "sitemap.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "files", "says"),
    [
        ("a.md: b.md", ["a.md", "b.md"], "a.md has not moved"),
        ("a.md: b.md", [], "a.md has moved to b.md, which is no page"),
        ("a.md: b.md", ["b.md"], None),
        ('"a.md" : b.md', [], "a.md has moved to b.md"),
    ],
)
def test_what_did_not_move_or_went_nowhere_is_named_with_its_line(
    line, files, says, tmp_path
):
    config = f"nav: [b.md]\nextra:\n  moved:\n    {line}\n"
    pages = {f"docs/{name}": "# A page\n" for name in files}
    lay_out(tmp_path, {"mkdocs.yml": config, **pages})
    problems = [str(problem) for problem in moved_problems(Project(tmp_path))]
    assert len(problems) == (says is not None)
    assert all("mkdocs.yml:4: " in p and says in p for p in problems), problems


@pytest.mark.parametrize("moved", ["a.md", "[a.md]", "{a.md: 3}", "{a.md: }"])
def test_what_names_no_page_for_a_page_is_refused(moved, tmp_path):
    lay_out(tmp_path, {"mkdocs.yml": f"extra:\n  moved: {moved}\n"})
    with pytest.raises(FaultyFileError, match=r"mkdocs.yml:2: .* old.md: new.md"):
        moved_problems(Project(tmp_path))
