"""The one schema of a file of measured times, and how an interrupted run goes on.

A file is JSON::

    {
      "schema": 1,
      "date": "2026-11-27",
      "machine": {"name": …, "processor": …, "cores": …, "gpu": …, "threads": {…}, …},
      "versions": {"Python": …, "JAX": …, …},
      "ceilings": {"copy": bytes a second, "product": {"float32": FLOP a second, …}},
      "settings": {"rounds": …, "memory": bytes, …},
      "workloads": {"linear": {"title": …, "lane": …, "mended": […]}, …},
      "times": [{"workload": …, "form": …, "size": …, "median": seconds, "low": …,
                 "high": …, "rounds": …, "calls": …, …}, …],
      "programs": [{"workload": …, "size": …, "trace": seconds, "compile": seconds,
                    "bytes": …, "temporary": …, "flops": …, "same": …, …}, …],
      "devices": {"slow-while": {"varied": …, "settings": {…}, "times": {…}}, …},
      "left_out": [{"what": …, "why": …}, …]
    }

While it is measured, each finished part is a line of a second file. A run that finds such
a file with the same machine, versions and settings takes its parts over.
"""

import json
from pathlib import Path
from typing import Any

from mapped_axis.project import replace_text

SCHEMA = 1
KEYS = (
    *("schema", "date", "machine", "versions", "ceilings", "settings", "workloads"),
    *("times", "programs", "devices", "left_out"),
)


def rounded(seconds: float) -> float:
    """Return a time with the three digits that it is worth."""
    return float(f"{seconds:.3g}")


def read(path: Path) -> dict[str, Any]:
    """Return what a file of times holds.

    Raises:
        ValueError: it is missing, or is not of this schema. The text says what to do.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in KEYS if key not in data]
        if data.get("schema") != SCHEMA or missing:
            raise ValueError(f"schema {data.get('schema')}, without {missing}")
    except (OSError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{path.name} is no file of measured times ({error}); make it by `make bench`."
        ) from error
    return data


def write(path: Path, data: dict[str, Any]) -> None:
    """Write a file of times: a line for each of its records, so that a diff can be read."""
    parts = []
    for key in KEYS:
        value = data[key]
        if isinstance(value, list):
            lines = ",\n".join(f"    {json.dumps(one)}" for one in value)
            text = f"[\n{lines}\n  ]" if value else "[]"
        else:
            text = json.dumps(value, indent=2).replace("\n", "\n  ")
        parts.append(f'  "{key}": {text}')
    replace_text(path, "{\n" + ",\n".join(parts) + "\n}\n")


class Unfinished:
    """What an interrupted run has measured: the file that the next one reads.

    Args:
        path: the file.
        identity: what must be the same for its parts to be taken over.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        """Read what is there, or begin."""
        self.path = path
        self.parts: dict[str, Any] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        read = [*filter(None, map(_line, lines))]
        if read and read[0] == {"identity": identity}:
            self.parts = {one["part"]: one["found"] for one in read[1:]}
        self.taken_over = len(self.parts)
        self.refused = len(read) > 1 and not self.parts
        # Written anew: an interrupted run may have ended within a line.
        kept = [{"part": part, "found": found} for part, found in self.parts.items()]
        text = "".join(json.dumps(x) + "\n" for x in ({"identity": identity}, *kept))
        replace_text(path, text)

    def add(self, part: str, found: Any) -> None:
        """Keep a part that was measured."""
        self.parts[part] = found
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"part": part, "found": found}) + "\n")

    def done(self) -> None:
        """Forget all: the file of times is written."""
        self.path.unlink()


def _line(text: str) -> dict[str, Any] | None:
    """Return what a line holds; None if a run was interrupted while it wrote it."""
    try:
        read = json.loads(text)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
