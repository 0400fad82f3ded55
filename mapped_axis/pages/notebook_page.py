"""MkDocs hook: a notebook page in the form of every other page.

mkdocs-jupyter puts its own stylesheet of some 600 kB, its own scripts and its own copy
buttons into the page. Only the cells are kept, as the theme's own code blocks; and links
to other pages, which MkDocs does not see in a notebook, are resolved and checked.
"""

import base64
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from mapped_axis.pages import links
from mapped_axis.pages.site import read_site
from mapped_axis.project import Project

# The classes of cells whose code is folded: it says how the page is made, not what it is
# about. One draws a figure, and what it writes beside it are the numbers as a table, folded
# too. One says what follows from data: that is text of the page. One answers a question:
# what it writes is folded, so that the reader can think first.
_DRAWS, _SAYS, _ANSWERS = "celltag_draws", "celltag_says", "celltag_answers"
_CODE = {
    _DRAWS: "The cell that draws",
    _SAYS: "The cell that says so",
    _ANSWERS: "The cell that knows the answer",
}
_FOLDED = {_DRAWS: "The numbers as a table", _ANSWERS: "The answer"}


# What was made of a page, and from what: a server asks at each edit of any other.
_made: dict[str, tuple[object, str]] = {}


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite what mkdocs-jupyter made of a notebook; leave other pages alone.

    Raises:
        PluginError: a cell has an output of a kind that no page shows, or a link leads
            nowhere.
    """
    if not page.file.src_uri.endswith(".ipynb"):
        return html
    # A notebook has no front matter; its metadata says what its page is about.
    for known in read_site(Project(Path(config.docs_dir).parent)).pages:
        if known.source == page.file.src_uri:
            page.meta["description"] = known.description
    made_from = html, [file.src_uri for file in files]
    if _made.get(page.url, (None,))[0] != made_from:
        _made[page.url] = made_from, _rewritten(html, page, files)
    return _made[page.url][1]


def _rewritten(html: str, page: Page, files: Files) -> str:
    """Return the page of a notebook in the form of other pages."""
    made = BeautifulSoup(html, "html.parser")
    out = BeautifulSoup("", "html.parser")
    for cell in made.select(".jp-Notebook .jp-MarkdownCell, .jp-Notebook .jp-CodeCell"):
        if cell.select_one(".jp-CodeCell"):
            continue  # the wrapper of the cell that comes next
        classes = [*cell["class"]]
        prose = cell.select_one(".jp-RenderedMarkdown")
        if prose and "jp-MarkdownCell" in classes:
            out.extend(_prose(prose, page, files))
            continue
        code_says = [says for name, says in _CODE.items() if name in classes]
        says = [says for name, says in _FOLDED.items() if name in classes]
        shown: list[PageElement] = []
        for output in cell.select(".jp-OutputArea-output"):
            if "jp-RenderedMarkdown" not in output["class"]:
                shown.append(_output(out, output, page))
            elif says:
                shown.append(_folded(out, says[0], _prose(output, page, files)))
            else:
                shown += _prose(output, page, files)
        if code := cell.select_one(".jp-InputArea-editor pre"):
            block = _block(out, "python", list(code.contents))
            if code_says:  # below what it makes: the text reads on
                shown.append(_folded(out, code_says[0], [block], "draws"))
            else:
                shown.insert(0, block)
        out.extend(shown)
    return str(out)


def _prose(prose: Tag, page: Page, files: Files) -> list[PageElement]:
    """Return text that was written in Markdown, in the form of other pages."""
    _resolve_links(prose, page, files)
    for anchor in prose.select("a.anchor-link"):
        anchor["class"] = "headerlink"
        anchor["title"] = "Permanent link"
    for cell in prose.select("[style^=text-align]"):
        # No page may have inline styles (see finish.py).
        cell["align"] = str(cell.attrs.pop("style")).partition(":")[2]
    return list(prose.contents)


def _output(soup: BeautifulSoup, output: Tag, page: Page) -> Tag:
    """Return one output of a cell as an element of the page."""
    if text := output.find("pre"):
        return _block(soup, "text", [text.get_text()])
    if image := output.find("img"):
        head, _, data = str(image.get("src", "")).partition("base64,")
        if head.startswith("data:image/svg+xml"):
            drawn = BeautifulSoup(base64.b64decode(data), "html.parser").find("svg")
            return _figure(soup, drawn)
    if drawn := output.find("svg"):
        return _figure(soup, drawn)
    kind = output.get("data-mime-type", "unknown")
    raise PluginError(
        f"{page.file.src_uri}: an output of the kind {kind} has no form on a page; "
        "print text or draw an SVG."
    )


def _figure(soup: BeautifulSoup, drawing: Tag | None) -> Tag:
    """Return an SVG inside a figure, so that it takes the colours of the page."""
    figure = soup.new_tag("figure", attrs={"class": "notebook-figure"})
    if drawing is None:
        return figure
    figure.append(drawing)
    del drawing["style"]  # the size of a figure is the stylesheet's
    # No page may have inline styles (see finish.py). In an SVG they can be attributes.
    for tag in drawing.select("[style]"):
        for declaration in filter(str.strip, str(tag.attrs.pop("style")).split(";")):
            name, value = declaration.split(":", 1)
            tag[name.strip()] = value.strip()
    return figure


def _folded(
    soup: BeautifulSoup, says: str, contents: list[PageElement], kind: str = "numbers"
) -> Tag:
    """Return something in a fold.

    Args:
        soup: makes the elements.
        says: what the fold holds.
        contents: that.
        kind: its class.
    """
    fold = soup.new_tag("details", attrs={"class": kind})
    summary = soup.new_tag("summary")
    summary.append(says)
    fold.extend([summary, *contents])
    return fold


def _block(
    soup: BeautifulSoup, language: str, contents: list[PageElement | str]
) -> Tag:
    """Return contents as a code block of the theme."""
    block = soup.new_tag("div", attrs={"class": f"language-{language} highlight"})
    pre = soup.new_tag("pre")
    code = soup.new_tag("code")
    code.extend(contents)
    pre.append(code)
    block.append(pre)
    return block


def _resolve_links(prose: Tag, page: Page, files: Files) -> None:
    """Turn links to source files into links to their pages."""
    for link in prose.select("a[href]"):
        href = str(link["href"])
        target = links.target(page.file.src_uri, href)
        if not target or href.startswith("#"):
            continue
        file = files.get_file_from_path(target[0])
        if file is None:
            raise PluginError(
                f"{page.file.src_uri}: the link {href!r} leads to no file of docs/; "
                "mend its path."
            )
        anchor = f"#{target[1]}" if target[1] else ""
        link["href"] = file.url_relative_to(page.file) + anchor
