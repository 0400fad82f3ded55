"""What stands on a page is what ran."""

import examples
import nbformat
from places import DOCS, NOTEBOOKS, SNIPPETS, address_of

# --- what is published is what ran ----------------------------------------------------


def notebook_blocks(path):
    """Return the texts of the cells and text outputs of a notebook, in order."""
    blocks = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            blocks.append(cell.source)
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain")
                if text and "image/svg+xml" not in output.get("data", {}):
                    blocks.append(text)
    return blocks


def example_blocks(page):
    """Return the texts of the blocks of the examples that a page includes, in order."""
    blocks = []
    for include in examples.read_page(page)[0]:
        example = examples.read_example(SNIPPETS / include.example)
        blocks += [b.text for b in example.blocks if b.section == include.section]
    return blocks


def test_every_block_on_a_page_is_one_that_ran(pages):
    shown = {
        address: [pre.get_text().rstrip("\n") for pre in page.find_all("pre")]
        for address, page in pages.items()
    }
    ran = dict.fromkeys(pages, ())
    for source in examples.pages(DOCS):
        ran[address_of(source)] = example_blocks(source)
    for source in NOTEBOOKS:
        ran[address_of(source)] = notebook_blocks(source)
    ran = {a: [block.rstrip("\n") for block in blocks] for a, blocks in ran.items()}
    assert shown == ran
