"""The button for the colours: as the system has them, light, dark."""

import pytest

from support.browser import DARK, LIGHT, find, logs_of, no_storage, wait

BUTTON = ".palette button:not([hidden])"
NEXT = {LIGHT: "Switch to light mode", DARK: "Switch to dark mode"}
TO_SYSTEM = "Switch to system preference"
SEEN = """
const meta = (name) => document.querySelector(`meta[name=${name}]`).content;
return {
  scheme: document.body.dataset.mdColorScheme === "slate" ? "dark" : "light",
  colours: [document.body.dataset.mdColorPrimary, document.body.dataset.mdColorAccent],
  drawn: meta("color-scheme"),
  bar: meta("theme-color"),
  header: getComputedStyle(document.querySelector(".md-header")).backgroundColor,
  next: document.querySelector(".palette button:not([hidden])").title,
};
"""


@pytest.fixture
def page(browser, screen):
    """Return a function that opens a page for a reader whose system has a scheme."""

    def opened(address, scheme):
        screen(scheme=scheme)
        browser.get(address)
        return browser

    yield opened
    browser.execute_script("localStorage.clear()")


def is_shown(browser, scheme, following):
    """Say whether all that has colours is in a scheme, and which button comes next."""
    seen = browser.execute_script(SEEN)
    return (
        seen["scheme"] == seen["drawn"] == scheme
        and seen["bar"] == seen["header"]
        and seen["colours"] == ["custom", "custom"]  # the site's own, not the theme's
        and seen["next"] == following
    )


@pytest.mark.parametrize("system", [LIGHT, DARK])
def test_it_goes_through_the_three_and_the_reader_stays_on_it(page, address, system):
    browser = page(address, system)
    wait(browser, lambda b: is_shown(b, system, NEXT[LIGHT]))
    for scheme, following in ((LIGHT, NEXT[DARK]), (DARK, TO_SYSTEM)):
        find(browser, BUTTON).click()
        wait(browser, lambda b, s=scheme, f=following: is_shown(b, s, f))
        assert browser.switch_to.active_element == find(browser, BUTTON)
    browser.get(address + "learn/axes/")
    wait(browser, lambda b: is_shown(b, DARK, TO_SYSTEM))
    find(browser, BUTTON).click()
    wait(browser, lambda b: is_shown(b, system, NEXT[LIGHT]))


def test_it_follows_a_system_that_changes(page, address, screen):
    browser = page(address, LIGHT)
    screen(scheme=DARK)
    wait(browser, lambda b: is_shown(b, DARK, NEXT[LIGHT]))
    find(browser, BUTTON).click()
    screen(scheme=LIGHT)
    screen(scheme=DARK)
    wait(browser, lambda b: is_shown(b, LIGHT, NEXT[DARK]))


def test_the_colours_need_no_bundle_of_the_theme(page, address, browser):
    """It would come after the first paint."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*bundle*"]})
    page(address, DARK)
    wait(browser, lambda b: is_shown(b, DARK, NEXT[LIGHT]))
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    logs_of(browser)  # of the script that was refused


def test_it_works_where_nothing_can_be_stored(page, address, browser):
    with no_storage(browser):
        page(address, DARK)
        wait(browser, lambda b: is_shown(b, DARK, NEXT[LIGHT]))
        find(browser, BUTTON).click()
        wait(browser, lambda b: is_shown(b, LIGHT, NEXT[DARK]))
    errors, _ = logs_of(browser)
    assert all("refused" in error for error in errors)
    browser.get(address)  # with storage, for who clears it


@pytest.mark.parametrize("kept", ["{}", "null", '{"index": 7}', '{"index": "x"}'])
def test_what_is_stored_and_makes_no_sense_is_the_system(page, address, kept):
    browser = page(address, DARK)
    browser.execute_script("__md_set('__palette', JSON.parse(arguments[0]))", kept)
    browser.refresh()
    wait(browser, lambda b: is_shown(b, DARK, NEXT[LIGHT]))
