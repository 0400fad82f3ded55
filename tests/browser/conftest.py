"""A real browser, and the built site served to it.

Nothing is installed: the browser is the Chromium or Chrome that the machine has, driven
by its chromedriver. Where one of them is missing, the tests of this folder are skipped
and the last lines of the run say so; with ``CI=true`` they fail.
"""

import http.server
import threading
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support import places
from support.browser import emulate, logs_of, start


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site below its own path, with its sitemap as it would be at this address.

    Material navigates without loading pages anew only to what the sitemap names.
    """

    def translate_path(self, path):
        """Return the file for a path."""
        base = urlsplit(places.ORIGIN).path
        inside = path.startswith(base)
        return super().translate_path(f"/{path.removeprefix(base)}" if inside else "//")

    def do_GET(self):
        """Answer a request."""
        if not self.path.endswith("/sitemap.xml"):
            return super().do_GET()
        text = Path(self.directory, "sitemap.xml").read_text(encoding="utf-8")
        body = text.replace(places.ORIGIN, self.server.address).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_):
        """Say nothing of each request."""


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
        base = urlsplit(places.ORIGIN).path
        server.address = f"http://127.0.0.1:{server.server_port}{base}"
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


@pytest.fixture
def screen(browser):
    """Return `emulate` for a browser that is as it was again after the test."""
    yield lambda **options: emulate(browser, **options)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
