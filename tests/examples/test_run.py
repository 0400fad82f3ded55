"""How examples run: each guard is red on the fault it is for."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mapped_axis.examples import record
from mapped_axis.examples.child import says_its_lines
from mapped_axis.examples.grammar import OUTPUT, read_example
from mapped_axis.examples.invoke import run_pytest
from mapped_axis.examples.run import INHERITED
from mapped_axis.examples.write import example_text
from mapped_axis.project import HERE, Project
from support.sites import lay_out
from support.texts import GOOD, SECTIONS


def example(code, output=None, language="python"):
    return example_text(code, output=output, language=language)


JAX = "import jax\nimport jax.numpy as jnp\n\n"

# name: (file, what its failure must say). Some need JAX: with the others they share one
# run, so that what one of them leaves behind meets the examples after it.
FAULTS = {
    "changed": (
        example("print('b')\nprint('c')\n", "a\nc\n"),
        ["line 8: the output is not what is shown", "-a\n+b\n c\n", "make update"],
    ),
    "one-space": (example("print('[1 2]')\n", "[ 1 2]\n"), ["-[ 1 2]\n+[1 2]"]),
    "no-output": (example("print(3)\n"), ["prints, but shows no output:\n3\n"]),
    "silent": (example("a = 3\n"), ["prints nothing"]),
    "no-line-end": (example("print(3, end='')\n", "3\n"), ["has no line end"]),
    "late-print": (
        example(
            JAX + "jax.jit(lambda x: jax.debug.print('{}', x))(7)\nprint(3)\n", "3\n"
        ),
        ["+7"],
    ),
    "raises": (
        example("def f(x):\n    return 1 / x\n\n\nf(0)\n", "3\n"),
        [
            "raises:",
            "raises.md:6, in <module>\n    f(0)",
            "raises.md:3, in f\n    return 1 / x",
            "ZeroDivisionError: division by zero",
        ],
    ),
    "syntax": (example("print(1\n", "1\n"), ["SyntaxError", "syntax.md:2"]),
    "warns": (
        example("import warnings\n\nwarnings.warn('old')\nprint(3)\n", "3\n"),
        ["warns:\nUserWarning: old"],
    ),
    "warns-once-per-jax": (
        example(
            JAX + "jnp.zeros(2, dtype='float64')\nprint(3)\n",
            "3\n",
        ),
        ["warns:\nUserWarning: Explicitly requested dtype"],
    ),
    "stderr": (
        example("import sys\n\nprint('oh', file=sys.stderr)\nprint(3)\n", "3\n"),
        ["past the comparison", "oh"],
    ),
    "native-stderr": (
        example("import os\n\nos.write(2, b'oh')\nprint(3)\n", "3\n"),
        ["past the comparison", "oh"],
    ),
    "native-stdout": (
        example("import os\n\nos.write(1, b'oh')\nprint(3)\n", "3\n"),
        ["past the comparison", "oh"],
    ),
    "configuration": (
        example(JAX + "jax.config.update('jax_enable_x64', True)\nprint(3)\n", "3\n"),
        ["leaves behind", "JAX's configuration: jax_enable_x64"],
    ),
    "mesh": (
        example(
            JAX + "jax.set_mesh(jax.make_mesh((1,), ('i',), "
            "axis_types=(jax.sharding.AxisType.Auto,)))\nprint(3)\n",
            "3\n",
        ),
        ["leaves behind", "JAX's current mesh"],
    ),
    "environment": (
        example("import os\n\nos.environ['A_B'] = '1'\nprint(3)\n", "3\n"),
        ["leaves behind", "environment variable A_B"],
    ),
    "folder": (
        example("import os\n\nos.chdir('/')\nprint(3)\n", "3\n"),
        ["leaves behind", "the working folder"],
    ),
    "file": (
        example("open('x', 'w').close()\nprint(3)\n", "3\n"),
        ["leaves behind", "files in the working folder"],
    ),
    "python-random": (
        example("import random\n\nrandom.seed(1)\nprint(3)\n", "3\n"),
        ["leaves behind", "Python's random state"],
    ),
    "numpy-random": (
        example("import numpy as np\n\nnp.random.seed(1)\nprint(3)\n", "3\n"),
        ["leaves behind", "NumPy's random state"],
    ),
    "print-options": (
        example("import numpy as np\n\nnp.set_printoptions(2)\nprint(3)\n", "3\n"),
        ["leaves behind", "NumPy's print options"],
    ),
    "process": (
        example(
            "import subprocess\n\nsubprocess.Popen(['sleep', '60'])\nprint(3)\n", "3\n"
        ),
        ["leaves behind", "processes that still run"],
    ),
    "exits": (example("import sys\n\nsys.exit(0)\n", "3\n"), ["called sys.exit(0)"]),
    "kills": (
        example("import os, signal\n\nos.kill(os.getpid(), signal.SIGSEGV)\n", "3\n"),
        ["ended its interpreter (SIGSEGV)"],
    ),
    "quits": (
        example("import os\n\nos._exit(0)\n", "3\n"),
        ["ended its interpreter (exit status 0)"],
    ),
    "endless": (
        example("while True:\n    pass\n", "3\n"),
        ["not done after 6 seconds"],
    ),
    "shell-fails": (
        example("echo one\ncat nowhere\necho two\n", "one\ntwo\n", "sh"),
        ["shell-fails.md:3\n    cat nowhere\n", "\n  one\n", "No such file"],
    ),
    "shell-stderr": (
        example("echo one\necho two >&2\n", "one\n", "sh"),
        ["+two"],
    ),
    "malformed": (
        example("print(3)\n", "3\n").replace("```python", "```py"),
        ["would not run the fence"],
    ),
    "at-exit": (
        example("import atexit\n\natexit.register(print, 'end')\nprint(3)\n", "3\n"),
        ["+end"],
    ),
    "late-thread": (
        example(
            "import threading\n\nthreading.Timer(0.3, print, 'b').start()\nprint(3)\n",
            "3\n",
        ),
        ["+b"],
    ),
    "later-thread": (
        example(
            "import threading\n\nthreading.Timer(20, print, 'b').start()\nprint(3)\n",
            "3\n",
        ),
        ["leaves behind", "a thread that still runs: Thread-"],
    ),
    "patched-module": (
        example(JAX + "jnp.sum = jnp.max\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  jax.numpy.sum"],
    ),
    "patched-deeper": (
        example(JAX + "jax.lax.psum = jax.lax.pmax\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  jax.lax.psum"],
    ),
    "patched-array": (
        example(JAX + "jax.Array.twice = lambda x: x * 2\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  jax.Array.twice"],
    ),
    "patched-jax": (
        example(JAX + "del jax.jit\njax.numpy = None\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  jax.jit", "\n  jax.numpy"],
    ),
    "patched-numpy": (
        example("import numpy as np\n\nnp.sum = np.max\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  numpy.sum"],
    ),
    "patched-builtin": (
        example("import builtins\n\nbuiltins.sum = max\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  builtins.sum"],
    ),
    "error-state": (
        example("import numpy as np\n\nnp.seterr(divide='ignore')\nprint(3)\n", "3\n"),
        ["leaves behind", "NumPy's error state"],
    ),
    "warning-filters": (
        example(
            "import warnings\n\nwarnings.simplefilter('ignore')\nprint(3)\n", "3\n"
        ),
        ["leaves behind", "warning filters"],
    ),
    "logging-root": (
        example(
            "import logging\n\nlogging.basicConfig(level='ERROR')\nprint(3)\n", "3\n"
        ),
        ["leaves behind", "logging of root"],
    ),
    "logs": (
        example("import logging\n\nlogging.warning('oh')\nprint(3)\n", "3\n"),
        ["past the comparison", "oh"],
    ),
    "logging-jax": (
        example(
            "import logging\n\nlogging.getLogger('jax').setLevel(50)\nprint(3)\n", "3\n"
        ),
        ["leaves behind", "logging of jax"],
    ),
    "logging-off": (
        example("import logging\n\nlogging.disable()\nprint(3)\n", "3\n"),
        ["leaves behind", "\n  logging"],
    ),
    "collector": (
        example("import gc\n\ngc.disable()\nprint(3)\n", "3\n"),
        ["leaves behind", "garbage collector"],
    ),
    "recursion": (
        example("import sys\n\nsys.setrecursionlimit(5000)\nprint(3)\n", "3\n"),
        ["leaves behind", "recursion limit"],
    ),
    "path": (
        example("import sys\n\nsys.path.append('/')\nprint(3)\n", "3\n"),
        ["leaves behind", "path of modules"],
    ),
    "signal": (
        example(
            "import signal\n\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nprint(3)\n",
            "3\n",
        ),
        ["leaves behind", "signal handler of SIGUSR1"],
    ),
    "locale": (
        example(
            "import locale\n\nlocale.setlocale(locale.LC_ALL, 'C')\nprint(3)\n", "3\n"
        ),
        ["leaves behind", "the locale"],
    ),
    "file-in-temporary-folder": (
        example("import tempfile\n\ntempfile.mkstemp()\nprint(3)\n", "3\n"),
        ["leaves behind", "files in the temporary folder"],
    ),
    "file-in-parent-folder": (
        example("open('../../left-behind', 'w').close()\nprint(3)\n", "3\n"),
        ["leaves behind", "a file outside the working folder: /", "/left-behind"],
    ),
    "folder-at-home": (
        example(
            "from pathlib import Path\n\nfolder = Path.home() / 'left-behind'\n"
            "folder.mkdir()\nfolder.rmdir()\nprint(3)\n",
            "3\n",
        ),
        ["leaves behind", "a file outside the working folder: /", "/left-behind"],
    ),
}

GOOD_RUNS = {
    "good": GOOD,
    "good-sections": SECTIONS,
    "good-main": example(
        'if __name__ == "__main__":\n    print(__name__)\n', "__main__\n"
    ),
    "good-late-print": example(
        JAX + "jax.jit(lambda x: jax.debug.print('{}', x))(7)\n", "7\n"
    ),
    "good-one-device": example(JAX + "print(jax.device_count('cpu'))\n", "1\n"),
    "good-eight-devices": example(
        JAX + "jax.config.update('jax_num_cpu_devices', 8)\n"
        "print(jax.device_count('cpu'))\n",
        "8\n",
    ),
    "good-float32": example(JAX + "print(jnp.arange(2.0).dtype)\n", "float32\n"),
    "good-end": example(
        "import atexit\nimport threading\n\natexit.register(print, 'c')\n"
        "threading.Timer(0.1, print, 'b').start()\nprint('a')\n",
        "a\nb\nc\n",
    ),
    "good-scipy": example(
        "import scipy.sparse\n\nprint(scipy.sparse.eye(2).shape)\n", "(2, 2)\n"
    ),
    "good-tidy": example(
        "import tempfile\nfrom concurrent.futures import ThreadPoolExecutor\n\n"
        "with ThreadPoolExecutor() as pool, tempfile.TemporaryFile() as file:\n"
        "    print(*pool.map(abs, [-1, 1]), file.tell())\n",
        "1 1 0\n",
    ),
    "good-shell": example("echo one\n", "one\n", "sh"),
}


@pytest.fixture(scope="module")
def faulty_run(tmp_path_factory, slow):
    """Return the outcome of one run over all faults."""
    names = [*FAULTS, *GOOD_RUNS]
    page = "".join(f'--8<-- "page/{name}.md"\n\n' for name in names)
    texts = GOOD_RUNS | {name: text for name, (text, _) in FAULTS.items()}
    files = {f"snippets/page/{name}.md": text for name, text in texts.items()}
    project = Project(tmp_path_factory.mktemp("faults"))
    lay_out(project.root, {"docs/page.md": page, **files})
    return run_pytest(project, "--time-limit=6")


def failure(outcome, name):
    """Return what the run of an example said."""
    return outcome.failed[f"snippets/page/{name}.md"]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_the_run_red(faulty_run, name):
    for text in FAULTS[name][1]:
        assert text in failure(faulty_run, name)


def test_a_shell_program_says_at_which_command_it_is():
    program = (
        "cat <<'END' |\na (\nEND\n"
        "sort\n"
        "x=$(echo '\nb')\n"
        "f() {\n    echo \\\n        $x\n}\n"
        "f\n"
    )
    told = says_its_lines(program)
    result = subprocess.run(
        ["sh", "-c", f"exec 9>&2\n{told}"], capture_output=True, text=True, check=True
    )
    assert result.stdout == "a (\nb\n"
    assert result.stderr.split() == ["1", "5", "7", "11"]


def test_a_failure_says_where_it_is_shown(faulty_run):
    says = "snippets/page/changed.md:1\nshown by docs/page.md:1\n"
    assert says in failure(faulty_run, "changed")


def test_only_the_faults_are_red_and_the_run_goes_on(faulty_run):
    assert faulty_run.status == 1
    assert {Path(name).stem for name in faulty_run.failed} == set(FAULTS)
    assert {Path(name).stem for name in faulty_run.said} == {*FAULTS, *GOOD_RUNS}


@pytest.mark.slow
def test_a_compilation_that_was_half_written_is_no_fault(house):
    """Two examples may write and read the same one at the same time."""
    program = JAX + "print(jnp.arange(3) + 1)\n"
    project = house({"snippets/page/one.md": example(program, "[1 2 3]\n")})
    compiled = project.root / "compiled"
    environment = {"JAX_COMPILATION_CACHE_DIR": str(compiled)}
    for _ in range(2):
        outcome = run_pytest(project, environment=environment)
        assert outcome.status == 0, outcome.output
        entries = list(compiled.iterdir())
        assert entries
        for entry in entries:
            entry.write_bytes(entry.read_bytes()[:-100])


@pytest.mark.slow
def test_the_first_example_of_all_does_not_make_the_cache(house):
    program = JAX + "print(jnp.arange(3) + 1)\n"
    project = house({"snippets/page/one.md": example(program, "[1 2 3]\n")})
    compiled = project.root / "not/yet/there"
    outcome = run_pytest(
        project, environment={"JAX_COMPILATION_CACHE_DIR": str(compiled)}
    )
    assert outcome.status == 0, outcome.output


# --- rewriting outputs ----------------------------------------------------------------


@pytest.mark.slow
def test_update_writes_outputs_and_nothing_else(house):
    files = {
        "same": GOOD,
        "changed": GOOD.replace("\n2\n", "\n3\n"),
        "missing": GOOD[: GOOD.index("\n<!--")],
        "sections": SECTIONS.replace("\n1\n", "\n2\n2\n"),
        "missing-in-section": SECTIONS.replace(f"\n{OUTPUT}\n\n```text\n1\n```\n", ""),
        "raises": example("print(1)\nraise ValueError('no')\n", "2\n"),
        "warns": example("import warnings\nwarnings.warn('x')\nprint(1)\n", "2\n"),
    }
    project = house({f"snippets/page/{name}.md": text for name, text in files.items()})
    outcome = run_pytest(project, "--update-outputs")
    after = {
        name: (project.snippets / f"page/{name}.md").read_text(encoding="utf-8")
        for name in files
    }
    assert after == files | {
        "changed": GOOD,
        "missing": GOOD,
        "sections": SECTIONS,
        "missing-in-section": SECTIONS,
    }
    assert "4 outputs updated" in outcome.output
    assert {Path(name).stem for name in outcome.failed} == {"raises", "warns"}
    assert len(outcome.said) == len(files)
    again = run_pytest(project, "--update-outputs")
    assert "0 outputs updated" in again.output


@pytest.mark.slow
def test_update_mends_an_output_that_is_too_wide_and_writes_none(house):
    wide = f"{'1' * 89}\n"
    files = {
        "changed": GOOD.replace("\n2\n", "\n3\n"),
        "was-wide": GOOD.replace("\n2\n", f"\n{wide}"),
        "is-wide": example(f"print(2)\nprint('1' * {len(wide) - 1})\n", "2\n3\n"),
        "stays-wide": example(f"print('1' * {len(wide) - 1})\n", wide),
        "wide-program": GOOD.replace("1 + 1", f"1 + 1 + {'0' * 89}"),
    }
    project = house({f"snippets/page/{name}.md": text for name, text in files.items()})
    outcome = run_pytest(project, "--update-outputs")
    after = {
        name: (project.snippets / f"page/{name}.md").read_text(encoding="utf-8")
        for name in files
    }
    assert after == files | {"changed": GOOD, "was-wide": GOOD}
    said = {Path(name).stem: text for name, text in outcome.failed.items()}
    assert said.keys() == {"is-wide", "stays-wide", "wide-program"}
    says = "the output has 89 columns; 88 is the limit. Print shorter lines"
    # The line in the file, of the second line of the output.
    assert f"snippets/page/is-wide.md:10: {says}" in said["is-wide"]
    assert f"snippets/page/stays-wide.md:8: {says}" in said["stays-wide"]
    assert "snippets/page/wide-program.md:2: " in said["wide-program"]
    # Where nothing is to be rewritten, the same stays refused.
    refused = run_pytest(project, paths=["snippets/page/stays-wide.md"]).failed
    assert "stays-wide.md:8: 89 columns" in next(iter(refused.values()))


# --- running what changed -------------------------------------------------------------


@pytest.mark.slow
def test_only_what_changed_runs_again(house):
    project = house(
        {
            "snippets/page/one.md": GOOD,
            "snippets/page/two.md": GOOD,
            "requirements.txt": "jax==1\n",
        }
    )
    ran = []
    for file, text in (
        (None, ""),
        (None, ""),
        ("snippets/page/one.md", GOOD.replace("\n2\n", "\n3\n")),  # fails from here on
        (None, ""),
        ("requirements.txt", "jax==2\n"),
        (None, ""),
    ):
        if file:
            (project.root / file).write_text(text, encoding="utf-8")
        outcome = run_pytest(project, "--changed")
        ran.append((outcome.status, {Path(name).stem for name in outcome.said}))
    both = {"one", "two"}
    assert ran[:2] == [(0, both), (0, set())]
    assert ran[2:] == [(1, {"one"}), (1, {"one"}), (1, both), (1, {"one"})]


@pytest.mark.slow
def test_another_python_or_jax_runs_all_again(house):
    project = house({"snippets/page/one.md": GOOD})
    run_pytest(project)
    path = record.record_path(project)
    for versions in ({"python": "3.10.0"}, {"jax": "0.1"}):
        written = record.read(path)
        assert record.is_current(project, written, project.snippets / "page/one.md")
        (entry,) = written.values()
        path.write_text(json.dumps({"snippets/page/one.md": entry | versions}))
        outcome = run_pytest(project, "--changed")
        assert outcome.said == {"snippets/page/one.md": ""}


# --- nothing is skipped ---------------------------------------------------------------


def fences(project):
    """Return how many blocks each Markdown file below snippets/ has, by its fences."""
    return {
        path.relative_to(project.root).as_posix(): len(
            re.findall(r"^\s*(?:```|~~~)", path.read_text("utf-8"), flags=re.MULTILINE)
        )
        / 2
        for path in project.snippets.rglob("*.md")
    }


def collected(project):
    """Return how many blocks each file has that pytest collects from snippets/."""
    outcome = run_pytest(project, "--collect-only")
    found = {
        name: len(read_example(project.root / name).blocks) for name in outcome.said
    }
    # What `make cluster` runs instead; its own tests see that it does.
    left_out = (
        path for path in project.snippets.rglob("*.md") if read_example(path).by_cluster
    )
    return found | {
        path.relative_to(project.root).as_posix(): len(read_example(path).blocks)
        for path in left_out
    }


def test_every_fence_is_collected():
    assert fences(HERE) == collected(HERE)


def test_a_fence_that_is_not_collected_is_found(house):
    project = house({"snippets/page/one.md": GOOD, "snippets/page/two.md": GOOD})
    assert fences(project) == collected(project)
    ignore = "collect_ignore = ['page/two.md']\n"
    (project.snippets / "conftest.py").write_text(ignore)
    assert fences(project) != collected(project)


def test_an_example_that_is_skipped_fails_the_run(house):
    project = house({"snippets/page/one.md": GOOD, "snippets/page/two.md": GOOD})
    (project.snippets / "conftest.py").write_text(
        "import pytest\n\n\n"
        "def pytest_runtest_setup(item):\n"
        "    if item.path.stem == 'two':\n"
        "        pytest.skip('not today')\n"
    )
    outcome = run_pytest(project)
    assert outcome.status == 1
    assert "snippets/page/two.md: collected, but never ran" in outcome.output


@pytest.mark.slow
def test_the_order_is_shuffled_and_can_be_repeated(house):
    project = house({f"snippets/page/{n}.md": GOOD for n in range(6)})

    def order(*options):
        outcome = run_pytest(project, "-v", *options)
        assert outcome.status == 0
        seed = re.search(r"--order-seed=(\d+)", outcome.output)[1]
        return [Path(name).stem for name in outcome.said], seed

    first, _ = order("--order-seed=1")
    other, _ = order("--order-seed=2")
    assert sorted(first) == sorted(other) == list("012345")
    assert first != other
    chosen, seed = order()
    assert order(f"--order-seed={seed}") == (chosen, seed)


@pytest.mark.parametrize("library", [*INHERITED, "blackjax"])
@pytest.mark.slow
def test_no_library_that_children_inherit_starts_jax(library):
    """JAX has threads once it has started, and a fork has none of them."""
    program = f"import {library}\nfrom jax._src import xla_bridge\n"
    program += "raise SystemExit(xla_bridge.backends_are_initialized())"
    ran = subprocess.run([sys.executable, "-c", program], check=False)
    # The last one does, and is not inherited.
    assert ran.returncode == (library == "blackjax")


@pytest.mark.slow
def test_an_example_that_names_no_library_inherits_none(house):
    asks = example("import sys\n\nprint('optax' in sys.modules)\n", "False\n")
    names = example("import optax\n\nprint(optax.__name__)\n", "optax\n")
    texts = {f"snippets/page/{n}.md": asks for n in range(8)}
    project = house(texts | {"snippets/page/names.md": names})
    for seed in (1, 2):
        assert run_pytest(project, f"--order-seed={seed}").status == 0


# --- what CONTRIBUTING shows ----------------------------------------------------------


@pytest.mark.parametrize("name", ["changed", "raises", "shell-fails"])
def test_the_failures_in_contributing_are_real(faulty_run, name):
    text = (HERE.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```text\n{failure(faulty_run, name)}\n```\n" in text
