"""The page of error messages quotes what the examples that it links to print."""

import re
from urllib.parse import urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup

from support.places import DOCS, address_of

ERRORS = address_of(DOCS / "reference/errors.md")
SYMPTOMS = "wrong-without-an-error"  # the section with nothing to quote


def outputs_below(heading):
    """Return the output blocks between a heading and the next, each as one line."""
    outputs = []
    for tag in heading.find_next_siblings() if heading else []:
        if tag.name in ("h1", "h2"):
            break
        blocks = tag.select(".language-text pre")
        outputs += [" ".join(block.get_text().split()) for block in blocks]
    return outputs


def prints(message, output):
    """Return whether an output has the parts of a message between its ellipses."""
    parts = [" ".join(part.split()) for part in message.split("…")]
    name = re.fullmatch(r"\w+(Error|Warning|Exception)|SIG[A-Z]+", message)
    if len(message.split()) < 3 and not name:
        return False  # one word stands in many messages
    return all(parts) and bool(re.search(".*".join(map(re.escape, parts)), output))


def unshown_messages(page, pages):
    """Return the messages that no example prints in a section that their row links to.

    Args:
        page: the page of messages, parsed.
        pages: all pages of the site by address.
    """
    rows = [
        row
        for row in page.select("table tr:has(td)")
        if row.find_previous("h2")["id"] != SYMPTOMS
    ]
    assert rows
    unshown = []
    for row in rows:
        message = (row.td.code or row.td).get_text()
        outputs = []
        for link in row.find_all("a"):
            address, section = urldefrag(urljoin(ERRORS, link["href"]))
            if address in pages:  # the documentation of JAX shows no output of ours
                outputs += outputs_below(pages[address].find(id=section))
        if not any(prints(message, output) for output in outputs):
            unshown.append(message)
    return unshown


def test_every_message_is_one_that_an_example_prints(pages):
    assert unshown_messages(pages[ERRORS], pages) == []


SIZES = "sizes-must-agree-and-the-message-says-which-do-not"


def unshown_in_a_row(message, pages, section=SIZES):
    """Return the same for a page with one row, which links to a section."""
    link = f"../../learn/arguments/#{section}"
    row = f"<td>{message}</td><td>x</td><td><a href='{link}'>y</a></td>"
    html = f"<h2 id='a'>A</h2><table><tr>{row}</tr></table>"
    return unshown_messages(BeautifulSoup(html, "html.parser"), pages)


@pytest.mark.parametrize(
    "message",
    [
        "vmap got unequal sizes",  # invented
        "vmap got inconsistent sizes … at axis 0",  # invented in part
        "order['price'] … order['count']",  # in another order
        "was not marked as static",  # of another section
        "import jax",  # of the program
        "vmap",  # one word, which many messages have
        "…",
        "",
    ],
)
def test_a_message_that_no_example_prints_is_found(message, pages):
    assert unshown_in_a_row(message, pages) == [message]


def test_a_section_that_is_not_there_shows_nothing(pages):
    message = "vmap got inconsistent sizes … one axis had size"
    assert unshown_in_a_row(message, pages) == []
    assert unshown_in_a_row(message, pages, section="nowhere") == [message]
