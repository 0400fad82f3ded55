"""A browser leaves nothing behind."""

import os
import tempfile
from pathlib import Path

import pytest

from support.browser import start


@pytest.mark.slow
def test_a_browser_leaves_nothing_in_the_temporary_folder(monkeypatch):
    # A short path: a browser puts a socket there, and cannot where it is long.
    with tempfile.TemporaryDirectory() as name:
        monkeypatch.setattr(tempfile, "tempdir", name)
        monkeypatch.setenv("TMPDIR", name)
        with start() as browser:
            browser.get("data:text/html,<p>a")
            (folder,) = Path(name).iterdir()
            # It writes here, the profile and more: so here is where it would be left.
            assert len(os.listdir(folder)) > 1
        assert os.listdir(name) == []
