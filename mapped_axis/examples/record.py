"""What a green run writes down, and what the build reads.

One file for each Python: ``.cache/checked/3.13.json``. It says for each example (and each
notebook) that passed: the digest of its text, and with what it ran. An example whose text
has changed since, or that never passed, has no valid entry; so "checked" is never typed,
and never older than what it stands for.
"""

import hashlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict, cast

from mapped_axis.project import Project, replace_text


class Entry(TypedDict):
    """With what one source passed; ``devices`` is None for what does not use JAX."""

    digest: str
    lock: str  # the digest of requirements.txt
    python: str
    jax: str
    devices: int | None


Record = dict[str, Entry]  # by the path of the source, relative to the root


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def folder(project: Project) -> Path:
    """Return where the records lie."""
    return project.cache / "checked"


def record_path(project: Project) -> Path:
    """Return where the record of this Python lies."""
    version = ".".join(map(str, sys.version_info[:2]))
    return folder(project) / f"{version}.json"


def read(path: Path) -> Record:
    """Return a record, or an empty one where there is none that can be read."""
    try:
        return cast(Record, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def update(
    project: Project, passed: Mapping[Path, Entry], failed: Iterable[Path]
) -> None:
    """Write down the outcome of a run; what did not run keeps its entry."""
    path = record_path(project)
    entries = read(path) | {_name(project, s): entry for s, entry in passed.items()}
    red = {_name(project, source) for source in failed}
    entries = {
        name: entry
        for name, entry in entries.items()
        if name not in red and (project.root / name).exists()
    }
    replace_text(path, json.dumps(entries, indent=1, sort_keys=True) + "\n")


def valid(project: Project, record: Record, source: Path) -> Entry | None:
    """Return the entry of a source if it was written for the text it has now."""
    return next(iter(valid_in(project, [record], source)), None)


def valid_in(project: Project, records: Iterable[Record], source: Path) -> list[Entry]:
    """Return the entries of a source, of several records, that are for its text."""
    name, now = _name(project, source), digest(source)
    entries = [record[name] for record in records if name in record]
    return [entry for entry in entries if entry["digest"] == now]


def is_current(project: Project, record: Record, source: Path) -> bool:
    """Return whether a source passed as it stands, with this Python, JAX and lock."""
    entry = valid(project, record, source)
    return entry is not None and (
        entry["python"] == platform.python_version()
        and entry["jax"] == importlib.metadata.version("jax")
        and entry.get("lock") == lock(project)
    )


def lock(project: Project) -> str:
    """Return the digest of a project's lock, "" where it has none."""
    path = project.root / "requirements.txt"
    return digest(path) if path.exists() else ""


def _name(project: Project, source: Path) -> str:
    """Return a source's path relative to the root, the same on every system."""
    return source.relative_to(project.root).as_posix()
