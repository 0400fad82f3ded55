"""The machines, gone through by their readers."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from mapped_axis.machines import table
from support.browser import find, logs_of, wait


def opened(browser, address, name):
    """Open the page of a scene and return its machine."""
    browser.get(f"{address}{table.SCENES[name]}/")
    root = wait(browser, lambda b: find(b, f".device-machine.alive[data-scene={name}]"))
    return find(root, "[role=group]")


def shown(root):
    """Return the rows of values on the tiles, and what is said."""
    return root.parent.execute_script(
        """
        const [root] = arguments;
        return [
          [...root.querySelectorAll(".machine-block")].map((block) =>
            [...block.querySelectorAll("span")].map((cell) => cell.textContent)),
          root.querySelector("[role=status]").textContent,
        ];
        """,
        root,
    )


def expected(step):
    return [
        [[value for row in tile for value in row] for tile in step["tiles"]],
        step["says"].replace("`", ""),
    ]


@pytest.mark.parametrize("name", table.SCENES)
@pytest.mark.slow
def test_each_step_of_each_choice_is_shown(browser, address, name):
    """Forwards, by the button."""
    root, scene = opened(browser, address, name), table.read(name)
    next_ = root.find_elements(By.CSS_SELECTOR, ".machine-steps button")[1]
    selects = [Select(tag) for tag in root.find_elements(By.TAG_NAME, "select")]
    sizes = [len(field["options"]) for field in scene["fields"]]
    for number, show in enumerate(scene["shows"]):
        rest = number
        for select, size in reversed([*zip(selects, sizes, strict=True)]):
            select.select_by_index(rest % size)
            rest //= size
        for step in show:
            assert shown(root) == expected(step)
            browser.execute_script("arguments[0].click()", next_)
        assert shown(root) == expected(show[-1])  # the end is the end


def test_one_goes_by_keys_and_by_the_slider(browser, address):
    root = opened(browser, address, "collectives")
    steps = table.read("collectives")["shows"][0]
    back, next_ = root.find_elements(By.CSS_SELECTOR, ".machine-steps button")
    assert back.get_attribute("aria-disabled") == "true"
    next_.send_keys(Keys.ARROW_RIGHT)
    next_.send_keys(Keys.ARROW_RIGHT)
    assert shown(root) == expected(steps[2])
    next_.send_keys(Keys.ARROW_LEFT)
    assert shown(root) == expected(steps[1])
    slider = find(root, "input[type=range]")
    slider.send_keys(Keys.END)
    assert shown(root) == expected(steps[-1])
    assert next_.get_attribute("aria-disabled") == "true"
    slider.send_keys(Keys.HOME)
    assert shown(root) == expected(steps[0])


@pytest.mark.slow
def test_a_finger_swipes_through_it(browser, address):
    root = opened(browser, address, "collectives")
    steps = table.read("collectives")["shows"][0]
    swipe = """
    const [root, by] = arguments;
    const tiles = root.querySelector(".machine-tiles");
    const touch = (x) => new Touch({ identifier: 1, target: tiles, clientX: x, clientY: 9 });
    const send = (type, x) => tiles.dispatchEvent(new TouchEvent(type,
      { touches: type === "touchstart" ? [touch(x)] : [], changedTouches: [touch(x)] }));
    send("touchstart", 200);
    send("touchend", 200 + by);
    """
    browser.execute_script(swipe, root, -80)
    assert shown(root) == expected(steps[1])
    browser.execute_script(swipe, root, 80)
    assert shown(root) == expected(steps[0])
    browser.execute_script(swipe, root, 20)  # a tap that slips
    assert shown(root) == expected(steps[0])


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("", True)])
@pytest.mark.slow
def test_values_fly_only_for_those_who_do_not_mind(browser, address, wish, moves):
    features = [{"name": "prefers-reduced-motion", "value": wish}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        root = opened(browser, address, "collectives")
        find(root, ".machine-steps button:last-of-type").click()
        flying = browser.execute_script("return document.getAnimations().length")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert bool(flying) == moves


@pytest.mark.slow
def test_without_its_script_all_steps_are_there(browser, address):
    """One that does not load, where scripts run: the text comes after a while."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*machine.js"]})
    browser.get(f"{address}devices/gradient-trap/")
    still = find(browser, ".device-machine .machine-still")
    wait(browser, lambda _: still.is_displayed() and still.size["height"] > 200)
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    logs_of(browser)  # of the script that was refused


def test_on_paper_all_steps_are_there(browser, address):
    """And without script, which the browser of the tests does not tell its styles."""
    root = opened(browser, address, "trap")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not root.is_displayed()
        still = find(browser, ".device-machine .machine-still")
        assert still.is_displayed()
        assert "1. " in find(still, "pre").text
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.slow
def test_on_a_phone_nothing_is_cut(browser, address, screen):
    screen(width=390)
    for name in table.SCENES:
        root = opened(browser, address, name)
        over = browser.execute_script(
            "return arguments[0].scrollWidth - arguments[0].clientWidth", root
        )
        assert over <= 0, name
