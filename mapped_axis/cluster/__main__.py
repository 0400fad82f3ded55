"""Run what needs a launcher, and write it down: ``python -m mapped_axis.cluster``.

Exit status 0: all printed what it shows. 1: not all did. 2: something is missing here.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mapped_axis.cluster import record, world
from mapped_axis.cluster.run import grounds_of, run_all
from mapped_axis.cluster.scenes import TABLES
from mapped_axis.examples.grammar import examples_at
from mapped_axis.project import Project, shown

INSIDE = "--inside"  # said by this program to itself, in the machine of `world`


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    given = sys.argv[1:] if arguments is None else [*arguments]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders")
    parser.add_argument("--update-outputs", action="store_true")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(given)
    project = Project(Path.cwd())
    paths = options.paths or [project.snippets]
    examples = [one for one in examples_at(paths, parser.error) if one.ground]
    where = {path.resolve() for path in paths}
    tables = {
        name: table
        for name, table in TABLES.items()
        if (project.snippets / table.page).is_dir()
        and where
        & {project.snippets / table.page, *(project.snippets / table.page).parents}
    }
    if not examples and not tables:
        parser.error(f"nothing below {', '.join(map(str, paths))} needs a launcher")
    if not options.inside:
        grounds = grounds_of(examples, tables.values())
        needs = [
            (ground.title, what) for ground in grounds for what in ground.missing()
        ]
        lacking = {
            f"{', '.join(name for name, other in needs if other == what)}: {what}"
            for _, what in needs
        }
        if what := world.missing():
            lacking.add(f"all of it: {what}")
        if lacking:
            lines = [
                "make cluster installs nothing, and this is missing:",
                *sorted(lacking),
            ]
            print("\n  ".join(lines), file=sys.stderr)
            return 2
        return world.enter(["-m", "mapped_axis.cluster", INSIDE, *given])
    outcome = run_all(
        examples, tables, project, world.settle(), world.SCRATCH, options.update_outputs
    )
    ran = {e.path.relative_to(project.root).as_posix() for e in examples}
    red = ran - {*outcome.examples}
    kept = record.merged(record.read(project), outcome.examples, outcome.tables, red)
    record.write(project, record.pruned(kept, project))
    for path in outcome.updated:
        print(f"updated {shown(path)}")
    for fault in outcome.faults:
        print(f"\n{fault}", file=sys.stderr)
    print(
        f"{len(outcome.examples)} of {len(examples)} examples print what they show; "
        f"{len(outcome.tables)} of {len(tables)} tables were made"
    )
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
