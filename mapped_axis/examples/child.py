"""One example in a process of its own: what it does there, and what it reports.

The process is a fork of one that has imported JAX and not started it, and the larger of
the libraries that the program names: a fresh interpreter's state without paying for its
imports. It runs pytest-codeblocks' own item in an empty folder, and writes a report for
its parent.
"""

import atexit
import gc
import importlib.metadata
import json
import locale
import logging
import multiprocessing
import os
import platform
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import types
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_codeblocks.plugin import TestBlock

from mapped_axis.examples.grammar import Example
from mapped_axis.project import shown

# JAX does not write an entry of its compilation cache in one step.
HALF_READ = "Error reading persistent compilation cache entry"

# An example may ask for simulated devices: it must, before JAX starts, and a page's
# examples all ask for the same number.
MAY_CHANGE = {"jax_num_cpu_devices", "jax_platforms"}

# Filters that SciPy sets when it is imported: whoever imports it has them too.
OF_SCIPY = re.compile("matrix subclass is not the recommended|SpecialFunctionWarning")
# Where CUDA is: Pallas notes it for its GPU tools when the first kernel is traced.
OF_PALLAS = "MOSAIC_GPU_CUDA_ROOT"

# pytest-codeblocks gives a program no name, compares stdout only, and runs `sh` to the
# end whatever fails on the way. All are a matter of what it is given to run. What
# descriptor 9 holds at the end is the line of the command that failed.
PYTHON_PROLOGUE = "__name__ = '__main__'\n"
SHELL_PROLOGUE = "set -e\nexec 2>&1 9> {at}\n"
PYTHON_EPILOGUE = f"\n__import__('sys').modules[{__name__!r}].finish()\n"

# Seconds that threads may go on after the program.
THREADS_MAY_TAKE = 1.0

# What a program may do to files, and which of the arguments of that audit event names one.
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
WRITES = {
    **dict.fromkeys(["os.mkdir", "os.remove", "os.rmdir", "os.truncate"], 0),
    **dict.fromkeys(["os.rename", "os.link", "os.symlink"], 1),
}

Report = dict[str, Any]


class Expected(str):
    """An output that keeps what it was compared with.

    pytest-codeblocks compares with ``expected != printed``: that is its own comparison,
    and it passes through here.
    """

    printed: str | None = None

    def __ne__(self, printed: object) -> bool:
        """Compare, and keep what was printed."""
        self.printed = str(printed)
        return str.__ne__(self, printed)

    __hash__ = str.__hash__


class Child:
    """A forked process that runs one item.

    What begins with an underscore happens in the child, all else in its parent.

    Args:
        item: the block that pytest-codeblocks collected.
        example: the example that it is.
        time_limit: seconds that it may take.
    """

    def __init__(self, item: TestBlock, example: Example, time_limit: float) -> None:
        """Start the child."""
        self.item = item
        self.example = example
        self.shown = shown(example.path)  # the child works in another folder
        self.temporary = tempfile.TemporaryDirectory(
            prefix="example-", ignore_cleanup_errors=True
        )
        self.folder = Path(self.temporary.name)
        self.work = self.folder / "work"
        self.written: set[str] = set()
        compiled = os.environ["JAX_COMPILATION_CACHE_DIR"]
        self.may_write = (str(self.folder), os.path.abspath(compiled), os.devnull)
        self.time_limit = time_limit
        self.deadline = time.monotonic() + time_limit
        self.in_time = True
        self.process = multiprocessing.get_context("fork").Process(target=self._run)
        self.process.start()

    def ended(self) -> bool:
        """Return whether the child has ended; at its time limit it is made to."""
        if self.process.is_alive() and time.monotonic() > self.deadline:
            self.in_time = False
            self.kill()
            self.process.join()
        return not self.process.is_alive()

    def result(self) -> Report:
        """Return what a child that has ended reports."""
        if not self.in_time:
            text = f"not done after {self.time_limit:g} seconds: "
            return {"ended": f"{text}shorten it, or find what never ends."}
        left = ["processes that still run"] if self.kill() else []
        code = self.process.exitcode or 0
        report = self.folder / "report.json"
        if code or not report.exists():
            how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
            said = (self.folder / "stderr").read_text(errors="replace")
            text = f"the example ended its interpreter ({how}).\n{said}"
            return {"ended": text.rstrip()}
        result: Report = json.loads(report.read_text())
        return result | {"left": result["left"] + left}

    def kill(self) -> bool:
        """Kill the child and all that it started; return whether anything was left."""
        assert self.process.pid, "it was started"
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _run(self) -> None:
        """Run the item and write down what happened."""
        self._set_up()
        block = self.item.obj
        expected = block.expected_output = Expected(block.expected_output)
        report: Report = {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", HALF_READ)
            holders = _holders()
            before, held = self._state(), [dict(vars(h)) for h in holders.values()]
            sys.addaudithook(self._audit)
            try:
                TestBlock.runtest(self.item)
            except BaseException as error:  # noqa: BLE001  (sys.exit is a fault too)
                if expected.printed is None:
                    report["ended"] = self._what_ended_it(error)
            after = self._state()
        left = [n for n in before | after if before.get(n) != after.get(n)]
        left += sorted(_replaced(holders, held))
        sys.stdout.flush()
        sys.stderr.flush()
        if expected.printed is not None:
            report["printed"] = expected.printed
        said = [self.folder / name for name in ("stdout", "stderr")]
        uses_jax = block.syntax == "python" and "jax" in sys.modules
        report |= {
            "warnings": [f"{w.category.__name__}: {w.message}" for w in caught],
            "stderr": "".join(file.read_text("utf-8", "replace") for file in said),
            "left": left,
            "versions": {
                "python": platform.python_version(),
                "jax": importlib.metadata.version("jax"),
                # Those that the program sees.
                "devices": sys.modules["jax"].device_count() if uses_jax else None,
            },
        }
        # What the example sees is over: from here on only the parent reads.
        (self.folder / "report.json").write_text(json.dumps(report))
        os._exit(0)  # waits for nothing that the example started

    def _set_up(self) -> None:
        """Give the item an empty folder, and files for all that it says."""
        os.setsid()  # a group of its own, so that what it starts is stopped with it
        # What the parent is to do at its end, and with what is logged, is not done here.
        atexit._clear()
        logging.root.handlers.clear()
        for folder in (self.work, self.folder / "tmp"):
            folder.mkdir()
        os.chdir(self.work)
        os.environ["TMPDIR"] = str(self.folder / "tmp")
        tempfile.tempdir = None  # found anew
        path = [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
        os.environ["PATH"] = os.pathsep.join(path)
        # scikit-learn sets these for its threads when it is imported, if they are not set.
        os.environ |= {"KMP_DUPLICATE_LIB_OK": "True", "KMP_INIT_AT_FORK": "FALSE"}
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            with open(self.folder / name, "wb") as file:
                os.dup2(file.fileno(), descriptor)
            stream = open(descriptor, "w", 1, "utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
        block = self.item.obj
        if block.syntax == "python":
            block.code = PYTHON_PROLOGUE + block.code + PYTHON_EPILOGUE
        else:
            at = shlex.quote(str(self.folder / "at"))
            block.code = SHELL_PROLOGUE.format(at=at) + says_its_lines(block.code)

    def _state(self) -> dict[str, object]:
        """Return, by name, all that an example is to leave as it was."""
        return {
            "files in the working folder": sorted(map(str, self.work.rglob("*"))),
            "files in the temporary folder": os.listdir(self.folder / "tmp"),
            **dict.fromkeys(self.written, "written"),
            **_state(),
        }

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note what Python writes outside the folders of the example."""
        if event == "open":
            written = arguments[0] if (arguments[2] or 0) & WRITING else None
        else:
            written = arguments[WRITES[event]] if event in WRITES else None
        if isinstance(written, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(written))
            if not path.startswith(self.may_write) and "__pycache__" not in path:
                self.written.add(f"a file outside the working folder: {path}")

    def _what_ended_it(self, error: BaseException) -> str:
        """Say what an exception out of the item means."""
        if isinstance(error, subprocess.CalledProcessError):
            number = int((self.folder / "at").read_text().split()[-1])
            command = self.example.program.splitlines()[number - 1]
            said = textwrap.indent(error.stdout.decode("utf-8", "replace"), "  ")
            text = (
                f"a command failed (exit status {error.returncode}):\n"
                f"  {self.shown}:{self.example.line_of(number)}\n    {command}\n"
                f"the block wrote, stderr included:\n{said}"
            )
            return text.rstrip()
        if isinstance(error, SystemExit):
            return f"the example called sys.exit({error.code!r})."
        return self._traceback(error.__context__ or error)

    def _traceback(self, error: BaseException) -> str:
        """Return type, message and the example's own frames of an exception."""
        source = self.example.program.splitlines()
        before = PYTHON_PROLOGUE.count("\n")
        frames = [
            (frame.f_code.co_name, number - before)
            for frame, number in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename == "<string>"
        ]
        if isinstance(error, SyntaxError) and error.filename == "<string>":
            frames.append(("<module>", (error.lineno or 1) - before))
        lines = [
            f"  {self.shown}:{self.example.line_of(number)}, in {name}\n"
            f"    {source[number - 1].strip()}"
            for name, number in frames
            if number <= len(source)
        ]
        last = traceback.format_exception_only(error)[-1].rstrip()
        return "\n".join(["the example raises:", *lines, last])


def finish() -> None:
    """Do at the end of a program what its interpreter would do: what that prints counts.

    Without it, what ``jax.debug.print``, a thread or ``atexit`` has to say may come after
    the comparison.
    """
    if jax := sys.modules.get("jax"):
        jax.effects_barrier()
    until = time.monotonic() + THREADS_MAY_TAKE
    for thread in _threads():
        thread.join(max(0.0, until - time.monotonic()))
    atexit._run_exitfuncs()


def _threads() -> list[threading.Thread]:
    """Return the threads that Python code has started here."""
    return [
        thread
        for thread in threading.enumerate()
        # A thread of a library that has called Python once is not one that Python started.
        if thread is not threading.main_thread()
        and not isinstance(thread, threading._DummyThread)
    ]


def _holders() -> dict[str, object]:
    """Return, by name, what holds the public functions that an example may replace."""
    holders: dict[str, object] = {
        name: module
        for name, module in sys.modules.items()
        if re.fullmatch(r"(builtins|jax|numpy)(\.[a-z]\w*)*", name)
    }
    if jax := sys.modules.get("jax"):
        holders["jax.Array"] = jax.Array
    return holders


def _replaced(
    holders: Mapping[str, object], held: Sequence[dict[str, Any]]
) -> set[str]:
    """Return the attributes that are other than they were; any module may be added.

    Args:
        holders: modules and classes, by name.
        held: the attributes that each had.
    """
    found = set()
    for (name, holder), before in zip(holders.items(), held, strict=True):
        now = vars(holder)
        for attribute in before.keys() | now.keys():
            # By identity: not all that a module holds can be compared.
            value = now.get(attribute, before)
            changed = value is not before.get(attribute, now)
            if changed and not isinstance(value, types.ModuleType):
                found.add(f"{name}.{attribute}")
    return found


def _state() -> dict[str, object]:
    """Return, by name, the state that outlives a program within one interpreter."""
    import numpy as np

    # A seed replaces these words. A few draws only go on in them, which changes nothing for
    # whoever comes next: they come from the system. A library draws some where it is
    # imported. The first draw after a seed makes the words.
    random.random()
    words = random.getstate()[1][:-1]
    state: dict[str, object] = {
        "the working folder": os.getcwd(),
        "Python's random state": words,
        "Python's recursion limit": sys.getrecursionlimit(),
        "Python's garbage collector": gc.isenabled(),
        "Python's path of modules": [*sys.path],
        "the locale": locale.setlocale(locale.LC_ALL),
        "warning filters": [
            chosen for chosen in warnings.filters if not OF_SCIPY.search(repr(chosen))
        ],
        "NumPy's random state": repr(np.random.get_state(legacy=False)),
        "NumPy's print options": repr(np.get_printoptions()),
        "NumPy's error state": (np.geterr(), np.geterrcall()),
        "logging": logging.root.manager.disable,
    }
    state |= {
        f"environment variable {name}": value
        for name, value in os.environ.items()
        if name != OF_PALLAS
    }
    state |= {
        f"signal handler of {s.name}": signal.getsignal(s) for s in signal.Signals
    }
    loggers = {"root": logging.root, **logging.root.manager.loggerDict}
    for name, logger in loggers.items():
        if name.partition(".")[0] in ("root", "jax") and isinstance(
            logger, logging.Logger
        ):
            settings = logger.level, logger.disabled, logger.propagate
            handlers = [h for h in logger.handlers if not _made_by_logging(h)]
            # Of a module that is imported meanwhile, nothing is set yet.
            if (set_to := (*settings, handlers)) != (0, False, True, []):
                state[f"logging of {name}"] = set_to
    state |= {f"a thread that still runs: {t.name}": t.ident for t in _threads()}
    if jax := sys.modules.get("jax"):
        state |= {
            f"JAX's configuration: {name}": repr(value)
            for name, value in jax.config.values.items()
            if name not in MAY_CHANGE
        }
        state["JAX's current mesh"] = repr(jax.sharding.get_abstract_mesh())
    return state


def _made_by_logging(handler: logging.Handler) -> bool:
    """Return whether it is what `logging` itself makes where nothing is set up.

    Whoever logs first has it made: Orbax does so at every step.
    """
    form = handler.formatter
    return (
        type(handler) is logging.StreamHandler
        and form is not None
        and form._fmt == logging.BASIC_FORMAT
        and handler.level == logging.NOTSET
    )


def says_its_lines(program: str) -> str:
    """Return a shell program that writes where it is to descriptor 9.

    Args:
        program: the text of the program.

    Returns:
        The program, with a line before each of its complete commands that writes the
        number of the command's first line, counted from 1.
    """
    lines = program.splitlines()
    made: list[str] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if _is_complete(lines[start:end]):
            made += [f"echo {start + 1} >&9", *lines[start:end]]
            start = end
    return "\n".join([*made, *lines[start:]]) + "\n"


def _is_complete(lines: Sequence[str]) -> bool:
    """Return whether lines of shell end where a command ends."""
    for number, line in enumerate(lines):
        # sh itself does not mind a here-document without its end.
        for end in re.findall(r"<<-?\s*[\'\"\\\\]?(\w+)", line):
            if end not in (later.lstrip("\t") for later in lines[number + 1 :]):
                return False
    check = ["sh", "-n", "-c", "\n".join(lines)]
    return (
        not lines[-1].endswith("\\")
        and not subprocess.run(check, capture_output=True, check=False).returncode
    )
