"""How a file of data is read: one that cannot be read is one problem, with its line."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from mapped_axis.examples.grammar import Problem

_AT = re.compile(r" \(at line (\d+), column \d+\)")


class FaultyFileError(ValueError):
    """A file that pages are made of cannot be used, for one problem in it.

    Args:
        problem: where in the file, and what.
    """

    def __init__(self, problem: Problem) -> None:
        """Say what the problem says."""
        super().__init__(str(problem))
        self.problem = problem


def read_json(path: Path) -> Any:
    """Return what a file of JSON holds.

    Raises:
        FaultyFileError: it is no JSON.
        OSError: it is not there.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        problem = Problem(path, error.lineno, f"no JSON: {error.msg}.")
        raise FaultyFileError(problem) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file of TOML holds.

    Raises:
        FaultyFileError: it is no TOML.
        OSError: it is not there.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))  # not where the text ends too early
        line = int(at[1]) if at else 1
        problem = Problem(path, line, f"no TOML: {_AT.sub('', str(error))}.")
        raise FaultyFileError(problem) from error
