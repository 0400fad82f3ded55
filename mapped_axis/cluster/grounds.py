"""What the examples of `make cluster` run on: what it needs, how it starts and stops.

A ground is started once for all its examples, in the machine of `world`. Whatever it leaves
running ends with that machine; it stops what it started all the same, in order.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

TIME_LIMIT = 60.0  # seconds for one command


@dataclass(frozen=True)
class Result:
    """What a command did.

    Args:
        status: its exit status; negative: the number of the signal that ended it; None: it
            was ended at the time limit.
        stdout: what it wrote there; with ``merged``, on both.
        stderr: what it wrote there.
        seconds: how long it took.
    """

    status: int | None
    stdout: str
    stderr: str
    seconds: float


@dataclass(frozen=True)
class Running:
    """A ground that was started.

    Args:
        environment: that of what runs on it.
        folder: an empty one, for its files.
    """

    environment: Mapping[str, str]
    folder: Path

    def run(
        self,
        *command: str | Path,
        folder: Path | None = None,
        limit: float = TIME_LIMIT,
        merged: bool = False,
        **more: str,
    ) -> Result:
        """Run a command to its end, or to the time limit.

        Args:
            command: the program and its arguments.
            folder: the working folder, or None for that of the ground.
            limit: seconds.
            merged: whether stderr goes where stdout goes.
            more: what its environment has beside that of the ground.
        """
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder or self.folder,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )
        status: int | None
        try:
            out, err = process.communicate(timeout=limit)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            status = None
        return Result(status, out, err or "", time.monotonic() - began)


@contextmanager
def nothing(environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """Start nothing: the example does all."""
    yield Running(environment, folder)


Start: TypeAlias = Callable[[Mapping[str, str], Path], AbstractContextManager[Running]]


@dataclass(frozen=True)
class Ground:
    """Something that an example runs on.

    Args:
        name: as an example calls it.
        title: as a reader knows it.
        programs: each command that it needs, with the package of Debian that has it.
        modules: the packages of Python that it needs.
        version: a command that prints its version, or nothing.
        start: starts it, given an environment and an empty folder, and stops it at the end.
    """

    name: str
    title: str
    programs: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    start: Start = nothing

    def missing(self) -> list[str]:
        """Return what it needs and is not here, each as a person would say it."""
        lacking = [
            f"{command} (Debian and Ubuntu: {package})"
            for command, package in self.programs.items()
            if not shutil.which(command, path="/usr/sbin:/usr/bin:/sbin:/bin")
            and not shutil.which(command)
        ]
        lacking += [
            f"the Python package {module} (`make cluster-env` installs it)"
            for module in self.modules
            if importlib.util.find_spec(module.replace("-", "_")) is None
        ]
        return lacking

    def versions(self) -> dict[str, str]:
        """Return the versions of what it is made of, by name."""
        found = {module: importlib.metadata.version(module) for module in self.modules}
        if self.version:
            says = subprocess.run(
                self.version, capture_output=True, text=True, check=True
            ).stdout
            number = re.search(r"\d+\.\d+(\.\d+)*", says)
            found[self.title] = number[0] if number else says.strip()
        return found


@contextmanager
def _mpi(environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """Let `mpirun` run as root, which its user is in the machine of `world`."""
    allow = "OMPI_ALLOW_RUN_AS_ROOT"
    yield Running({**environment, allow: "1", f"{allow}_CONFIRM": "1"}, folder)


GROUNDS = {
    ground.name: ground
    for ground in (
        Ground("plain", "two processes"),
        Ground(
            "mpi",
            "Open MPI",
            {"mpirun": "openmpi-bin"},
            version=("mpirun", "--version"),
            start=_mpi,
        ),
    )
}
