"""Runs the examples and the scenes of `make cluster`, and compares.

An example runs in a folder of its own, in which the files lie that it names; its output is
what its commands write to stdout and stderr together. One that prints anything else than it
shows, that fails, or that is not done in time is a fault; so is a scene that does not show
what its row says, and a ground that does not start.
"""

import datetime
import difflib
import importlib.metadata
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mapped_axis.cluster import record
from mapped_axis.cluster.faults import NotSeenError
from mapped_axis.cluster.grounds import GROUNDS, TIME_LIMIT, Ground, Running
from mapped_axis.cluster.scenes import Scene, Table
from mapped_axis.examples.grammar import Example, read_example
from mapped_axis.examples.write import write_output
from mapped_axis.project import Project, shown

# What a ground or a scene raises that does not do what it should: what ran is kept.
_RED = (NotSeenError, RuntimeError, ValueError, OSError)


@dataclass
class Outcome:
    """What a run found.

    Args:
        examples: the entries of the examples that passed, by path.
        tables: the entries of the tables that were made.
        faults: what a person must look at, each with its place.
        updated: the examples whose output was rewritten.
    """

    examples: dict[str, record.Entry] = field(default_factory=dict)
    tables: dict[str, record.Entry] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    updated: list[Path] = field(default_factory=list)


def grounds_of(examples: Iterable[Example], tables: Iterable[Table]) -> list[Ground]:
    """Return what examples and tables run on, in the order of `GROUNDS`."""
    named = {example.ground for example in examples}
    named |= {scene.ground for table in tables for scene in table.scenes}
    return [ground for name, ground in GROUNDS.items() if name in named]


def run_all(
    examples: list[Example],
    tables: Mapping[str, Table],
    project: Project,
    environment: Mapping[str, str],
    scratch: Path,
    update: bool,
) -> Outcome:
    """Run examples and scenes, ground by ground.

    Args:
        examples: examples that need a ground, without problems.
        tables: tables by their name.
        project: their project.
        environment: that of the machine.
        scratch: a folder for all that is written.
        update: whether an output that differs is rewritten, and is no fault.
    """
    outcome = Outcome()
    rows: dict[Scene, list[dict[str, str]]] = {}
    with_all = {"Python": platform.python_version()}
    with_all |= {"JAX": importlib.metadata.version("jax")}
    versions: dict[str, dict[str, str]] = {}
    for ground in grounds_of(examples, tables.values()):
        folder = _empty(scratch / ground.name)
        try:
            with ground.start(environment, folder) as running:
                versions[ground.name] = with_all | ground.versions(running)
                for example in examples:
                    if example.ground == ground.name:
                        _say(example.path)
                        _run(
                            example,
                            running,
                            versions[ground.name],
                            project,
                            outcome,
                            update,
                        )
                for name, table in tables.items():
                    for number, scene in enumerate(table.scenes, 1):
                        if scene.ground != ground.name:
                            continue
                        what = f"table {name}, scene {number}"
                        _say(what)
                        own = _empty(folder / f"{name}-{number}")
                        lay_out(record.files_of(project.snippets / table.page), own)
                        try:
                            rows[scene] = scene.rows(Running(running.environment, own))
                        except _RED as error:
                            outcome.faults.append(f"{what}: {error}")
        except _RED as error:
            outcome.faults.append(f"{ground.title}: {error}")
    for name, table in tables.items():
        if not all(scene in rows for scene in table.scenes):
            continue  # it stays as it was made before
        made = [row for scene in table.scenes for row in rows[scene]]
        outcome.tables[name] = {
            "date": datetime.date.today().isoformat(),
            "digest": record.digest_of_table(table, project, made),
            "versions": {
                k: v for s in table.scenes for k, v in versions[s.ground].items()
            },
            "rows": made,
        }
    return outcome


def lay_out(files: Mapping[str, Example], folder: Path) -> None:
    """Write the files of examples into a folder."""
    for name, example in files.items():
        (folder / name).write_text(example.program, encoding="utf-8")


def _empty(folder: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _say(what: object) -> None:
    """Say what runs now, and when that was."""
    name = shown(what) if isinstance(what, Path) else what
    print(f"  {time.strftime('%H:%M:%S')} {name}", flush=True)


def _run(
    example: Example,
    running: Running,
    versions: dict[str, str],
    project: Project,
    outcome: Outcome,
    update: bool,
) -> None:
    """Run one example, and note how it went."""
    place = f"{shown(example.path)}:{example.code[0].line}"
    folder = _empty(running.folder / example.path.stem)
    lay_out(record.used_by(example), folder)
    python = example.language == "python"
    program = folder / ("program.py" if python else "program.sh")
    program.write_text(example.program, encoding="utf-8")
    command = [sys.executable] if python else ["sh", "-e"]
    result = running.run(*command, program, folder=folder, merged=True)
    program.unlink()
    expected = example.output.text if example.output else ""
    if result.status is None:
        fault = f"not done after {TIME_LIMIT:g} seconds\n{result.stdout}"
    elif result.status:
        fault = f"exit status {result.status}\n{result.stdout}"
    elif not result.stdout.strip():
        fault = "it prints nothing, so nothing proves it."
    elif result.stdout == expected:
        fault = ""
    elif update:
        write_output(example, result.stdout)
        outcome.updated.append(example.path)
        example, fault = read_example(example.path), ""
    else:
        lines = expected.splitlines(), result.stdout.splitlines()
        diff = difflib.unified_diff(*lines, "shown", "printed", lineterm="")
        fault = "the output is not what is shown:\n" + "\n".join(diff)
    if fault:
        outcome.faults.append(f"{place}: {fault.rstrip()}")
        return
    name = example.path.relative_to(project.root).as_posix()
    outcome.examples[name] = {
        "date": datetime.date.today().isoformat(),
        "digest": record.digest_of_example(example, project),
        "versions": versions,
    }
