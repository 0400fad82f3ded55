"""A real browser: how to start one, wait for it, and read what it logs."""

import json
import os
import shutil
import tempfile
from contextlib import contextmanager

import pytest
from selenium import webdriver
from selenium.common.exceptions import JavascriptException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOT_RUN = "no Chromium or Chrome, or no chromedriver, on this machine"


def wait(browser, condition):
    """Wait until a condition holds, and return what it returns."""
    return WebDriverWait(browser, 10, poll_frequency=0.02).until(condition)


def find(root, selector):
    """Return the first element that a selector finds."""
    return root.find_element(By.CSS_SELECTOR, selector)


LIGHT, DARK = "light", "dark"
DESKTOP, PHONE = 1280, 390


def emulate(browser, width=DESKTOP, scheme=LIGHT, media="", height=900):
    """Show the page on a screen of this width, to a reader who wants this scheme."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {
            "media": media,
            "features": [
                {"name": "prefers-color-scheme", "value": scheme},
                # What is half shown has half a contrast.
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        },
    )


class Browser(webdriver.Chrome):
    """Chromium, on a page when `get` returns.

    Its driver says now and then that a page is loaded while the one before still stands.
    """

    def get(self, url):
        """Open an address, and wait until its page is there."""
        before = self.execute_script("return location.href")
        super().get(url)

        def there(browser):
            href, state = browser.execute_script(
                "return [location.href, document.readyState]"
            )
            return state == "complete" and (href != before or href == url)

        WebDriverWait(
            self, 10, poll_frequency=0.02, ignored_exceptions=[JavascriptException]
        ).until(there)


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
    # The browser and its driver leave folders behind; here they go with their browser.
    with tempfile.TemporaryDirectory(
        prefix="browser-", ignore_cleanup_errors=True
    ) as folder:
        options.add_argument(f"--user-data-dir={folder}/profile")
        service = webdriver.ChromeService(
            executable_path=driver, env=os.environ | {"TMPDIR": folder}
        )
        with Browser(options=options, service=service) as running:
            running.set_script_timeout(30)
            yield running


@contextmanager
def no_storage(browser):
    """Show pages as to a reader who lets no site store anything.

    The theme's own scripts fail there, and say so: read the logs.
    """
    command = "Page.{}ScriptToEvaluateOnNewDocument"
    added = browser.execute_cdp_cmd(
        command.format("add"),
        {
            "source": """
            Object.defineProperty(window, "localStorage", {
              get() { throw new DOMException("refused", "SecurityError"); },
            });
            """
        },
    )
    try:
        yield
    finally:
        browser.execute_cdp_cmd(command.format("remove"), added)


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
    # Its own first page, which may still be busy when the next is asked for.
    own = (address, "data:", "blob:", "about:", "chrome:", "chrome-untrusted:")
    return errors, [url for url in asked if not url.startswith(own)]
