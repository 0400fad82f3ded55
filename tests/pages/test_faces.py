"""The other faces of a page, each compared whole: notebook, Markdown, list, search index.

Each is made anew and compared to the byte; and what is code in it is compared with the
blocks that ran, so that what makes it is no judge of itself.
"""

import json
import re
from urllib.parse import urljoin

import nbformat
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup, SoupStrainer
from matplotlib import image

from mapped_axis.examples.pieces import includes
from mapped_axis.exercises.html import with_solutions_last
from mapped_axis.figures import preview
from mapped_axis.pages.finish import other_forms, text_address
from mapped_axis.pages.predict import without_questions
from mapped_axis.pages.site import read_site
from mapped_axis.pages.text import llms_txt
from mapped_axis.project import HERE
from support.blocks import example_blocks, ran
from support.places import ORIGIN, PUBLISHED, address_of, file_at

PAGES = [page for page in HERE.pages if includes(page)]


@pytest.fixture(scope="module")
def anew():
    """Make the other forms of all pages, by where they lie in the site."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PUBLISHED.items():
            patch.setenv(name, value)
        site = read_site(HERE)
        files = {"llms.txt": llms_txt(site, text_address).encode()}
        for page in site.pages:
            files |= other_forms(page, HERE, site)
    return files


def other_files(site, anew):
    """Return the files for programs that are not what is made of the pages."""
    kinds = ("*.ipynb", "*.md", "*.txt")
    there = {p.relative_to(site).as_posix(): p for k in kinds for p in site.rglob(k)}
    there.pop("robots.txt", None)
    return sorted(
        name
        for name in {*there, *anew}
        if name not in anew
        or name not in there
        or there[name].read_bytes() != anew[name]
    )


def test_each_other_form_is_what_is_made_of_its_page(site, anew):
    assert other_files(site, anew) == []


def test_a_line_more_and_a_file_more_are_found(tmp_path):
    files = {"llms.txt": b"a\n", "x/index.md": b"b\n", "x/x.ipynb": b"{}"}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert other_files(tmp_path, files) == []
    with (tmp_path / "x/index.md").open("a") as text:
        text.write("It prints `122`.\n")
    (tmp_path / "x/more.md").write_text("122")
    (tmp_path / "llms.txt").unlink()
    assert other_files(tmp_path, files) == ["llms.txt", "x/index.md", "x/more.md"]


# --- code in them -----------------------------------------------------------------------


def cells_of(notebook):
    """Return the code cells and their outputs, and what stands as code, in order."""
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            texts.append(cell.source.removeprefix("%%sh\n"))
            texts += [output["text"].rstrip("\n") for output in cell.outputs]
        else:  # a kernel has no launcher: what ran on one stands there to be read
            texts += fenced(cell.source)
    return texts


def other_cells(notebook, blocks):
    """Return the cells and outputs that are none of a page's blocks, or out of order."""
    texts = cells_of(notebook)
    # The cell that asks for devices comes first, once.
    if texts and re.fullmatch(
        r'import jax\n(\njax\.config\.update\("jax_num_cpu_devices", \d+\))+', texts[0]
    ):
        texts = texts[1:]
    return [pair for pair in zip_all(texts, blocks) if pair[0] != pair[1]]


def zip_all(one, other):
    """Return pairs of two lists, of which one may be longer."""
    length = max(len(one), len(other))
    return zip(*([*x, *[None] * (length - len(x))] for x in (one, other)), strict=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_code_of_a_notebook_and_of_a_text_is_what_ran(page, site):
    address = address_of(page)
    blocks = [text for text, _ in ran()[address]]
    folder = file_at(site, address).parent
    notebook = nbformat.read(folder / f"{page.stem}.ipynb", as_version=4)
    in_order = example_blocks(page, with_solutions_last(without_questions(page, HERE)))
    assert other_cells(notebook, [text for text, _ in in_order]) == []
    assert sorted(in_order) == sorted(ran()[address])
    text = (folder / "index.md").read_text(encoding="utf-8")
    assert fenced(text) == blocks


def fenced(text):
    """Return the code blocks of a Markdown text."""
    return [
        block.rstrip("\n")
        for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def test_a_false_cell_is_found():
    cell = nbformat.v4.new_code_cell
    output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    good = cell("print(1)", outputs=[output])
    blocks = ["print(1)", "1"]

    def other(*cells):
        return other_cells(nbformat.v4.new_notebook(cells=[*cells]), blocks)

    assert other(good) == []
    assert other(cell("x = 2"), good)
    assert other(good, cell("x = 2"))
    assert other(cell("print(1)"))
    assert other(cell("print(2)", outputs=[output]))
    text = nbformat.v4.new_markdown_cell
    assert other(text("Read it.\n\n```python\nprint(1)\n```\n\n```text\n1\n```")) == []
    assert other(text("```python\nprint(2)\n```\n\n```text\n1\n```"))
    assert other(good, text("```text\n122\n```"))


# --- the search index -------------------------------------------------------------------


def squeezed(soup):
    """Return the text of parsed HTML without its spaces."""
    return "".join(soup.get_text().split())


def searched(html):
    """Return the article of a page without what is not for the search."""
    article = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("article"))
    for tag in article.select(
        "[data-search-exclude], .headerlink, script, .md-content__button"
    ):
        tag.decompose()
    return article


def unsaid(docs, site):
    """Return the titles and texts of a search index that do not stand on their pages."""
    read, found = {}, []
    for doc in docs:
        address = urljoin(ORIGIN, doc["location"].partition("#")[0])
        if address not in read:
            html = file_at(site, address).read_text(encoding="utf-8")
            read[address] = squeezed(searched(html))
        found += [
            (doc["location"], part)
            for part in (doc["title"], doc["text"])
            if squeezed(BeautifulSoup(part, "html.parser")) not in read[address]
        ]
    return found


@pytest.fixture(scope="module")
def docs(site):
    """Return the entries of the search index."""
    return json.loads((site / "search/docs.json").read_text(encoding="utf-8"))


def test_the_search_finds_only_what_stands_on_the_pages(docs, site):
    assert unsaid(docs, site) == []
    headings = [doc["location"] for doc in docs]
    assert len(headings) == len({*headings})


def test_another_text_in_the_search_index_is_found(docs, site):
    entry = next(doc for doc in docs if "print(" in doc["text"])
    place = entry["location"]
    for change in (
        {"title": "122"},
        {"text": entry["text"].replace("print(", "prin(")},
    ):
        (found,) = unsaid([entry | change], site)
        assert found[0] == place


# --- descriptions, and what a crawler may read ------------------------------------------


def other_descriptions(page, html, listed):
    """Return where a description is not the one that stands in the source of a page.

    Args:
        page: the source.
        html: the page, parsed.
        listed: the text of llms.txt.
    """
    front = page.read_text(encoding="utf-8").split("---\n")[1]
    written = yaml.safe_load(front)["description"]
    shown = {
        name: html.find("meta", attrs)["content"]
        for name, attrs in {
            "description": {"name": "description"},
            "preview": {"property": "og:description"},
        }.items()
    }
    of_page = re.escape(address_of(page))
    lines = re.findall(rf"\({of_page}[^)]*\): (.*)", listed)
    shown["llms.txt"] = lines[0] if lines else None
    return [name for name, text in shown.items() if text != written]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_is_described_as_its_source_says(page, pages, site):
    html, listed = pages[address_of(page)], (site / "llms.txt").read_text("utf-8")
    assert other_descriptions(page, html, listed) == []


def test_another_description_is_found(pages, site):
    page = PAGES[0]
    listed = (site / "llms.txt").read_text("utf-8")
    for attrs in ({"name": "description"}, {"property": "og:description"}):
        html = BeautifulSoup(str(pages[address_of(page)]), "html.parser")
        html.find("meta", attrs)["content"] += " 122"
        assert len(other_descriptions(page, html, listed)) == 1
    html = pages[address_of(page)]
    assert other_descriptions(page, html, listed.replace("): ", "): 122 "))


def test_robots_may_read_everything(site):
    rules = (site / "robots.txt").read_text(encoding="utf-8").split("\n")
    assert {rule for rule in rules if not rule.startswith("Sitemap: ")} <= {
        "User-agent: *",
        "Allow: /",
        "",
    }


# --- pictures ---------------------------------------------------------------------------


def pictures(pages):
    """Return what shows a page elsewhere as a picture other than the site's own."""
    kinds = "meta[property*=image], meta[name*=image], link[rel=image_src]"
    own = f"{ORIGIN}assets/preview.png"
    return [
        str(tag)
        for page in pages.values()
        for tag in page.select(kinds)
        if tag.get("content") != own and tag.get("property") != "og:image:alt"
    ]


def test_no_picture_but_the_sites_own_stands_for_a_page(pages, site, tmp_path):
    assert pictures(pages) == []
    home = pages[ORIGIN]
    assert home.find("meta", {"property": "og:image"})
    assert home.find("meta", {"property": "og:site_name"})["content"] == preview.NAME
    preview.draw(tmp_path / "anew.png")
    assert same_picture(site / "assets/preview.png", tmp_path / "anew.png")


def same_picture(one, other):
    """Return whether two pictures show the same, but for the last bit of a colour."""
    pixels = [image.imread(path) for path in (one, other)]
    return pixels[0].shape == pixels[1].shape and np.allclose(*pixels, atol=0.01)


def test_another_picture_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "NAME", "The Mapped Axes")
    preview.draw(tmp_path / "other.png")
    assert not same_picture(preview.PATH, tmp_path / "other.png")


def test_a_picture_that_stands_for_a_page_is_found():
    html = "<meta property='og:image' content='a'><meta name='twitter:image' content=a>"
    assert len(pictures({"": BeautifulSoup(html, "html.parser")})) == 2
