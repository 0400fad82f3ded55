"""How a file of data is read: one that cannot be read is one problem, with its line."""

import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

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


def read_notebook(path: Path) -> dict[str, Any]:
    """Return what a notebook holds.

    Raises:
        FaultyFileError: it is no JSON, or has no cells or no metadata.
        OSError: it is not there.
    """
    read = read_json(path)
    notebook: dict[str, Any] = read if isinstance(read, dict) else {}
    for name, kind in {"cells": list, "metadata": dict}.items():
        if not isinstance(notebook.get(name), kind):
            problem = Problem(path, 1, f"no notebook: it has no {name}.")
            raise FaultyFileError(problem)
    return notebook


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


def line_of_table(text: str, name: str, number: int) -> int:
    """Return the line where the table with that number, from 0, of a list begins.

    Args:
        text: a text of TOML.
        name: the name of the list.
        number: which of its tables; one that does not begin with its name is in line 1.
    """
    heads = re.finditer(rf"(?m)^[ \t]*\[\[\s*{name}\s*\]\]", text)
    head = next(itertools.islice(heads, number, None), None)
    return text.count("\n", 0, head.start()) + 1 if head else 1


def parse_yaml(
    text: str,
    path: Path,
    before: int = 0,
    loader: type[yaml.SafeLoader] = yaml.SafeLoader,
) -> Any:
    """Return what a text in YAML says.

    Args:
        text: the text.
        path: its file.
        before: how many lines of the file come before it.
        loader: what reads it.

    Raises:
        FaultyFileError: it is no YAML.
    """
    try:
        return yaml.load(text, loader)
    # A date that is none is no fault of YAML.
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        says = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = before + (mark.line + 1 if mark else 1)
        raise FaultyFileError(Problem(path, line, f"no YAML: {says}.")) from error


def line_of_yaml(text: str, value: str, key: bool) -> int:
    """Return the first line where something stands in a text of YAML, or 1.

    Args:
        text: the text.
        value: a scalar, without quotes.
        key: whether it is the name of something, or stands alone or after a name.
    """
    for before, token in itertools.pairwise(yaml.scan(text)):
        here = isinstance(token, yaml.ScalarToken) and token.value == value
        if here and isinstance(before, yaml.KeyToken) == key:
            return int(token.start_mark.line) + 1
    return 1
