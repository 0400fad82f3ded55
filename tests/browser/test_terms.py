"""A term says its sentence to a pointer, to the keyboard and to a finger."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.browser import find, wait

PAGE = "learn/axes/"


@pytest.fixture
def term(browser, address):
    browser.get(address + PAGE)
    found = find(browser, "a.term")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    wait(
        browser, lambda b: b.execute_script("return document.readyState") == "complete"
    )
    return found


def tips(browser):
    return [t.text for t in browser.find_elements(By.CSS_SELECTOR, ".term-tip")]


@pytest.mark.slow
def test_a_pointer_shows_and_leaves(browser, term):
    says = term.get_attribute("data-says")

    def pointed(browser):
        # Where the page is still laid out, the term has moved from under the pointer.
        ActionChains(browser).move_to_element(term).perform()
        return tips(browser) == [says]

    wait(browser, pointed)
    assert term.get_attribute("aria-describedby") == find(
        browser, ".term-tip"
    ).get_attribute("id")
    ActionChains(browser).move_by_offset(0, 200).perform()
    assert tips(browser) == []
    assert not term.get_attribute("aria-describedby")


def test_the_keyboard_shows_and_hides(browser, term):
    browser.execute_script("arguments[0].focus()", term)
    assert tips(browser) == [term.get_attribute("data-says")]
    term.send_keys(Keys.ESCAPE)
    assert tips(browser) == []
    browser.execute_script("arguments[0].blur(); arguments[0].focus()", term)
    assert tips(browser) != []
    browser.execute_script("arguments[0].blur()", term)
    assert tips(browser) == []
    term.send_keys(Keys.ENTER)
    wait(browser, lambda b: "/reference/glossary/#" in b.current_url)


def tap(browser, element):
    finger = ActionBuilder(browser, mouse=PointerInput("touch", "finger"))
    finger.pointer_action.move_to(element).pointer_down().pointer_up()
    finger.perform()


@pytest.mark.slow
def test_the_first_tap_says_and_the_second_follows(browser, term):
    tap(browser, term)
    assert tips(browser) == [term.get_attribute("data-says")]
    assert PAGE in browser.current_url
    tap(browser, term)
    wait(browser, lambda b: "/reference/glossary/#" in b.current_url)


@pytest.mark.slow
def test_the_sentence_stays_inside_a_phone(browser, address, screen):
    screen(width=320, height=700)
    browser.get(address + PAGE)
    for term in browser.find_elements(By.CSS_SELECTOR, "a.term"):
        browser.execute_script("arguments[0].focus()", term)
        left, right = browser.execute_script(
            "const r = document.querySelector('.term-tip').getBoundingClientRect();"
            "return [r.left, r.right]"
        )
        assert left >= 0
        assert right <= 320
