"""The rows of the table `faults`: each brings about a fault, and resumes the run.

The program is the one that the page shows, train.py. It runs with a fault under Open MPI
and, where it is a process that fails, without a launcher too. Then it runs as it is, and has
to end with the parameters of an undisturbed run, to the last bit. A row that a run does not
bear out is not made: what must be seen is looked for, and what is not found is an error.
"""

import contextlib
import importlib.metadata
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from mapped_axis.cluster.grounds import Result, Running
from mapped_axis.cluster.world import AS_USER, SCRATCH

PORT = 12345
LIMIT = 90.0  # seconds for one run
STAYS = 20.0  # seconds that a process may outlive the other
PROGRAM = "train.py"
GUARD = 'multihost_utils.assert_equal(digest, "the processes run different programs")'
DIFFERENT = "AssertionError: the processes run different programs"
RATE, OTHER_RATE = "0.1 * g", "0.2 * g"
STEPS = "STEPS, EVERY, BATCH = 12, "
# The parameters that an undisturbed run ends with, as the digest that it prints.
_FOUND: dict[str, str] = {}

_AT = re.compile(r"fault at ([\d.]+)")
_STEP = re.compile(r"process \d+: step (\d+)")
_FIRST = re.compile(r"process \d+: begins with step (\d+)")
_AFTER = re.compile(r"process \d+: after \d+ steps ([0-9a-f]{16})")
_DIED = "Terminating process because the JAX distributed service detected fatal errors"

Row: TypeAlias = dict[str, str]
Do: TypeAlias = Callable[[Running], None]


class NotSeenError(AssertionError):
    """A run did not show what its row says."""


def _under_mpi(
    running: Running,
    fault: str = "",
    first: tuple[str, str] = ("python", PROGRAM),
    second: tuple[str, str] = ("python", PROGRAM),
) -> Result:
    """Run two processes under Open MPI.

    Args:
        running: the ground.
        fault: what goes wrong, as fault.py reads it, or "".
        first: interpreter and program of process 0.
        second: those of process 1.
    """
    told = [f"{name}={value}" for name, value in _environment(fault).items()]
    command = ["env", *told, "mpirun", "--mca", "oob_tcp_if_include", "lo"]
    command += ["-n", "1", *first, ":", "-n", "1", *second]
    return running.run(*command, limit=LIMIT, merged=True)


def _environment(fault: str) -> dict[str, str]:
    """Return what the processes are told in their environment."""
    told = {
        "JAX_NUM_CPU_DEVICES": "4",
        "JAX_COORDINATOR_PORT": str(PORT),
        "JAX_COORDINATOR_BIND_ADDRESS": f"127.0.0.1:{PORT}",
        # All runs compile the same: the first does it for them.
        "JAX_COMPILATION_CACHE_DIR": str(SCRATCH / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    return told | {"FAULT": fault} if fault else told


def _alone(running: Running, fault: str) -> str:
    """Run two processes that nobody watches, and say how each of them ends."""
    _forget(running)
    environment = {**running.environment, **_environment(fault)}
    logs = [running.folder / f"alone-{number}" for number in range(2)]
    address = f"127.0.0.1:{PORT}"
    processes = []
    for number, log in enumerate(logs):
        with log.open("w") as file:
            processes.append(
                subprocess.Popen(
                    [*AS_USER, "python", PROGRAM, address, "2", str(number)],
                    cwd=running.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                )
            )
    ended: dict[int, float] = {}
    until = time.monotonic() + LIMIT
    try:
        while len(ended) < len(processes) and time.monotonic() < until:
            for number, process in enumerate(processes):
                if number not in ended and process.poll() is not None:
                    ended[number] = time.monotonic()
                    until = min(until, ended[number] + STAYS)
            time.sleep(0.02)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    at = float(_need(_AT, "\n".join(log.read_text() for log in logs))[1])
    _forget(running)
    says = []
    for number, process in enumerate(processes):
        code = process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        if number not in ended:
            says.append(f"process {number} stays")
        elif fault.split()[:2] != ["killed", str(number)]:  # its end is the fault
            after = _seconds(ended[number] - at)
            says.append(f"process {number} ends by {how} after {after}")
    return ", ".join(says)


def _rows(
    running: Running,
    title: str,
    fault: str = "",
    *,
    sees: str,
    alone: bool = False,
    before: Do | None = None,
    mend: Do | None = None,
    second: tuple[str, str] = ("python", PROGRAM),
    steps: int = 0,
) -> list[Row]:
    """Bring about a fault, resume the run, and return the row that it makes.

    Args:
        running: the ground.
        title: what goes wrong, in words.
        fault: the same, as fault.py reads it; without it the time counts from the start.
        sees: what must be read in the logs: a regular expression; its match is shown.
        alone: whether it is also tried without a launcher.
        before: what is done before.
        mend: what a person does before the run is started again.
        second: interpreter and program of process 1.
        steps: how many an earlier run has done.

    Raises:
        NotSeenError: it was not read, the run did not fail, or the resumed one ends with
            other parameters.
    """
    expected = _undisturbed(running)
    without = _alone(running, fault) if alone else ""
    if before:
        before(running)
    began = time.monotonic()
    failed = _under_mpi(running, fault, second=second)
    ended = time.monotonic()
    if failed.status in (0, None):
        raise NotSeenError(f"{title}: exit status {failed.status}\n{failed.stdout}")
    seen = _need(re.compile(sees), failed.stdout)[0]
    at = float(_need(_AT, failed.stdout)[1]) if fault else began
    if mend:
        mend(running)
    resumed = _under_mpi(running)
    first = int(_need(_FIRST, resumed.stdout)[1])
    if (result := _need(_AFTER, resumed.stdout)[1]) != expected:
        raise NotSeenError(f"{title}: ends with {result}, undisturbed with {expected}")
    done = max([steps, *(int(step) + 1 for step in _STEP.findall(failed.stdout))])
    since = "" if fault else " of its start"
    return [
        {
            "Fault": title,
            "Seen": f"`{seen}`",
            "No launcher": without or "not tried",
            "Open MPI": f"ends all within {_seconds(ended - at)}{since}, "
            f"exit status {failed.status}",
            "Steps done, lost": f"{done}, {done - first}",
            "Result equal": "yes",
        }
    ]


def _undisturbed(running: Running) -> str:
    """Make the data, and return what an undisturbed run ends with."""
    running.run("python", "rows.py")
    if PROGRAM not in _FOUND:
        result = _under_mpi(running)
        _FOUND[PROGRAM] = _need(_AFTER, result.stdout)[1]
        _forget(running)
    return _FOUND[PROGRAM]


def _forget(running: Running) -> None:
    """Delete the checkpoints."""
    shutil.rmtree(running.folder / "saved", ignore_errors=True)


def _as_root(running: Running, *command: str | Path) -> None:
    """Run a command as root of the machine, which has to succeed."""
    result = running.run(*command, merged=True, root=True)
    if result.status:
        raise NotSeenError(f"{' '.join(map(str, command))}: {result.stdout}")


def _need(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Return where a pattern is found.

    Raises:
        NotSeenError: it is not.
    """
    if not (found := pattern.search(text)):
        raise NotSeenError(f"not seen: {pattern.pattern}\n{text[-4000:]}")
    return found


def _seconds(value: float) -> str:
    """Return a time in words."""
    return f"{value:.0f} s" if value >= 9.5 else f"{value:.1f} s"


def worker_killed(running: Running) -> list[Row]:
    """Kill process 1 in a step."""
    return _rows(
        running,
        "process 1 is killed in step 6",
        "killed 1 6",
        sees=r"exited on signal 9 \(Killed\)",
        alone=True,
    )


def coordinator_killed(running: Running) -> list[Row]:
    """Kill process 0, which holds the coordinator, in a step."""
    return _rows(
        running,
        "process 0, with the coordinator, is killed in step 6",
        "killed 0 6",
        sees=r"exited on signal 9 \(Killed\)",
        alone=True,
    )


def stopped(running: Running) -> list[Row]:
    """Stop process 1 in a step, its heartbeat too."""
    return _rows(
        running,
        "process 1 is stopped in step 6, and its heartbeat with it",
        "stopped 1 6",
        sees=_DIED,
        alone=True,
    )


def asleep(running: Running) -> list[Row]:
    """Let process 1 hang in a step, while its heartbeat goes on."""
    return _rows(
        running,
        "process 1 hangs in step 6, and its heartbeat goes on",
        "asleep 1 6",
        sees=r"exited on signal 14 \(Alarm clock\)",
        alone=True,
    )


def disk_full(running: Running) -> list[Row]:
    """Fill the disk in a save: it has room for one checkpoint, not for two."""
    saved = running.folder / "saved"
    with contextlib.ExitStack() as mounted:

        def small(running: Running) -> None:
            saved.mkdir()
            size = "size=256k,mode=777"
            _as_root(running, "mount", "-t", "tmpfs", "-o", size, "none", saved)
            mounted.callback(_as_root, running, "umount", saved)

        def larger(running: Running) -> None:
            _as_root(running, "mount", "-o", "remount,size=8m", saved)

        return _rows(
            running,
            "the disk is full in the save after step 7",
            "full 0 save-8",
            sees="No space left on device",
            before=small,
            mend=larger,
        )


def half_written(running: Running) -> list[Row]:
    """Kill process 0 while it writes a checkpoint."""

    def look(running: Running) -> None:
        names = sorted(path.name for path in (running.folder / "saved").iterdir())
        if names != ["4", "8.orbax-checkpoint-tmp"]:
            raise NotSeenError(f"not half-written: {names}")

    return _rows(
        running,
        "process 0 is killed while it saves: half a checkpoint",
        "killed 0 save-8",
        sees=r"exited on signal 9 \(Killed\)",
        mend=look,
    )


def cut_short(running: Running) -> list[Row]:
    """Cut the files of the latest checkpoint short, and delete it when it is noticed."""
    latest = running.folder / "saved" / "8"
    short = ("python", "short.py")

    def cut(running: Running) -> None:
        _edited(running, short[1], {STEPS: "STEPS, EVERY, BATCH = 10, "})
        _need(_AFTER, _under_mpi(running, "", short, short).stdout)
        for path in latest.rglob("d/*"):
            path.write_bytes(path.read_bytes()[:100])

    return _rows(
        running,
        "the latest checkpoint is cut short, after 10 steps",
        sees="OUT_OF_RANGE: Error",
        before=cut,
        mend=lambda _: shutil.rmtree(latest),
        steps=10,
    )


def other_code(running: Running) -> list[Row]:
    """Give process 1 a program that differs in one number."""
    _edited(running, "other.py", {RATE: OTHER_RATE})
    return _rows(
        running,
        "process 1 runs other code: 0.2 for 0.1",
        sees=DIFFERENT,
        second=("python", "other.py"),
    )


def unguarded(running: Running) -> list[Row]:
    """Do the same where nothing compares the programs."""
    _edited(running, "first.py", {GUARD: ""})
    _edited(running, "second.py", {GUARD: "", RATE: OTHER_RATE})
    expected = _undisturbed(running)
    programs = ("python", "first.py"), ("python", "second.py")
    ran = _under_mpi(running, "", *programs)
    if ran.status or _need(_AFTER, ran.stdout)[1] == expected:
        raise NotSeenError(f"the other code made no difference\n{ran.stdout}")
    return [
        {
            "Fault": "the same, and the programs are not compared",
            "Seen": "nothing",
            "No launcher": "not tried",
            "Open MPI": f"all end as if nothing were wrong, exit status {ran.status}",
            "Steps done, lost": f"{len({*_STEP.findall(ran.stdout)})}, all",
            "Result equal": "no",
        }
    ]


def _edited(running: Running, name: str, changes: Mapping[str, str]) -> None:
    """Write a copy of the program, with some of its text changed."""
    text = (running.folder / PROGRAM).read_text(encoding="utf-8")
    for old, new in changes.items():
        if old not in text:
            raise NotSeenError(f"{PROGRAM} has no {old!r} to change")
        text = text.replace(old, new)
    (running.folder / name).write_text(text, encoding="utf-8")


def other_version(running: Running) -> list[Row]:
    """Give process 1 another JAX, that of another environment.

    Raises:
        NotSeenError: there is none.
    """
    here = importlib.metadata.version("jax")
    for python in sorted(Path(sys.prefix).parent.glob("*/bin/python")):
        asked = running.run(python, "-c", "import jax; print(jax.__version__)")
        if asked.status == 0 and asked.stdout.strip() not in ("", here):
            return _rows(
                running,
                "process 1 has another version of JAX",
                sees=DIFFERENT,
                second=(str(python), PROGRAM),
            )
    raise NotSeenError(
        f"no environment beside {sys.prefix} has another JAX than {here}; "
        "make one: make PYTHON=python3.11 .venv/3.11/installed"
    )


def port_taken(running: Running) -> list[Row]:
    """Let another program listen at the coordinator's port."""
    with socket.create_server(("127.0.0.1", PORT)) as server:
        return _rows(
            running,
            "another program has the port",
            sees="Failed to add port to server: No address added",
            mend=lambda _: server.close(),
        )


FUNCTIONS = (
    worker_killed,
    coordinator_killed,
    stopped,
    asleep,
    disk_full,
    half_written,
    cut_short,
    other_code,
    unguarded,
    other_version,
    port_taken,
)
