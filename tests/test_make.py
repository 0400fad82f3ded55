"""What make refuses before it does anything, in one message that says what to do."""

import subprocess
import sys

import pytest

from mapped_axis.project import HERE


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("MAKE_VERSION=3.81", "GNU make 4 is needed, and this is 3.81"),
        (
            "PYTHON=no-such-python",
            "no-such-python is missing or older than Python 3.11: make PYTHON=python3.12",
        ),
        # Any program that is no Python of 3.11 or newer is as one that is too old.
        ("PYTHON=false", "false is missing or older than Python 3.11"),
    ],
)
def test_make_says_what_it_lacks(given, says):
    ran = subprocess.run(
        ["make", "--no-print-directory", given, "check-python"],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert says in ran.stderr
    assert ran.stdout == ""


def test_make_goes_on_where_all_is_there():
    command = ["make", f"PYTHON={sys.executable}", "check-python"]
    ran = subprocess.run(command, cwd=HERE.root, check=False)
    assert ran.returncode == 0
