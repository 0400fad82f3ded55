"""The loop beside its map, moved by its reader."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.browser import find, wait


def reduce_motion(browser, value):
    """Say that the reader wants less motion, or none in particular."""
    features = [{"name": "prefers-reduced-motion", "value": value}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@pytest.fixture
def still(browser, address):
    """Open the home page for a reader who wants no motion."""
    reduce_motion(browser, "reduce")
    browser.get(address)
    yield wait(browser, lambda b: find(b, ".loop-map.alive"))
    reduce_motion(browser, "")


def counts(root):
    return [tag.text for tag in root.find_elements(By.CSS_SELECTOR, "figcaption b")]


def lit(root, kind):
    """Return the numbers of the lanes that are lit, and whether the lanes are joined."""
    return root.parent.execute_script(
        """
        const stage = arguments[0].querySelector(arguments[1]);
        const lanes = [...stage.querySelectorAll("li")];
        return [lanes.flatMap((lane, i) => lane.matches(".lit") ? [i] : []),
                !stage.matches(".apart")];
        """,
        root,
        f".lam-stage.{kind}",
    )


@pytest.mark.slow
def test_the_slider_takes_the_counts_through_the_table(still):
    rows = still.parent.execute_script(
        "return [...arguments[0].querySelectorAll('tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))",
        still,
    )
    slider = find(still, "input")
    for size, *expected in rows:
        assert find(still, "output").text == size
        assert counts(still) == expected
        assert slider.get_attribute("aria-valuetext").startswith(f"{size} places: ")
        slider.send_keys(Keys.ARROW_RIGHT)
    assert counts(still) == ["4,000", "5"]
    slider.send_keys(Keys.HOME)
    assert counts(still) == ["12", "5"]


@pytest.mark.slow
def test_nothing_moves_for_a_reader_who_wants_no_motion(still):
    assert lit(still, "loop") == lit(still, "map") == [[], True]


def test_the_loop_takes_three_turns_and_the_map_one(browser, still):
    find(still, "button").click()
    wait(browser, lambda b: lit(still, "map") == [[], False])
    wait(browser, lambda b: lit(still, "map") == [[0, 1, 2], True])
    assert lit(still, "loop") == [[0], True]
    for turn in (1, 2):
        wait(browser, lambda b, t=turn: lit(still, "loop") == [[t], True])
    wait(browser, lambda b: lit(still, "loop") == [[], True])


def test_without_script_both_forms_and_all_counts_are_there(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(address)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    root = find(browser, ".loop-map")
    assert counts(root) == ["12", "5"]
    assert find(root, ".lam-counts").is_displayed()
    assert "1,000 4,000 5" in find(root, ".lam-counts").text
