"""The reader's own folder: a file for each exercise, none of which is ever overwritten."""

import errno
import hashlib
import itertools
import json
import os
import textwrap
from pathlib import Path

from mapped_axis.exercises.attempt import LIMIT, MARK, Verdict, attempt, written_in
from mapped_axis.exercises.read import Exercise, exercises, written_of
from mapped_axis.project import Project, replace_text

FOLDER = "my-exercises"  # below the root of the project; git ignores it


class Workshop:
    """The reader's files.

    Args:
        project: whose exercises.
        limit: seconds that a program may take.

    Raises:
        OSError: the folder cannot be made, or the project has no exercises.
    """

    def __init__(self, project: Project, limit: float = LIMIT) -> None:
        """Write a starter for each exercise that has no file yet."""
        self.project = project
        self.limit = limit
        self.folder = project.root / FOLDER
        self.exercises = {e.name: e for e in exercises(project)}
        if not self.exercises:
            says = "it has no exercises; run this in the project"
            raise FileNotFoundError(errno.ENOENT, says, str(project.docs))
        self.folder.mkdir(exist_ok=True)
        self._solved_file = self.folder / ".solved.json"
        for name in self.exercises:
            self.begin(name)

    def file(self, name: str) -> Path:
        """Return the reader's file of an exercise."""
        return self.folder / f"{name}.py"

    def begin(self, name: str) -> bool:
        """Write the starter of an exercise, unless something has its name."""
        try:
            with self.file(name).open("x", encoding="utf-8") as file:
                file.write(self._starter(self.exercises[name]))
        except FileExistsError:
            return False
        return True

    def reset(self, name: str) -> Path:
        """Move a reader's file aside and begin anew; return where it is now."""
        file = self.file(name)
        for number in itertools.count(1):
            aside = file.with_name(f"{file.name}.bak-{number}")
            try:
                os.link(file, aside)  # unlike a rename, it does not replace
                break
            except FileExistsError:
                continue
        file.unlink()
        self.begin(name)
        return aside

    def check(self, name: str) -> Verdict:
        """Check what the reader wrote, and remember what is solved."""
        digest = self.digest(name)
        verdict = attempt(self.exercises[name], self.file(name), self.limit)
        solved = {n: d for n, d in self._read_solved().items() if n != name}
        if verdict.solved and digest:
            solved[name] = digest
        replace_text(self._solved_file, json.dumps(solved, indent=1) + "\n")
        return verdict

    def solved(self) -> set[str]:
        """Return the names of what was solved, and is as it was."""
        then = self._read_solved()
        return {n for n in self.exercises if n in then and then[n] == self.digest(n)}

    def next(self) -> Exercise | None:
        """Return the first exercise that is not solved, or None."""
        done = self.solved()
        return next((e for n, e in self.exercises.items() if n not in done), None)

    def _read_solved(self) -> dict[str, str]:
        """Return what was solved, by name, with the digest of what solved it."""
        try:
            found = json.loads(self._solved_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def digest(self, name: str) -> str:
        """Return a digest of what a reader wrote and what checks it, or ""."""
        try:
            text = written_in(self.file(name)) + self.exercises[name].check
        except ValueError:
            return ""
        return hashlib.sha256(text.encode()).hexdigest()

    def _starter(self, exercise: Exercise) -> str:
        """Return the text of a reader's file before anything is written into it."""
        page = exercise.page.relative_to(self.project.root).as_posix()
        head = f"{exercise.title} (level {exercise.level}, {exercise.minutes} minutes)"
        lines = [head, page, "", *wrapped(exercise.plain, 86)]
        comment = "\n".join(f"# {line}".rstrip() for line in lines)
        program = written_of(exercise.start).rstrip("\n")
        return f"{comment}\n\n{program}\n\n\n{MARK}\n\n{exercise.check}"


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, with its paragraphs apart."""
    paragraphs = text.split("\n\n")
    filled = [textwrap.wrap(paragraph, width) for paragraph in paragraphs]
    return [line for lines in filled for line in [*lines, ""]][:-1]
