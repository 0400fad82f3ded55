"""The page of error messages quotes what the examples that it links to print."""

import re
from urllib.parse import urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup

from mapped_axis.pages import versions
from mapped_axis.pages.site import address_of as path_of
from mapped_axis.versions import table
from support.places import DOCS, ORIGIN, address_of

ERRORS = address_of(DOCS / "reference/errors.md")
# The section with nothing to quote, and that whose messages no JAX here has.
SYMPTOMS, OLDER = "wrong-without-an-error", "in-older-words"
SOURCE = re.compile(
    r"https://github\.com/jax-ml/jax/blob/jax-v(\d+(?:\.\d+)+)/jax/[\w/]+\.py#L\d+"
)


def outputs_below(heading):
    """Return the output blocks between a heading and the next, each as one line."""
    outputs = []
    for tag in heading.find_next_siblings() if heading else []:
        if tag.name in ("h1", "h2"):
            break
        blocks = tag.select(".language-text pre")
        outputs += [" ".join(block.get_text().split()) for block in blocks]
    return outputs


def noted_below(places):
    """Return, by address and section, the messages that both versions' runs noted.

    Args:
        places: the address and the section of each example, by its name.
    """
    noted = {}
    for name, both in table.read()["answers"].items():
        if table.kind_of(name) == "example" and name in places:
            caught = [one for answer in both.values() for one in answer["caught"]]
            texts = [" ".join(": ".join(one).split()) for one in caught]
            noted.setdefault(places[name], []).extend(texts)
    return noted


@pytest.fixture(scope="session")
def noted():
    """Return the messages that were noted while the examples of a section ran."""
    places = {
        name: urldefrag(urljoin(ORIGIN, f"{path_of(link)}#{anchor}"))
        for name, (_, link, anchor) in versions.places().items()
    }
    return noted_below({name: tuple(place) for name, place in places.items()})


def prints(message, output):
    """Return whether an output has the parts of a message between its ellipses."""
    parts = [" ".join(part.split()) for part in message.split("…")]
    name = re.fullmatch(r"\w+(Error|Warning|Exception)|SIG[A-Z]+", message)
    if len(message.split()) < 3 and not name:
        return False  # one word stands in many messages
    return all(parts) and bool(re.search(".*".join(map(re.escape, parts)), output))


def unshown_messages(page, pages, noted=()):
    """Return the messages that no example prints in a section that their row links to.

    Args:
        page: the page of messages, parsed.
        pages: all pages of the site by address.
        noted: what `noted_below` returns: an example may print a part of its message.
    """
    noted = dict(noted)
    rows = [
        row
        for row in page.select("table tr:has(td)")
        if row.find_previous("h2")["id"] not in (SYMPTOMS, OLDER)
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
                outputs += noted.get((address, section), [])
        if not any(prints(message, output) for output in outputs):
            unshown.append(message)
    return unshown


def test_every_message_is_one_that_an_example_prints(pages, noted):
    assert unshown_messages(pages[ERRORS], pages, noted) == []


def test_a_message_of_one_version_is_one_that_was_noted(pages, noted):
    unshown = unshown_messages(pages[ERRORS], pages)
    # An example shows what both versions say; the start of this message differs.
    assert "Slice entries must be static integers" in unshown
    assert unshown_messages(pages[ERRORS], pages, noted) == []


def without_a_source(page):
    """Return the older messages whose row names no release and no line in its source."""
    rows = page.find(id=OLDER).find_next("table").select("tbody tr")
    assert len(rows) > 10
    found = []
    for row in rows:
        _, source, _, example = row("td")
        links = SOURCE.fullmatch(source.a["href"]) if source.a else None
        if not links or links[1] != source.text or not example.a:
            found.append(row.code.text)
    return found


def test_an_older_message_names_the_release_that_has_it(pages):
    page = pages[ERRORS]
    assert without_a_source(page) == []
    changed = BeautifulSoup(str(page), "html.parser")
    first, second = changed.find(id=OLDER).find_next("table").select("tbody tr")[:2]
    first("td")[1].string = "0.1.64"  # without a link
    second("td")[1].a["href"] = second("td")[1].a["href"].replace("jax-v0", "jax-v1")
    assert without_a_source(changed) == [first.code.text, second.code.text]


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
