"""What every page owes to every reader, as a real browser shows it."""

import gzip
import itertools
import json
import re
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import support
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes
from mapped_axis.pages.site import read_site
from mapped_axis.project import HERE
from support import places
from support.blocks import CODE, PROVEN_ELSEWHERE, ran
from support.browser import (
    DARK,
    DESKTOP,
    LIGHT,
    PHONE,
    emulate,
    find,
    logs_of,
    start,
    wait,
)
from support.places import DOCS, SNIPPETS, file_at

# The titles of the pages by part of the navigation, and by their sources.
SECTIONS = read_site(HERE).sections
TITLES = {name: [page.title for page in section] for name, section in SECTIONS}
TITLES_BY_SOURCE = {p.source: p.title for _, section in SECTIONS for p in section}

AXE = Path(__file__).parent / "axe/axe.min.js"


# --- every page, visited once ---------------------------------------------------------

# The page as its reader finds it: its scripts have run, and it was laid out since.
_SETTLED = """
const done = arguments[0];
const dead = [".axis-explorer", ".axis-quiz", ".predict-first"]
  .map((name) => `${name}:not(.alive)`)
  .concat(".highlight:not(:has(> .imports-fold)) .imports").join();
// An explorer wakes when the reader comes near.
const at = scrollY;
document.querySelector(".axis-explorer")?.scrollIntoView();
const settle = () => {
  if (document.querySelector(dead)) return setTimeout(settle, 10);
  scrollTo(0, at);
  requestAnimationFrame(() => requestAnimationFrame(() => done()));
};
settle();
"""

# A reader can unfold the imports that a program shares with one above, a cell that draws, a
# solution: what was folded is looked at as well.
_UNFOLD = """
document.querySelectorAll(".imports-fold[aria-expanded=false]").forEach((b) => b.click());
document.querySelectorAll("details.draws, details.exercise-solution")
  .forEach((fold) => { fold.open = true; });
"""

# One word of a kind is enough to see its colour, and pages have thousands of words.
_FEWER_WORDS = """
const seen = new Set();
for (const word of document.querySelectorAll(".highlight code span")) {
  const kind = `${word.closest(".highlight").className} ${word.className}`;
  if (seen.has(kind)) word.replaceWith(...word.childNodes);
  else seen.add(kind);
}
"""

_FINDINGS = """
const [rules, done] = arguments;
// What a list that was scrolled cuts is not small.
document.querySelectorAll(".md-sidebar__scrollwrap").forEach((list) => { list.scrollTop = 0; });
// No rule in use asks for what axe would load beforehand.
const options = { resultTypes: ["violations"], preload: false, rules: {
  // Off unless asked for; a finger, and a voice that says what stands there, need them.
  "target-size": { enabled: true },
  "label-content-name-mismatch": { enabled: true },
} };
if (rules) options.runOnly = rules;
axe.run(document, options).then(({ violations }) => done(
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${target} ${html}`))));
"""

# The rules that each view is held against; None is all. A scheme changes nothing but
# colours, so in the second scheme of a screen only the rules about those can differ.
COLOURS = ["color-contrast", "link-in-text-block"]
VIEWS = {
    (DESKTOP, LIGHT): None,
    (DESKTOP, DARK): COLOURS,
    (PHONE, DARK): None,
    (PHONE, LIGHT): COLOURS,
}


_RENDERED = (Path(support.__file__).parent / "rendered.js").read_text("utf-8")
EYES = [
    (DESKTOP, LIGHT, ""),
    (DESKTOP, DARK, ""),
    (PHONE, LIGHT, ""),
    (PHONE, DARK, ""),
    (DESKTOP, LIGHT, "print"),
]
# A run that is not thorough looks at every eighth page: what a style does to one page it
# does to all. Axe looks at each of those in one of these views, in turn.
EVERY = 8
SOME = [(DESKTOP, LIGHT), (PHONE, DARK)]
# The browser says what lies at a point only within its window: it has to hold a page.
TALL = 60_000


def findings(browser, rules=None):
    """Return what axe finds on a page, by all rules or by some."""
    if browser.execute_script("return typeof axe") == "undefined":
        browser.execute_script(AXE.read_text(encoding="utf-8"))
    return browser.execute_async_script(_FINDINGS, rules)


def visit(browser, address, site, view=None):
    """Return what a browser sees of a page of a site, as a dictionary.

    Args:
        browser: the browser.
        address: the address of the page.
        site: the address of the site.
        view: that of `SOME` in which axe looks, or None for in every view.
    """
    views = {view: VIEWS[view]} if view else VIEWS
    emulate(browser)
    browser.get(address)
    browser.execute_async_script(_SETTLED)
    seen = {
        "asked": browser.execute_script(
            "return performance.getEntries().map(({ name }) => name)"
            ".filter((name) => name.startsWith('http'))"
        )
    }
    sheet = browser.execute_script("return document.querySelector('.cheat-sheet')")
    # On paper it has no programs: see test_cheat_sheet.py.
    eyes = [view for view in EYES if not (sheet and "print" in view)]
    seen["blocks"] = {view: rendered(browser, *view) for view in eyes}
    emulate(browser)
    browser.execute_script(_FEWER_WORDS)
    axe = {}
    for (width, scheme), rules in views.items():
        scrolled(browser, width, scheme)
        emulate(browser, width, scheme)
        wait(browser, lambda b, s=scheme: shown(b) == s)
        # The page was laid out for this width, and its scripts saw that.
        browser.execute_async_script(_SETTLED)
        axe[width, scheme] = findings(browser, rules)
    seen["axe"] = {view: found for view, found in axe.items() if found}
    # And what a script did meanwhile.
    seen["blocks"]["later"] = rendered(browser, *eyes[0])
    seen["errors"], seen["foreign"] = logs_of(browser, site)
    return seen


def scrolled(browser, width=DESKTOP, scheme=LIGHT, media=""):
    """Show all of a page: a program far from the screen is laid out when it comes near."""
    emulate(browser, width, scheme, media, height=TALL)
    browser.execute_async_script(_SETTLED)


def rendered(browser, width=DESKTOP, scheme=LIGHT, media=""):
    """Return the texts of the code blocks as a reader sees them, and what hides some."""
    browser.execute_script(_UNFOLD)
    elsewhere = ", ".join(f".{name}" for name in PROVEN_ELSEWHERE)
    # An output behind a question is seen by who asks for the answer.
    browser.execute_script(
        "document.querySelectorAll('.predict-first details')"
        ".forEach((answer) => { answer.open = true; });"
    )
    scrolled(browser, width, scheme, media)
    return browser.execute_script(_RENDERED, CODE, elsewhere)


def shown(browser):
    """Return the scheme in which the page is shown."""
    scheme = browser.execute_script("return document.body.dataset.mdColorScheme")
    return {"default": LIGHT, "slate": DARK}[scheme]


@pytest.fixture(scope="module")
def visits(address, site, thorough):
    """Return what a browser sees of each page that it looks at, by its path."""
    files = [file.relative_to(site).as_posix() for file in sorted(site.rglob("*.html"))]
    pages = [file for file in files if file not in places.MOVED]
    paths = [file.removesuffix("index.html") for file in pages]

    if not thorough:
        paths = paths[::EVERY]
    view_of = {
        path: None if thorough else SOME[number // 2 % 2]
        for number, path in enumerate(paths)
    }

    def work(some):
        with start() as browser:
            return {p: visit(browser, address + p, address, view_of[p]) for p in some}

    with ThreadPoolExecutor(2) as workers:  # one for each core of a small machine
        first, second = workers.map(work, (paths[::2], paths[1::2]))
    return first | second


def test_axe_finds_nothing_on_any_page(visits):
    assert {path: seen["axe"] for path, seen in visits.items() if seen["axe"]} == {}


def unseen(visits):
    """Yield what a page shows as code or output that did not run, or does not show."""
    expected = ran()
    for path, seen in visits.items():
        named = expected.get(urljoin(places.ORIGIN, path), [])
        blocks = [text for text, _ in named]
        for view, (texts, faults) in seen["blocks"].items():
            where = f"{path or 'the home page'} {view}"
            yield from (f"{where}: {fault}" for fault in faults[:3])
            for number, (text, block) in enumerate(
                itertools.zip_longest(texts, blocks), start=1
            ):
                if text != block:
                    yield f"{where}: block {number} shows {text!r}, {block!r} ran"
                    break


def test_the_eye_sees_what_ran_on_every_page(visits):
    assert "\n".join(unseen(visits)) == ""


# What each does to a page, in CSS, or in a script after a "!".
HIDDEN = {
    "not displayed": ".language-text code { display: none }",
    "a word not displayed": ".language-python code span:nth-of-type(3) { display: none }",
    "transparent": ".language-text { opacity: 0 }",
    "no size": ".language-text code { font-size: 0 }",
    "the colour of the background": ".language-text code { color: var(--md-code-bg-color) }",
    "no fill": ".language-text code { -webkit-text-fill-color: transparent }",
    "off the screen": ".language-text pre { position: absolute; left: -9999px }",
    "cut": ".language-text pre { height: 0; overflow: hidden }",
    "covered": ".language-text { position: relative } "
    ".language-text::after { content: ''; position: absolute; inset: 0; background: red }",
    "written before": ".language-text code::before { content: '[ 50 122]' }",
    "written after": "article p::after { content: 'It prints 122.' }",
    "written in print": "@media print { article p::after { content: '122' } }",
    "a picture": ".language-text pre { background-image: linear-gradient(red, red) }",
    "in other letters": ".language-python code { text-transform: uppercase }",
    "from right to left": ".language-text code "
    "{ direction: rtl; unicode-bidi: bidi-override }",
    "in another order": "article { display: flex; flex-direction: column-reverse }",
    "on a phone": "@media (max-width: 500px) { .language-text { display: none } }",
    "in the dark": "[data-md-color-scheme=slate] .language-text { display: none }",
    "rewritten": "!document.querySelector('.language-text code').textContent = '122'",
    "one more": "!document.querySelector('article').append("
    "document.querySelector('.highlight').cloneNode(true))",
}


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.slow
def test_what_the_eye_would_not_see_is_found(browser, address, screen, how):
    """What a style hides or writes, or a script rewrites, in any of the views."""
    browser.get(address)
    browser.execute_async_script(_SETTLED)
    change = HIDDEN[how]
    if change.startswith("!"):
        browser.execute_script(change[1:])
    else:
        browser.execute_script(
            """
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(arguments[0].replaceAll(/;| }/g, " !important$&"));
            document.adoptedStyleSheets = [sheet];
            """,
            change,
        )
    # The first view that shows it is enough.
    views = ({"": {"blocks": {view: rendered(browser, *view)}}} for view in EYES)
    assert any(next(unseen(view), None) for view in views)


def test_no_page_logs_an_error(visits):
    errors = {path: seen["errors"] for path, seen in visits.items() if seen["errors"]}
    assert errors == {}


def test_no_page_asks_another_origin(visits):
    foreign = {path: seen["foreign"] for path, seen in visits.items()}
    assert {path: asked for path, asked in foreign.items() if asked} == {}


def test_the_first_view_of_a_page_is_under_100_kb(visits, site, thorough):
    heavy, weights = {}, {}
    for path, seen in visits.items():
        files = {file_at(site, name) for name in seen["asked"]}
        weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
        weights[path or "the home page"] = weight
        if not len(files) > 5 or weight > 100_000:
            heavy[path] = weight
    if thorough:  # of all pages, for `make bench-site`
        (HERE.cache / "weights.json").write_text(json.dumps(weights, indent=1))
    assert heavy == {}


@pytest.mark.slow
def test_axe_finds_what_is_wrong(browser, address, screen):
    screen()
    browser.get(address)
    browser.execute_script(
        """
        document.querySelector("article").insertAdjacentHTML("beforeend",
          "<button></button><p class='pale'>pale</p>" +
          "<nav class='near'><a href='#a'>a</a><br><a href='#b'>b</a></nav>" +
          "<button aria-label='Close'>Open</button>");
        document.querySelector(".near").style.lineHeight = 1;
        document.querySelector(".pale").style.color = "#aaa";
        """
    )
    rules = {finding.partition(":")[0] for finding in findings(browser)}
    assert rules == {
        "button-name",
        "color-contrast",
        "label-content-name-mismatch",
        "target-size",
    }
    assert {f.partition(":")[0] for f in findings(browser, COLOURS)} == {
        "color-contrast"
    }


# What a reader does on a page, in JavaScript, before axe looks again.
IN_USE = {
    "": "document.querySelector('.loop-map input').stepUp(3);"
    "document.querySelector('.loop-map input').dispatchEvent(new Event('input'));",
    "learn/first-vmap/": "const asked = document.querySelector('.predict-first');"
    "asked.querySelector('li:not([data-right]) input').click();"
    "asked.querySelector(':scope > button').click();",
    "learn/axes/": "document.querySelector('.array-figure input').focus();"
    "document.querySelector('.axis-steps button:last-of-type').click();",
    "devices/collectives/": "document.querySelectorAll('.machine-steps button')[1].click();",
    "reference/errors/": "const box = document.querySelector('.message-box textarea');"
    "box.value = 'inconsistent sizes'; box.dispatchEvent(new Event('input'));",
    "reference/quiz/": "const first = document.querySelector('.axis-quiz');"
    "first.querySelector('li:not([data-right]) input').click();"
    "first.querySelector('button').click();",
    "reference/operations/": "document.querySelector('#__search').click();"
    "const field = document.querySelector('.md-search__input');"
    "field.value = 'vmap'; field.dispatchEvent(new InputEvent('input',"
    "{ inputType: 'insertFromPaste', bubbles: true }));",
}


@pytest.mark.parametrize("path", IN_USE)
@pytest.mark.slow
def test_axe_finds_nothing_in_what_is_used(browser, address, screen, path):
    for width, scheme in VIEWS:
        browser.get(address + path)
        scrolled(browser, width, scheme)
        screen(width=width, scheme=scheme)
        browser.execute_async_script(_SETTLED)
        browser.execute_script(IN_USE[path])
        if "search" in IN_USE[path]:
            wait(browser, lambda b: find(b, ".md-search-result__item mark"))
        browser.execute_script(_FEWER_WORDS)
        # Programs that are as wide as before, but for a pixel, are laid out anew.
        scrolled(browser, width, scheme)
        screen(width=width, scheme=scheme)
        browser.execute_async_script(_SETTLED)
        assert findings(browser) == [], (width, scheme)


# --- the policy -----------------------------------------------------------------------


def test_the_policy_stops_a_script_that_the_build_did_not_write(chromium, address):
    chromium.get(address)
    ran, styled = chromium.execute_script(
        """
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<p id='p' style='color: red'>");
        return [window.ran ?? false, document.getElementById("p").style.length];
        """
    )
    assert not ran
    assert not styled
    errors, _ = logs_of(chromium, address)
    for refused in (
        "Executing inline script violates",
        "Applying inline style violates",
    ):
        assert [error for error in errors if refused in error]


# --- schemes, paper -------------------------------------------------------------------


def test_a_page_prints_light_and_without_navigation(browser, address, screen):
    screen(scheme=DARK, media="print")
    browser.get(address + "learn/axes/")
    scheme, colours, hidden = browser.execute_script(
        """
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        return [
          style(":root").colorScheme,
          ["body", ".highlight code"].map((name) => style(name).backgroundColor),
          [".md-header", ".md-tabs", ".md-sidebar", ".md-footer", ".md-code__nav"]
            .map((name) => style(name).display),
        ];
        """
    )
    assert scheme == "light"
    # Paper is white, and code on it hardly darker.
    shades = [list(map(int, re.findall(r"\d+", colour))) for colour in colours]
    assert shades[0] == [255, 255, 255]
    assert min(shades[1]) > 235
    assert set(hidden) == {"none"}


# --- copy, navigate, search -----------------------------------------------------------


def test_the_button_copies_the_program_and_not_its_output(browser, address):
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]}
    )
    browser.get(address)
    find(browser, ".language-python .md-code__button").click()
    wait(browser, lambda b: "Copied" in find(b, ".md-dialog").text)
    copied = browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0])"
    )
    include = includes(DOCS / "index.md")[0]
    program = read_example(SNIPPETS / include.example).program
    assert copied == program.rstrip("\n")
    for button in browser.find_elements(By.CSS_SELECTOR, ".language-text button"):
        assert not button.is_displayed()


@pytest.mark.slow
def test_imports_that_stand_above_are_folded_and_copied(browser, address):
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]}
    )
    browser.get(f"{address}learn/axes/")
    fold = wait(browser, lambda b: find(b, ".imports-fold"))
    block = fold.find_element(By.XPATH, "..")
    code = block.find_element(By.CSS_SELECTOR, "code")
    assert "import" not in code.text
    block.find_element(By.CSS_SELECTOR, ".md-code__button").click()
    wait(browser, lambda b: "Copied" in find(b, ".md-dialog").text)
    copied = browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0])"
    )
    name = block.get_attribute("data-example")
    assert copied == read_example(SNIPPETS / name).program.rstrip("\n")
    fold.send_keys(Keys.ENTER)
    assert fold.get_attribute("aria-expanded") == "true"
    assert code.text == copied
    fold.send_keys(Keys.ENTER)
    assert "import" not in code.text


@pytest.mark.slow
def test_a_link_changes_the_page_without_loading_it(browser, address):
    """And what the scripts make of a page is there each time."""
    browser.get(address)
    browser.execute_script("window.kept = true")

    def follow(selector, title):
        link = find(browser, selector)
        browser.execute_script("arguments[0].click()", link)
        wait(browser, lambda b: title in b.title)
        wait(browser, lambda b: find(b, ".md-code__nav[role=presentation]"))
        assert browser.execute_script("return window.kept")

    follow(".md-tabs a[href*=devices]", TITLES["Devices"][0])
    follow(".md-footer__link--next", TITLES["Devices"][1])
    follow(".md-tabs a[href*=learn]", TITLES["Learn"][0])
    follow(".md-nav--primary a[href*=axes]", TITLES_BY_SOURCE["learn/axes.md"])
    # Its script has run there.
    browser.execute_script("document.querySelector('.axis-explorer').scrollIntoView()")
    wait(browser, lambda b: find(b, ".axis-explorer.alive"))
    browser.back()
    wait(browser, lambda b: TITLES["Learn"][0] in b.title)
    assert browser.execute_script("return window.kept")


def searching(browser, address):
    """Open the search of the home page, and return what asks it by pasting with the mouse.

    That lets no key go. What was found before is gone when the next is asked for.
    """
    browser.get(address)
    asked = "return performance.getEntriesByType('resource').map((e) => e.name)"
    assert not [a for a in browser.execute_script(asked) if "docs.json" in a]
    find(browser, "body").send_keys("/")
    field = find(browser, ".md-search__input")
    wait(browser, lambda b: field == b.switch_to.active_element)

    def paste(text):
        browser.execute_script(
            """
            const [field, text] = arguments;
            field.value = text;
            field.dispatchEvent(new InputEvent("input",
              { inputType: "insertFromPaste", bubbles: true }));
            """,
            field,
            text,
        )

    def ask(words):
        paste("")
        items = (By.CSS_SELECTOR, ".md-search-result__item")
        wait(browser, lambda b: not b.find_elements(*items))
        paste(words)
        wait(browser, lambda b: b.find_elements(*items))

    return ask


@pytest.mark.slow
def test_the_search_finds_the_words(browser, address):
    ask = searching(browser, address)
    # The marks are what was found: the words themselves, and longer ones that start so.
    marks = "return [...document.querySelectorAll('.md-search-result__item mark')]"
    missed = {}
    for words in ("pmean", "in_axes", "unbound axis name", "diag", "SVD"):
        ask(words)
        marked = browser.execute_script(f"{marks}.map((mark) => mark.textContent)")
        if not {*words.lower().split()} <= {mark.lower() for mark in marked}:
            missed[words] = marked
    assert missed == {}


FOUND_FIRST = {
    "vmap got inconsistent sizes for array axes to be mapped": "reference/errors/",
    "Encountered an unexpected tracer": "reference/errors/",
    "leaked tracer": "learn/first-vmap/",
    "UnexpectedTracerError": "reference/errors/",
    "in_axes": "learn/axes/",
    "out_axes": "learn/axes/",
    "psum": "devices/collectives/",
    "all_gather": "devices/collectives/",
    "filter_vmap": "libraries/models/",
    "StateAxes": "libraries/models/",
    "optax": "libraries/training-many/",
    "early stopping": "libraries/training-many/",
    "diffrax": "libraries/solvers/",
    "BFGS": "libraries/solvers/",
    "spmd_axis_name": "devices/shard-map-today/",
    # In these the pages of messages have more words, and the page about it is elsewhere.
    "pmap": "devices/pmap/",
    "mesh": "devices/meshes/",
    "lax.map": "learn/nesting/",
    "custom_vjp": "further/derivatives/",
    "segment_sum": "further/indexing/",
    "static_argnums": "learn/arguments/",
    "slow": "devices/slow-while/",
    "how to map over two arguments": "learn/arguments/",
    "gradient of each example in a batch": "further/gradients/",
    "use a different key for each lane": "further/randomness/",
    "why is my vmap slow on cpu": "devices/slow-while/",
    "how much memory does vmap use": "further/memory/",
    "save and restore a checkpoint": "devices/checkpoints/",
}


def found_first(browser, address, queries):
    """Return the page that the search finds first, by query."""
    ask = searching(browser, address)
    first = {}
    for words in queries:
        ask(words)
        link = find(browser, ".md-search-result__item a").get_attribute("href")
        first[words] = re.sub(r"[?#].*", "", link.removeprefix(address))
    return first


def test_the_search_finds_first(browser, address):
    assert found_first(browser, address, FOUND_FIRST) == FOUND_FIRST


@pytest.mark.slow
def test_a_pasted_message_finds_a_page_of_messages(browser, address, site):
    pages = ("reference/errors/", "reference/tracing-errors/")
    said = []
    for page in pages:
        html = (site / page / "index.html").read_text("utf-8")
        for table in BeautifulSoup(html, "html.parser").select("table.messages"):
            # A table of what one sees has words of ours, not of JAX.
            if table.th.text != "What you see":
                said += [row.text for row in table.select("td:first-child > code")]
    # A name alone is looked for in other pages first.
    said = [message for message in said if len(message.split()) > 3]
    assert len(said) > 100
    first = found_first(browser, address, said)
    assert {words: page for words, page in first.items() if page not in pages} == {}


@pytest.mark.slow
def test_the_search_asks_again_for_texts_that_did_not_come(chromium, site):
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        """Has the texts of the search only when they are asked for a second time."""

        def do_GET(self):
            if self.path.endswith("docs.json"):
                asked.append(self.path)
                if len(asked) == 1:
                    return self.send_error(503)
            return super().do_GET()

        def log_message(self, *_):
            """Say nothing of each request."""

    handler = partial(Handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium.get(f"http://127.0.0.1:{server.server_port}/")
        find(chromium, "body").send_keys("/")
        field = find(chromium, ".md-search__input")
        wait(chromium, lambda b: field == b.switch_to.active_element)
        field.send_keys("einsu")
        wait(chromium, lambda _: asked)
        field.send_keys("m")
        items = (By.CSS_SELECTOR, ".md-search-result__item")
        wait(chromium, lambda b: b.find_elements(*items))
        server.shutdown()
    assert len(asked) == 2


@pytest.mark.slow
def test_the_search_finds_something_for_each_letter(browser, address):
    """And logs no error: see the test on words with a digit."""
    browser.get(address)
    find(browser, "body").send_keys("/")
    field = find(browser, ".md-search__input")
    for letter in string.ascii_lowercase:
        field.send_keys(letter)
        wait(
            browser,
            lambda b, letter=letter: b.execute_script(
                "return [...document.querySelectorAll('.md-search-result__item mark')]"
                ".some((mark) => mark.textContent.toLowerCase().startsWith(arguments[0]))",
                letter,
            ),
        )
        field.send_keys(Keys.BACKSPACE)


# --- what a script makes --------------------------------------------------------------

_TOPS = """
return [...document.querySelectorAll("article h2, article [data-shapes], article table")]
  .map((element) => element.getBoundingClientRect().top + scrollY);
"""


@pytest.mark.parametrize(
    ("path", "script", "answered"),
    [
        ("reference/quiz/", "axis-quiz.js", "{}"),
        ("reference/quiz/", "axis-quiz.js", '{"0": true}'),
        ("reference/errors/", "messages.js", "{}"),
        ("learn/nesting/", "predict.js", "{}"),
    ],
)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.slow
def test_nothing_jumps_when_a_script_has_come(
    chromium, address, path, script, width, answered
):
    """Whatever the reader has answered before."""
    emulate(chromium, width)
    chromium.execute_cdp_cmd("Network.enable", {})
    tops = []
    for blocked in ([f"*{script}"], []):
        chromium.execute_cdp_cmd("Network.setBlockedURLs", {"urls": blocked})
        chromium.get("about:blank")
        chromium.get(address + path)
        chromium.execute_script(
            "sessionStorage.setItem('axis-quiz', arguments[0])", answered
        )
        chromium.refresh()
        if not blocked:
            chromium.execute_async_script(_SETTLED)
        tops.append(chromium.execute_script(_TOPS))
    chromium.execute_script("sessionStorage.clear()")
    logs_of(chromium)  # what was blocked is an error
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert len(tops[0]) == len(tops[1]) > 3
    moved = [round(after - before) for before, after in zip(*tops, strict=True)]
    assert max(map(abs, moved)) <= 4, moved


# --- the keyboard ---------------------------------------------------------------------

_LISTEN = """
window.reached = new Set();
addEventListener("focusin", ({ target }) => window.reached.add(target));
"""

# A group of radio buttons is one stop.
# Not the button back to the top: it comes and goes with the scrolling of the moment.
_MISSED = """
const all = document.querySelectorAll("a[href], button, input, select, summary, [tabindex]");
return [...all].filter((element) => element.checkVisibility({ visibilityProperty: true })
  && element.tabIndex >= 0 && !element.disabled && element.type !== "radio"
  && !element.matches(".md-top")
  && !window.reached.has(element)).map((element) => element.outerHTML.slice(0, 120));
"""


@pytest.mark.parametrize(
    "path",
    [
        *("", "learn/axes/", "devices/collectives/", "further/speed/"),
        *("reference/errors/", "reference/quiz/"),
    ],
)
@pytest.mark.slow
def test_the_keyboard_reaches_everything(browser, address, path):
    browser.get(address + path)
    browser.execute_async_script(_SETTLED)
    browser.execute_script(_LISTEN)
    stops = browser.execute_script(
        "return document.querySelectorAll('a, button, input, select, summary').length"
    )
    find(browser, "body").send_keys(Keys.TAB * (stops + 50))
    assert browser.execute_script(_MISSED) == []
    assert browser.execute_script("return window.reached.size") > 20


def test_the_first_stop_is_the_way_to_the_content(browser, address):
    browser.get(address + "learn/axes/")
    find(browser, "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    wait(browser, lambda b: skip.value_of_css_property("opacity") == "1")
    assert skip.text == "Skip to content"
    skip.send_keys(Keys.ENTER)
    wait(browser, lambda b: b.execute_script("return location.hash"))
    browser.execute_async_script(_SETTLED)
    # To no element: where the focus goes on from is no element's affair.
    ActionChains(browser).send_keys(Keys.TAB).perform()
    inside = "return document.activeElement.closest('article') !== null"
    wait(browser, lambda b: b.execute_script(inside))


@pytest.mark.slow
def test_wide_code_scrolls_with_the_keyboard(browser, address, screen):
    screen(width=PHONE)
    browser.get(address)
    browser.execute_async_script(_SETTLED)
    wide, narrow, *_ = browser.find_elements(By.CSS_SELECTOR, ".highlight code")
    assert wide.get_attribute("tabindex") == "0"
    assert narrow.get_attribute("tabindex") is None
    wide.send_keys(Keys.ARROW_RIGHT * 3)
    wait(browser, lambda b: b.execute_script("return arguments[0].scrollLeft", wide))


@pytest.mark.slow
def test_wide_code_far_from_the_screen_can_be_reached_when_it_comes_near(
    browser, address, screen
):
    """Also where the page was wider when it was laid out."""
    browser.get(address + "learn/axes/")
    scrolled(browser)
    screen(width=DESKTOP)
    browser.execute_async_script(_SETTLED)
    screen(width=PHONE)
    browser.execute_async_script(_SETTLED)
    look = "const [code] = arguments; return [code.scrollWidth > code.clientWidth,"
    look += " code.tabIndex === 0]"
    wide = 0
    for code in browser.find_elements(By.CSS_SELECTOR, ".language-python code"):
        if not code.is_displayed():
            continue  # in a fold
        browser.execute_script("arguments[0].scrollIntoView()", code)
        browser.execute_async_script(_SETTLED)
        scrolls, is_stop = browser.execute_script(look, code)
        assert scrolls == is_stop
        wide += scrolls
    assert wide > 3


def test_the_menu_of_a_phone_opens_with_the_keyboard(browser, address, screen):
    screen(width=PHONE)
    browser.get(address + "learn/axes/")
    browser.execute_async_script(_SETTLED)
    menu = find(browser, "label[for=__drawer].md-header__button")
    assert menu.text == "Menu"
    browser.execute_script("arguments[0].focus()", menu)
    menu.send_keys(Keys.ENTER)
    assert browser.execute_script("return document.getElementById('__drawer').checked")


def test_an_address_that_is_none_shows_the_way(browser, address):
    browser.get(address + "404.html")
    links = browser.find_elements(By.CSS_SELECTOR, "article li a")
    named = [link.text for link in links]
    assert named == [*TITLES]
    find(browser, "article li:nth-child(2) a").click()
    wait(browser, lambda b: TITLES["Learn"][0] in b.title)
