"""A solution is folded until a reader asks for it, by whatever means."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.browser import find, wait

PAGE = "learn/axes/"
FOLD = "details.exercise-solution"


def shown(browser):
    """Return of each solution of the page whether its program can be seen."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((fold) =>"
        " fold.querySelector('.highlight').checkVisibility("
        "{contentVisibilityAuto: true, visibilityProperty: true}))",
        FOLD,
    )


@pytest.fixture
def page(browser, address):
    """Open a page with three exercises."""
    browser.get(f"{address}{PAGE}")
    return browser


@pytest.mark.slow
def test_a_solution_opens_and_closes_by_keyboard(page):
    assert shown(page) == [False, False, False]
    summary = page.find_elements(By.CSS_SELECTOR, f"{FOLD} > summary")[1]
    page.execute_script("arguments[0].focus()", summary)
    for key, now in ((Keys.ENTER, True), (Keys.ENTER, False), (Keys.SPACE, True)):
        page.switch_to.active_element.send_keys(key)
        wait(page, lambda b, now=now: shown(b) == [False, now, False])


def test_it_opens_without_script(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{address}{PAGE}")
        assert not find(browser, f"{FOLD} .highlight").is_displayed()
        find(browser, f"{FOLD} > summary").send_keys(Keys.ENTER)
        wait(browser, lambda b: find(b, f"{FOLD} .highlight").is_displayed())
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.slow
def test_paper_has_the_solutions(browser, address, scripts):
    off = {"value": not scripts}
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", off)
    try:
        browser.get(f"{address}{PAGE}")
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        blocks = browser.find_elements(By.CSS_SELECTOR, f"{FOLD} .highlight")
        assert blocks
        wait(browser, lambda _: all(b.rect["height"] > 20 for b in blocks))
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.slow
def test_an_open_solution_does_not_widen_the_page(page, width, screen):
    screen(width=width)
    page.execute_script(
        "document.querySelectorAll(arguments[0]).forEach((f) => { f.open = true })",
        FOLD,
    )
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_list_leads_to_the_exercise(browser, address):
    browser.get(f"{address}reference/exercises/#axes")
    place = browser.find_element(By.ID, "axes")
    link = place.find_element(By.XPATH, "following-sibling::a")
    assert link.text == "Keep the time last"
    link.click()
    wait(browser, lambda b: b.current_url == f"{address}{PAGE}#exercise-time-last")
    assert find(browser, "#exercise-time-last").text.startswith("Keep the time last")
