"""What the site owes to programs: crawlers, link previews, and models that read text."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import material
import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes
from mapped_axis.pages.elements import ASSETS
from mapped_axis.pages.finish import finish
from mapped_axis.pages.site import read_site
from mapped_axis.project import HERE, Project
from support.places import ORIGIN, address_of, file_at
from support.sites import EXAMPLE, small_site

SOURCES = [*HERE.pages, *HERE.notebooks]
ADDRESSES = sorted(map(address_of, SOURCES))


# --- text -----------------------------------------------------------------------------


def test_llms_txt_lists_every_page_once(site):
    text = (site / "llms.txt").read_text(encoding="utf-8")
    site_says = read_site(HERE)
    assert text.startswith(f"# {site_says.name}\n\n> {site_says.description}\n")
    entries = re.findall(r"^- \[(.+)\]\((\S+)\): (.{40,})$", text, flags=re.MULTILINE)
    assert sorted(link.removesuffix("index.md") for _, link, _ in entries) == ADDRESSES
    parts = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts == [title for title, _ in site_says.sections]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_text_of_a_page_is_complete(site, source):
    address = address_of(source)
    text = file_at(site, urljoin(address, "index.md")).read_text(encoding="utf-8")
    assert text.startswith("# ")
    # Each program and each output, where the page includes it.
    at = 0
    for include in includes(source):
        example = read_example(HERE.snippets / include.example)
        for block in example.part(include.section):
            at = text.index(block.fenced, at)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"8<--|<div|<svg|<!--|\{ *[.#]", prose)
    # What is linked in the text leads to text.
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        target = urljoin(urljoin(address, "index.md"), link.partition("#")[0])
        if target.startswith(ORIGIN):
            assert file_at(site, target).is_file(), link
            assert not target.endswith(("/", ".html")), link


def placeholders(site):
    """Return what stands for something else in what programs read, by file."""
    left = {}
    for path in [*site.rglob("*.ipynb"), *site.rglob("*.md"), site / "llms.txt"]:
        found = re.findall(
            r"<!-- .*? -->|-+8<-+|<div class", path.read_text(encoding="utf-8")
        )
        if found:
            left[path.relative_to(site).as_posix()] = found
    return left


def test_nothing_that_programs_read_holds_a_placeholder(site):
    assert placeholders(site) == {}


@pytest.mark.parametrize(
    "left",
    [
        "<!-- times: times.json -->",
        '--8<-- \\"a/b.md\\"',
        '<div class=\\"axis-quiz\\">',
    ],
)
def test_a_placeholder_is_found(tmp_path, left):
    (tmp_path / "llms.txt").write_text("fine\n")
    (tmp_path / "a.ipynb").write_text(f'{{"source": "{left}"}}')
    assert list(placeholders(tmp_path)) == ["a.ipynb"]


# --- addresses ------------------------------------------------------------------------


def test_the_sitemap_is_the_list_of_pages_and_tells_no_dates(site, pages):
    text = (site / "sitemap.xml").read_text(encoding="utf-8")
    assert sorted(re.findall("<loc>(.*?)</loc>", text)) == ADDRESSES
    assert "lastmod" not in text
    assert not (site / "sitemap.xml.gz").exists()
    robots = (site / "robots.txt").read_text(encoding="utf-8")
    assert f"Sitemap: {ORIGIN}sitemap.xml" in robots.splitlines()
    for address in ADDRESSES:
        page = pages[address]
        assert page.select_one("link[rel=canonical]")["href"] == address
        assert page.select_one("meta[property='og:url']")["content"] == address


def test_the_search_index_is_not_part_of_a_first_view(site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    assert index["config"]["separator"]
    assert index["docs"] == []
    docs = json.loads((site / "search/docs.json").read_text(encoding="utf-8"))
    found = {urljoin(ORIGIN, doc["location"].partition("#")[0]) for doc in docs}
    assert found == set(ADDRESSES)


# --- the policy -----------------------------------------------------------------------


def inline(page):
    """Return what a page has that a strict policy refuses, but for scripts."""
    return [
        (tag.name, name)
        for tag in page.find_all()
        for name, value in tag.attrs.items()
        if name == "style" or name.startswith("on") or "javascript:" in str(value)
    ] + [(tag.name, "") for tag in page.find_all("style")]


def test_every_page_has_the_same_strict_policy(pages):
    policies = {
        page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
        for page in pages.values()
    }
    assert len(policies) == 1
    policy = policies.pop()
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "unsafe" not in policy
    assert "//" not in re.sub(r"'sha256-\S+'", "", policy)
    assert [inline(page) for page in pages.values() if inline(page)] == []


def beforehand(page):
    """Return what a page has some browser load before its reader asks for it."""
    kinds = {"next", "prev", "prefetch", "prerender", "dns-prefetch", "preconnect"}
    return [str(link) for link in page.select("link") if kinds & {*link["rel"]}]


def test_no_page_is_loaded_beforehand(pages):
    """Firefox would try it, and say in the console that the policy forbids it."""
    assert [found for page in pages.values() if (found := beforehand(page))] == []


@pytest.mark.parametrize("kind", ["next", "prev", "prefetch", "preconnect"])
def test_what_is_loaded_beforehand_is_found(kind):
    page = BeautifulSoup(f'<link rel="{kind}" href="x">', "html.parser")
    assert len(beforehand(page)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        "<p style='color: red'>",
        "<p onclick='f()'>",
        "<a href='javascript:f()'>",
        "<style>p {}</style>",
    ],
)
def test_what_a_policy_refuses_is_found(fault):
    assert len(inline(BeautifulSoup(fault, "html.parser"))) == 1


ROOT_PATH = urlsplit(ORIGIN).path


def scripts_in_content(page):
    """Return what runs in the content of a page but is none of the site's own files."""
    own = {f"assets/{name}" for names in ASSETS.values() for name in names}
    return [
        str(tag)
        for tag in page.select("article script, article iframe, article object")
        if tag.get("src", "").lstrip("./") not in own or tag.get_text()
    ]


def scripts_of_no_theme(page, root=ROOT_PATH):
    """Return the inline scripts of a page that do not stand in a template of the theme."""
    templates = Path(material.__file__).parent.rglob("*.html")
    theirs = "".join(path.read_text(encoding="utf-8") for path in templates)
    inline = page.find_all("script", src=False, type=False)
    # Where a page lies is the one thing that a template fills in: the page that stands at
    # no address has the path of the site.
    where = re.compile(rf'(?<=new URL\()"(?:[./]*|{re.escape(root)})"(?=,location)')
    parts = {tag: where.split(tag.string) for tag in inline}
    return [
        str(tag) for tag, some in parts.items() if any(p not in theirs for p in some)
    ]


def test_the_policy_lets_run_what_the_theme_wrote_and_nothing_else(pages):
    found = {url: scripts_of_no_theme(page) for url, page in pages.items()}
    assert {url: scripts for url, scripts in found.items() if scripts} == {}
    assert all(page.find("script", src=False, type=False) for page in pages.values())


def test_the_site_may_lie_below_the_root_of_its_host(pages):
    here = f'new URL("{ROOT_PATH}",'
    missing = str(pages[urljoin(ORIGIN, "404.html")])
    assert here in missing
    below = missing.replace(here, 'new URL("/some/site/",')
    page = BeautifulSoup(below, "html.parser")
    assert scripts_of_no_theme(page, "/some/site/") == []
    assert len(scripts_of_no_theme(page, "/another/")) == 1


def test_a_script_of_a_template_of_ours_is_found(pages):
    page = BeautifulSoup(str(next(iter(pages.values()))), "html.parser")
    page.body.append(
        BeautifulSoup("<script>document.title = 1</script>", "html.parser")
    )
    assert len(scripts_of_no_theme(page)) == 1


def test_no_page_holds_a_script(pages):
    assert [found for p in pages.values() if (found := scripts_in_content(p))] == []


@pytest.mark.parametrize(
    "script",
    [
        "<script>f()</script>",
        "<script src=other.js></script>",
        "<script type=module src=assets/axis-quiz.js>f()</script>",
        "<iframe srcdoc=x></iframe>",
    ],
)
def test_a_script_in_a_page_is_found(script):
    page = BeautifulSoup(f"<article>{script}</article>", "html.parser")
    assert len(scripts_in_content(page)) == 1


@pytest.mark.parametrize("script", ["<script>f()</script>", "<SCRIPT SRC=a.js>"])
def test_a_script_in_a_page_stops_the_build(tmp_path, script):
    small_site(tmp_path, {})
    text = f"<head></head><article><p>a</p>{script}</article>"
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.html").write_text(text)
    with pytest.raises(SystemExit, match=r"a\.html: a script in the content"):
        finish(tmp_path / "site", Project(tmp_path))


@pytest.mark.parametrize("serving", [False, True])
def test_a_policy_allows_what_the_build_wrote_but_none_is_served(tmp_path, serving):
    page = {"docs/page.md": '# P\n\n--8<-- "page/one.md"\n'}
    small_site(tmp_path, {**page, "snippets/page/one.md": EXAMPLE})
    site = tmp_path / "site"
    (site / "search").mkdir(parents=True)
    (site / "search/search_index.json").write_text('{"config": {}, "docs": []}')
    head = '<head><meta charset="utf-8">'
    for name, script in (("a", "f()"), ("b", "g()")):
        text = f"{head}<script>{script}</script><script src='c.js'></script>"
        (site / f"{name}.html").write_text(text)
    finish(site, Project(tmp_path), serving=serving)
    for name in ("a", "b"):
        hashes = (site / f"{name}.html").read_text().count("'sha256-")
        assert hashes == (0 if serving else 2)
