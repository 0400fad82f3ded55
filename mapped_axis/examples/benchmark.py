"""What checking the examples costs, beside a bare Python process and beside other tools.

``make benchmark`` runs this. All do the same work in one run on one machine, each on a
fresh copy of the Python examples with nothing compiled beforehand:

* bare: one Python process executes the programs one after the other, compares nothing;
* this project: pytest-codeblocks with the plugin of `run`;
* pytest-markdown-docs: runs the programs, compares no output;
* Sybil: runs and compares, as doctests;
* nbclient: runs and compares, a notebook and a kernel for each page.

The last four do not isolate one example from the next alike: this project gives each a
process, nbclient one to each page, the others none. The two tools that the project does
not use are installed into an environment of their own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import v4

from mapped_axis.examples.grammar import Block, Example, read_example
from mapped_axis.project import HERE

OTHERS = ["pytest-markdown-docs==0.9.2", "sybil==10.1.0"]

BARE = """\
import contextlib, io, json, sys
import jax
jax.config.update("jax_num_cpu_devices", 8)
for name, program in json.load(open(sys.argv[1])).items():
    with contextlib.redirect_stdout(io.StringIO()):
        exec(program, {"__name__": "__main__"})
"""

NBCLIENT = """\
import re, sys
import nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    shown = nbformat.read(path, as_version=4)
    ran = NotebookClient(nbformat.from_dict(shown), timeout=300).execute()
    for cell, expected in zip(ran.cells, nbformat.read(path, as_version=4).cells):
        text = "".join(output.text for output in cell.outputs)
        text = re.sub("\\x1b\\[[0-9;]*m", "", text)  # IPython colours JAX's programs
        assert text == expected.outputs[0].text, path
"""

SYBIL = """\
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""


def environment(folder: Path) -> Path:
    """Return the Python of an environment with the lock and the other tools."""
    python = folder / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
        lock: list[str | Path] = [
            "--require-hashes",
            "--requirement",
            HERE.root / "requirements.txt",
        ]
        subprocess.run([*pip, *lock], check=True)
        subprocess.run([*pip, *OTHERS], check=True)
    return python


def seconds(command: Sequence[str | Path], folder: Path) -> float:
    """Run a command and return how long it took.

    Raises:
        RuntimeError: it failed, so its time says nothing.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    start = time.perf_counter()
    result = subprocess.run(
        command,
        cwd=folder,
        env=clean | {"JAX_NUM_CPU_DEVICES": "8"},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - start
    if result.returncode:
        raise RuntimeError(
            f"{command}:\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
        )
    return took


def doctest(example: Example) -> str:
    """Return an example as one doctest, which is what Sybil compares."""
    shown = "".join(
        line if line.strip() else "<BLANKLINE>\n"
        for line in _shown(example).splitlines(keepends=True)
    )
    return f">>> exec({example.program!r}, {{'__name__': '__main__'}})\n{shown}"


def _shown(example: Example) -> str:
    """Return the output that an example shows."""
    return example.output.text if example.output else ""


def notebook(page: Iterable[Example]) -> str:
    """Return a notebook with a cell for each example of a page, outputs in place."""
    cells = [
        v4.new_code_cell(
            example.program,
            outputs=[v4.new_output("stream", name="stdout", text=_shown(example))],
        )
        for example in page
    ]
    text: str = nbformat.writes(v4.new_notebook(cells=cells))
    return text


def lay_out(root: Path, read: Iterable[Example]) -> None:
    """Write the examples below ``root`` in the form of each tool."""
    pages: dict[Path, list[Example]] = {}
    for example in read:
        name = example.path.relative_to(HERE.snippets)
        pages.setdefault(name.parent, []).append(example)
        for form, text in (
            ("ours/snippets", example.path.read_text(encoding="utf-8")),
            ("markdown-docs", Block("python", 0, 0, example.program).fenced),
            ("sybil", Block("python", 0, 0, doctest(example)).fenced),
        ):
            path = root / form / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (root / "ours/docs").mkdir()
    (root / "sybil/conftest.py").write_text(SYBIL)
    (root / "bare").mkdir()
    programs = {str(e.path.relative_to(HERE.snippets)): e.program for e in read}
    (root / "bare/programs.json").write_text(json.dumps(programs))
    (root / "nbclient").mkdir()
    for number, page in enumerate(pages.values()):
        path = root / f"nbclient/{number}.ipynb"
        path.write_text(notebook(page))


def main() -> None:
    """Time all, and print the seconds and their ratio to the bare process."""
    parser = argparse.ArgumentParser(description="Time the checks beside other tools.")
    parser.add_argument("paths", nargs="*", type=Path, default=[HERE.snippets])
    paths = parser.parse_args().paths
    version = ".".join(map(str, sys.version_info[:2]))
    python = environment(HERE.root / f".venv/benchmark-{version}")
    files = [file for path in paths for file in sorted(path.resolve().rglob("*.md"))]
    read = [read_example(file) for file in files]
    # Only programs that all of the tools can run: Python, and not about the devices.
    read = [e for e in read if e.language == "python"]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        root = Path(name)
        lay_out(root, read)
        pytest: list[str | Path] = [
            python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
        ]
        plain = [*pytest, "-c", "/dev/null"]
        notebooks = sorted((root / "nbclient").glob("*.ipynb"))
        commands: dict[str, list[str | Path]] = {
            "bare": [python, "-c", BARE, "programs.json"],
            "ours": [
                *(
                    *pytest,
                    "-c",
                    HERE.root / "pyproject.toml",
                    f"--rootdir={root / 'ours'}",
                ),
                "snippets",
            ],
            "markdown-docs": [*plain, "--rootdir=.", "--markdown-docs", "."],
            "sybil": [*plain, "--rootdir=.", "."],
            "nbclient": [python, "-c", NBCLIENT, *notebooks],
        }
        print(f"{len(read)} examples, {os.cpu_count()} processors")
        times = {}
        for tool, command in commands.items():
            times[tool] = seconds(command, root / tool)
            ratio = times[tool] / times["bare"]
            print(f"{tool:15} {times[tool]:6.1f} s  {ratio:5.2f} x bare", flush=True)


if __name__ == "__main__":
    main()
