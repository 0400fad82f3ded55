"""The site for programs that read text.

Each page has a copy as Markdown, with its examples and their outputs in place.
``llms.txt`` lists the pages (llmstxt.org).
"""

import html
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from mapped_axis.examples.data import read_notebook
from mapped_axis.examples.grammar import Block, read_example
from mapped_axis.examples.pieces import (
    Element,
    Figure,
    Include,
    Prose,
    Recorded,
    Times,
)
from mapped_axis.figures.page import caption_of
from mapped_axis.pages import links
from mapped_axis.pages.elements import plain
from mapped_axis.pages.predict import without_questions
from mapped_axis.pages.site import Site
from mapped_axis.pages.tables import recorded_table, times_table
from mapped_axis.project import Project


def text_of(page: Path, project: Project, resolve: Callable[[str], str | None]) -> str:
    """Return a page as Markdown that needs no extension.

    Args:
        page: a Markdown file or a notebook below ``docs/``.
        project: its project.
        resolve: a function from a link of the page to the one that is shown.
    """
    if page.suffix == ".ipynb":
        read = _notebook(read_notebook(page))
    else:
        read = _page(page, project)
    parts = []
    # A link may stand on two lines, so prose is taken together.
    for is_code, run in itertools.groupby(read, lambda part: part[1]):
        text = "".join(text for text, _ in run)
        parts.append(text if is_code else links.plain(text, resolve))
    return "".join(parts).strip() + "\n"


def _page(page: Path, project: Project) -> Iterator[tuple[str, bool]]:
    """Yield the text of a page piece by piece, each with whether it is code."""
    for piece in without_questions(page, project):
        match piece:
            case Prose(_, text):
                yield f"{text}\n", False
            case Include(_, name, section):
                example = read_example(project.snippets / name)
                for block in example.part(section):
                    if block is example.output:
                        yield "\nIt prints:\n\n", False
                    yield block.fenced, True
            case Figure(_, name):
                drawing = (project.figures / name).read_text(encoding="utf-8")
                says = re.findall(r'aria-label="([^"]*)"', drawing)[0]
                caption = re.sub(r"\{[oi]\}", "0", caption_of(drawing))
                yield f"Figure: {html.unescape(f'{says}. {caption}')}\n", False
            case Times(_, file):
                yield times_table(page.parent / file) + "\n", False
            case Recorded(_, what):
                yield recorded_table(what, project) + "\n", False
            case Element():
                yield f"{plain(piece)}\n", False


def _notebook(notebook: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the text of a notebook piece by piece, each with whether it is code."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield f"{source}\n\n", False
            continue
        yield _fenced("python", source), True
        for output in cell["outputs"]:
            if said := "".join(output.get("data", {}).get("text/markdown", "")):
                yield f"{said}\n\n", False
            elif text := "".join(output.get("text", [])):
                yield "It prints:\n\n", False
                yield _fenced("text", text), True
            else:
                yield "(Here the page shows a figure.)\n\n", False


def _fenced(language: str, text: str) -> str:
    """Return a block of code, and an empty line."""
    return Block(language, 0, 0, text.rstrip() + "\n").fenced + "\n"


def llms_txt(site: Site, address_of_text: Callable[[str], str]) -> str:
    """Return the list of all pages.

    Args:
        site: the site.
        address_of_text: a function from a source to where its Markdown lies in the site.
    """
    lines = [f"# {site.name}", "", f"> {site.description}"]
    for title, section in site.sections:
        lines += ["", f"## {title}", ""]
        for page in section:
            address = urljoin(site.url, address_of_text(page.source))
            lines.append(f"- [{page.title}]({address}): {page.description}")
    return "\n".join(lines) + "\n"
