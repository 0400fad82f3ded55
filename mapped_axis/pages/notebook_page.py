"""MkDocs hook: a notebook page in the form of every other page.

mkdocs-jupyter puts its own stylesheet of some 600 kB, its own scripts and its own copy
buttons into the page. Only the cells are kept, as the theme's own code blocks; and links
to other pages, which MkDocs does not see in a notebook, are resolved and checked.
"""

import base64
import json
import posixpath
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from mkdocs.exceptions import PluginError


def on_page_content(html, page, config, files):
    """Rewrite what mkdocs-jupyter made of a notebook; leave other pages alone.

    Raises:
        PluginError: a cell has an output of a kind that no page shows, or a link leads
            nowhere.
    """
    if not page.file.src_uri.endswith(".ipynb"):
        return html
    notebook = json.loads(Path(page.file.abs_src_path).read_text(encoding="utf-8"))
    # A notebook has no front matter; its metadata says what its page is about.
    page.meta["description"] = notebook["metadata"].get("description", "")
    made = BeautifulSoup(html, "html.parser")
    out = BeautifulSoup("", "html.parser")
    for cell in made.select(".jp-Notebook .jp-MarkdownCell, .jp-Notebook .jp-CodeCell"):
        if cell.select_one(".jp-CodeCell"):
            continue  # the wrapper of the cell that comes next
        if prose := cell.select_one(".jp-RenderedMarkdown"):
            _resolve_links(prose, page, files)
            for anchor in prose.select("a.anchor-link"):
                anchor["class"] = "headerlink"
                anchor["title"] = "Permanent link"
            out.extend(list(prose.contents))
            continue
        source = cell.select_one(".jp-InputArea-editor pre")
        out.append(_block(out, "python", list(source.contents)))
        for output in cell.select(".jp-OutputArea-output"):
            out.append(_output(out, output, page))
    return str(out)


def _output(soup, output, page):
    """Return one output of a cell as an element of the page."""
    if text := output.find("pre"):
        return _block(soup, "text", [text.get_text()])
    if image := output.find("img"):
        head, _, data = image.get("src", "").partition("base64,")
        if head.startswith("data:image/svg+xml"):
            drawing = BeautifulSoup(base64.b64decode(data), "html.parser").find("svg")
            return _figure(soup, drawing)
    if drawing := output.find("svg"):
        return _figure(soup, drawing)
    kind = output.get("data-mime-type", "unknown")
    raise PluginError(
        f"{page.file.src_uri}: an output of the kind {kind} has no form on a page; "
        "print text or draw an SVG."
    )


def _figure(soup, drawing):
    """Return an SVG inside a figure, so that it takes the colours of the page."""
    figure = soup.new_tag("figure", attrs={"class": "notebook-figure"})
    figure.append(drawing)
    del drawing["style"]  # the size of a figure is the stylesheet's
    # No page may have inline styles (see after_build.py). In an SVG they can be attributes.
    for tag in drawing.select("[style]"):
        for declaration in filter(str.strip, tag.attrs.pop("style").split(";")):
            name, value = declaration.split(":", 1)
            tag[name.strip()] = value.strip()
    return figure


def _block(soup, language, contents):
    """Return contents as a code block of the theme."""
    block = soup.new_tag("div", attrs={"class": f"language-{language} highlight"})
    pre = soup.new_tag("pre")
    code = soup.new_tag("code")
    code.extend(contents)
    pre.append(code)
    block.append(pre)
    return block


def _resolve_links(prose, page, files):
    """Turn links to source files into links to their pages."""
    for link in prose.select("a[href]"):
        target = urlsplit(link["href"])
        if target.scheme or target.netloc or not target.path:
            continue
        folder = posixpath.dirname(page.file.src_uri)
        path = posixpath.normpath(posixpath.join(folder, target.path))
        file = files.get_file_from_path(path)
        if file is None:
            raise PluginError(
                f"{page.file.src_uri}: the link {link['href']!r} leads to no file of "
                "docs/; mend its path."
            )
        anchor = f"#{target.fragment}" if target.fragment else ""
        link["href"] = file.url_relative_to(page.file) + anchor
