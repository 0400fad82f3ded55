"""The filter of the table of operations, alive; without its script the table is whole."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mapped_axis.operations import table
from mapped_axis.operations.catalogue import GROUPS, OPERATIONS
from support.browser import find, wait

PAGE = "reference/operations/"
SHOWN = """
return [...document.querySelectorAll(arguments[0])]
  .filter((element) => element.checkVisibility()).map((element) => element.id);
"""


@pytest.fixture
def form(browser, address):
    browser.get(address + PAGE)
    return wait(browser, lambda b: find(b, ".operations-filter"))


@pytest.fixture(scope="module")
def kinds():
    """Return what kinds a row is of, by the name of the operation."""
    answers = table.read()["answers"]
    return {name: table.kinds(both) for name, both in answers.items()}


def shown(browser, selector=".operations tbody"):
    return browser.execute_script(SHOWN, selector)


def box(form, kind):
    return find(form, f"[type=checkbox][value={kind}]")


def test_a_word_leaves_the_rows_that_have_it(browser, form):
    assert len(shown(browser)) == len(OPERATIONS)
    find(form, "[type=search]").send_keys("jnp.linalg.solve")
    found = ["jnp-linalg-solve", "jnp-linalg-solve-held-matrix"]
    wait(browser, lambda b: shown(b) == found)
    assert find(form, "[role=status]").text == f"2 of {len(OPERATIONS)} operations"
    # A group without a row takes its heading along; what is no group stays.
    titles = shown(browser, "article h2")
    assert "linear-algebra" in titles
    assert {"how-to-read-a-row", "next"} <= set(titles)
    assert len(titles) == 4
    find(form, "[type=search]").send_keys(Keys.CONTROL, "a")
    find(form, "[type=search]").send_keys(Keys.DELETE)
    wait(browser, lambda b: len(shown(b)) == len(OPERATIONS))
    assert len(shown(browser, "article h2")) == len(GROUPS) + 3


@pytest.mark.parametrize("kind", table.KINDS)
@pytest.mark.slow
def test_a_box_leaves_the_rows_of_its_kind(browser, form, kinds, kind):
    box(form, kind).send_keys(Keys.SPACE)
    count = sum(kind in found for found in kinds.values())
    assert 0 < count < len(OPERATIONS)
    wait(browser, lambda b: len(shown(b)) == count)
    assert find(form, "[role=status]").text.startswith(f"{count} of ")


@pytest.mark.slow
def test_two_boxes_leave_the_rows_of_both_kinds(browser, form, kinds):
    box(form, "explicit").click()
    box(form, "communicates").click()
    both = {"explicit", "communicates"}
    count = sum(both <= set(found) for found in kinds.values())
    wait(browser, lambda b: len(shown(b)) == count)
    assert count


@pytest.mark.slow
def test_a_link_to_a_row_opens_it(browser, address):
    browser.get(f"{address}{PAGE}#jnp-fft-fft")
    wait(browser, lambda b: find(b, "#jnp-fft-fft details").get_attribute("open"))
    assert not find(
        browser, "#jsp-signal-fftconvolve-held-kernel details"
    ).get_attribute("open")


def test_without_script_all_rows_are_there(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(address + PAGE)
        assert len(browser.find_elements(By.CSS_SELECTOR, ".operations tbody")) == len(
            OPERATIONS
        )
        assert not browser.find_elements(By.CSS_SELECTOR, ".operations-filter")
        row = find(browser, "#jnp-linalg-solve")
        assert row.is_displayed()
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


@pytest.mark.slow
def test_a_row_is_a_card_on_a_phone(browser, form, screen):
    screen(width=390)
    lefts, labels, wide = browser.execute_script(
        """
        const cells = [...document.querySelectorAll("#jnp-fft-fft td[data-label]")];
        return [
          cells.map((cell) => cell.getBoundingClientRect().left),
          cells.map((cell) => getComputedStyle(cell, "::before").content),
          document.documentElement.scrollWidth > innerWidth,
        ];
        """
    )
    assert len(set(lefts)) == 1
    assert '"Explicit mesh"' in labels
    assert not wide


@pytest.mark.slow
def test_the_search_finds_a_row(browser, address):
    browser.get(address)
    find(browser, "body").send_keys("/")
    find(browser, ".md-search__input").send_keys("cholesky")

    # Read at once: what was found is drawn anew while one reads.
    links = (
        "return [...document.querySelectorAll('.md-search-result__link')]"
        ".map((link) => link.href)"
    )

    def found(browser):
        return any(
            re.search(r"/reference/operations/(\?|#)", link)
            for link in browser.execute_script(links)
        )

    wait(browser, found)
