"""A machine, as a page shows it without script, and what the script reads.

A page asks for it with an empty element that names a scene::

    <div class="device-machine" data-scene="collectives"></div>

Without script it is all steps below one another. The script shows one at a time; what it
shows stands in an attribute, so that it has nothing to compute and nothing to fetch.
"""

import itertools
import json
from collections.abc import Mapping
from html import escape

from mapped_axis.machines.table import SCENES, Scene, Step, read

KIND = "device-machine"  # the class of the element
ASSETS = ("machine.css", "machine.js")


def inside_of(attributes: Mapping[str, str]) -> str:
    """Return what an element holds, as HTML.

    Args:
        attributes: those of the element, without their ``data-``; ``scene`` is the name
            of a scene.

    Raises:
        ValueError: there is no such scene.
    """
    name = attributes.get("scene")
    if name not in SCENES:
        raise ValueError(f"no machine shows {name!r}; scenes: {', '.join(SCENES)}.")
    scene = read(name)
    return (
        f'<div class="machine-still" data-search-exclude data-machine="{_data(scene)}">'
        f"<p>{escape(scene['label'], quote=False)}</p>{''.join(_still(scene))}</div>"
    )


def text_of(attributes: Mapping[str, str]) -> str:
    """Return what stands for a machine where there is no page, as Markdown."""
    label = read(attributes["scene"])["label"]
    return f"(Here the page goes through this step by step: {label}.)"


def _data(scene: Scene) -> str:
    """Return a scene as the script reads it: rows as lines, values apart by spaces."""

    def short(step: Step) -> Step:
        tiles = ["\n".join(map(" ".join, rows)) for rows in step["tiles"]]
        return step | {"tiles": tiles}

    shows = [[short(step) for step in show] for show in scene["shows"]]
    text = json.dumps(scene | {"shows": shows}, separators=(",", ":"))
    return escape(text)


def _still(scene: Scene) -> list[str]:
    """Return all steps for each choice, folded but for the first."""
    options = [field["options"] for field in scene["fields"]]
    found: list[str] = []
    for choice, show in zip(itertools.product(*options), scene["shows"], strict=True):
        # A blank line would end the HTML for a reader of Markdown.
        text = "\n".join(
            f"{number}. {_step(step)}" for number, step in enumerate(show, 1)
        )
        pre = f"<pre>{escape(text, quote=False)}</pre>"
        if choice:
            title = escape(", ".join(choice), quote=False)
            is_open = "" if found else " open"
            pre = f"<details{is_open}><summary>{title}</summary>{pre}</details>"
        found.append(pre)
    return found


def _step(step: Step) -> str:
    """Return a step as text: what it says, then a line for each device."""
    lines = [step["says"].replace("`", "")]
    notes = step.get("notes", [""] * len(step["tiles"]))
    for device, (rows, note) in enumerate(zip(step["tiles"], notes, strict=True)):
        block = " / ".join(map(" ".join, rows))
        lines.append(f"   {device}: {block}{f' ({note})' if note else ''}")
    return "\n".join(lines)
