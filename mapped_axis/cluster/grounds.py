"""What the examples of `make cluster` run on: what it needs, how it starts and stops.

A ground is started once for all its examples, in the machine of `world`. Whatever it leaves
running ends with that machine; it stops what it started all the same, in order.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mapped_axis.cluster.world import AS_USER, HOST, USER

TIME_LIMIT = 240.0  # seconds for one command: Ray takes 40 where nothing else runs


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
        root: bool = False,
        **more: str,
    ) -> Result:
        """Run a command to its end, or to the time limit.

        Args:
            command: the program and its arguments.
            folder: the working folder, or None for that of the ground.
            limit: seconds.
            merged: whether stderr goes where stdout goes.
            root: whether to run it as root of the machine, who may mount something.
            more: what its environment has beside that of the ground.
        """
        began = time.monotonic()
        # Files and no pipes: what a command leaves running would keep a pipe open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                command if root else [*AS_USER, *command],
                cwd=folder or self.folder,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if merged else err,
                start_new_session=True,
            )
            status: int | None
            try:
                status = process.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status = None
            seconds = time.monotonic() - began
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "backslashreplace"))
        return Result(status, texts[0], texts[1], seconds)


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
            for module in ("jax", *self.modules)
            if importlib.util.find_spec(module.replace("-", "_")) is None
        ]
        return lacking

    def versions(self, running: Running) -> dict[str, str]:
        """Return the versions of what it is made of, by name, when it is running.

        Raises:
            OSError: the command that should say it fails.
        """
        found = {module: importlib.metadata.version(module) for module in self.modules}
        if self.version:
            says = running.run(*self.version)
            number = re.search(r"\d+\.\d+(\.\d+)*", says.stdout)
            if says.status or not number:
                raise OSError(
                    f"{' '.join(self.version)} says: {says.stdout}{says.stderr}"
                )
            found[self.title] = number[0]
        return found


_SLURM = f"""\
ClusterName={HOST}
SlurmctldHost={HOST}
SlurmUser={USER}
SlurmdUser={USER}
AuthType=auth/munge
AuthInfo=socket=FOLDER/munge
StateSaveLocation=FOLDER/state
SlurmdSpoolDir=FOLDER/spool
SlurmctldPidFile=FOLDER/slurmctld.pid
SlurmdPidFile=FOLDER/slurmd.pid
SlurmctldLogFile=FOLDER/slurmctld.log
SlurmdLogFile=FOLDER/slurmd.log
# No control groups, which a machine in a machine cannot make.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
# Each daemon listens on the address of the name of the machine, and on no other.
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
NodeName={HOST} CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
"""


@contextmanager
def _slurm(environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """Start a cluster of one node: munge, which knows its users, and two daemons."""
    for name in ("state", "spool", "jobs"):
        (folder / name).mkdir()
    key, conf = folder / "key", folder / "slurm.conf"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    conf.write_text(_SLURM.replace("FOLDER", str(folder)), encoding="utf-8")
    running = Running({**environment, "SLURM_CONF": str(conf)}, folder / "jobs")
    munge = [f"--key-file={key}", f"--socket={folder / 'munge'}"]
    munge += [f"--{name}-file={folder / name}" for name in ("pid", "log", "seed")]
    with (
        _daemon(running, "munged", "--foreground", *munge),
        _daemon(running, "slurmctld", "-D"),
        _daemon(running, "slurmd", "-D"),
    ):
        _wait(running, "idle", "sinfo", "--noheader", "--format=%T")
        yield running


@contextmanager
def _daemon(running: Running, *command: str) -> Iterator[None]:
    """Run a daemon in the foreground, and end it."""
    with open(running.folder / f"{command[0]}.said", "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*AS_USER, *command],
            cwd=running.folder,
            env=running.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(running: Running, says: str, *command: str) -> None:
    """Wait until a command prints something.

    Raises:
        TimeoutError: it does not; the message holds what it and the daemons said.
    """
    began = time.monotonic()
    while says not in (result := running.run(*command)).stdout:
        if time.monotonic() - began > TIME_LIMIT:
            said = [f"{command[0]}: {result.stdout}{result.stderr}"]
            said += [
                f"{path.name}: {path.read_text(encoding='utf-8')}"
                for path in sorted(running.folder.glob("*.said"))
            ]
            raise TimeoutError("\n".join(said))
        time.sleep(0.2)


@contextmanager
def _ray(environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """Start nothing: `ray.init` starts a cluster, and ends it with the program."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "NO_COLOR": "1"}
    yield Running({**environment, **quiet}, folder)


@contextmanager
def _kubernetes(environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """Let the stand-in for Kubernetes be called by a name."""
    command = folder / "bin/stand-in"
    command.parent.mkdir()
    where = Path(__file__).parents[2]
    command.write_text(
        f"#!/bin/sh\nPYTHONPATH={where} exec {sys.executable} "
        '-m mapped_axis.cluster.kubernetes "$@"\n'
    )
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{environment['PATH']}"
    yield Running({**environment, "PATH": path}, folder)


GROUNDS = {
    ground.name: ground
    for ground in (
        Ground("plain", "two processes"),
        Ground(
            "mpi",
            "Open MPI",
            {"mpirun": "openmpi-bin"},
            version=("mpirun", "--version"),
        ),
        Ground(
            "slurm",
            "Slurm",
            {
                "srun": "slurm-client",
                "slurmctld": "slurmctld",
                "slurmd": "slurmd",
                "munged": "munge",
            },
            version=("slurmd", "-V"),
            start=_slurm,
        ),
        Ground("ray", "Ray", modules=("ray",), start=_ray),
        Ground(
            "kubernetes",
            "Kubernetes",
            {"openssl": "openssl"},
            ("kubernetes", "kubernetes-validate"),
            start=_kubernetes,
        ),
    )
}
