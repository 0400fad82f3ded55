"""What each launcher decides, and which ports it opens: seen by `probe`, started by each.

The commands are those of the page: its files are run as they are, but for ``train.py``, in
whose place `probe` lies.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from mapped_axis.cluster.grounds import Result, Running

_PROBE = Path(__file__).with_name("probe.py")
_PORT = "12345"
_DEVICES = {"JAX_NUM_CPU_DEVICES": "4"}
_BOUND = {
    "JAX_COORDINATOR_PORT": _PORT,
    "JAX_COORDINATOR_BIND_ADDRESS": f"127.0.0.1:{_PORT}",
}
_NOT_RUN = "not run here"
_SLURMCTLD = 6817  # its port, unless it is told another one
_STATUS = 3  # with which process 1 ends, where the exit status is asked for


class Start(NamedTuple):
    """How a launcher is called.

    Args:
        title: its name.
        command: what starts two processes.
    """

    title: str
    command: tuple[str, ...]


STARTS = {
    "mpi": Start(
        "Open MPI",
        (
            "mpirun",
            "-n",
            "2",
            "--mca",
            "oob_tcp_if_include",
            "lo",
            "python",
            "train.py",
        ),
    ),
    "slurm": Start("Slurm", ("sbatch", "--wait", "job.sh")),
    "ray": Start("Ray", ("python", "launch.py")),
    "kubernetes": Start("Kubernetes", ("stand-in", "job.yaml")),
}


class Seen(NamedTuple):
    """What a start of the probe showed.

    Args:
        result: of the command.
        processes: what each process saw, by rank.
        folder: where it ran.
    """

    result: Result
    processes: list[dict[str, Any]]
    folder: Path


def probe(running: Running, command: tuple[str, ...], more: Mapping[str, str]) -> Seen:
    """Start the probe in the place of ``train.py``.

    Args:
        running: what it runs on.
        command: what starts two processes.
        more: what its environment has beside that of the ground.

    Raises:
        RuntimeError: not every process wrote what it saw.
    """
    folder = running.folder / f"probe-{len(list(running.folder.glob('probe-*')))}"
    # Not the folder itself: it holds those of other starts.
    folder.mkdir()
    for file in running.folder.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    shutil.copy(_PROBE, folder / "train.py")
    own = {"PROBE": str(folder), "PYTHONPATH": str(_PROBE.parents[2]), **_DEVICES}
    environment = {**running.environment, **own, **more}
    result = Running(environment, folder).run(*command)
    seen = sorted(folder.glob("seen-*.json"))
    if len(seen) != 2:
        raise RuntimeError(
            f"{' '.join(command)}: {len(seen)} of 2 processes looked around; "
            f"exit status {result.status}\n{result.stdout}\n{result.stderr}"
        )
    read = [json.loads(path.read_text(encoding="utf-8")) for path in seen]
    return Seen(result, read, folder)


# A start takes up to a minute, so both tables are made of the same one.
_started: dict[str, Seen] = {}


def _start(name: str, running: Running) -> Seen:
    """Return what was seen under a launcher that is called as on the page."""
    if name not in _started:
        bound = {} if name in ("ray", "kubernetes") else _BOUND
        more = bound | {"PROBE_STATUS": str(_STATUS)}
        _started[name] = probe(running, STARTS[name].command, more)
    return _started[name]


def _decides(name: str, running: Running) -> list[dict[str, str]]:
    """Return what a launcher decides, as one row."""
    start = STARTS[name]
    seen = _start(name, running)
    first = seen.processes[0]
    variables = sorted({v for process in seen.processes for v in process["variables"]})
    host = first["coordinator"].rpartition(":")[0]
    status = str(seen.result.status)
    # What stands in for Kubernetes decides nothing of what a cluster does with a pod.
    of_cluster = name != "kubernetes"
    return [
        {
            "Launcher": start.title,
            "The rank is in": ", ".join(f"`{v}`" for v in variables)
            or "no variable: it calls `initialize` itself",
            "Coordinator": f"`{host}`",
            "Devices of a process": f"{first['local devices']} of {first['devices']}",
            "stdout of the processes": _stdout(seen) if of_cluster else _NOT_RUN,
            f"One ends with {_STATUS}, the launcher with": status
            if of_cluster
            else _NOT_RUN,
        }
    ]


def _stdout(seen: Seen) -> str:
    """Say where what the processes wrote to stdout is found, looking for it."""
    says = "written to stdout by process 1"
    if says in seen.result.stdout or says in seen.result.stderr:
        return "out of the launcher"
    found = sorted(
        path.relative_to(seen.folder).as_posix()
        for path in seen.folder.rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".json")
        and says in path.read_text(encoding="utf-8", errors="replace")
    )
    return ", ".join(f"`{name}`" for name in found) or "nowhere"


def _as_on_the_page(name: str, running: Running) -> list[dict[str, str]]:
    """Return which ports are open under a launcher that is called as on the page."""
    return _ports(f"{STARTS[name].title}, as here", _start(name, running))


def _as_it_comes(running: Running) -> list[dict[str, str]]:
    """Return which ports are open under Open MPI that is told of no network."""
    told = ("--mca", "oob_tcp_if_include", "lo")
    command = tuple(word for word in STARTS["mpi"].command if word not in told)
    return _ports("Open MPI, as it comes", probe(running, command, {}))


def _by_hand(
    title: str, more: dict[str, str], running: Running
) -> list[dict[str, str]]:
    """Return which ports are open where two processes are started by hand."""
    (running.folder / "start.py").write_text(_BY_HAND, encoding="utf-8")
    return _ports(title, probe(running, ("python", "start.py"), more))


def _ports(title: str, seen: Seen) -> list[dict[str, str]]:
    """Return which ports were open, as rows."""
    first = seen.processes[0]
    coordinator = int(first["coordinator"].rpartition(":")[2])
    found: dict[tuple[str, bool], list[str]] = {}
    for port in first["listening"]:
        who = _who(port, coordinator)
        found.setdefault((who, port["reached"]), []).append(port["address"])
    return [
        {
            "Started by": title,
            "Listens": who,
            "On": ", ".join(f"`{address}`" for address in sorted({*addresses})),
            "Ports": str(len(addresses)),
            "Lets the network in": "yes" if reached else "no",
        }
        for (who, reached), addresses in sorted(found.items())
    ]


def _who(port: dict[str, Any], coordinator: int) -> str:
    """Name who listens on a port."""
    if port["port"] == coordinator:
        return "JAX, the coordinator"
    program = str(port["program"])
    if not program and port["port"] == _SLURMCTLD:
        program = "slurmctld"  # it lets nobody look at it, this user neither
    if program.startswith("ray::"):
        return "workers of Ray"
    return "JAX, Gloo" if program.startswith("python") else f"`{program}`"


# Two processes by hand, as on the page before: all is said by arguments.
_BY_HAND = """\
import subprocess, sys

program = '''
import runpy, sys, jax
jax.distributed.initialize("127.0.0.1:12345", 2, int(sys.argv[1]))
runpy.run_path("train.py")
'''
started = [subprocess.Popen([sys.executable, "-c", program, i]) for i in "01"]
sys.exit(max(process.wait() for process in started))
"""

DECIDES: dict[str, Callable[[Running], list[dict[str, str]]]] = {
    name: partial(_decides, name) for name in STARTS
}
PORTS: list[tuple[str, Callable[[Running], list[dict[str, str]]]]] = [
    ("plain", partial(_by_hand, "hand, as it comes", {})),
    ("plain", partial(_by_hand, "hand, bound", _BOUND)),
    ("mpi", _as_it_comes),
    ("mpi", partial(_as_on_the_page, "mpi")),
    ("slurm", partial(_as_on_the_page, "slurm")),
    ("ray", partial(_as_on_the_page, "ray")),
]
