"""A real browser, and the built site served to it.

Nothing is installed: the browser is the Chromium or Chrome that the machine has, driven
by its chromedriver. Where one of them is missing, the tests of this folder are skipped
and the last lines of the run say so; with ``CI=true`` they fail.
"""

import http.server
import json
import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from places import ORIGIN
from selenium import webdriver

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = Path(__file__).parent
NOT_RUN = "no Chromium or Chrome, or no chromedriver, on this machine"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site with its sitemap as it would be at this address.

    Material navigates without loading pages anew only to what the sitemap names.
    """

    def do_GET(self):
        """Answer a request."""
        if self.path != "/sitemap.xml":
            return super().do_GET()
        text = Path(self.directory, "sitemap.xml").read_text(encoding="utf-8")
        body = text.replace(ORIGIN, self.server.address).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_):
        """Say nothing of each request."""


@contextmanager
def start():
    """Start a browser; skip what asks for one where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if not (found and driver):
        if os.environ.get("CI") == "true":
            pytest.fail(NOT_RUN)
        pytest.skip(NOT_RUN)
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for argument in (
        "--headless=new",
        "--no-sandbox",  # in a container it cannot start otherwise; it shows our pages
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--window-size=1280,900",
    ):
        options.add_argument(argument)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(executable_path=driver)
    with webdriver.Chrome(options=options, service=service) as running:
        running.set_script_timeout(30)
        yield running


@pytest.fixture(scope="session")
def chromium():
    """Start the browser of most tests; `browser` is what a test asks for."""
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def address(chromium, site):
    """Serve the built site on a free port and return its address, with a last slash."""
    handler = partial(Handler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.address = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.address
        server.shutdown()


@pytest.fixture
def browser(chromium, address):
    """Return the browser on a blank page, 1280 pixels wide unless a test changed that.

    After the test no console may hold an error, and no page may have asked another origin
    for anything.
    """
    chromium.get("about:blank")
    logs_of(chromium)
    yield chromium
    errors, foreign = logs_of(chromium, address)
    assert errors == []
    assert foreign == []


def logs_of(driver, address=""):
    """Return the console's errors, and the addresses asked for outside ``address``."""
    errors = [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] in ("SEVERE", "WARNING")
    ]
    messages = [
        json.loads(entry["message"])["message"]
        for entry in driver.get_log("performance")
    ]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    own = (address, "data:", "blob:", "about:")
    return errors, [url for url in asked if not url.startswith(own)]
