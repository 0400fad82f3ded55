"""How examples run, what of them is compared, and how a failure reads: a pytest plugin.

pytest-codeblocks collects the examples and its items run and compare them. This plugin
adds what it leaves open:

* **Alone.** Each item runs in a process of its own, in an empty folder (see `child`).
* **All channels.** What Python or native code writes to stderr, warnings, and what
  ``jax.debug.print``, a thread or ``atexit`` still has to deliver count as output.
* **Nothing left behind.** A reader may run the examples of a page one after the other;
  so one that changes JAX or its configuration, NumPy, logging, warning filters, the
  environment or random state, leaves a thread running, or a file in its working or its
  temporary folder, fails, by name. So does one whose Python writes a file elsewhere. What a
  shell block or native code does elsewhere is not seen, nor whence Python moves a file.
* **Not these.** An example that says that it needs a launcher is left out, and the summary
  says so: `make cluster` runs it (see `mapped_axis.cluster`).
* **To the end.** A program that calls ``sys.exit``, kills its interpreter or runs for
  longer than the time limit fails, and the others go on.

``--changed`` leaves out what has passed as it stands, with this Python, JAX and lock.
``--update-outputs`` is the same run; instead of failing, an output that differs is
rewritten in its file. ``--report FILE`` writes what each example's run said as JSON, for
programs that run pytest.
"""

import contextlib
import difflib
import gc
import importlib
import json
import multiprocessing.connection
import os
import random
import re
import sys
from pathlib import Path

import pytest
from pytest_codeblocks.plugin import MarkdownFile, TestBlock

from mapped_axis.asking import keeping_compiled
from mapped_axis.examples import record
from mapped_axis.examples.child import HALF_READ, Child, Report
from mapped_axis.examples.grammar import (
    MAX_COLUMNS,
    Example,
    Problem,
    read_example,
)
from mapped_axis.examples.pieces import shown_by
from mapped_axis.examples.write import write_output
from mapped_axis.project import Project, shown

TIME_LIMIT = 60.0  # seconds for one example; the slowest takes a few
# Libraries that take long to import, and do not start JAX: imported once, by the parent.
INHERITED = (
    "grain",
    "orbax.checkpoint",
    "sklearn.datasets",
    "optax",
    "equinox",
    "flax",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this plugin."""
    group = parser.getgroup("examples")
    group.addoption(
        "--update-outputs",
        action="store_true",
        help="rewrite the outputs in the example files that differ from what is printed",
    )
    group.addoption(
        "--changed",
        action="store_true",
        help="run only the examples that have not passed as they stand, with this Python, "
        "JAX and lock",
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
    group.addoption(
        "--report",
        type=Path,
        metavar="FILE",
        help="write the outcome of each example to a JSON file",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register what runs the examples, and tell JAX where to keep what it compiles."""
    # Most of an example's time is compilation, and many compile the same. So what XLA
    # compiled stays: for the next example, for all that the tests run, for the next run.
    os.environ |= keeping_compiled(Project(config.rootpath))
    # Who reads half of an entry that another process writes warns, and compiles.
    os.environ["PYTHONWARNINGS"] = f"ignore:{HALF_READ}"
    # An example that had to make the folders would be told to have written there.
    Path(os.environ["JAX_COMPILATION_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
    config.addinivalue_line("filterwarnings", f"ignore:{HALF_READ}")
    config.pluginmanager.register(Runner(config), "example-runner")


class Runner:
    """Runs the collected blocks in children, a few ahead of the one being reported.

    Args:
        config: pytest's configuration.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Read the options; nothing is started yet."""
        self.project = Project(config.rootpath)
        self.options = config.option
        self.columns = None if config.option.any_width else MAX_COLUMNS
        self.waiting: list[TestBlock] = []
        self.children: dict[TestBlock, Child] = {}
        self.updated: list[Path] = []
        self.still_passed = 0  # examples that `--changed` left out
        self.passed: dict[Path, record.Entry] = {}
        self.left_out: list[Path] = []  # what needs a launcher
        self.said: dict[Path, str] = {}  # what each failure says; "" for what passed

    # --- collecting -----------------------------------------------------------------

    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> pytest.CollectReport | None:
        """Refuse a file outside the grammar: its plugin would skip what it misreads."""
        if isinstance(collector, MarkdownFile):
            problems = self.refused(collector.path)
            if text := "\n".join(map(str, problems)):
                self.said[collector.path] = text
                return pytest.CollectReport(collector.nodeid, "failed", text, [])
            if read_example(collector.path, self.columns).by_cluster:
                self.left_out.append(collector.path)
                return pytest.CollectReport(collector.nodeid, "passed", None, [])
        return None  # pytest-codeblocks collects it

    def refused(self, path: Path) -> list[Problem]:
        """Return what is wrong with a file, without what this run rewrites: an output."""
        example = read_example(path, self.columns)
        output = example.output
        if not (self.options.update_outputs and output):
            return example.problems
        inside = range(output.line + 1, output.end)
        return [problem for problem in example.problems if problem.line not in inside]

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Have a block run in a child, and compared even if it shows no output."""
        if isinstance(item, TestBlock):
            block = item.obj
            if block.expected_output is None:
                block.expected_output = ""  # None would let any output pass
            digest = record.digest(item.path)
            item.runtest = lambda: self.run(item, digest)
            # The headline of a failure; otherwise it is "code block check" for all.
            headline = f"example {item.path.stem}"
            item.reportinfo = lambda: (item.path, block.lineno - 1, headline)

    def pytest_report_header(self) -> str:
        """Say in which order the examples run."""
        seed = self.options.order_seed
        return f"examples: shuffled; --order-seed={seed} repeats this order"

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Shuffle the examples, and put them first; leave out what need not run.

        First, since no test in this process may start JAX before their children fork.
        """
        shuffled = [item for item in items if isinstance(item, TestBlock)]
        random.Random(self.options.order_seed).shuffle(shuffled)
        # Those that import no such library come first, and inherit none.
        shuffled.sort(key=lambda item: bool(self.inherited(item)))
        if self.options.changed:
            written = record.read(record.record_path(self.project))
            passed = [
                item
                for item in shuffled
                if record.is_current(self.project, written, item.path)
            ]
            self.still_passed = len(passed)
            config.hook.pytest_deselected(items=passed)
            shuffled = [item for item in shuffled if item not in passed]
        items[:] = shuffled + [i for i in items if not isinstance(i, TestBlock)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Queue the examples, and import once what their children inherit."""
        self.waiting = [item for item in session.items if isinstance(item, TestBlock)]
        if self.options.collectonly:
            self.said |= dict.fromkeys((item.path for item in self.waiting), "")
        import numpy  # noqa: F401  (its state is looked at around each example)

        programs = [self.example(item).program for item in self.waiting]
        if any("jax" in program for program in programs):
            import jax.numpy  # noqa: F401

            # What JAX imports to make its first program.
            with contextlib.suppress(ImportError):
                importlib.import_module("jaxlib.mlir.dialects.mhlo")
        gc.freeze()  # no child searches for garbage in what it inherits

    # --- running --------------------------------------------------------------------

    def example(self, item: TestBlock) -> Example:
        """Return the example that an item is."""
        return read_example(item.path, self.columns)

    def inherited(self, item: TestBlock) -> list[str]:
        """Return the libraries that an example imports, and its parent before it."""
        program = self.example(item).program
        return [
            library
            for library in INHERITED
            if re.search(rf"^(import|from) {library}\b", program, re.MULTILINE)
        ]

    def run(self, item: TestBlock, digest: str) -> None:
        """Run one block, or take the result of the child that runs it already.

        Args:
            item: a block that pytest-codeblocks collected.
            digest: that of its file as it was collected.

        Raises:
            RuntimeError: the block failed; the message is what is printed.
        """
        self.start(item)
        while not self.children[item].ended():
            self.keep_busy()
            running = [c.process for c in self.children.values() if not c.ended()]
            # Until one ends, or it may be time to end one.
            multiprocessing.connection.wait([p.sentinel for p in running], timeout=0.1)
        child = self.children.pop(item)
        with child.temporary:
            result = child.result()
        example = self.example(item)
        faults = _faults(result) + self.wide(example, result)
        printed = result.get("printed", "")
        expected = item.obj.expected_output
        other = printed and printed != expected
        if self.options.update_outputs and other and not faults:
            write_output(example, printed)
            self.updated.append(item.path)
            digest = record.digest(item.path)
        elif text := _failure(example, expected, result, faults):
            self.said[item.path] = f"{self.where(example)}\n\n{text}"
            raise RuntimeError(self.said[item.path])
        self.said[item.path] = ""
        self.passed[item.path] = result["versions"] | {
            "digest": digest,
            "lock": record.lock(self.project),
        }
        if not (self.waiting or self.children):
            self.write_record()  # for the tests that follow, which build the site

    def wide(self, example: Example, result: Report) -> list[str]:
        """Return what is wrong with the width of an output, if anything is."""
        # Where it stands in the file, or will.
        first = example.output.line if example.output else example.code[-1].end + 4
        lines = result.get("printed", "").splitlines()
        return [
            f"{shown(example.path)}:{first + number}: the output has {len(line)} columns; "
            f"{self.columns} is the limit. Print shorter lines, as with textwrap.fill."
            for number, line in enumerate(lines, 1)
            if self.columns and len(line) > self.columns
        ]

    def keep_busy(self) -> None:
        """Start the next examples where processors are free.

        One more than there are processors: some examples wait for seconds.
        """
        running = sum(not child.ended() for child in self.children.values())
        for other in self.waiting[: max(0, (os.cpu_count() or 1) + 1 - running)]:
            self.start(other)

    def start(self, item: TestBlock) -> None:
        """Start a child for an item, unless it has one."""
        if item in self.waiting:
            self.waiting.remove(item)
            for library in self.inherited(item):
                if library not in sys.modules:
                    importlib.import_module(library)
                    gc.freeze()
            limit = self.options.time_limit
            self.children[item] = Child(item, self.example(item), limit)

    def where(self, example: Example) -> str:
        """Return the lines that say where an example stands and who shows it."""
        lines = [f"{shown(example.path)}:{example.code[0].line}"]
        if example.path.is_relative_to(self.project.snippets):
            places = shown_by(example.path, self.project)
            lines += [f"shown by {shown(page)}:{line}" for page, line in places]
        return "\n".join(lines)

    # --- the end --------------------------------------------------------------------

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop what an early end has left running; refuse a run that left one out."""
        for child in self.children.values():
            child.kill()
            child.temporary.cleanup()
        self.write_record()
        if report := self.options.report:
            named = {shown(path).as_posix(): said for path, said in self.said.items()}
            report.write_text(json.dumps(named, indent=1), encoding="utf-8")
        here = {item.path for item in session.items if isinstance(item, TestBlock)}
        left_out = here - {*self.said}
        nothing = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
        if nothing and self.still_passed:
            session.exitstatus = pytest.ExitCode.OK
        green = session.exitstatus == pytest.ExitCode.OK
        if green and left_out and not self.options.collectonly:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            for path in sorted(left_out):
                print(f"\n{shown(path)}: collected, but never ran")

    def write_record(self) -> None:
        """Write down which sources passed, and with what."""
        failed = [path for path, said in self.said.items() if said]
        if self.passed or failed:
            record.update(self.project, self.passed, failed)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """List the outputs that were rewritten, and say what was left out."""
        if self.left_out:
            what = f"{len(self.left_out)} examples need a launcher and were left out"
            terminalreporter.write_line(f"{what}; `make cluster` runs them")
        if self.options.update_outputs:
            for path in self.updated:
                terminalreporter.write_line(f"updated {shown(path)}")
            terminalreporter.write_line(f"{len(self.updated)} outputs updated")


def _faults(result: Report) -> list[str]:
    """Return what is wrong with a run apart from its output."""
    ended, warns = result.get("ended", ""), result.get("warnings", [])
    stderr = result.get("stderr", "")
    channels = "stderr, or stdout from below Python"
    left = [] if ended else result["left"]
    printed = result.get("printed", "")
    ends = printed.endswith("\n")
    closes = any(line.lstrip().startswith("```") for line in printed.splitlines())
    faults = (
        (ended, ended),
        (warns, "\n".join(["the example warns:", *warns])),
        (
            stderr,
            f"the example writes past the comparison ({channels}):\n{stderr.rstrip()}",
        ),
        (left, "\n  ".join(["the example leaves behind, changed:", *left])),
        (
            not ended and not printed.strip(),
            "the example prints nothing, so nothing proves it.",
        ),
        (
            printed.strip() and not ends,
            "the last line that the example prints has no line end.",
        ),
        (ends and closes, "the output has a line that would close its fence."),
    )
    return [text for there, text in faults if there]


def _failure(example: Example, expected: str, result: Report, faults: list[str]) -> str:
    """Return the text of a failure, or "" for a run as it should be."""
    printed = result.get("printed")
    if printed is None or printed == expected:
        return "\n\n".join(faults)
    text = f"prints, but shows no output:\n{printed.rstrip()}"
    if example.output and expected:
        lines = expected.splitlines(), printed.splitlines()
        diff = difflib.unified_diff(*lines, "shown", "printed", lineterm="")
        text = f"line {example.output.line}: the output is not what is shown:\n"
        text += "\n".join(diff)
    mend = f"If this is what it should print: make update FILES={shown(example.path)}"
    return "\n\n".join([text, *(faults or [mend])])
