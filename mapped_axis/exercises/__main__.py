"""Do the exercises one after the other: ``make exercises``.

A file for each lies in my-exercises/. Open it in your editor; each time that you save it,
its check runs. Nothing that you wrote is ever overwritten.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

from mapped_axis.exercises.attempt import LIMIT, Verdict
from mapped_axis.exercises.workshop import Workshop, wrapped
from mapped_axis.project import Project, shown

PAUSE = 0.2  # seconds between two looks at the files
GONE = 5  # looks after which a file that is gone is taken for deleted


def show_next(workshop: Workshop) -> bool:
    """Show the next unsolved exercise, if there is one, and return whether there is."""
    done, of = len(workshop.solved()), len(workshop.exercises)
    exercise = workshop.next()
    if exercise is None:
        print(f"\nAll {of} exercises are solved.")
        return False
    print(f"\n{done} of {of} solved. Next, level {exercise.level} of 3, ", end="")
    print(f"about {exercise.minutes} minutes: {exercise.title}\n")
    print("\n".join(f"  {line}".rstrip() for line in wrapped(exercise.plain, 78)))
    print(
        f"\nWrite into {shown_file(workshop, exercise.name)} and save it.", flush=True
    )
    return True


def shown_file(workshop: Workshop, name: str) -> Path:
    """Return the path of a reader's file as a message shows it."""
    return workshop.file(name).relative_to(workshop.project.root)


def report(workshop: Workshop, name: str, verdict: Verdict) -> None:
    """Say what came of a check."""
    says = f"solved\n{verdict.says}" if verdict.solved else verdict.says
    says = says.removesuffix("\nsolved")
    print(f"\n{shown_file(workshop, name)}: {says}", flush=True)


def watch(workshop: Workshop) -> int:
    """Check each file when it is saved, until all are solved; return the exit status."""
    if not show_next(workshop):
        return 0
    seen = {name: _state(workshop, name) for name in workshop.exercises}
    gone = dict.fromkeys(workshop.exercises, 0)
    while True:
        time.sleep(PAUSE)
        for name in workshop.exercises:
            now = _state(workshop, name)
            # An editor may take a file away for a moment while it saves.
            gone[name] = 0 if now else gone[name] + 1
            if gone[name] == GONE and workshop.begin(name):
                says = "is gone; its starter is there again."
                print(f"\n{shown_file(workshop, name)} {says}", flush=True)
                seen[name] = _state(workshop, name)
            elif now and now != seen[name]:
                before = workshop.digest(name)
                verdict = workshop.check(name)
                # One that was saved meanwhile is checked next; not one that was put back.
                same = workshop.digest(name) == before
                seen[name] = _state(workshop, name) if same else now
                report(workshop, name, verdict)
                if verdict.solved and not show_next(workshop):
                    return 0


def _state(workshop: Workshop, name: str) -> tuple[int, int, int] | None:
    """Return what changes when a file is saved, or None where there is none."""
    try:
        found = workshop.file(name).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def once(workshop: Workshop) -> int:
    """Check all, say which are not solved, and return the exit status."""
    solved = 0
    for name in workshop.exercises:
        verdict = workshop.check(name)
        solved += verdict.solved
        first = verdict.says.splitlines()[:1] or ["nothing is printed"]
        says = "solved" if verdict.solved else first[0]
        print(f"{shown_file(workshop, name)}: {says}", flush=True)
    print(f"{solved} of {len(workshop.exercises)} solved")
    return 0 if solved == len(workshop.exercises) else 1


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--once", action="store_true", help="check all, and end")
    parser.add_argument("--reset", metavar="NAME", help="move a file aside, begin anew")
    parser.add_argument(
        "--limit", type=float, default=LIMIT, help="seconds for a check"
    )
    options = parser.parse_args(arguments)
    # What a script starts in the background has Ctrl-C ignored: then it would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        workshop = Workshop(Project(Path.cwd()), options.limit)
        if options.reset is None:
            return once(workshop) if options.once else watch(workshop)
        name = Path(options.reset).stem
        if name not in workshop.exercises:
            parser.error(f"no exercise {name!r}: {', '.join(workshop.exercises)}")
        aside = workshop.reset(name).relative_to(workshop.project.root)
        print(f"what you wrote is in {aside}; {shown_file(workshop, name)} begins anew")
    except OSError as error:
        file = shown(Path(error.filename)) if error.filename else "my-exercises"
        says = f"{file} cannot be used: {error.strerror or error}"
        print(says, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nYour files stay in my-exercises/; make exercises goes on there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
