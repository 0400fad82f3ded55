"""Run the examples that catch an error, and look up the names that the examples use.

An example shows of a message what is the same in all versions. Here its handlers note
the whole of what they catch. As in the tests, each example runs in a fork of a process
that has imported JAX and not started it; that one is a process of its own.
"""

import ast
import enum
import functools
import importlib
import inspect
import json
import multiprocessing
import os
import re
import sys
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mapped_axis import asking
from mapped_axis.examples.grammar import read_example
from mapped_axis.operations.table import Answer
from mapped_axis.project import HERE

TIME_LIMIT = 120.0  # seconds for one example
_NOTE = "__caught__"  # what a handler calls first
# What stands in the text of an error and is not the same tomorrow, or elsewhere.
_UNSTABLE = [
    (re.compile(r"\b0x[0-9a-f]+"), "0x…"),
    (re.compile(r"\b\d{9,}\b"), "…"),  # the id of an object
    # Python shows the lines of a traceback in each version in another way.
    (re.compile(r'(?:\n {2,}(?:File "|[^\n]).*)+', re.MULTILINE), "\n…"),
    (re.compile(r"(?<![\w:/])(?:/[\w.+-]+)+\.py(?::\d+)*"), "….py"),
    (re.compile(r"<example>:\d+(?::\d+)?"), "<example>"),
    (re.compile(re.escape(tempfile.gettempdir()) + r"/\w+"), "FOLDER"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),  # the name of a file by its content
    # What TensorStore was asked for, in the one order or the other.
    (re.compile(r" \[tensorstore_spec.*", re.DOTALL), " […]"),
]


def programs() -> dict[str, str]:
    """Return the programs of all examples in Python by path, relative to ``snippets/``."""
    found = {}
    for path in sorted(HERE.snippets.rglob("*.md")):
        example = read_example(path)
        if example.language == "python" and not example.problems:
            found[path.relative_to(HERE.snippets).as_posix()] = example.program
    return found


def catching(written: dict[str, str]) -> list[str]:
    """Return which of these programs catch an error that they name."""
    return [name for name, program in written.items() if _noting(program)[1]]


def ask(examples: Sequence[str] | None = None) -> dict[str, Answer]:
    """Ask this version of JAX, in a process of its own.

    Args:
        examples: which examples to run, or None for all that catch an error.

    Returns:
        By name, in the order of the names, what `table` describes.

    Raises:
        RuntimeError: an example did not end as it should; the message names it. Or the
            process that asks did not.
    """
    asked = None if examples is None else [*examples]
    answers: dict[str, Answer] = asking.answer_of(__name__, asking.environment(), asked)
    ended = {
        name: answer["ended"] for name, answer in answers.items() if "ended" in answer
    }
    if ended:
        lines = (f"snippets/{name}:1: {why}" for name, why in ended.items())
        raise RuntimeError("\n".join(lines))
    return answers


def _serve() -> None:
    """Answer what comes in: one JSON document for another."""
    asked = json.load(sys.stdin)
    written = programs()
    import jax  # noqa: F401  (the forks inherit it, imported and not started)

    running = catching(written) if asked is None else asked
    answers = {name: _caught_by(written[name]) for name in running}
    json.dump(answers | dict(sorted(_looked_up(written.values()))), sys.stdout)


# --- what an example catches --------------------------------------------------------------


def _noting(program: str) -> tuple[ast.Module, int]:
    """Return a program whose handlers note what they catch, and how many they are.

    The check of an exercise catches its own assertion, which is not counted.
    """
    tree = ast.parse(program)
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            if isinstance(node.type, ast.Name) and node.type.id == "AssertionError":
                continue
            node.body[:0] = ast.parse(f"{_NOTE}({node.name})").body
            count += 1
    return ast.fix_missing_locations(tree), count


def _caught_by(program: str) -> Answer:
    """Run a program in a fork; return what its handlers caught, or why it ``ended``."""
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="caught-") as folder:
        process = fork.Process(target=_run, args=(program, Path(folder)))
        process.start()
        process.join(TIME_LIMIT)
        if process.is_alive():
            process.kill()
            process.join()
            return {"ended": f"not done after {TIME_LIMIT:g} seconds."}
        report = Path(folder, "report.json")
        if not report.is_file():
            return {"ended": f"its interpreter ended with {process.exitcode}."}
        answer: Answer = json.loads(report.read_text(encoding="utf-8"))
        return answer


def _run(program: str, folder: Path) -> None:
    """Run a program, in the fork, and write down what it caught."""
    work = folder / "work"
    work.mkdir()
    os.chdir(work)
    silent = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(silent, descriptor)
    caught: list[tuple[str, str]] = []

    def note(error: BaseException) -> None:
        caught.append((type(error).__name__, _stable(str(error))))

    answer: Answer = {"caught": caught}
    try:
        code = compile(_noting(program)[0], "<example>", "exec")
        exec(code, {"__name__": "__main__", _NOTE: note})  # noqa: S102 - it is one
    except BaseException as error:  # noqa: BLE001 - sys.exit is a fault too
        answer = {"ended": f"{type(error).__name__}: {error}"}
    (folder / "report.json").write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # waits for nothing that the example started


def _stable(text: str) -> str:
    """Return the text of an error without what is not the same tomorrow."""
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return text.strip()


# --- what the examples use ----------------------------------------------------------------


@functools.cache
def imported_by(program: str) -> frozenset[str]:
    """Return the modules that a program imports, each by the first part of its name."""
    found = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return frozenset(found)


def used_by(program: str) -> set[str]:
    """Return the names of JAX that a program uses, each with its modules: ``jax.lax.map``."""
    means: dict[str, str] = {}
    found = set()
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                whole = one.name if one.asname else one.name.partition(".")[0]
                means[one.asname or whole] = whole
                found.add(one.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                means[one.asname or one.name] = f"{node.module}.{one.name}"
                found.add(f"{node.module}.{one.name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            value = node.value
            while isinstance(value, ast.Attribute):
                parts.append(value.attr)
                value = value.value
            if isinstance(value, ast.Name) and value.id in means:
                found.add(".".join([means[value.id], *reversed(parts)]))
    return {name for name in found if name.split(".")[0] == "jax"}


def _looked_up(written: Any) -> Iterator[tuple[str, Answer]]:
    """Yield name and answer of each module and each function that programs use."""
    names = set().union(*map(used_by, written))
    modules = {name: module for name in names if (module := _module_of(name))}
    for module in {*modules.values()}:
        yield module, _public(module)
    for name, module in modules.items():
        rest = name.removeprefix(module).removeprefix(".").split(".")[0]
        if rest and callable(value := _value(module, rest)):
            yield f"{module}.{rest}()", {"parameters": _parameters(value)}


def _module_of(name: str) -> str:
    """Return the longest beginning of a name that is a module of this JAX."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(module)
        except ImportError:
            continue
        return module
    return ""


def _public(module: str) -> Answer:
    """Return what is there of the public names of a module."""
    holder = importlib.import_module(module)
    there, warns, gone = [], {}, {}
    # JAX keeps the names that it gave up in this dictionary, for its messages.
    names = {*dir(holder), *getattr(holder, "_deprecations", {})}
    for name in sorted(name for name in names if not name.startswith("_")):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                value = getattr(holder, name)
            except AttributeError as error:
                gone[name] = _stable(str(error))
                continue
        home = getattr(value, "__module__", None) or "jax"
        if said:
            warns[name] = _stable(str(said[0].message))
        elif not isinstance(value, types.ModuleType) and home.startswith("jax"):
            there.append(name)
    return {"there": there, "warns": warns, "gone": gone}


def _value(module: str, name: str) -> object:
    """Return what a name of a module stands for, or None if it is not there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(importlib.import_module(module), name, None)


def _parameters(function: Callable[..., object]) -> list[str] | None:
    """Return the names of the parameters of a function, or None where nobody knows."""
    if isinstance(function, enum.EnumMeta):
        return None  # what Python makes of an enumeration is its own
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # of what is written in C
        return None
    return [name for name in parameters if not name.startswith("_")]


if __name__ == "__main__":
    _serve()
