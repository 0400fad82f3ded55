"""What every example owes, and that each guard is red on the fault it is for."""

import os
import re
import subprocess
import sys

import examples
import pytest
import run_examples
from places import ROOT

GOOD = """\
```python
print(1 + 1)
```

<!--pytest-codeblocks:expected-output-->

```text
2
```
"""

SECTIONS = """\
<!-- --8<-- [start:first] -->
```python
a = 1
```
<!-- --8<-- [end:first] -->
<!-- --8<-- [start:second] -->
<!--pytest-codeblocks:cont-->
```python
print(a)
```

<!--pytest-codeblocks:expected-output-->

```text
1
```
<!-- --8<-- [end:second] -->
"""


@pytest.fixture
def house(tmp_path):
    """Return a function that lays out docs/ and snippets/ from a dictionary of texts."""

    def build(files):
        for name in ("docs", "snippets"):
            (tmp_path / name).mkdir()
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return build


def problems_of(root):
    return [
        str(problem)
        for problem in examples.all_problems(root / "docs", root / "snippets")
    ]


def test_pages_and_examples_are_as_they_should_be(pytestconfig):
    assert problems_of(pytestconfig.rootpath) == []


# --- an example file ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [GOOD, SECTIONS, GOOD.replace("1 + 1)", "1 + 1)  # why, not what")]
)
def test_a_good_example_has_no_problem(house, text):
    root = house({"snippets/page/one.md": text})
    assert examples.read_example(root / "snippets/page/one.md").problems == []


def fenced(opening, closing="```"):
    return GOOD.replace("```python\nprint(1 + 1)\n```", f"{opening}\npass\n{closing}")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (fenced('```python title="a"'), 1, "would not run the fence"),
        (fenced("```python hl_lines=1"), 1, "would not run the fence"),
        (fenced("``` python"), 1, "would not run the fence"),
        (fenced("```py"), 1, "would not run the fence"),
        (fenced("```{.python}"), 1, "would not run the fence"),
        (fenced("``` {.python}"), 1, "would not run the fence"),
        (fenced("~~~python", "~~~"), 1, "would not run the fence"),
        (fenced("```console"), 1, "would not run the fence"),
        (fenced("```zsh"), 1, "would not run the fence"),
        (fenced("```bash"), 1, "would not run the fence"),
        (fenced("```"), 1, "would not run the fence"),
        (fenced("````python", "````"), 1, "would not run the fence"),
        (fenced("  ```python"), 1, "would not run the fence"),
        (fenced("> ```python"), 1, "would not run the fence"),
        (GOOD + "Prose.\n", 10, "prose belongs in the page"),
        (GOOD + "    print(3)\n", 10, "prose belongs in the page"),
        ("<!--pytest.mark.skip-->\n" + GOOD, 1, "is not allowed"),
        ("<!--pytest-codeblocks:skipfile-->\n" + GOOD, 1, "is not allowed"),
        ("<!--pytest-codeblocks:importorskip(x)-->\n" + GOOD, 1, "is not allowed"),
        ("```python\nprint(1)\n", 1, "never closed"),
        ("```python\nprint(1)\n ```\n", 3, "closing fence"),
        ("```python\n\n```\n", 1, "is empty"),
        ("", 1, "no program"),
        ("```text\n2\n```\n", 1, "a text block is an output"),
        (GOOD[GOOD.index("<!--") :], 3, "an output without a program"),
        (GOOD + GOOD[GOOD.index("<!--") :], 12, "a second output"),
        (GOOD.replace("```text", "```python"), 7, "an output is a ```text block"),
        (GOOD + "```python\nprint(3)\n```\n", 10, "code after the output"),
        ("```python\na = 1\n```\n" + GOOD, 4, "a second program"),
        (f"{examples.CONT}\n{GOOD}", 2, "without a program before it"),
        (GOOD + examples.OUTPUT + "\n", 10, "has no block after it"),
        (
            f"```sh\ntrue\n```\n{examples.CONT}\n{GOOD}",
            5,
            "a program is in one language",
        ),
        (GOOD.replace("1 + 1", "1 + " + "1" * 88), 2, "columns"),
        (GOOD.replace("1 + 1)", "1 + 1)  # 2"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # (3, 2)"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # [1 2]"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # float32"), 2, "states a value"),
        (GOOD.replace("\n", "\r\n"), 1, "CRLF"),
        (GOOD.encode("utf-16"), 1, "not UTF-8"),
        (b"\xef\xbb\xbf" + GOOD.encode(), 1, "byte order mark"),
        (SECTIONS.replace("[end:second]", "[end:third]"), 17, "is not open here"),
        (SECTIONS.replace("<!-- --8<-- [end:second] -->\n", ""), 6, "never closed"),
        (
            SECTIONS.replace("<!-- --8<-- [end:first] -->\n", ""),
            5,
            "starts inside 'first'",
        ),
        (SECTIONS.replace("second", "first"), 6, "a second section"),
        ("```python\nimport os\n```\n" + SECTIONS, 1, "outside the sections"),
        (SECTIONS + GOOD[GOOD.index("```text") :], 18, "in no section"),
    ],
)
def test_a_bad_example_is_refused(house, text, line, says):
    path = house({"snippets/page/one.md": text}) / "snippets/page/one.md"
    problems = examples.read_example(path).problems
    assert (line, True) in {(p.line, says in p.text) for p in problems}, problems


# --- a page ---------------------------------------------------------------------------


PAGE = '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'


def test_a_good_page_has_no_problem(house):
    root = house({"docs/page.md": PAGE, "snippets/page/one.md": GOOD})
    assert problems_of(root) == []
    shown = examples.shown_by(
        root / "snippets/page/one.md", root / "docs", root / "snippets"
    )
    assert shown == [(root / "docs/page.md", 5)]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (PAGE.replace("one.md", "two.md"), "docs/page.md:5: no example"),
        (PAGE.replace("one.md", "one.md:part"), "is shown as: part; show every part"),
        (PAGE + '\n--8<-- "page/one.md"\n', "show every part once"),
        (PAGE.replace('"page', '"other'), "docs/page.md:5: no example"),
        (PAGE.replace("one.md", "one.md:1:2"), "docs/page.md:5: not an include"),
        (PAGE.replace("--8<--", ";--8<--"), "docs/page.md:5: not an include"),
        ("--8<--\npage/one.md\n--8<--\n", "docs/page.md:1: not an include"),
        (PAGE + "\n```python\nprint(3)\n```\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n~~~\nprint(3)\n~~~\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n> ```\n> x\n> ```\n", "docs/page.md:7: code in a page"),
        (PAGE + "\n<pre>x</pre>\n", "docs/page.md:7: code in a page"),
        ("# Page\n", "snippets/page/one.md:1: no page shows this"),
    ],
)
def test_a_bad_page_is_refused(house, monkeypatch, page, says):
    root = house({"docs/page.md": page, "snippets/page/one.md": GOOD})
    monkeypatch.chdir(root)
    assert any(says in problem for problem in problems_of(root)), problems_of(root)


FIGURE = '--8<-- "page/one.svg"\n'


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (FIGURE, None),
        ("", "docs/_figures/page/one.svg:1: no page shows this"),
        (
            FIGURE + "\n" + FIGURE,
            "docs/page.md:9: docs/_figures/page/one.svg is shown tw",
        ),
        (
            FIGURE.replace("one", "two"),
            "docs/page.md:7: no figure docs/_figures/page/two",
        ),
        (
            FIGURE.replace("page/one", "other/one"),
            "docs/page.md:7: docs/_figures/other/o",
        ),
        (FIGURE.replace(".svg", ".svg:part"), "docs/page.md:7: not an include"),
        (f"    {FIGURE}", "docs/page.md:7: not an include"),
    ],
)
def test_a_figure_is_shown_once_and_by_its_own_page(house, monkeypatch, page, says):
    root = house(
        {
            "docs/page.md": f"{PAGE}\n{page}",
            "docs/_figures/page/one.svg": "<svg/>\n",
            "docs/_figures/other/one.svg": "<svg/>\n",
            "docs/other.md": '--8<-- "other/one.svg"\n',
            "snippets/page/one.md": GOOD,
        }
    )
    monkeypatch.chdir(root)
    problems = problems_of(root)
    assert any(says in problem for problem in problems) if says else problems == []


def test_an_example_of_another_page_is_refused(house):
    root = house(
        {
            "docs/page.md": PAGE,
            "docs/other.md": PAGE,
            "snippets/page/one.md": GOOD,
        }
    )
    assert any("belongs to another page" in problem for problem in problems_of(root))


def test_a_file_that_is_no_example_is_refused(house):
    root = house(
        {
            "docs/page.md": PAGE,
            "snippets/page/one.md": GOOD,
            "snippets/page/helper.py": "x = 1\n",
        }
    )
    assert any("helper.py:1: no page shows this" in p for p in problems_of(root))


@pytest.mark.parametrize(
    ("parts", "fine"),
    [
        (["first", "second"], True),
        (["first"], False),
        (["second", "first"], False),
        (["first", "second", "second"], False),
        (["first", "second", "third"], False),
    ],
)
def test_sections_are_shown_once_and_in_order(house, parts, fine):
    page = "\n\n".join(f'--8<-- "page/one.md:{part}"' for part in parts)
    root = house({"docs/page.md": page, "snippets/page/one.md": SECTIONS})
    problems = problems_of(root)
    assert (problems == []) is fine, problems


# --- a run ----------------------------------------------------------------------------


def example(code, output=None, language="python"):
    shown = f"\n{examples.OUTPUT}\n\n```text\n{output}```\n" if output else ""
    return f"```{language}\n{code}```\n{shown}"


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
    "good-shell": example("echo one\n", "one\n", "sh"),
}


def run_pytest(root, *options, **environment):
    """Run the project's own pytest configuration over the examples below ``root``."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *("-c", ROOT / "pyproject.toml"),
            *(f"--rootdir={root}", "snippets", *options),
        ],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def faulty_run(tmp_path_factory):
    """Return the failures, by example, and the result of one run over all faults."""
    root = tmp_path_factory.mktemp("faults")
    (root / "docs").mkdir()
    (root / "snippets/page").mkdir(parents=True)
    names = [*FAULTS, *GOOD_RUNS]
    (root / "docs/page.md").write_text(
        "".join(f'--8<-- "page/{name}.md"\n\n' for name in names)
    )
    for name, text in GOOD_RUNS.items():
        (root / f"snippets/page/{name}.md").write_text(text)
    for name, (text, _) in FAULTS.items():
        (root / f"snippets/page/{name}.md").write_text(text)
    result = run_pytest(root, "--time-limit=6")
    parts = re.split(
        r"^_+ (?:example|ERROR collecting) (\S+) _+$", result.stdout, flags=re.MULTILINE
    )
    names = [os.path.basename(name).removesuffix(".md") for name in parts[1::2]]
    return dict(zip(names, parts[2::2], strict=True)), result


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_the_run_red(faulty_run, name):
    failures, _ = faulty_run
    for text in FAULTS[name][1]:
        assert text in failures[name]


def test_a_shell_program_says_at_which_command_it_is():
    program = (
        "cat <<'END' |\na (\nEND\n"
        "sort\n"
        "x=$(echo '\nb')\n"
        "f() {\n    echo \\\n        $x\n}\n"
        "f\n"
    )
    told = run_examples.says_its_lines(program)
    result = subprocess.run(
        ["sh", "-c", f"exec 9>&2\n{told}"], capture_output=True, text=True, check=True
    )
    assert result.stdout == "a (\nb\n"
    assert result.stderr.split() == ["1", "5", "7", "11"]


def test_a_failure_says_where_it_is_shown(faulty_run):
    failures, _ = faulty_run
    assert (
        "snippets/page/changed.md:1\nshown by docs/page.md:1\n" in failures["changed"]
    )


def test_only_the_faults_are_red_and_the_run_goes_on(faulty_run):
    failures, result = faulty_run
    assert result.returncode == 1
    assert set(failures) == set(FAULTS), result.stdout
    assert f"{len(GOOD_RUNS)} passed" in result.stdout


def test_a_compilation_that_was_half_written_is_no_fault(house):
    """Two examples may write and read the same one at the same time."""
    program = JAX + "print(jnp.arange(3) + 1)\n"
    root = house({"snippets/page/one.md": example(program, "[1 2 3]\n")})
    compiled = root / "compiled"
    for _ in range(2):
        result = run_pytest(root, JAX_COMPILATION_CACHE_DIR=str(compiled))
        assert result.returncode == 0, result.stdout
        entries = list(compiled.iterdir())
        assert entries
        for entry in entries:
            entry.write_bytes(entry.read_bytes()[:-100])


# --- rewriting outputs ----------------------------------------------------------------


def test_update_writes_outputs_and_nothing_else(house):
    files = {
        "same": GOOD,
        "changed": GOOD.replace("\n2\n", "\n3\n"),
        "missing": GOOD[: GOOD.index("\n<!--")],
        "sections": SECTIONS.replace("\n1\n", "\n2\n2\n"),
        "missing-in-section": SECTIONS.replace(
            f"\n{examples.OUTPUT}\n\n```text\n1\n```\n", ""
        ),
        "raises": example("print(1)\nraise ValueError('no')\n", "2\n"),
        "warns": example("import warnings\nwarnings.warn('x')\nprint(1)\n", "2\n"),
    }
    root = house({f"snippets/page/{name}.md": text for name, text in files.items()})
    result = run_pytest(root, "--update-outputs")
    after = {
        name: (root / f"snippets/page/{name}.md").read_text(encoding="utf-8")
        for name in files
    }
    assert after == files | {
        "changed": GOOD,
        "missing": GOOD,
        "sections": SECTIONS,
        "missing-in-section": SECTIONS,
    }
    assert "4 outputs updated" in result.stdout
    assert "2 failed, 5 passed" in result.stdout
    again = run_pytest(root, "--update-outputs")
    assert "0 outputs updated" in again.stdout


# --- nothing is skipped ---------------------------------------------------------------


def fences(root):
    """Return how many blocks each Markdown file below snippets/ has, by its fences."""
    return {
        path.relative_to(root).as_posix(): len(
            re.findall(r"^\s*(?:```|~~~)", path.read_text("utf-8"), flags=re.MULTILINE)
        )
        / 2
        for path in (root / "snippets").rglob("*.md")
    }


def collected(root):
    """Return how many blocks each file has that pytest collects from snippets/."""
    listed = run_pytest(root, "--collect-only", "-q").stdout
    names = set(re.findall(r"^(snippets/.*\.md)::", listed, flags=re.MULTILINE))
    return {name: len(examples.read_example(root / name).blocks) for name in names}


def test_every_fence_is_collected(pytestconfig):
    assert fences(pytestconfig.rootpath) == collected(pytestconfig.rootpath)


def test_a_fence_that_is_not_collected_is_found(house):
    root = house({"snippets/page/one.md": GOOD, "snippets/page/two.md": GOOD})
    assert fences(root) == collected(root)
    (root / "snippets/conftest.py").write_text("collect_ignore = ['page/two.md']\n")
    assert fences(root) != collected(root)


def test_an_example_that_is_skipped_fails_the_run(house):
    root = house({"snippets/page/one.md": GOOD, "snippets/page/two.md": GOOD})
    (root / "snippets/conftest.py").write_text(
        "import pytest\n\n\n"
        "def pytest_runtest_setup(item):\n"
        "    if item.path.stem == 'two':\n"
        "        pytest.skip('not today')\n"
    )
    result = run_pytest(root)
    assert result.returncode == 1
    assert "snippets/page/two.md: collected, but never ran" in result.stdout


def test_the_order_is_shuffled_and_can_be_repeated(house):
    root = house({f"snippets/page/{n}.md": GOOD for n in range(6)})

    def order(*options):
        result = run_pytest(root, "-v", *options)
        assert result.returncode == 0
        names = re.findall(r"(\d)\.md::.*PASSED", result.stdout)
        return names, re.search(r"--order-seed=(\d+)", result.stdout)[1]

    first, _ = order("--order-seed=1")
    other, _ = order("--order-seed=2")
    assert sorted(first) == sorted(other) == list("012345")
    assert first != other
    chosen, seed = order()
    assert order(f"--order-seed={seed}") == (chosen, seed)


# --- what CONTRIBUTING shows ----------------------------------------------------------


@pytest.mark.parametrize("name", ["changed", "raises", "shell-fails"])
def test_the_failures_in_contributing_are_real(faulty_run, name):
    failures, _ = faulty_run
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    body = failures[name].split("=====")[0].strip()
    assert f"```text\n{body}\n```\n" in text
