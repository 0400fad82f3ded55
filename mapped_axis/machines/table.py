"""The files of the scenes: what each device held at each step.

A scene is a dictionary:

* ``label``: what it shows, in a few words;
* ``fields``: what the reader chooses, each with a ``label`` and its ``options``;
* ``shows``: for each combination of options, the last field changing fastest, a list of
  steps.

A step is a dictionary:

* ``says``: a sentence or two; what stands between backquotes is code;
* ``tiles``: for each device its rows, each a list of values as text;
* ``notes``: for each device a few words, or missing;
* ``new``: for each device the numbers of its values that this step changed, counted
  through all rows; or missing;
* ``from``: for each device the one that sent them, or missing where nothing was sent from
  one device to one other.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from mapped_axis.examples.data import read_json
from mapped_axis.project import HERE

Scene: TypeAlias = dict[str, Any]
Step: TypeAlias = dict[str, Any]

DEVICES = 8  # simulated

# The function of `scenes` that records a scene, and the page that shows it.
SCENES = {
    "collectives": "devices/collectives",
    "trap": "devices/gradient-trap",
    "blocks": "devices/meshes",
    "votes": "devices/slow-while",
    "step": "devices/training",
    "products": "devices/model-parallel",
}


def path_of(name: str) -> Path:
    """Return the file of a scene, in the folder of its page."""
    return HERE.docs / SCENES[name] / f"{name}.json"


def read(name: str) -> Scene:
    """Return what the file of a scene holds."""
    scene: Scene = read_json(path_of(name))
    return scene


def dump(scene: Scene) -> str:
    """Return a scene as the text of its file: what a device holds on a line."""

    def deep(value: Any) -> bool:
        """Return whether a value takes more than a line: a list of lists takes one."""
        if isinstance(value, list):
            return any(isinstance(v, dict) or deep_in(v) for v in value)
        return isinstance(value, dict)

    def deep_in(value: Any) -> bool:
        """Return whether a list holds lists or dictionaries."""
        return isinstance(value, list) and any(
            isinstance(v, list | dict) for v in value
        )

    def lines(value: Any) -> Iterator[str]:
        if not deep(value):
            yield json.dumps(value, ensure_ascii=False)
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        yield "{" if isinstance(value, dict) else "["
        for number, (key, item) in enumerate(pairs, 1):
            name = f"{json.dumps(key)}: " if isinstance(value, dict) else ""
            first, *rest = lines(item)
            block = [f" {name}{first}", *(f" {line}" for line in rest)]
            yield from block[:-1]
            yield block[-1] + ("," if number < len(value) else "")
        yield "}" if isinstance(value, dict) else "]"

    return "\n".join(lines(scene)) + "\n"
