"""Run the examples as a reader may: plainly, offline, on another date, on one core.

``make elsewhere`` runs this. Each example is written into a file in an empty folder and
run by a fresh interpreter (a shell block by ``sh``), without pytest and with nothing in
its environment but ``PATH`` and folders of its own. What it prints must be the output that
it shows. So an example fails that depends on

* being under test, or on a variable of the environment of whoever tests;
* the network: it has a network of its own, with the loopback device and nothing else;
* the date: its clock is more than three years ahead;
* the number of cores: it has one, and is told that there is one.

What a program prints while its interpreter shuts down counts here too. Clock and number of
cores are those of ``elsewhere.c``, preloaded: for Python, native code and the shell alike.
It needs Linux, a C compiler, and the right to make a network namespace.
"""

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, repeat
from pathlib import Path

from mapped_axis.examples.grammar import Example, examples_at
from mapped_axis.project import HERE, shown

TIME_LIMIT = 180  # seconds for one example: it compiles all anew, on one core
OTHER_WORLD = Path(__file__).with_suffix(".c")

# Alone in a network, whose loopback device is then up, and as on one core.
OFFLINE = ["unshare", "--net", "--map-root-user"]
ONE_CORE = 'ip link set lo up && exec taskset --cpu-list "$0" "$@"'


def differs(example: Example, preloaded: Path, core: int) -> str:
    """Run an example elsewhere.

    Args:
        example: the example.
        preloaded: the library that was made from ``elsewhere.c``.
        core: the one that it may use.

    Returns:
        What is other than shown, to be read by a person, or "" for a run as it should be.
    """
    python = example.language == "python"
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as name:
        folder = Path(name)
        for own in ("home", "tmp", "work"):
            (folder / own).mkdir()
        program = folder / ("program.py" if python else "program.sh")
        program.write_text(example.program, encoding="utf-8")
        runs = [sys.executable] if python else ["sh", "-e"]
        path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        try:
            result = subprocess.run(
                [*OFFLINE, "sh", "-c", ONE_CORE, str(core), *runs, str(program)],
                cwd=folder / "work",
                env={
                    "PATH": os.pathsep.join(path),
                    "HOME": str(folder / "home"),
                    "TMPDIR": str(folder / "tmp"),
                    "LD_PRELOAD": str(preloaded),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                # As in the tests: a shell block shows both, a program only the one.
                stderr=subprocess.PIPE if python else subprocess.STDOUT,
                encoding="utf-8",
                timeout=TIME_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"not done after {TIME_LIMIT} seconds"
    said = result.stderr or ""
    if result.returncode:
        return f"exit status {result.returncode}\n{said or result.stdout}".rstrip()
    expected = example.output.text if example.output else ""
    if result.stdout == expected:
        return f"writes to stderr:\n{said.rstrip()}" if said else ""
    lines = expected.splitlines(), result.stdout.splitlines()
    diff = difflib.unified_diff(*lines, "shown", "printed elsewhere", lineterm="")
    return "\n".join([*diff, said]).rstrip()


def make_world(folder: Path) -> Path:
    """Compile what is preloaded, and see that a network of its own can be had.

    Args:
        folder: where the library goes.

    Returns:
        The library.

    Raises:
        OSError: this system cannot do it; the message says what is missing.
    """
    library = folder / "elsewhere.so"
    compiler = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(OTHER_WORLD)]
    network = [*OFFLINE, "sh", "-c", ONE_CORE, "0", "true"]
    for command in ([*compiler, "-ldl"], network):
        try:
            result = subprocess.run(
                command, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise OSError(f"needs {command[0]}, which is not here") from error
        if result.returncode:
            raise OSError(f"{command[0]} fails: {result.stderr.strip()}")
    return library


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the examples below the given folders; say which are other than shown."""
    parser = argparse.ArgumentParser(description="Run the examples elsewhere.")
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[HERE.snippets], help="files or folders"
    )
    paths = parser.parse_args(arguments).paths
    read = examples_at(paths, parser.error)
    examples = [example for example in read if not example.by_cluster]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
        try:
            library = make_world(Path(folder))
        except OSError as error:
            print(f"cannot run the examples elsewhere: {error}")
            return 2
        # Each has one core; together they have all.
        cores = sorted(os.sched_getaffinity(0))
        with ThreadPoolExecutor(len(cores)) as pool:
            found = pool.map(differs, examples, repeat(library), cycle(cores))
            for example, text in zip(examples, found, strict=True):
                if text:
                    wrong += 1
                    place = f"{shown(example.path)}:{example.code[0].line}"
                    print(f"{place}: elsewhere it is other than shown:\n{text}\n")
    print(
        f"{len(examples) - wrong} of {len(examples)} examples print elsewhere the same"
    )
    return 1 if wrong or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
