"""The filter of the phrasebook, alive; without its script every pair is there."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mapped_axis.phrasebook.pairs import pairs_of, read_groups
from support.browser import find, wait

PAGE = "reference/phrasebook/"
PAIRS = pairs_of(read_groups())
SHOWN = """
return [...document.querySelectorAll(arguments[0])]
  .filter((element) => element.checkVisibility()).map((element) => element.id);
"""


@pytest.fixture
def form(browser, address):
    browser.get(address + PAGE)
    return wait(browser, lambda b: find(b, ".phrase-filter"))


def shown(browser, selector=".phrase h3"):
    return browser.execute_script(SHOWN, selector)


def test_words_leave_the_pairs_that_have_them(browser, form):
    assert len(shown(browser)) == len(PAIRS)
    find(form, "[type=search]").send_keys("DistributedSampler")
    wait(browser, lambda b: shown(b) == ["distributed-sampler"])
    assert find(form, "[role=status]").text == f"1 of {len(PAIRS)} pairs"
    # A group without a pair takes its heading along; what is no group stays.
    titles = shown(browser, "article h2")
    assert titles == ["ddp-fsdp-and-collectives", "which-sides-ran-and-when", "next"]
    find(form, "[type=search]").send_keys(Keys.CONTROL, "a")
    find(form, "[type=search]").send_keys("torch.vmap dims DICT")
    wait(browser, lambda b: shown(b) == ["torch-vmap-dict"])
    find(form, "[type=search]").send_keys(Keys.CONTROL, "a")
    find(form, "[type=search]").send_keys(Keys.DELETE)
    wait(browser, lambda b: len(shown(b)) == len(PAIRS))


def test_without_script_all_pairs_are_there(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(address + PAGE)
        titles = browser.find_elements(By.CSS_SELECTOR, ".phrase h3")
        assert len(titles) == len(PAIRS)
        assert titles[-1].is_displayed()
        assert not browser.find_elements(By.CSS_SELECTOR, ".phrase-filter")
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


@pytest.mark.slow
def test_nothing_scrolls_sideways_on_a_phone(browser, form, screen):
    screen(width=390)
    wide, cards = browser.execute_script(
        """
        const cards = [...document.querySelectorAll(".phrase, .phrase *")];
        return [
          cards.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
            .map((e) => e.className || e.tagName),
          document.documentElement.scrollWidth > innerWidth,
        ];
        """
    )
    assert not cards
    assert wide == []


@pytest.mark.parametrize(
    ("words", "anchor"),
    [
        ("grad_and_value", "torch-grad-and-value"),
        ("apply_along_axis", "np-apply-along-axis"),
        ("host_callback", "host-callback-call"),
        ("DataParallel", "data-parallel"),
    ],
)
@pytest.mark.slow
def test_the_search_of_the_site_leads_to_a_pair(browser, address, words, anchor):
    browser.get(address)
    find(browser, "body").send_keys("/")
    find(browser, ".md-search__input").send_keys(words)
    # Read at once: what was found is drawn anew while one reads.
    links = (
        "return [...document.querySelectorAll('.md-search-result__link')]"
        ".map((link) => link.href)"
    )

    def found(browser):
        return any(
            re.search(rf"/reference/phrasebook/.*#{anchor}$", link)
            for link in browser.execute_script(links)
        )

    wait(browser, found)
