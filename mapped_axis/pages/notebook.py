"""MkDocs hook: each page with examples is also a notebook, with its outputs in place.

``learn/axes/axes.ipynb`` lies beside ``learn/axes/index.html``. A notebook runs all its
cells in one interpreter, and JAX counts its devices once; so the cell that asks for
simulated devices comes first, where the page has an example that needs them.
"""

import json
import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import examples

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_DEVICES = re.compile(
    r'^jax\.config\.update\("jax_num_cpu_devices", \d+\)$', re.MULTILINE
)
ATTRIBUTES = re.compile(r" *\{ *[.#][^}]*\}")  # of a heading or a link


def notebook_name(page):
    """Return the file name of a page's notebook, or None for one without examples."""
    source = Path(page.file.abs_src_path)
    if source.suffix != ".md" or not examples.read_page(source)[0]:
        return None
    return f"{source.stem}.ipynb"


def notebook_of(page, markdown, snippets, resolve):
    """Make the notebook of a page.

    Args:
        page: the path of the page's source, for its includes.
        markdown: the text of the page, without its front matter.
        snippets: the folder of the examples.
        resolve: a function from a link of the page to an absolute address, or to None
            where there is none.

    Returns:
        The notebook as a dictionary, format 4.5.
    """
    shown = {
        (include.example, include.section) for include in examples.read_page(page)[0]
    }
    read = {name: examples.read_example(snippets / name) for name, _ in shown}
    cells = []
    prose = []

    def add(kind, source, **fields):
        cell = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}}
        cells.append(cell | {"source": source} | fields)

    def add_code(source, name=None, output=None):
        outputs = []
        if output:
            outputs = [{"name": "stdout", "output_type": "stream", "text": output}]
        # Says which program a cell is a part of: it may have several, and one output.
        metadata = {"example": name} if name else {}
        fields = {"execution_count": None, "metadata": metadata, "outputs": outputs}
        add("code", source, **fields)

    def flush():
        text = _prose("\n".join(prose), resolve)
        prose.clear()
        if text:
            add("markdown", text)

    setup = {m[0] for e in read.values() for m in _DEVICES.finditer(e.program)}
    for line in markdown.splitlines():
        if examples.FIGURE.fullmatch(line):
            continue  # an inline drawing, coloured by the page
        if line.startswith('<div class="axis-'):
            prose.append("*The page has [an interactive part](#) here.*")
            continue
        match = examples.INCLUDE.fullmatch(line)
        if not match:
            prose.append(line)
            continue
        flush()
        if setup:
            add_code("import jax\n\n" + "\n".join(sorted(setup)))
            setup = None
        example = read[match[1]]
        magic = "%%sh\n" if example.code[0].language == "sh" else ""
        part = [b for b in example.code if b.section == match[2]]
        # The output of a program stands under its last part.
        ends = example.output if example.code[-1] in part else None
        for block in part:
            last = ends if block is part[-1] else None
            add_code(magic + block.text.rstrip("\n"), match[1], last and last.text)
    flush()
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            }
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _prose(text, resolve):
    """Return the prose of a page as a notebook shows it: absolute links, no attributes."""

    def link(match):
        address = resolve(match[2])
        return f"[{match[1]}]({address})" if address else match[1]

    return ATTRIBUTES.sub("", LINK.sub(link, text)).strip()


def on_page_markdown(markdown, page, config, files):
    """Keep the text of the page for its notebook."""
    page.notebook = None
    name = notebook_name(page)
    docs = Path(config.docs_dir)
    source = Path(page.file.abs_src_path)
    snippets = docs.parent / "snippets"
    if name and not examples.page_problems(source, docs, snippets):

        def resolve(link):
            parts = urlsplit(link)
            if parts.scheme:
                return link
            folder = posixpath.dirname(page.file.src_uri)
            path = posixpath.normpath(posixpath.join(folder, parts.path))
            file = files.get_file_from_path(path) if parts.path else page.file
            if not (config.site_url and file):
                return None
            anchor = f"#{parts.fragment}" if parts.fragment else ""
            return urljoin(config.site_url, file.url) + anchor

        page.notebook = notebook_of(source, markdown, snippets, resolve)
    return markdown


def on_page_context(context, page, config, nav):
    """Give the template the name of the notebook, and its address at Colab if any."""
    if page.file.src_uri.endswith(".ipynb"):
        context["notebook"] = f"../{posixpath.basename(page.file.src_uri)}"
    elif getattr(page, "notebook", None):
        name = notebook_name(page)
        context["notebook"] = name
        repository = urlsplit(config.repo_url or "")
        if repository.netloc == "github.com":
            # The workflow that publishes the site pushes its notebooks to this branch.
            context["colab"] = (
                "https://colab.research.google.com/github"
                f"{repository.path.rstrip('/')}/blob/notebooks/{page.url}{name}"
            )
    return context


def on_post_page(output, page, config):
    """Write the notebook beside the page.

    A page that is a notebook has it where its source has it, one folder up: that is where
    its cells find the files that they read.
    """
    if page.file.src_uri.endswith(".ipynb"):
        copy = Path(config.site_dir, page.file.src_uri)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(Path(page.file.abs_src_path).read_bytes())
    elif getattr(page, "notebook", None):
        folder = Path(config.site_dir, page.file.dest_uri).parent
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(page.notebook, indent=1, ensure_ascii=False) + "\n"
        (folder / notebook_name(page)).write_text(text, encoding="utf-8")
    return output
