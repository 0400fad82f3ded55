"""Runs what a reader wrote and the project's own check after it, and says what came.

A reader's program may do anything. It runs as a copy in an empty folder, in a process of
its own, whose time and whose output end somewhere; and it cannot pass by what it prints,
or by another check than that of the project.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mapped_axis.exercises.read import Exercise
from mapped_axis.project import shown

LIMIT = 60.0  # seconds for one program; most take two
MOST = 100_000  # bytes that a program may print
SHOWN = 20  # lines of its output that a message shows

# What stands above it in a reader's file is the reader's.
MARK = "# --- The check. Write above this line: below it, a change makes no difference. ---"

_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Verdict:
    """What came of one attempt; ``says`` is what to tell the reader."""

    solved: bool
    says: str


def written_in(file: Path) -> str:
    """Return what a reader wrote into a file, without the check below it.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"line {line} is not UTF-8; save the file as UTF-8."
        ) from error
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}.") from error
    return text.partition(MARK)[0]


def attempt(exercise: Exercise, file: Path, limit: float = LIMIT) -> Verdict:
    """Check what a file holds.

    Args:
        exercise: the exercise that it is meant for.
        file: the reader's file. It is read once, and put back if the program deletes it.
        limit: seconds that the program may take.
    """
    try:
        before = file.read_bytes()
        written = written_in(file)
    except (OSError, ValueError) as error:
        return Verdict(False, str(error))
    verdict = _run(exercise, shown(file), written, limit)
    if not file.exists():
        with file.open("xb") as again:  # never over anything
            again.write(before)
        says = "your program deleted its own file, which is put back."
        verdict = Verdict(False, f"{says}\n{verdict.says}".strip())
    return verdict


def _run(exercise: Exercise, name: Path, written: str, limit: float) -> Verdict:
    """Run what was written, and the check, in a folder and a process of their own."""
    with tempfile.TemporaryDirectory(
        prefix="exercise-", ignore_cleanup_errors=True
    ) as folder:
        copy = Path(folder, name.name)
        copy.write_text(written, encoding="utf-8")
        reads, writes = os.pipe()
        told = {"name": str(name), "file": str(copy), "written": written}
        told |= {"check": exercise.check, "verdict": writes}  # type: ignore[dict-item]
        with (
            open(reads, "rb") as verdict,
            subprocess.Popen(
                [sys.executable, "-I", str(_CHILD)],
                bufsize=0,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[writes],
                start_new_session=True,  # its own children end with it
            ) as process,
        ):
            try:
                os.close(writes)
                os.set_blocking(reads, False)
                _tell(process, json.dumps(told).encode())
                printed, ended = _listen(process, limit)
            finally:
                _end(process)
            answer = verdict.read()
    heard = printed.decode(errors="replace").rstrip()
    if not ended:
        try:
            found = json.loads(answer or b"")
            if found["solved"]:
                return Verdict(True, heard)
            if not found["says"]:
                return Verdict(False, _last(heard))
            ended = found["says"]
        except (ValueError, KeyError, TypeError):
            ended = f"your program ended its interpreter ({_how(process)})."
    return Verdict(False, "\n".join(filter(None, [ended, _last(heard)])))


def _tell(process: "subprocess.Popen[bytes]", told: bytes) -> None:
    """Write the input of a process, which ends it."""
    assert process.stdin
    try:
        while told:
            told = told[process.stdin.write(told) or 0 :]
        process.stdin.close()
    except BrokenPipeError:
        pass  # it has ended; how, is seen later


def _listen(process: "subprocess.Popen[bytes]", limit: float) -> tuple[bytes, str]:
    """Read what a process prints until it ends, or has to.

    Returns:
        What it printed, and why it was ended, or "".
    """
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + limit
    printed = b""
    while True:
        over = process.poll() is not None
        chunk = process.stdout.read(MOST)
        printed += chunk or b""
        if len(printed) > MOST:
            return b"", f"your program prints without end: over {MOST:,} characters."
        if time.monotonic() > deadline:
            says = f"your program is not done after {limit:g} seconds: find what never "
            return printed, f"{says}ends."
        if over and not chunk:
            return printed, ""
        if not chunk:
            time.sleep(0.01)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how(process: "subprocess.Popen[bytes]") -> str:
    """Say how a process ended."""
    code = process.returncode
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def _last(text: str) -> str:
    """Return the end of a text that may be long."""
    lines = text.splitlines()
    left_out = ["…"] if len(lines) > SHOWN else []
    return "\n".join(left_out + [line[:500] for line in lines[-SHOWN:]])
