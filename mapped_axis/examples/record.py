"""What a green run writes down, and what the build reads.

One file for each Python: ``.cache/checked/3.13.json``. It says for each example (and each
notebook) that passed: the digest of its text, and with what it ran. An example whose text
has changed since, or that never passed, has no valid entry; so "checked" is never typed,
and never older than what it stands for.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

FOLDER = Path(".cache/checked")


def digest(path):
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record_path(root):
    """Return where the record of this Python lies."""
    version = ".".join(map(str, sys.version_info[:2]))
    return root / FOLDER / f"{version}.json"


def read(path):
    """Return a record, or an empty one where there is none that can be read.

    Args:
        path: a file that `update` wrote.

    Returns:
        A dictionary from the path of a source, relative to the root, to a dictionary
        with ``digest``, ``python``, ``jax`` and ``devices``.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def update(root, passed, failed):
    """Write down the outcome of a run; what did not run keeps its entry.

    Args:
        root: the folder that holds docs/ and snippets/.
        passed: a dictionary from a source's path to its entry (see `read`).
        failed: the paths of the sources that failed.
    """
    path = record_path(root)
    entries = read(path)
    for source in failed:
        entries.pop(_name(root, source), None)
    for source, entry in passed.items():
        entries[_name(root, source)] = entry
    entries = {name: e for name, e in entries.items() if (root / name).exists()}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n")
    os.replace(draft, path)


def valid(root, record, source):
    """Return the entry of a source if it was written for the text it has now."""
    entry = record.get(_name(root, source))
    return entry if entry and entry["digest"] == digest(source) else None


def _name(root, source):
    """Return a source's path relative to the root, the same on every system."""
    return Path(source).relative_to(root).as_posix()
