"""What `make cluster` writes down, and what pages and publishing read.

One file, which is committed: `docs/devices/cluster.json`. It holds, by the path of each
example that ran, and by the name of each table: a date, the versions of what it ran with,
and a digest of all that it was made of. A table has its rows too; the output of an example
stands in its own file, which the digest covers.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from mapped_axis.cluster.scenes import TABLES, Table
from mapped_axis.examples.data import read_json
from mapped_axis.examples.grammar import Example, read_example
from mapped_axis.project import Project, replace_text


class Entry(TypedDict):
    """With what one example, or one table, was made."""

    date: str
    digest: str
    versions: dict[str, str]
    rows: NotRequired[list[dict[str, str]]]  # of a table: the cells by their column


class Record(TypedDict):
    """All that was run."""

    examples: dict[str, Entry]
    tables: dict[str, Entry]


def path_of(project: Project) -> Path:
    """Return where the record lies."""
    return project.docs / "devices/cluster.json"


def read(project: Project) -> Record:
    """Return the record, or an empty one where there is none."""
    path = path_of(project)
    if not path.is_file():
        return {"examples": {}, "tables": {}}
    return cast(Record, read_json(path))


def write(project: Project, record: Record) -> None:
    """Replace the record in one step."""
    # By name, but for the cells of a row, whose order is that of the columns.
    ordered = {
        kind: dict(sorted(cast(dict[str, Entry], some).items()))
        for kind, some in record.items()
    }
    text = json.dumps(ordered, indent=1, ensure_ascii=False)
    replace_text(path_of(project), f"{text}\n")


def files_of(folder: Path) -> dict[str, Example]:
    """Return the examples of a folder that are files for others, by their file's name."""
    read = (read_example(path) for path in sorted(folder.glob("*.md")))
    return {example.file: example for example in read if example.file}


def used_by(example: Example) -> dict[str, Example]:
    """Return the files that an example names, and those that they name, by name."""
    there = files_of(example.path.parent)
    used: dict[str, Example] = {}
    programs = [example.program]
    while programs:
        program = programs.pop()
        for name, file in there.items():
            if name in program and name not in used:
                used[name] = file
                programs.append(file.program)
    return used


def digest_of(paths: Iterable[Path], project: Project) -> str:
    """Return the SHA-256 of files, each with its path, as hexadecimal digits."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        name = path.relative_to(project.root).as_posix()
        whole.update(
            f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()


def digest_of_example(example: Example, project: Project) -> str:
    """Return the digest of an example with all files that it runs."""
    used = used_by(example).values()
    return digest_of([example.path, *(file.path for file in used)], project)


def valid(project: Project, record: Record, source: Path) -> list[Entry]:
    """Return the entries that prove an example as it is now, or none.

    Those of a file are those of the examples that run it.
    """
    example = read_example(source)
    if example.ground:
        name = source.relative_to(project.root).as_posix()
        entry = record["examples"].get(name)
        same = entry and entry["digest"] == digest_of_example(example, project)
        return [entry] if entry and same else []
    found: list[Entry] = []
    for other in runs_of(example):
        entries = valid(project, record, other.path)
        if not entries:
            return []  # not all of them print with it what they show
        found += entries
    return found


def runs_of(file: Example) -> list[Example]:
    """Return the examples that run a file."""
    there = (read_example(path) for path in sorted(file.path.parent.glob("*.md")))
    return [other for other in there if other.ground and file.file in used_by(other)]


def digest_of_table(
    table: Table, project: Project, rows: Sequence[Mapping[str, str]]
) -> str:
    """Return the digest of all that the rows of a table depend on, and of the rows.

    Whoever edits a row by hand changes it too.
    """
    files = [file.path for file in files_of(project.snippets / table.page).values()]
    made_of = digest_of([*files, *map(_of_project(project), table.sources)], project)
    made = json.dumps([*rows], sort_keys=True)
    return hashlib.sha256(f"{made_of}\n{made}".encode()).hexdigest()


def _of_project(project: Project) -> Callable[[str], Path]:
    """Return a function from a path below the root to the path."""
    return lambda name: project.root / name


def valid_table(project: Project, record: Record, name: str) -> Entry | None:
    """Return the entry of a table if all that it depends on is as it was."""
    entry, table = record["tables"].get(name), TABLES.get(name)
    if not entry or not table:
        return None
    digest = digest_of_table(table, project, entry.get("rows", []))
    return entry if entry["digest"] == digest else None


def merged(
    record: Record,
    examples: Mapping[str, Entry],
    tables: Mapping[str, Entry],
    red: Iterable[str] = (),
) -> Record:
    """Return a record with what ran anew, and without the examples that failed."""
    kept = {k: v for k, v in record["examples"].items() if k not in {*red}}
    return {
        "examples": kept | dict(examples),
        "tables": record["tables"] | dict(tables),
    }


def pruned(record: Record, project: Project) -> Record:
    """Return a record without what is no more."""
    there = {
        name: entry
        for name, entry in record["examples"].items()
        if (path := project.root / name).is_file() and read_example(path).ground
    }
    tables = {k: v for k, v in record["tables"].items() if k in TABLES}
    return {"examples": there, "tables": tables}
