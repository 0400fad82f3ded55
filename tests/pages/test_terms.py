"""The first mention of a term leads to the glossary; what means another thing does not."""

import re

import markdown
import pytest

from mapped_axis.pages import terms
from mapped_axis.pages.context import Rendering
from mapped_axis.pages.glossary import term_problems
from mapped_axis.pages.terms import Terms, glossary
from mapped_axis.project import HERE, Project
from support.places import DOCS, address_of
from support.sites import lay_out

GLOSSARY = """# Glossary

### lane { #lane }

What one index does; see `vmap`. [Shown](../learn/first.md#a)

### named axis { #named-axis }

An axis with a name. [Shown](../learn/names.md)

### mesh { #mesh }

A grid. [Shown](../devices/meshes.md)

### carry { #carry }

What a loop hands on. [Shown](../learn/first.md)
"""


def linked(text, tmp_path, monkeypatch, page="further/page.md"):
    """Return the terms that are linked in a text, as (written, anchor, sentence)."""
    lay_out(tmp_path, {f"docs/{terms.PAGE}": GLOSSARY, f"docs/{page}": text})
    project = Project(tmp_path)
    now = Rendering(project, project.docs / page)
    monkeypatch.setattr(terms, "rendering", lambda _: now)
    md = markdown.Markdown(extensions=["tables", "attr_list"])
    md.treeprocessors.register(Terms(md), "terms", -1)
    html = md.convert(text)
    # Nothing but links was added.
    plain = markdown.Markdown(extensions=["tables", "attr_list"]).convert(text)
    assert re.sub(r'<a class="term"[^>]*>(.*?)</a>', r"\1", html) == plain
    found = re.findall(
        r'<a class="term" data-says="(.*?)" data-to="(.*?)">(.*?)</a>', html
    )
    return [(written, to.partition("#")[2], says) for says, to, written in found]


LANE = "What one index does; see vmap."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One lane, and a lane more.", [("lane", "lane", LANE)]),
        ("Lanes *of lanes* and `x`, lanes.", [("Lanes", "lane", LANE)]),
        (
            "*Two meshes* of named axes.",
            [("meshes", "mesh"), ("named axes", "named-axis")],
        ),
        ("- A *mesh* of lanes\n- a lane", [("mesh", "mesh"), ("lanes", "lane")]),
        ("`x` is one lane, `y` a mesh.", [("lane", "lane"), ("mesh", "mesh")]),
        ("# A lane\n\nThe planes carry `lane` to [a lane](x.md).\n", []),
        ("| a | b |\n|---|---|\n| lane | mesh |\n", []),
    ],
)
def test_the_first_mention_in_prose_is_linked(text, found, tmp_path, monkeypatch):
    got = linked(text, tmp_path, monkeypatch)
    assert [entry[: len(want)] for entry, want in zip(got, found, strict=True)] == found


def test_a_term_is_not_linked_where_it_is_shown(tmp_path, monkeypatch):
    assert linked("A lane.", tmp_path, monkeypatch, page="learn/first.md") == []
    assert linked("A lane.", tmp_path, monkeypatch)


SHOWS = {
    "docs/learn/first.md": "# First\n\nNothing.\n\n## A\n\nLanes *carry* on.\n",
    "docs/learn/names.md": '# Names\n\n--8<-- "learn/names/axis-named.md"\n',
    "docs/devices/meshes.md": "# Two meshes\n",
}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "#a)",
            "#b)",
            "glossary.md:3: ../learn/first.md#b does not say 'lane' (lane…)",
        ),
        ("first.md#a", "names.md", "glossary.md:3: ../learn/names.md does not say"),
        (
            "names.md",
            "first.md",
            "glossary.md:7: ../learn/first.md does not say 'named",
        ),
        (
            "### mesh",
            "### carriage",
            "glossary.md:11: ../devices/meshes.md does not say",
        ),
        ("meshes.md", "none.md", "glossary.md:11: ../devices/none.md does not say"),
        (" [Shown](../devices/meshes.md)", "", "glossary.md:11: no term; write ### "),
        ("### mesh { #mesh }", "### mesh", "glossary.md:11: no term; write ### NAME"),
        ("### carry", "### Carry", None),
    ],
)
def test_an_entry_that_leads_elsewhere_is_named_with_its_line(old, new, says, tmp_path):
    assert old in GLOSSARY
    text = GLOSSARY.replace(old, new, 1)
    lay_out(tmp_path, {f"docs/{terms.PAGE}": text, **SHOWS})
    problems = [str(problem) for problem in term_problems(Project(tmp_path))]
    assert len(problems) == (says is not None), problems
    assert all(says in problem for problem in problems)


def test_each_heading_of_the_glossary_is_a_term():
    text = (DOCS / terms.PAGE).read_text(encoding="utf-8")
    assert len(glossary(HERE)) == text.count("\n### ") > 0
    assert all((DOCS / term.shown).is_file() for term in glossary(HERE))


def test_each_link_leads_to_its_term(pages):
    entries = pages[address_of(DOCS / terms.PAGE)]
    seen = 0
    for address, page in pages.items():
        for link in page.select("a.term"):
            seen += 1
            name = link["href"].partition("#")[2]
            heading = entries.find(id=name)
            assert heading, (address, link)
            says = " ".join(heading.find_next("p").get_text().split())
            assert says.removesuffix(" Shown") == link["data-says"]
    assert seen
