"""A copy of the project, and how a fault is put into it and taken out again."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mapped_axis.project import HERE

if TYPE_CHECKING:
    from mapped_axis.attack.faults import Fault


@dataclass(frozen=True)
class Edit:
    """One change of one file.

    Args:
        file: its path, relative to the root.
        old: the text that is replaced, where it stands first; "" appends, and creates a
            file that is not there.
        new: what stands there instead.
    """

    file: str
    old: str
    new: str

    def of(self, text: str) -> str:
        """Return a text with this change in it.

        Raises:
            ValueError: the old text is not there, or the change changes nothing.
        """
        if self.old not in text:
            raise ValueError(f"{self.file} does not hold {self.old!r}")
        changed = text.replace(self.old, self.new, 1) if self.old else text + self.new
        if changed == text:
            raise ValueError(f"nothing changes in {self.file}")
        return changed


class Copy:
    """A copy of the project, as it is in the working tree.

    Args:
        root: where it goes; a folder that is not there yet.
        environment: what programs that run in it get in addition.
    """

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        """Make the copy."""
        self.project = HERE.copy_to(root)
        self.environment = environment
        self.edited: dict[Path, bytes | None] = {}

    def plant(self, faults: Iterable["Fault"]) -> None:
        """Put faults into the copy, and cover their traces.

        Raises:
            ValueError: a fault does not apply.
        """
        for fault in faults:
            for edit in fault.edits:
                path = self.project.root / edit.file
                before = path.read_bytes() if path.exists() else None
                self.edited.setdefault(path, before)
                path.write_text(edit.of((before or b"").decode("utf-8")), "utf-8")
            if fault.then:
                for drawing in self.project.figures.rglob("*.svg"):
                    self.edited.setdefault(drawing, drawing.read_bytes())
                status, said = self.run("-m", fault.then)
                if status:
                    raise ValueError(f"{fault.name}: {fault.then} fails:\n{said}")

    def restore(self) -> None:
        """Take all faults out again."""
        for path, before in self.edited.items():
            if before is None:
                path.unlink()
            else:
                path.write_bytes(before)
        self.edited.clear()

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run Python in the copy; return its exit status, and all that it said."""
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.project.root,
            env=os.environ
            | {"PYTHONPATH": str(self.project.root), "PYTHONDONTWRITEBYTECODE": "1"}
            | self.environment
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return result.returncode, result.stdout
