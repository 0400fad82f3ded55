"""The blocks of the pages: how they are found in HTML, and what ran."""

import nbformat

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Include, includes
from mapped_axis.project import HERE
from support.places import NOTEBOOKS, SNIPPETS, address_of

# Whatever a browser shows as code that one would copy: not a word in a sentence.
CODE = "pre, samp, textarea, .highlight, code:not(p code, li code, td code, th code, legend code)"

# All that these elements hold is compared to JAX, or to what ran, by tests of their own.
PROVEN_ELSEWHERE = [
    *("axis-explorer", "axis-quiz", "operations-table", "device-machine", "loop-map"),
    *("message-filter", "phrase-pairs"),
]


def notebook_blocks(path):
    """Return the cells and text outputs of a notebook: their texts, and their places."""
    name, blocks = path.relative_to(HERE.root).as_posix(), []
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        if cell.cell_type == "code":
            texts = [cell.source]
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain")
                if text and "image/svg+xml" not in output.get("data", {}):
                    texts.append(text)
            blocks += [(text.rstrip("\n"), f"{name}, cell {number}") for text in texts]
    return blocks


def example_blocks(page, read=None):
    """Return the blocks that a page includes, in order: their texts, and their places.

    Args:
        page: the page.
        read: its pieces, if they come in another order than in the page.
    """
    blocks = []
    shown = [p for p in read if isinstance(p, Include)] if read else includes(page)
    for include in shown:
        example = read_example(SNIPPETS / include.example)
        blocks += [
            (block.text.rstrip("\n"), f"snippets/{include.example}:{block.line}")
            for block in example.part(include.section)
        ]
    return blocks


def ran():
    """Return, by address, the blocks that ran and stand on that page.

    A block is its text, and its place: a file, and a line or a cell.
    """
    blocks = {address_of(page): example_blocks(page) for page in HERE.pages}
    return blocks | {address_of(path): notebook_blocks(path) for path in NOTEBOOKS}
