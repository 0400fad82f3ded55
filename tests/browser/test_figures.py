"""Figures, code and outputs, linked: by pointer, touch, keyboard, in every mode."""

import itertools
import operator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.browser import find, wait

PAGE = "learn/axes/"
# Programs that come near the screen are laid out, and move what stands below them.
_CENTRED = """
const [figure, done] = arguments;
let before;
const settle = () => {
  figure.scrollIntoView({ block: "center" });
  const { top } = figure.getBoundingClientRect();
  if (top === before) return done();
  before = top;
  requestAnimationFrame(() => requestAnimationFrame(settle));
};
settle();
"""
# The figure of `move`: held `turn`, the columns of `points`, the rows of `shifts`.
OWN = "vmap(move"


@pytest.fixture
def figure(browser, address):
    """Return the figure of a held, a column and a row argument, alive."""
    browser.get(address + PAGE)
    return alive(browser, OWN)


def alive(browser, call):
    """Wait until the figure of a call is linked, and return it."""
    found = wait(
        browser,
        lambda b: b.find_elements(
            By.XPATH,
            f"//figure[contains(@class, 'alive')][*[contains(@aria-label, '{call}')]]",
        ),
    )[0]
    browser.execute_async_script(_CENTRED, found)
    return found


def lit(figure):
    """Return the values that are lit in a figure, by the array that has them."""
    return figure.parent.execute_script(
        """
        const found = {};
        for (const array of arguments[0].querySelectorAll("svg > g[font-size] > g")) {
          const values = [...array.querySelectorAll("text[font-size]")].filter((text) => {
            const path = text.parentElement.querySelector("path");
            return Number(getComputedStyle(path).fillOpacity) > 0 &&
              getComputedStyle(path).fill !== "none";
          });
          found[array.querySelector("text").textContent] = values.map((v) => v.textContent);
        }
        return found;
        """,
        figure,
    )


def marked(browser, name):
    """Return the texts that a highlight marks on the page."""
    return browser.execute_script(
        "return [...(CSS.highlights.get(arguments[0]) ?? [])].map(String)", name
    )


def slider(figure):
    return find(figure, "input[type=range]")


def caption(figure):
    return find(figure, "figcaption").text


LANES = [
    {"turn": ["0", "-1", "1", "0"], "point": p, "shift": s, "result": r}
    for p, s, r in (
        (["1", "0"], ["10", "0"], ["10", "1"]),
        (["2", "0"], ["20", "0"], ["20", "2"]),
        (["3", "5"], ["30", "0"], ["25", "3"]),
    )
]


def test_the_arrow_keys_go_through_the_lanes(browser, figure):
    assert lit(figure) == LANES[0]
    assert marked(browser, "lane") == []  # nothing is chosen yet
    slider(figure).send_keys(Keys.ARROW_RIGHT)
    assert lit(figure) == LANES[1]
    assert caption(figure).startswith(
        "Lane 1 of 3: move sees turn, point[:, 1], shift[1]"
    )
    assert slider(figure).get_attribute("aria-valuetext") == caption(figure)
    slider(figure).send_keys(Keys.END)
    assert lit(figure) == LANES[2]
    assert marked(browser, "lane") == ["25", "3"]
    code = "jax.vmap(move, in_axes=(None, -1, 0), out_axes=-1)"
    assert marked(browser, "call") == [code]


def test_a_lane_that_is_pointed_at_is_lit(browser, figure):
    for lane in (2, 1, 0):
        cell = find(figure, f"[data-o='{lane}'] > path")
        ActionChains(browser).move_to_element(cell).perform()
        wait(browser, lambda _, lane=lane: lit(figure) == LANES[lane])
        assert marked(browser, "lane") == LANES[lane]["result"]


@pytest.mark.slow
def test_a_lane_that_is_tapped_is_lit(browser, figure):
    at = find(figure, "[data-o='1'] > path").rect
    scroll = browser.execute_script("return scrollY")
    point = {"x": at["x"] + at["width"] / 2, "y": at["y"] + at["height"] / 2 - scroll}
    browser.execute_cdp_cmd(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]}
    )
    browser.execute_cdp_cmd(
        "Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []}
    )
    wait(browser, lambda _: lit(figure) == LANES[1])


@pytest.mark.slow
def test_a_printed_value_that_is_pointed_at_lights_its_lane(browser, figure):
    slider(figure).send_keys(Keys.END)
    place = browser.execute_script(
        """
        const [value] = [...CSS.highlights.get("lane")];
        value.startContainer.parentElement.closest("code").scrollIntoView({block: "center"});
        const { x, y, width, height } = value.getBoundingClientRect();
        return [x + width / 2, y + height / 2];
        """
    )
    browser.execute_script(
        """
        arguments[0].value = 0;
        arguments[0].dispatchEvent(new Event("input"));
        """,
        slider(figure),
    )
    assert lit(figure) == LANES[0]
    chain = ActionChains(browser)
    pointer = chain.w3c_actions.pointer_action
    pointer.move_to_location(*map(int, place))
    chain.perform()
    assert lit(figure) == LANES[2]


# Where the pointer is in the call, and which of the arrows are thick: those of the two
# mapped arguments, and that of the result.
POINTED = {
    "vmap": [True, True, True],
    "-1, 0": [True, True, False],  # inside `in_axes=(None, -1, 0)`
    "out_axes": [False, False, True],
    None: [False, False, False],
}


@pytest.mark.parametrize("word", POINTED)
@pytest.mark.slow
def test_the_call_that_is_pointed_at_shows_its_axes(word, browser, figure):
    slider(figure).send_keys(Keys.END)
    x, y = browser.execute_script(
        """
        const [call] = [...CSS.highlights.get("call")];
        const code = call.startContainer.parentElement.closest("code");
        code.scrollIntoView({block: "center"});
        // The letter that the word begins with.
        let at = code.textContent.indexOf(String(call)) +
          Math.max(0, String(call).indexOf(arguments[0]));
        const walk = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
        let node = walk.nextNode();
        for (; at >= node.length; node = walk.nextNode()) at -= node.length;
        const letter = new Range();
        letter.setStart(node, at);
        letter.setEnd(node, at + 1);
        const { x, y, width, height } = letter.getBoundingClientRect();
        return [x + width / 2, y + height / 2 - (arguments[0] ? 0 : 200)];
        """,
        word,
    )
    chain = ActionChains(browser)
    chain.w3c_actions.pointer_action.move_to_location(int(x), int(y))
    chain.perform()
    arrows = figure.find_elements(By.CSS_SELECTOR, "path[stroke-width]")
    widths = [arrow.value_of_css_property("stroke-width") for arrow in arrows]
    assert widths == ["5px" if thick else "2.5px" for thick in POINTED[word]]


@pytest.mark.slow
def test_two_maps_have_a_lane_for_each_pair(browser, address):
    browser.get(address + "learn/nesting/")
    figure = alive(browser, "vmap(vmap(distance")
    assert slider(figure).get_attribute("max") == "8"
    slider(figure).send_keys(*[Keys.ARROW_RIGHT] * 5)
    assert lit(figure) == {"a": ["3", "4"], "b": ["6", "8"], "result": ["5"]}
    assert marked(browser, "lane") == ["5."]


@pytest.mark.slow
def test_a_device_is_lit_with_all_that_it_holds(browser, address):
    browser.get(address + "devices/training/")
    figure = alive(browser, "shard_map(right")
    slider(figure).send_keys(Keys.ARROW_RIGHT)
    seen = browser.execute_script(
        """
        return [...arguments[0].querySelectorAll("svg [data-o]")].filter((frame) =>
          [...frame.querySelectorAll("g > path:not(.frame)")].every((path) =>
            getComputedStyle(path).fill !== "none" &&
            Number(getComputedStyle(path).fillOpacity) > 0)).map((f) => f.dataset.o);
        """,
        figure,
    )
    assert seen == ["1"]
    assert caption(figure).startswith("Device 1 of 8 ")


@pytest.mark.slow
def test_the_current_lane_shows_in_forced_colors(browser, figure):
    features = [{"name": "forced-colors", "value": "active"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        slider(figure).send_keys(Keys.ARROW_RIGHT)
        widths = browser.execute_script(
            """
            return [...arguments[0].querySelectorAll("[data-o] > path")]
              .map((path) => [path.parentElement.dataset.o,
                              getComputedStyle(path).strokeWidth]);
            """,
            figure,
        )
        assert {lane for lane, width in widths if width == "3px"} == {"1"}
        assert {lane for lane, width in widths if width != "3px"} == {"0", "2"}
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_nothing_moves(browser, figure):
    """No part of it has a transition, so who asks for reduced motion loses nothing."""
    durations = browser.execute_script(
        """
        return [...arguments[0].querySelectorAll("*")].map((element) =>
          getComputedStyle(element).transitionDuration + getComputedStyle(element).animationName);
        """,
        figure,
    )
    assert set(durations) == {"0snone"}


@pytest.mark.parametrize("width", [1280, 640, 390, 320])
@pytest.mark.slow
def test_its_words_are_never_small(browser, figure, width, screen):
    """640 is a desktop at 200 % zoom; below a phone's width a figure scrolls."""
    screen(width=width)
    found = browser.execute_script(
        """
        return [...document.querySelectorAll(".array-figure svg")].map((svg) => {
          const figure = svg.closest("figure");
          const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [13 * scale, figure.scrollWidth - figure.clientWidth];
        });
        """
    )
    assert min(size for size, _ in found) >= 13
    page = browser.execute_script("return document.documentElement.scrollWidth")
    assert page <= width
    if width >= 360:
        assert max(over for _, over in found) <= 0  # complete


@pytest.mark.parametrize(
    ("width", "lines"),
    [(1280, [["a", "b", "result"]]), (390, [["a", "b"], ["result"]])],
)
@pytest.mark.slow
def test_arrays_stand_in_one_line_where_there_is_room(
    browser, address, screen, width, lines
):
    screen(width=width)
    browser.get(address + PAGE)
    boxes = browser.execute_script(
        """
        return [...arguments[0].querySelectorAll("div > div > svg")].map((svg) => {
          const { left, right, top } = svg.getBoundingClientRect();
          const scale = (right - left) / svg.viewBox.baseVal.width;
          return [svg.querySelector("text.mapped, text.result").textContent,
                  left, right, top, scale];
        });
        """,
        alive(browser, "vmap(add_matrices"),
    )
    found = [list(line) for _, line in itertools.groupby(boxes, operator.itemgetter(3))]
    assert [[name for name, *_ in line] for line in found] == lines
    for line in found:
        for (_, _, right, *_), (_, left, *_) in itertools.pairwise(line):
            assert right < left
    scales = [scale for *_, scale in boxes]
    assert max(scales) - min(scales) < 0.01  # a cell is as large in each array


@pytest.mark.slow
def test_only_a_page_with_figures_loads_the_script(browser, address):
    for page, count in ((PAGE, 1), ("reference/errors/", 0)):
        browser.get(address + page)
        found = browser.find_elements(By.CSS_SELECTOR, "script[src$='figures.js']")
        assert len(found) == count
