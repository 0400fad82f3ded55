"""The cheat sheet on paper: one page, with every output and no program."""

import base64
import re

import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes
from support.places import DOCS, SNIPPETS

PAGE = "reference/cheat-sheet/"
SHEET = DOCS / "reference/cheat-sheet.md"


def sheets(browser):
    """Return how many sheets of paper a page takes."""
    options = {"preferCSSPageSize": True}
    pdf = browser.execute_cdp_cmd("Page.printToPDF", options)["data"]
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(pdf)))


def test_the_sheet_is_one_page_with_every_output(browser, address):
    browser.get(address + PAGE)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        seen = browser.execute_script(
            "return [...document.querySelectorAll('.highlight')]"
            ".filter((block) => block.checkVisibility())"
            ".map((block) => block.innerText.trim().replace(/\\s+/g, ' '))"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    examples = [read_example(SNIPPETS / piece.example) for piece in includes(SHEET)]
    assert seen == [" ".join(example.output.text.split()) for example in examples]
    assert sheets(browser) == 1


@pytest.mark.slow
def test_without_its_style_it_takes_more(browser, address):
    browser.get(address + PAGE)
    browser.execute_script(
        "document.querySelectorAll('link[href*=cheat-sheet]').forEach((l) => l.remove())"
    )
    assert sheets(browser) > 1
