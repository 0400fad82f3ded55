"""The first mention of a JAX function leads to its documentation, and each in a table."""

import importlib

import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples.write import example_text
from mapped_axis.pages.api import ADDRESS, defined_in, meanings
from mapped_axis.project import HERE, Project
from support.places import address_of
from support.sites import lay_out

START = ADDRESS.split("{}")[0]
# What a program made for a page is not written in Markdown.
MADE = [
    "predict-first",
    "phrase-pairs",
    "axis-explorer",
    "axis-quiz",
    "operations-table",
    "checked",
    "highlight",
]


@pytest.mark.parametrize("whole", sorted({*meanings().values()}))
def test_jax_has_each_function_that_is_linked(whole):
    module, _, name = whole.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_a_name_that_jax_lacks_would_be_found():
    with pytest.raises(AttributeError):
        test_jax_has_each_function_that_is_linked("jax.vmapp")


def unlinked(article, defined=()):
    """Return the mentions that are no link and should be, and the links that are wrong.

    A table that a program made, and what is a link or a heading already, has none.
    """
    means, seen, found = meanings(), set(), []
    for name in defined:  # by a program of the page: it means that there
        means.pop(name, None)
    for code in article.select(":is(p, li, td) code"):
        if code.find_parent(["h1", "h2", "h3", "h4", "pre", "figure"]) or (
            code.find_parent(class_=MADE)
        ):
            continue
        whole = means.get(code.get_text().removesuffix("()"))
        link = code.find_parent("a")
        leads = link["href"] if link else None
        if link and not leads.startswith(START):
            continue  # a link of the page's own
        wanted = (
            whole if whole and (whole not in seen or code.find_parent("td")) else None
        )
        if leads != (wanted and ADDRESS.format(wanted)):
            found.append((str(code), leads))
        if whole:
            seen.add(whole)
    return found


def test_a_page_links_the_first_mention_and_each_in_a_table(pages):
    found = {
        page: unlinked(pages[address_of(page)].article, defined_in(page, HERE))
        for page in HERE.pages
    }
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
    links = [a for page in pages.values() for a in page.select(f"a[href^='{START}']")]
    assert len(links) > 100


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ("<p>{vmap} and <code>vmap</code></p>", 0),
        ("<p><code>vmap</code></p>", 1),  # not linked
        ("<p>{vmap} and {vmap}</p>", 1),  # linked twice
        ("<p><a href='{start}jax.jit.html'><code>vmap</code></a></p>", 1),
        ("<p>{vmap}</p><table><tr><td><code>vmap</code></td></tr></table>", 1),
        ("<p><a href='{start}jax.vmap.html'><code>square</code></a></p>", 1),
        ("<p><a href='../'><code>vmap</code></a></p>", 0),
    ],
)
def test_a_link_too_few_or_too_many_is_found(html, wrong):
    vmap = f"<a href='{ADDRESS.format('jax.vmap')}'><code>vmap</code></a>"
    html = html.format(vmap=vmap, start=START)
    article = BeautifulSoup(f"<article>{html}</article>", "html.parser").article
    assert len(unlinked(article)) == wrong


def test_a_name_that_a_program_gives_away_leads_nowhere(tmp_path, pages):
    page = '# Page\n\n--8<-- "page/one.md"\n'
    program = "def vmap(f, *, scan=1):\n    return f\n\n\nall_to_all = vmap(print)\nall_to_all(1)\n"
    example = example_text(program, output="1\n")
    lay_out(tmp_path, {"docs/page.md": page, "snippets/page/one.md": example})
    project = Project(tmp_path)
    defined = defined_in(project.docs / "page.md", project)
    assert {"vmap", "scan", "all_to_all"} <= defined
    assert "print" not in defined
    (nesting,) = (html for url, html in pages.items() if url.endswith("/nesting/"))
    assert not nesting.select("a[href$='jax.lax.all_to_all.html']")
    link = f"<a href='{ADDRESS.format('jax.vmap')}'><code>vmap</code></a>"
    article = BeautifulSoup(f"<article><p>{link}</p></article>", "html.parser").article
    assert unlinked(article) == []
    assert len(unlinked(article, {"vmap"})) == 1
