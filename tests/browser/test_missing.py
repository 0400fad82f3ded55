"""Where no browser is, the checks that need one do not pass in silence."""

import os
import subprocess
import sys

import pytest

from support.places import ROOT


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
@pytest.mark.slow
def test_checks_that_did_not_run_are_named(ci, status, tmp_path):
    check = "tests/browser/test_explorer.py::test_a_choice_is_drawn_and_said"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", check],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == status, result.stdout
    last = result.stdout.splitlines()[-5:]
    assert any(check in line for line in last), last
    assert "no Chromium or Chrome, or no chromedriver" in "".join(last)
