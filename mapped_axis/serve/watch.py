"""A process beside the server: it runs each edited example, and writes what failed.

It runs pytest over the edited examples and nothing else. What failed goes into a file
whose folder the server watches; so the page comes again, with the failure under its
example. The rebuild after an edit does not wait for any of this.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from mapped_axis.examples.invoke import run_pytest
from mapped_axis.project import Project

PAUSE = 0.2  # seconds between two looks at the examples


def changed(project: Project) -> dict[Path, int]:
    """Return when each example was last changed."""
    times = {}
    for path in project.snippets.rglob("*.md"):
        try:
            times[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # an editor replaced it at this moment
    return times


def run(project: Project, paths: list[Path]) -> dict[str, str]:
    """Run examples and return what failed.

    Returns:
        A dictionary from the name of each example, relative to ``snippets/``, to what its
        run said: "" if it passed.
    """
    outcome = run_pytest(project, paths=paths)
    names = [path.relative_to(project.snippets).as_posix() for path in paths]
    return {
        name: outcome.said.get(f"snippets/{name}", outcome.output) for name in names
    }


def tell(said: dict[str, str], failures: Path) -> None:
    """Write what failed.

    Args:
        said: what the run of each example said that failed, by example.
        failures: the file. The server reads it at any moment, and watches its folder.
    """
    draft = failures.parent.with_suffix(".draft")
    draft.write_text(json.dumps(said), encoding="utf-8")
    os.replace(draft, failures)


def main(failures: Path, project: Project) -> None:
    """Run each edited example, for as long as the process that started this one runs."""
    server = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server
    known = changed(project)
    said: dict[str, str] = {}
    while os.getppid() == server:
        time.sleep(PAUSE)
        now = changed(project)
        edited = [path for path, when in now.items() if known.get(path) != when]
        known = now
        if edited:
            before = said
            said = said | run(project, edited)
            said = {name: text for name, text in said.items() if text}
            if said != before:  # otherwise the server would build for nothing
                tell(said, failures)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Project(Path.cwd()))
