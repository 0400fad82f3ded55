"""The axis explorer and the quiz, alive: what they show, and how they are reached."""

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from mapped_axis.explorer import ask
from mapped_axis.explorer.table import Table
from support.browser import find, logs_of, wait

PAGE = "learn/axes/"
HOME = "[data-choose=in_axes]"


def alive(browser, selector="#explorer"):
    """Go to an explorer or a question of the quiz, and return it once it is alive."""
    return near(browser, selector, f"{selector}.alive")


def near(browser, selector, wanted):
    """Go to an element, and return what is wanted once it is there."""

    def there(browser):
        go = "document.querySelector(arguments[0])?.scrollIntoView({block: 'nearest'})"
        browser.execute_script(go, selector)
        return find(browser, wanted)

    return wait(browser, there)


@pytest.mark.slow
def test_one_far_below_asks_for_nothing_until_the_reader_comes_near(browser, address):
    browser.get(address + PAGE)
    asked = "return performance.getEntriesByType('resource').map((e) => e.name)"
    # What is near would have been told by now.
    told = "requestAnimationFrame(() => setTimeout(arguments[0], 100))"
    browser.execute_async_script(told)
    assert not any("axis-table.json" in name for name in browser.execute_script(asked))
    assert not browser.find_elements(By.CSS_SELECTOR, ".axis-explorer.alive")
    alive(browser)
    assert any("axis-table.json" in name for name in browser.execute_script(asked))


@pytest.mark.slow
def test_one_that_is_passed_twice_while_its_table_loads_is_made_once(browser, address):
    slow = {"latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    browser.get(address + PAGE)
    limit = "Network.emulateNetworkConditions"
    browser.execute_cdp_cmd(limit, {"offline": False, **slow})
    try:
        browser.execute_async_script(
            """
            const done = arguments[0];
            const root = document.querySelector("#explorer");
            const pause = () => new Promise((next) => setTimeout(next, 200));
            (async () => {
              for (const go of [() => root.scrollIntoView(), () => scrollTo(0, 0),
                                () => root.scrollIntoView()]) {
                go();
                await pause();
              }
              done();
            })();
            """
        )
        explorer = alive(browser)
        # A second one would be there at once: its table has come.
        browser.execute_async_script("setTimeout(arguments[0], 100)")
        assert len(explorer.find_elements(By.CSS_SELECTOR, ".axis-steps")) == 1
    finally:
        slow["latency"] = 0
        browser.execute_cdp_cmd(limit, {"offline": False, **slow})
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})


@pytest.fixture
def explorer(browser, address):
    browser.get(address + PAGE)
    return alive(browser)


def control(root, name):
    """Return a control by its label, or None; one test reads their accessible names."""
    return root.parent.execute_script(
        """
        return [...arguments[0].querySelectorAll("select, input, button")].find(
          (control) => control.checkVisibility() && arguments[1] ===
            (control.labels[0]?.firstChild ?? control).textContent.trim());
        """,
        root,
        name,
    )


def choose(explorer, **values):
    """Select by label and text; a label's spaces are underscores here."""
    for name, value in values.items():
        label = name.replace("_of_", " of ")
        Select(control(explorer, label)).select_by_visible_text(value)


def status(explorer):
    return [p.text for p in explorer.find_elements(By.CSS_SELECTOR, ".axis-status p")]


def here(explorer, kind):
    """Return the values of the cells of an array that are marked in this lane."""
    cells = explorer.find_elements(By.CSS_SELECTOR, f".{kind} .axis-cell.here")
    return [int(cell.text.split()[0]) for cell in cells]


@pytest.mark.slow
def test_each_row_is_what_jax_computes(browser, address):
    """Programs, answers and values that the script makes, against JAX's."""
    browser.get(address + PAGE)
    rows = browser.execute_async_script(
        """
        const [address, done] = arguments;
        import(`${address}assets/axis-table.js`).then(async (explorer) => {
          await explorer.load();
          done(explorer.choices().map((choice) => {
            const answer = explorer.answer(choice);
            const made = Array.isArray(answer) ? explorer.pairing(choice).result : null;
            const back = explorer.parse(explorer.texts(choice));
            return [explorer.program(choice), answer, made, explorer.same(back, choice)];
          }));
        });
        """,
        address,
    )
    table = Table.read()
    results = ask.make()[1]
    for (choice, result), (program, answer, made, back) in zip(
        results.items(), rows, strict=True
    ):
        assert program == table.program(choice)
        assert back, choice
        if isinstance(result, str):
            assert (answer, made) == (result, None)
        else:
            assert tuple(answer) == tuple(made["shape"]) == result.shape, choice
            assert made["data"] == np.ravel(result).tolist(), choice


def test_a_choice_is_drawn_and_said(explorer):
    choose(explorer, Function="outer")
    choose(explorer, Shape_of_b="(3, 4)", in_axes_of_b="1", out_axes="-1")
    assert find(explorer, ".axis-program code").text.splitlines()[-1] == (
        "jax.vmap(jnp.outer, in_axes=(0, 1), out_axes=-1)(a, b)"
    )
    assert status(explorer)[0].startswith("The result has the shape (2, 3, 4): [[[10 ")
    control(explorer, "Next").click()
    assert status(explorer)[1] == (
        "Lane 1: a[1] is [3 4], b[:, 1] is [20 60 100]. "
        "The function returns [[60 180 300] [80 240 400]], which is result[:, :, 1]."
    )
    assert here(explorer, "mapped") == [3, 4, 20, 60, 100]
    assert here(explorer, "result") == [60, 180, 300, 80, 240, 400]
    images = explorer.find_elements(By.CSS_SELECTOR, "[role=img]")
    assert images[0].accessible_name == "a is [[1 2] [3 4] [5 6] [7 8]]"


@pytest.mark.slow
def test_a_held_argument_is_dashed_and_seen_whole(explorer):
    choose(explorer, Function="dot")
    assert "held" in find(explorer, ".held figcaption").text
    assert here(explorer, "held") == [10, 20, 30]
    cell = find(explorer, ".held .axis-cell")
    assert cell.value_of_css_property("border-top-style") == "dashed"
    assert "a[0] is [1 2 3], b is [10 20 30]." in status(explorer)[1]


@pytest.mark.slow
def test_what_jax_refuses_is_said_in_its_words(explorer):
    choose(explorer, Function="dot", in_axes_of_a="1", in_axes_of_b="0", out_axes="0")
    choose(explorer, Shape_of_b="(2, 3)")
    assert status(explorer)[0] == (
        "JAX refuses:\nValueError: vmap got inconsistent sizes for array axes to be "
        "mapped:\n"
        "  * one axis had size 3: axis 1 of argument a of type int32[2,3];\n"
        "  * one axis had size 2: axis 0 of argument b of type int32[2,3]"
    )
    assert not find(explorer, ".axis-steps").is_displayed()
    assert explorer.find_elements(By.CSS_SELECTOR, ".result") == []


@pytest.mark.slow
def test_keys_alone_reach_and_move_everything(browser, explorer):
    find(explorer, "select").send_keys(Keys.TAB)
    names = ["Function"]
    while names[-1] != "Next":
        names.append(browser.switch_to.active_element.accessible_name)
        if names[-1] == "in_axes of x":
            browser.switch_to.active_element.send_keys(Keys.HOME)
        if names[-1] == "Lane":
            browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
            assert here(explorer, "mapped") == [4, 5, 6]
        browser.switch_to.active_element.send_keys(Keys.TAB)
    assert names == [
        *("Function", "Shape of x", "in_axes of x", "out_axes", "Copy"),
        *("Previous", "Lane", "Next"),
    ]
    control(explorer, "Previous").send_keys(Keys.ARROW_LEFT)
    assert here(explorer, "mapped") == [1, 2, 3]
    control(explorer, "Next").send_keys(Keys.ENTER)
    assert here(explorer, "mapped") == [4, 5, 6]


@pytest.mark.slow
def test_the_address_holds_the_state(browser, address, explorer):
    choose(explorer, Function="matrix-vector", out_axes="1")
    control(explorer, "Next").click()
    shared = browser.current_url
    assert shared == (
        f"{address}{PAGE}?function=matvec&shapes=2x3,4x3&in=None,0&out=1&lane=1#explorer"
    )
    said = status(explorer)
    browser.get("about:blank")
    browser.get(shared)
    assert status(alive(browser)) == said
    # What is no choice is as if it were not there.
    browser.get(f"{address}{PAGE}?function=matvec&shapes=9&in=0&out=1&lane=-7")
    assert "identity" in find(alive(browser), ".axis-apply").text


def test_copy_copies_the_program(browser, address, explorer):
    for name in ("clipboard-read", "clipboard-write"):
        permission = {"permission": {"name": name}, "setting": "granted"}
        browser.execute_cdp_cmd("Browser.setPermission", permission)
    control(explorer, "Copy").click()
    wait(browser, lambda _: control(explorer, "Copied"))
    assert browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0])"
    ) == (
        "import jax\nimport jax.numpy as jnp\n\nx = jnp.arange(1, 7).reshape(2, 3)\n"
        "print(jax.vmap(lambda x: x, in_axes=1, out_axes=0)(x))\n"
    )


@pytest.mark.slow
def test_what_is_copied_runs_and_prints_what_is_said(browser, address):
    browser.get(address + PAGE)
    programs = browser.execute_async_script(
        """
        const [address, done] = arguments;
        import(`${address}assets/axis-table.js`).then(async (explorer) => {
          await explorer.load();
          done(explorer.choices().filter((_, i) => i % 97 === 0)
            .map((choice) => [explorer.complete(choice), explorer.answer(choice)]));
        });
        """,
        address,
    )
    assert len(programs) > 5
    for program, answer in programs:
        printed = []
        scope = {"print": printed.append}
        try:
            exec(program, scope)  # noqa: S102 - it is what a reader pastes
        except (ValueError, TypeError):
            assert isinstance(answer, str), program
        else:
            assert list(printed[0].shape) == answer, program


@pytest.mark.slow
def test_a_table_that_does_not_load_is_said_and_asked_for_again(browser, address):
    blocked = "Network.setBlockedURLs"
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd(blocked, {"urls": ["*axis-table.json"]})
    browser.get(address)
    said = near(browser, HOME, ".axis-missing")
    assert "did not load" in said.text
    assert "Lane i sees" in find(browser, ".axis-explorer").text  # the sentence stays
    browser.execute_cdp_cmd(blocked, {"urls": []})
    find(said, "button").click()
    alive(browser, HOME)
    assert not browser.find_elements(By.CSS_SELECTOR, ".axis-missing")
    logs_of(browser)  # of the refused request


@pytest.mark.slow
def test_a_held_argument_is_lit_in_each_lane(browser, address):
    browser.get(address)
    explorer = alive(browser, HOME)
    assert here(explorer, "held") == [10, 20, 30]
    control(explorer, "Next").click()
    assert here(explorer, "held") == [10, 20, 30]


@pytest.mark.slow
def test_touch_and_a_narrow_screen(browser, explorer):
    metrics = {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        choose(explorer, Shape_of_x="(2, 3, 4)")
        wide = "return document.documentElement.scrollWidth"
        assert browser.execute_script(wide) <= 320
        cell = find(explorer, ".mapped [data-lane='2']")
        place = browser.execute_script(
            "arguments[0].scrollIntoView({block: 'center'});"
            "const box = arguments[0].getBoundingClientRect();"
            "return {x: box.x + box.width / 2, y: box.y + box.height / 2}",
            cell,
        )
        for kind, points in (("touchStart", [place]), ("touchEnd", [])):
            touch = {"type": kind, "touchPoints": points}
            browser.execute_cdp_cmd("Input.dispatchTouchEvent", touch)
        wait(browser, lambda _: "Lane 2" in status(explorer)[1])
        assert {9, 10, 11, 12} < set(here(explorer, "mapped"))
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd(
            "Emulation.setTouchEmulationEnabled", {"enabled": False}
        )


@pytest.mark.slow
def test_it_is_alive_after_instant_navigation(browser, address):
    places = {PAGE: "#explorer", "reference/quiz/": ".axis-quiz", "": HOME}
    browser.get(address)
    assert status(alive(browser, HOME))[0].endswith("shape (3,): [140 320 500]")
    browser.execute_script("window.stayed = true")
    for there in (PAGE, "reference/quiz/", "", PAGE):
        # Not every page links to every other: the menus show one part.
        browser.execute_script(
            "const link = document.createElement('a'); link.href = arguments[0];"
            "document.querySelector('article').append(link); link.click();",
            address + there,
        )
        alive(browser, places[there])
        assert browser.current_url == address + there
    choose(alive(browser), Function="sum")
    browser.back()
    alive(browser, HOME)
    browser.forward()
    assert "sum" in find(alive(browser), ".axis-apply").text
    assert browser.execute_script("return window.stayed")


def test_the_quiz_says_right_and_wrong_and_why(browser, address):
    browser.get(f"{address}reference/quiz/")
    quiz = alive(browser, ".axis-quiz")
    details = find(quiz, "details")
    assert not details.get_property("open")
    assert find(browser, ".axis-score").text == "0 right, 0 of 10 answered."
    control(quiz, "Check").click()
    assert find(quiz, "[role=status]").text == "Choose one first."
    # An arrow key chooses, and ends nothing.
    wrong = find(quiz, "li:not([data-right])")
    find(wrong, "input").click()
    assert find(quiz, "[role=status]").text == ""
    control(quiz, "Check").click()
    says = find(quiz, "[role=status]").text
    assert says == f"No. {wrong.get_attribute('data-why')}"
    assert not details.get_property("open")
    assert find(browser, ".axis-score").text.startswith("0 right, 1 of")
    find(quiz, "[data-right] input").click()
    control(quiz, "Check").click()
    assert find(quiz, "[role=status]").text == "Right."
    assert details.get_property("open")
    assert find(browser, ".axis-score").text.startswith("1 right, 1 of")
    browser.refresh()
    quiz = alive(browser, ".axis-quiz")
    assert find(browser, ".axis-score").text.startswith("1 right, 1 of")
    find(browser, ".axis-score button").click()
    assert find(browser, ".axis-score").text.startswith("0 right, 0 of")
    details = find(quiz, "details")
    find(quiz, "[data-right] input").click()
    control(quiz, "Check").click()
    other = browser.find_elements(By.CSS_SELECTOR, ".axis-quiz")[1]
    find(other, "input").click()
    assert find(quiz, "[data-right] input").is_selected()
    assert find(details, ".axis-array.result").is_displayed()
    control(details, "Next").click()
    assert here(details, "mapped") == [2, 5]


def test_without_script_everything_is_there(browser, address):
    off = "Emulation.setScriptExecutionDisabled"
    browser.execute_cdp_cmd(off, {"value": True})
    try:
        browser.get(address + PAGE)
        find(browser, ".axis-explorer summary").click()
        assert "(3, 2)" in find(browser, ".axis-explorer table").text
        browser.get(address)
        assert "Lane i sees a[i]" in find(browser, ".axis-explorer").text
        browser.get(f"{address}reference/quiz/")
        quiz = find(browser, ".axis-quiz")
        assert "JAX refuses" in quiz.text
        find(quiz, "summary").click()
        assert "The three lanes are stacked along axis 0" in quiz.text
    finally:
        browser.execute_cdp_cmd(off, {"value": False})
