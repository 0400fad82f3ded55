"""MkDocs hook: the site for programs that read text.

``learn/axes/index.md`` lies beside ``learn/axes/index.html``: the page as Markdown, with
its examples and their outputs in place. ``llms.txt`` lists the pages (llmstxt.org).
"""

import html
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import examples
from notebook_copy import ATTRIBUTES, LINK

_INTERACTIVE = re.compile(r'<div class="axis-(explorer|quiz)"')

_nav = None


def on_nav(nav, config, files):
    """Keep the navigation: the order of the pages."""
    global _nav
    _nav = nav
    return nav


def on_page_markdown(markdown, page, config, files):
    """Keep the page as text."""
    source = Path(page.file.abs_src_path)

    def resolve(match):
        """Return a link to a file of docs/ as a link to what it is in the site."""
        target = urlsplit(match[2])
        folder = posixpath.dirname(page.file.src_uri)
        file = files.get_file_from_path(
            posixpath.normpath(posixpath.join(folder, target.path))
        )
        if target.scheme or not target.path or not file:
            return match[0]
        address = _address(file.page) if file.page else file.dest_uri
        start = posixpath.dirname(page.file.dest_uri)
        return f"[{match[1]}]({posixpath.relpath(address, start or '.')})"

    if source.suffix == ".ipynb":
        lines = _notebook(json.loads(source.read_text(encoding="utf-8")))
    else:
        lines = _page(markdown, Path(config.docs_dir))
    page.plain = "".join(
        text if is_code else LINK.sub(resolve, text) for text, is_code in lines
    )
    return markdown


def _address(page):
    """Return where the Markdown of a page lies in the site."""
    return posixpath.splitext(page.file.dest_uri)[0] + ".md"


def _fence(language, text):
    """Return a block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def _page(markdown, docs):
    """Yield the text of a page piece by piece, each with whether it is code."""
    for line in markdown.splitlines():
        if match := examples.INCLUDE.fullmatch(line):
            example = examples.read_example(docs.parent / "snippets" / match[1])
            for block in example.blocks:
                if block.section != match[2]:
                    continue
                if block is example.output:
                    yield "\nIt prints:\n\n", False
                yield _fence(block.language, block.text), True
        elif match := examples.FIGURE.fullmatch(line):
            drawing = (docs / "_figures" / match[1]).read_text(encoding="utf-8")
            says = re.search(r'aria-label="([^"]*)"', drawing)[1]
            yield f"Figure: {html.unescape(says)}\n", False
        elif _INTERACTIVE.match(line):
            yield "(Here the page lets its reader try this.)\n", False
        else:
            yield ATTRIBUTES.sub("", line) + "\n", False


def _notebook(notebook):
    """Yield the text of a notebook piece by piece, each with whether it is code."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield f"{source}\n\n", False
            continue
        yield _fence("python", source) + "\n", True
        for output in cell["outputs"]:
            if text := "".join(output.get("text", [])):
                yield "It prints:\n\n", False
                yield _fence("text", text) + "\n", True
            else:
                yield "(Here the page shows a figure.)\n\n", False


def on_post_build(config):
    """Write the text of each page, and the list of all pages."""
    site = Path(config.site_dir)
    lines = [f"# {config.site_name}", "", f"> {config.site_description}"]
    for item in _nav.items:
        lines += ["", f"## {item.title}", ""]
        for page in filter(lambda page: page.is_page, item.children or [item]):
            (site / _address(page)).write_text(
                page.plain.strip() + "\n", encoding="utf-8"
            )
            address = urljoin(config.site_url or "", _address(page))
            lines.append(
                f"- [{page.title}]({address}): {page.meta.get('description', '')}"
            )
    (site / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
