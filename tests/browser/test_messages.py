"""The box of the page of error messages, and its rows on a phone."""

import pytest
from selenium.webdriver.common.by import By

from support.browser import find, wait

PAGE = "reference/errors/"
TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 9, in <module>
    jax.vmap(step)(params, batch)
ValueError: vmap got inconsistent sizes for array axes to be mapped:
  * one axis had size 3: axis 0 of argument x of type float32[3];
  * one axis had size 2: axis 0 of argument y of type float32[2]
"""


@pytest.fixture
def box(browser, address):
    browser.get(address + PAGE)
    wait(browser, lambda b: find(b, ".message-filter.alive"))
    return find(browser, ".message-box textarea")


def shown(browser):
    """Return the first cells of the rows that are shown."""
    return browser.execute_script(
        """
        return [...document.querySelectorAll("table.messages tbody tr")]
          .filter((row) => row.checkVisibility())
          .map((row) => row.cells[0].textContent.replace("¶", ""));
        """
    )


def paste(browser, box, text):
    browser.execute_script("arguments[0].focus()", box)
    browser.execute_cdp_cmd("Input.insertText", {"text": text})


def test_a_pasted_traceback_leaves_the_rows_that_it_quotes(browser, box):
    total = len(shown(browser))
    paste(browser, box, TRACEBACK)
    assert shown(browser) == ["vmap got inconsistent sizes for array axes to be mapped"]
    assert find(browser, ".message-box [role=status]").text == f"1 of {total} rows"
    find(browser, ".message-box button").click()
    assert len(shown(browser)) == total > 60
    assert browser.switch_to.active_element == box


@pytest.mark.slow
def test_words_leave_the_rows_that_have_them(browser, box):
    paste(browser, box, "memory cond")
    rows = shown(browser)
    assert rows
    assert all("cond" in row for row in rows)
    paste(browser, box, " nothing-of-the-kind")
    assert shown(browser) == []
    assert "try fewer words" in find(browser, ".message-box [role=status]").text


def test_without_script_the_whole_list_is_there(browser, address):
    off = "Emulation.setScriptExecutionDisabled"
    browser.execute_cdp_cmd(off, {"value": True})
    browser.get(address + PAGE)
    browser.execute_cdp_cmd(off, {"value": False})
    assert len(shown(browser)) > 60
    assert not browser.find_elements(By.CSS_SELECTOR, ".message-box")


@pytest.mark.slow
def test_on_a_phone_a_row_is_a_card_and_no_word_is_cut(browser, box, screen):
    screen(width=390)
    widths, over, rows, height = browser.execute_script(
        """
        const cells = [...document.querySelectorAll("table.messages td")];
        return [cells.map((cell) => cell.clientWidth),
                cells.filter((cell) => cell.scrollWidth > cell.clientWidth)
                  .map((cell) => cell.textContent),
                document.querySelectorAll("table.messages tbody tr").length,
                document.documentElement.scrollHeight];
        """
    )
    assert min(widths) > 330
    assert over == []
    assert height < 250 * rows
