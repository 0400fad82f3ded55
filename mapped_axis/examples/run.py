"""How an example runs, what of it is compared, and how a failure reads.

pytest-codeblocks collects the examples and its items run and compare them. This plugin
adds what it leaves open:

* **Alone.** Each item runs in a child process, forked before JAX has started a backend,
  in an empty working folder: a fresh interpreter's state without paying for its imports.
* **All channels.** What Python or native code writes to stderr, warnings, and what
  ``jax.debug.print`` still has to deliver count as output.
* **Nothing left behind.** A reader may run the examples of a page one after the other;
  so one that changes JAX's configuration, the environment, the working folder, random
  state or files fails, by name.
* **To the end.** A program that calls ``sys.exit``, kills its interpreter or runs for
  longer than the time limit fails, and the others go on.

``--update-outputs`` is the same run; instead of failing, an output that differs is
rewritten in its file.
"""

import builtins
import difflib
import importlib.metadata
import io
import json
import os
import platform
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import traceback
import warnings
from pathlib import Path

import examples
import pytest
import records
from pytest_codeblocks.plugin import MarkdownFile, TestBlock

TIME_LIMIT = 60.0  # seconds for one example; the slowest takes a few

# Most of an example's time is compilation, and many compile the same. So what XLA
# compiled stays: for the next example, for all that the tests run, for the next run.
COMPILED = Path(".cache/compiled")
HALF_READ = "Error reading persistent compilation cache entry"
COMPILATION_CACHE = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    # What these caches hold is for GPUs; their folder would be a part of every key.
    "JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES": "none",
    # JAX does not write an entry in one step: who reads half of one warns, and compiles.
    "PYTHONWARNINGS": f"ignore:{HALF_READ}",
}

# An example may ask for simulated devices: it must, before JAX starts, and a page's
# examples all ask for the same number.
MAY_CHANGE = {"jax_num_cpu_devices", "jax_platforms"}

# pytest-codeblocks compares stdout only, and runs `sh` to the end whatever fails on the
# way. Both are a matter of what it is given to run. What descriptor 9 holds at the end
# is the line of the command that failed.
SHELL_PROLOGUE = "set -e\nexec 2>&1 9> {at}\n"
# Without this, what jax.debug.print has to say may come after the comparison.
PYTHON_EPILOGUE = (
    "\nif 'jax' in __import__('sys').modules:\n"
    "    __import__('jax').effects_barrier()\n"
)


def pytest_addoption(parser):
    """Add the options of this plugin."""
    group = parser.getgroup("examples")
    group.addoption(
        "--update-outputs",
        action="store_true",
        help="rewrite the outputs in the example files that differ from what is printed",
    )
    group.addoption(
        "--time-limit",
        type=float,
        default=TIME_LIMIT,
        metavar="SECONDS",
        help="time that one example may take (default: %(default)s)",
    )
    group.addoption(
        "--order-seed",
        type=int,
        default=random.SystemRandom().randrange(10_000),
        metavar="N",
        help="seed of the order in which the examples run (default: a new one each time)",
    )
    group.addoption(
        "--any-width",
        action="store_true",
        help="allow lines of any length (for programs that nobody reads)",
    )


def pytest_configure(config):
    """Register what runs the examples, and tell JAX where to keep what it compiles."""
    os.environ |= COMPILATION_CACHE
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(config.rootpath / COMPILED))
    config.addinivalue_line("filterwarnings", f"ignore:{HALF_READ}")
    config.pluginmanager.register(Runner(config), "example-runner")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Refuse a file outside the grammar: pytest-codeblocks would skip what it misreads."""
    if isinstance(collector, MarkdownFile):
        columns = (
            None if collector.config.getoption("--any-width") else examples.MAX_COLUMNS
        )
        problems = examples.read_example(collector.path, columns).problems
        if problems:
            text = "\n".join(map(str, problems))

            def refuse():
                raise collector.CollectError(text)

            collector.collect = refuse
    return (yield)


def pytest_itemcollected(item):
    """Give a block what pytest-codeblocks needs to compare all that it prints."""
    if isinstance(item, TestBlock):
        block = item.obj
        item.example = examples.read_example(item.path)
        item.digest = records.digest(item.path)
        item.shown = examples.relative(item.path)  # the child works in another folder
        if block.expected_output is None:
            block.expected_output = ""  # None would let any output pass
        if block.syntax == "python":
            block.code += PYTHON_EPILOGUE
        runner = item.config.pluginmanager.get_plugin("example-runner")
        item.runtest = lambda: runner.run(item)
        # The headline of a failure; pytest-codeblocks says "code block check" for all.
        name = item.path.stem
        item.reportinfo = lambda: (item.path, block.lineno - 1, f"example {name}")


class Runner:
    """Runs the collected blocks in children, a few ahead of the one being reported.

    Args:
        config: pytest's configuration.
    """

    def __init__(self, config):
        """Read the options; nothing is started yet."""
        self.config = config
        self.time_limit = config.getoption("--time-limit")
        self.update = config.getoption("--update-outputs")
        self.waiting = []
        self.children = {}
        self.updated = []
        self.passed = {}
        self.failed = []

    @property
    def root(self):
        """The folder that holds docs/ and snippets/."""
        return self.config.rootpath

    def pytest_report_header(self):
        """Say in which order the examples run."""
        seed = self.config.getoption("--order-seed")
        return f"examples: shuffled; --order-seed={seed} repeats this order"

    def pytest_collection_modifyitems(self, items):
        """Shuffle the examples, and put them first.

        First, since no test in this process may start JAX before their children fork.
        """
        shuffled = [item for item in items if isinstance(item, TestBlock)]
        random.Random(self.config.getoption("--order-seed")).shuffle(shuffled)
        items[:] = shuffled + [i for i in items if not isinstance(i, TestBlock)]

    def pytest_collection_finish(self, session):
        """Queue the examples, and import once what their children inherit."""
        self.waiting = [item for item in session.items if isinstance(item, TestBlock)]
        import numpy  # noqa: F401  (its state is looked at around each example)

        if any("jax" in item.example.program for item in self.waiting):
            import jax.numpy  # noqa: F401

    def pytest_sessionfinish(self, session):
        """Stop what an early end has left running; refuse a run that left one out."""
        for child in self.children.values():
            child.kill()
            child.clean()
        self.write_record()
        examples_here = {i.path for i in session.items if isinstance(i, TestBlock)}
        left_out = examples_here - {*self.passed, *self.failed}
        if (
            session.exitstatus == pytest.ExitCode.OK
            and left_out
            and not self.config.option.collectonly
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            for path in sorted(left_out):
                print(f"\n{examples.relative(path)}: collected, but never ran")

    def write_record(self):
        """Write down which sources passed, and with what."""
        if self.passed or self.failed:
            records.update(self.root, self.passed, self.failed)

    def pytest_terminal_summary(self, terminalreporter):
        """List the outputs that were rewritten."""
        if self.update:
            for path in self.updated:
                terminalreporter.write_line(f"updated {examples.relative(path)}")
            terminalreporter.write_line(f"{len(self.updated)} outputs updated")

    def run(self, item):
        """Run one block, or take the result of the child that runs it already.

        Args:
            item: a block that pytest-codeblocks collected.

        Raises:
            RuntimeError: the block failed; the message is what is printed.
        """
        self.start(item)
        while not self.children[item].ended():
            self.keep_busy()
            time.sleep(0.003)
        child = self.children.pop(item)
        try:
            result = child.result()
        finally:
            child.clean()
        printed = result.get("printed")
        digest = item.digest
        if self.update and printed and not _faults(item, result):
            write_output(item.example, printed)
            self.updated.append(item.path)
            digest = records.digest(item.path)
        elif text := _failure(item, result):
            self.failed.append(item.path)
            raise RuntimeError(f"{self.where(item)}\n\n{text}")
        self.passed[item.path] = {"digest": digest, **result["versions"]}
        if not (self.waiting or self.children):
            self.write_record()  # for the tests that follow, which build the site

    def keep_busy(self):
        """Start the next examples where processors are free."""
        running = sum(not child.ended() for child in self.children.values())
        for other in self.waiting[: max(0, (os.cpu_count() or 1) - running)]:
            self.start(other)

    def start(self, item):
        """Start a child for an item, unless it has one."""
        if item in self.waiting:
            self.waiting.remove(item)
            self.children[item] = Child(item, self.time_limit)

    def where(self, item):
        """Return the lines that say where an example stands and who shows it."""
        first = item.example.code[0].line if item.example.code else item.obj.lineno
        lines = [f"{item.shown}:{first}"]
        docs, snippets = self.root / "docs", self.root / "snippets"
        if item.path.is_relative_to(snippets):
            lines += [
                f"shown by {examples.relative(page)}:{line}"
                for page, line in examples.shown_by(item.path, docs, snippets)
            ]
        return "\n".join(lines)


class Child:
    """A forked process that runs one item.

    Args:
        item: the item.
        time_limit: seconds that it may take.
    """

    def __init__(self, item, time_limit):
        """Start the child."""
        self.folder = Path(tempfile.mkdtemp(prefix="example-"))
        self.status = None
        self.time_limit = time_limit
        self.deadline = time.monotonic() + time_limit
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            status = 70  # what a child returns that fails outside of its example
            try:
                _run_in_child(item, self.folder)
                status = 0
            finally:
                os._exit(status)

    def ended(self):
        """Return whether the child has ended; at its time limit it is made to."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() > self.deadline:
                self.kill()
                _, self.status = os.waitpid(self.pid, 0)
                self.deadline = None
        return self.status is not None

    def result(self):
        """Return what a child that has ended reports, as a dictionary."""
        if self.deadline is None:
            return {
                "ended": f"not done after {self.time_limit:g} seconds: "
                "shorten it, or find what never ends."
            }
        left = self.kill()
        code = os.waitstatus_to_exitcode(self.status)
        report = self.folder / "report.json"
        if code or not report.exists():
            how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
            said = (self.folder / "stderr").read_text(errors="replace")
            return {
                "ended": f"the example ended its interpreter ({how}).\n{said}".rstrip()
            }
        result = json.loads(report.read_text())
        if left:
            result["left"].append("processes that still run")
        return result

    def kill(self):
        """Kill the child and all that it started; return whether anything was left."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def clean(self):
        """Remove the child's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _run_in_child(item, folder):
    """Run ``item`` in this process, a fork, and write what happened to ``folder``."""
    os.setsid()  # a group of its own, so that what it starts can be stopped with it
    work = folder / "work"
    work.mkdir()
    os.chdir(work)
    os.environ["PATH"] = os.pathsep.join(
        [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
    )
    # scikit-learn sets these for its own threads when it is imported, if they are not set.
    os.environ |= {"KMP_DUPLICATE_LIB_OK": "True", "KMP_INIT_AT_FORK": "FALSE"}
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        target = os.open(folder / name, os.O_WRONLY | os.O_CREAT)
        os.dup2(target, descriptor)
        os.close(target)
    sys.stdin = open(os.devnull)  # noqa: SIM115  (lives as long as the child)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), "utf-8")
    sys.stderr = io.TextIOWrapper(
        os.fdopen(2, "wb", closefd=False), "utf-8", line_buffering=True
    )
    builtins.__name__ = "__main__"  # what exec'd code finds as its __name__
    if item.obj.syntax == "sh":
        prologue = SHELL_PROLOGUE.format(at=shlex.quote(str(folder / "at")))
        item.obj.code = prologue + says_its_lines(item.obj.code)
    before = _state(work)
    report = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", HALF_READ)
        try:
            TestBlock.runtest(item)
        except BaseException as error:  # noqa: BLE001  (sys.exit is a fault too)
            report |= _describe(error, item, folder)
    after = _state(work)
    sys.stdout.flush()
    sys.stderr.flush()
    report["warnings"] = [
        f"{warning.category.__name__}: {warning.message}" for warning in caught
    ]
    report["stderr"] = "".join(
        (folder / name).read_text("utf-8", "replace") for name in ("stdout", "stderr")
    )
    report["versions"] = _versions(item)
    report["left"] = [
        name for name, value in after.items() if value != before.get(name)
    ]
    # What the example sees is over: from here on only the parent reads.
    (folder / "report.json").write_text(json.dumps(report))


def _versions(item):
    """Return with what an item ran; the devices are those that its program sees."""
    uses_jax = item.obj.syntax == "python" and "jax" in sys.modules
    return {
        "python": platform.python_version(),
        "jax": importlib.metadata.version("jax"),
        "devices": sys.modules["jax"].device_count() if uses_jax else None,
    }


def _state(work):
    """Return, by name, the state that outlives a program within one interpreter."""
    import numpy as np

    state = {
        "the working folder": os.getcwd(),
        "files in the working folder": sorted(map(str, work.rglob("*"))),
        "Python's random state": repr(random.getstate()),
        "NumPy's random state": repr(np.random.get_state(legacy=False)),
        "NumPy's print options": repr(np.get_printoptions()),
    }
    state |= {f"environment variable {k}": v for k, v in os.environ.items()}
    if jax := sys.modules.get("jax"):
        state |= {
            f"JAX's configuration: {name}": repr(value)
            for name, value in jax.config.values.items()
            if name not in MAY_CHANGE
        }
        state["JAX's current mesh"] = repr(jax.sharding.get_abstract_mesh())
    return state


def says_its_lines(program):
    """Return a shell program that writes where it is to descriptor 9.

    Args:
        program: the text of the program.

    Returns:
        The program, with a line before each of its complete commands that writes the
        number of the command's first line, counted from 1.
    """
    lines = program.splitlines()
    made, start = [], 0
    for end in range(1, len(lines) + 1):
        if _is_complete(lines[start:end]):
            made += [f"echo {start + 1} >&9", *lines[start:end]]
            start = end
    return "\n".join([*made, *lines[start:]]) + "\n"


def _is_complete(lines):
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


def _describe(error, item, folder):
    """Return what an exception out of ``runtest`` means, as a part of the report."""
    cause = error.__context__
    if isinstance(error, RuntimeError) and cause is None:
        # The comparison failed. The message ends with what was printed; what stands
        # before it is known to the letter.
        _, _, printed = str(error).partition(
            f"Expected output\n```\n{item.obj.expected_output}```\nbut got\n```\n"
        )
        return {"printed": printed[: -len("```")]}
    if isinstance(error, subprocess.CalledProcessError):
        number = int((folder / "at").read_text().split()[-1])
        command = item.example.program.splitlines()[number - 1]
        said = textwrap.indent(error.stdout.decode("utf-8", "replace"), "  ")
        return {
            "ended": f"a command failed (exit status {error.returncode}):\n"
            f"  {item.shown}:{item.example.line_of(number)}\n    {command}\n"
            f"the block wrote, stderr included:\n{said}".rstrip()
        }
    if isinstance(error, SystemExit):
        return {"ended": f"the example called sys.exit({error.code!r})."}
    return {"ended": _traceback(cause or error, item)}


def _traceback(error, item):
    """Return type, message and the example's own frames of an exception."""
    example = item.example
    source = example.program.splitlines()
    lines = []
    frames = [
        (frame.f_code.co_name, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == "<string>"
    ]
    if isinstance(error, SyntaxError) and error.filename == "<string>":
        frames.append(("<module>", error.lineno or 1))
    for name, number in frames:
        if number <= len(source):
            lines.append(
                f"  {item.shown}:{example.line_of(number)}, in {name}\n"
                f"    {source[number - 1].strip()}"
            )
    last = traceback.format_exception_only(error)[-1].rstrip()
    return "\n".join(["the example raises:", *lines, last])


def _faults(item, result):
    """Return what is wrong with a run apart from its output, as a list of texts."""
    faults = []
    if "ended" in result:
        faults.append(result["ended"])
    if result.get("warnings"):
        faults.append("\n".join(["the example warns:", *result["warnings"]]))
    if result.get("stderr"):
        faults.append(
            "the example writes past the comparison (stderr, or stdout from below "
            f"Python):\n{result['stderr'].rstrip()}"
        )
    if result.get("left"):
        faults.append(
            "\n  ".join(["the example leaves behind, changed:", *result["left"]])
        )
    printed = result.get("printed", item.obj.expected_output)
    if "ended" not in result:
        if not printed.strip():
            faults.append("the example prints nothing, so nothing proves it.")
        elif not printed.endswith("\n"):
            faults.append("the last line that the example prints has no line end.")
        elif any(line.lstrip().startswith("```") for line in printed.splitlines()):
            faults.append("the output has a line that would close its fence.")
    return faults


def _failure(item, result):
    """Return the text of a failure, or "" for a run as it should be."""
    faults = _faults(item, result)
    printed = result.get("printed")
    if printed is not None:
        shown = item.obj.expected_output
        if shown:
            diff = difflib.unified_diff(
                shown.splitlines(),
                printed.splitlines(),
                "shown",
                "printed",
                lineterm="",
            )
            line = item.example.output.line
            text = f"line {line}: the output is not what is shown:\n" + "\n".join(diff)
        else:
            text = f"prints, but shows no output:\n{printed.rstrip()}"
        faults.insert(0, text)
        if len(faults) == 1:
            faults.append(
                f"If this is what it should print: make update FILES={item.shown}"
            )
    return "\n\n".join(faults)


def write_output(example, printed):
    """Write what an example prints into its file, and change nothing else.

    Args:
        example: the `Example` as it was read.
        printed: the text, ending with a line end.
    """
    lines = example.path.read_text(encoding="utf-8").splitlines(keepends=True)
    if example.output:
        lines[example.output.line : example.output.end - 1] = [printed]
    else:
        end = example.code[-1].end
        lines[end:end] = [f"\n{examples.OUTPUT}\n\n```text\n{printed}```\n"]
    # Replaced in one step, so that an interruption loses nothing.
    draft = example.path.with_suffix(".md.new")
    draft.write_text("".join(lines), encoding="utf-8")
    os.replace(draft, example.path)
