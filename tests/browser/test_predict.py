"""The question at the head of a page, as its reader answers it."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mapped_axis.examples.grammar import read_example
from support.browser import find, logs_of, no_storage, wait
from support.places import SNIPPETS

PAGE, OTHER = "learn/first-vmap/", "learn/axes/"
KEY = "predict-first"


def alive(browser):
    return wait(browser, lambda b: find(b, f".{KEY}.alive"))


@pytest.fixture
def question(browser, address):
    """Return the question of a page, whose reader was never there."""
    browser.get(address + PAGE)
    browser.execute_script("localStorage.clear()")
    browser.refresh()
    yield alive(browser)
    browser.execute_script("localStorage.clear()")


def button(root):
    """Return the one button that is shown beside the question."""
    found = root.find_elements(By.CSS_SELECTOR, ":scope > button")
    (one,) = [button for button in found if button.is_displayed()]
    return one


def status(root):
    return find(root, ":scope > [role=status]").text


def is_open(root):
    return find(root, "details").get_property("open")


def kept(browser):
    return json.loads(browser.execute_script(f"return localStorage['{KEY}'] ?? 'null'"))


def others(root):
    """Return the answers that the fold still says are not so."""
    items = root.find_elements(By.CSS_SELECTOR, "details ul > li")
    return [item.text for item in items if item.is_displayed()]


def test_a_wrong_answer_gets_its_reason_and_then_the_output(browser, question):
    assert not is_open(question)
    button(question).click()
    assert status(question) == "Choose one first."
    assert not is_open(question)
    find(question, "li:not([data-right]) label").click()  # its words, by mouse
    assert status(question) == ""
    assert not is_open(question)  # to choose is not yet to answer
    button(question).click()
    assert status(question).startswith("No. That is the loop. A loop calls share once")
    assert is_open(question)
    output = read_example(SNIPPETS / f"{PAGE}predict.md").output.text
    assert find(question, "details .language-text code").text == output.strip()
    left = others(question)
    assert len(left) == 2
    assert all(text.startswith("Not ") for text in left)
    assert find(question, "li.right").get_attribute("data-right") is not None
    assert "[(3,), (3,)]" in find(question, "li.wrong").text
    assert not find(question, "input").is_enabled()  # one answer


@pytest.mark.slow
def test_the_right_answer_is_right_and_all_reasons_stay(question):
    find(question, "[data-right] input").click()
    button(question).click()
    assert status(question) == "Right."
    assert is_open(question)
    assert len(others(question)) == 3
    assert not question.find_elements(By.CSS_SELECTOR, "li.wrong")


@pytest.mark.slow
def test_it_can_be_answered_and_cleared_by_keyboard(browser, question):
    # Not from the top: pages have many stops. The program's copy button comes before.
    browser.execute_script(
        "arguments[0].querySelector('.highlight button').focus()", question
    )

    def press(*keys):
        for key in keys:
            browser.switch_to.active_element.send_keys(key)

    press(Keys.TAB, Keys.SPACE)
    assert find(question, "input").is_selected()
    press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert find(question, "[data-right] input").is_selected()
    press(Keys.TAB)
    assert browser.switch_to.active_element.text == "Check"
    press(Keys.ENTER)
    assert status(question) == "Right."
    # The focus is where it was, on what is there now.
    assert browser.switch_to.active_element.text == "Answer again"
    press(Keys.ENTER)
    assert browser.switch_to.active_element.text == "Check"
    assert not is_open(question)
    assert find(question, "input").is_enabled()


@pytest.mark.slow
def test_an_answer_is_remembered_by_page_until_it_is_cleared(
    browser, address, question
):
    find(question, "li:not([data-right]) input").click()
    button(question).click()
    assert kept(browser) == {PAGE.strip("/"): "[(3,), (3,)]"}
    browser.get(address + OTHER)
    other = alive(browser)
    assert not is_open(other)
    find(other, "[data-right] input").click()
    button(other).click()
    assert len(kept(browser)) == 2
    browser.get(address + PAGE)
    question = alive(browser)
    assert find(question, "input").is_selected()
    assert status(question).startswith("No. That is the loop.")
    assert is_open(question)
    button(question).click()
    assert status(question) == ""
    assert not is_open(question)
    assert not question.find_elements(By.CSS_SELECTOR, "input:checked, li.wrong")
    assert list(kept(browser)) == [OTHER.strip("/")]
    browser.refresh()
    assert not is_open(alive(browser))
    browser.get(address + OTHER)
    button(alive(browser)).click()
    assert kept(browser) is None  # nothing of it stays


@pytest.mark.slow
def test_what_is_no_answer_is_as_if_nobody_had_been_there(browser, question):
    for left in ("[", "3", '"x"', '{"learn/first-vmap": "[(9,)]"}', "null"):
        browser.execute_script(f"localStorage['{KEY}'] = arguments[0]", left)
        browser.refresh()
        question = alive(browser)
        assert not is_open(question), left
    find(question, "[data-right] input").click()
    button(question).click()
    assert kept(browser) == {PAGE.strip("/"): "[(3,)]"}


@pytest.mark.slow
def test_where_nothing_may_be_kept_it_works_all_the_same(browser, address):
    with no_storage(browser):
        browser.get(address + PAGE)
        question = alive(browser)
        find(question, "[data-right] input").click()
        button(question).click()
        assert status(question) == "Right."
        button(question).click()
        assert not is_open(question)
    # The theme's own scripts fail there, and say so; the page's say nothing.
    errors, _ = logs_of(browser)
    assert all("refused" in error for error in errors)
    assert not any("predict.js" in error for error in errors)


def without_script(browser, address):
    off = "Emulation.setScriptExecutionDisabled"
    browser.execute_cdp_cmd(off, {"value": True})
    browser.get(address + PAGE)
    browser.execute_cdp_cmd(off, {"value": False})
    return find(browser, f".{KEY}")


def test_without_script_question_answers_and_a_folded_answer_are_there(
    browser, address
):
    question = without_script(browser, address)
    assert find(question, "legend").text.endswith("What does this print?")
    assert len(question.find_elements(By.CSS_SELECTOR, "fieldset li")) == 4
    assert not question.find_elements(By.CSS_SELECTOR, "input, :scope > button")
    output = find(question, "details .language-text")
    assert not output.is_displayed()
    find(question, "summary").click()
    assert output.is_displayed()
    assert len(others(question)) == 3


@pytest.mark.slow
def test_on_paper_the_answer_is_unfolded(browser, address):
    question = without_script(browser, address)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not is_open(question)
        # The driver takes for hidden what a closed fold holds, whatever a style says.
        seen = browser.execute_script(
            """
            return [...arguments[0].querySelectorAll("details code, details li")]
              .map((tag) => tag.checkVisibility({ contentVisibilityAuto: true })
                && tag.getBoundingClientRect().height > 0);
            """,
            question,
        )
        assert len(seen) > 4
        assert all(seen)
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.slow
def test_it_is_alive_after_instant_navigation(browser, address, question):
    browser.execute_script("window.stayed = true")
    browser.execute_script(
        "[...document.links].find((a) => a.href === arguments[0]).click()",
        address + OTHER,
    )
    wait(browser, lambda b: b.current_url == address + OTHER)
    other = wait(
        browser, lambda b: find(b, f".{KEY}.alive[data-question='learn/axes']")
    )
    find(other, "[data-right] input").click()
    button(other).click()
    assert status(other) == "Right."
    assert browser.execute_script("return window.stayed")


@pytest.mark.slow
def test_at_320_pixels_nothing_but_the_program_is_wider(browser, question):
    metrics = {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        find(question, "input").click()
        button(question).click()
        wide = "return document.documentElement.scrollWidth"
        assert browser.execute_script(wide) <= 320
        assert button(question).size["height"] >= 44
        labels = question.find_elements(By.CSS_SELECTOR, "label")
        assert min(label.size["height"] for label in labels) >= 24
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_only_a_page_that_asks_loads_the_script(browser, address):
    loads = "return [...document.scripts].some((s) => s.src.endsWith('/predict.js'))"
    for path, asks in ((PAGE, True), ("reference/quiz/", False)):
        browser.get(address + path)
        assert browser.execute_script(loads) == asks
