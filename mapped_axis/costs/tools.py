"""What checking the examples costs, beside a bare Python process and beside other tools.

``make bench-site`` runs this. All do the same work in one run on one machine, each on a
fresh copy of the Python examples with nothing compiled beforehand:

* bare: one Python process executes the programs one after the other, compares nothing;
* this project: pytest-codeblocks with the plugin of `examples.run`;
* pytest-markdown-docs: runs the programs, compares no output;
* Sybil: runs and compares, as doctests;
* nbclient: runs and compares, a notebook and a kernel for each page.

The last four do not isolate one example from the next alike: this project gives each a
process, nbclient one to each page, the others none. The two tools that the project does
not use are installed into an environment of their own.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import v4

from mapped_axis.examples.grammar import Example, read_example
from mapped_axis.examples.write import example_text
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


def environment(folder: Path) -> str:
    """Return the Python of an environment with the lock, the project and the other tools.

    It is installed anew where it was made half, or for another lock or other tools.
    """
    python, stamp = str(folder / "bin/python"), folder / "installed"
    lock = HERE.root / "requirements.txt"
    content = lock.read_text("utf-8") + "\n".join(OTHERS)
    if not stamp.exists() or stamp.read_text("utf-8") != content:
        venv.create(folder, with_pip=True)
        project = ["--no-deps", "--no-build-isolation", f"--editable={HERE.root}"]
        for wanted in (["--require-hashes", f"--requirement={lock}"], project, OTHERS):
            install = [python, "-m", "pip", "install", "--quiet", *wanted]
            subprocess.run(install, check=True)
        stamp.write_text(content, "utf-8")
    return python


def seconds(command: Sequence[str], folder: Path) -> float:
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
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    took = time.perf_counter() - start
    if result.returncode:
        raise RuntimeError(f"{command}:\n{result.stdout[-6000:]}")
    return took


def shown(example: Example) -> str:
    """Return the output that an example shows."""
    return example.output.text if example.output else ""


def doctest(example: Example) -> str:
    """Return an example as one doctest, which is what Sybil compares."""
    output = re.sub(r"^\s*$", "<BLANKLINE>", shown(example)[:-1], flags=re.MULTILINE)
    return f">>> exec({example.program!r}, {{'__name__': '__main__'}})\n{output}\n"


def notebook(page: Iterable[Example]) -> str:
    """Return a notebook with a cell for each example of a page, outputs in place."""
    cells = [
        v4.new_code_cell(
            example.program,
            outputs=[v4.new_output("stream", name="stdout", text=shown(example))],
        )
        for example in page
    ]
    return str(nbformat.writes(v4.new_notebook(cells=cells)))


def lay_out(root: Path, examples: Mapping[str, Example]) -> None:
    """Write examples, given by their names, below ``root`` in the form of each tool."""
    programs = {name: example.program for name, example in examples.items()}
    files = {"bare/programs.json": json.dumps(programs), "sybil/conftest.py": SYBIL}
    pages = itertools.groupby(examples, os.path.dirname)
    for number, (_, names) in enumerate(pages):
        files[f"nbclient/{number}.ipynb"] = notebook(examples[name] for name in names)
    for name, example in examples.items():
        files |= {
            f"ours/snippets/{name}": example.path.read_text(encoding="utf-8"),
            f"markdown-docs/{name}": example_text(example.program),
            f"sybil/{name}": example_text(doctest(example)),
        }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def compare(folder: Path) -> Iterator[tuple[str, float]]:
    """Time all over the Python examples in a folder.

    Yields:
        Each tool, and the seconds that it took; the bare process first.

    Raises:
        RuntimeError: one of them failed.
    """
    version = ".".join(map(str, sys.version_info[:2]))
    python = environment(HERE.root / f".venv/benchmark-{version}")
    files = sorted(folder.resolve().rglob("*.md"))
    read = {str(f.relative_to(HERE.snippets)): read_example(f) for f in files}
    # Only programs that all of the tools can run: Python, and not about the devices.
    examples = {
        name: e
        for name, e in read.items()
        if e.language == "python" and not e.by_cluster
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        root = Path(temporary)
        lay_out(root, examples)
        pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        ours = [f"-c{HERE.root / 'pyproject.toml'}", f"--rootdir={root / 'ours'}"]
        plain = ["-c", "/dev/null", "--rootdir=."]
        notebooks = sorted(map(str, (root / "nbclient").glob("*.ipynb")))
        commands = {
            "bare": [python, "-c", BARE, "programs.json"],
            "ours": [*pytest, *ours, "snippets"],
            "markdown-docs": [*pytest, *plain, "--markdown-docs", "."],
            "sybil": [*pytest, *plain, "."],
            "nbclient": [python, "-c", NBCLIENT, *notebooks],
        }
        for tool, command in commands.items():
            yield tool, seconds(command, root / tool)
