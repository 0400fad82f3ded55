"""The switches: what would turn the checks off, one line at a time, is noticed."""

import ast
import re
import tomllib
from collections import Counter

import pytest
import yaml

from mapped_axis.project import EXAMPLE
from support.places import ROOT

WORKFLOWS = ROOT / ".github/workflows"


# --- publishing -------------------------------------------------------------------------


def publishing_faults(text):
    """Yield what lets the publishing workflow publish what was not tested."""
    jobs = yaml.safe_load(text)["jobs"]
    needs = {name: job.get("needs") for name, job in jobs.items()}
    wanted = {"test": None, "cluster": None, "build": ["test", "cluster"]}
    wanted |= {"deploy": "build", "notebooks": "deploy"}
    if needs != wanted:
        yield f"needs: {needs}"
    if not [s for s in jobs["test"]["steps"] if s.get("run") == "make test"]:
        yield "the job `test` does not run `make test`"
    if not [s for s in jobs["cluster"]["steps"] if s.get("run") == "make cluster"]:
        yield "the job `cluster` does not run `make cluster`"
    pythons = " ".join(jobs["test"]["strategy"]["matrix"]["python"])
    steps = jobs["build"]["steps"]
    made = f'make PYTHONS="{pythons}" publish'
    runs = [number for number, step in enumerate(steps) if "run" in step]
    if [steps[number]["run"] for number in runs] != [made]:
        yield f"the job `build` does not run {made}, or more"
    writing = [n for n, job in jobs.items() if "write" in job["permissions"].values()]
    used = [
        s["uses"].partition("@")[0] for s in jobs["notebooks"]["steps"] if "uses" in s
    ]
    if writing != ["deploy", "notebooks"] or used != ["actions/download-artifact"]:
        yield "a job that may write runs more than what it writes"
    fetched = [s["with"]["path"] for s in steps if "download-art" in s.get("uses", "")]
    if fetched != [".cache/checked", "docs/devices"]:
        yield "the records of the runs are not where the build looks for them"
    uploads = [s for s in steps if "upload-pages-artifact" in s.get("uses", "")]
    if [step["with"]["path"] for step in uploads] != ["site"]:
        yield "the folder that is uploaded is not the one that was tested"
    elif runs and steps.index(uploads[0]) < runs[-1]:
        yield "uploaded before it was tested"


def forgiving(text):
    """Return what lets a step fail and its job go on."""
    ways = (
        r"continue-on-error|\|\| *(?:true|:|exit 0)|; *true$|set \+e|^ +if: .*always\("
    )
    return re.findall(ways, text, re.MULTILINE)


def test_a_change_is_tested_as_before_publishing():
    """A pull request that publishing would refuse is not green; and so each week."""
    text = (WORKFLOWS / "tests.yml").read_text(encoding="utf-8")
    job = yaml.safe_load(text)["jobs"]["locked"]
    runs = [s["run"] for s in job["steps"] if "run" in s]
    assert runs[:2] == ["make test", "make publish"]
    publishing = yaml.safe_load((WORKFLOWS / "publish.yml").read_text("utf-8"))["jobs"]
    assert job["strategy"]["matrix"] == publishing["test"]["strategy"]["matrix"]
    for path in ("tests.yml", "weekly.yml"):
        text = (WORKFLOWS / path).read_text(encoding="utf-8")
        assert re.search(r'^    - cron: "\d+ \d+ \* \* [0-6]"$', text, re.MULTILINE), (
            path
        )


def test_only_jobs_that_push_keep_their_credentials():
    for path in WORKFLOWS.glob("*.yml"):
        steps = path.read_text("utf-8").split("actions/checkout@")[1:]
        assert all("persist-credentials: false" in step[:150] for step in steps), path


def test_nothing_is_published_that_was_not_tested():
    text = (WORKFLOWS / "publish.yml").read_text(encoding="utf-8")
    assert list(publishing_faults(text)) == []
    for path in WORKFLOWS.glob("*.yml"):
        assert forgiving(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    needs: [test, cluster]\n", ""),
        ("    needs: [test, cluster]\n", "    needs: test\n"),
        ("    needs: build\n", "    needs: test\n"),
        ("run: make cluster\n", "run: make cluster OPTIONS=--update-outputs\n"),
        ("run: make test\n", "run: make build\n"),
        ("run: make test\n", "run: make test || true\n"),
        ('make PYTHONS="3.11 3.12 3.13" publish', "make build"),
        ('make PYTHONS="3.11 3.12 3.13" publish', 'make PYTHONS="3.13" publish'),
        (
            "          path: notebooks\n",
            "          path: notebooks\n      - uses: actions/checkout@v7\n",
        ),
        ("      contents: read\n", "      contents: write\n"),
        ("          path: site\n", "          path: other\n"),
        (
            "checked-*\n          path: .cache/checked\n",
            "checked-*\n          path: .cache/check\n",
        ),
        (
            "      - uses: actions/upload-pages",
            "      - run: f\n      - uses: actions/upload-pages",
        ),
    ],
)
def test_publishing_without_a_test_is_found(right, wrong):
    text = (WORKFLOWS / "publish.yml").read_text(encoding="utf-8")
    assert right in text
    assert list(publishing_faults(text.replace(right, wrong, 1)))


@pytest.mark.parametrize(
    "line",
    [
        "    continue-on-error: true",
        "      - run: make test || true",
        "      - run: make test; true",
        "        if: ${{ always() }}",
    ],
)
def test_a_step_that_may_fail_is_found(line):
    assert forgiving(f"jobs:\n{line}\n")


# --- make, .ci/run, pytest --------------------------------------------------------------

# What `make test` runs, in this order; more may stand between.
TESTED = [
    "$(RUN) ruff check",
    "$(RUN) ruff format --check",
    "$(RUN) mypy",
    "$(RUN) pytest snippets",
    "$(EXAMPLE) $(RUN) mapped_axis.pages build --site-dir .cache/site",
    '$(RUN) pytest tests --site .cache/site -m "not slow" $(PARALLEL)',
]
PUBLISHED = [
    "$(RUN) mapped_axis.pages build --complete $(PYTHONS)",
    '$(RUN) pytest tests --site site -m "site or slow" --thorough $(PARALLEL)',
]


def recipe(text, target):
    """Return the lines of a target of a Makefile."""
    lines = re.search(rf"^{target}: \S.*\n((?:\t.*\n)+)", text, re.MULTILINE)[1]
    return [line.removeprefix("\t@") for line in lines.splitlines()]


def makefile_faults(text):
    """Yield what lets `make test` or `make publish` leave out a check or forgive it."""
    for target, wanted in (("test", TESTED), ("publish", PUBLISHED)):
        lines = recipe(text, target)
        if [line for line in lines if line in wanted] != wanted:
            yield f"{target}: {lines}"
        yield from (
            line for line in lines if line[0] in "-\t" or re.search(r"[|;&]", line)
        )
    yield from re.findall(r"^\.IGNORE|MAKEFLAGS", text, re.MULTILINE)


def test_make_runs_every_check():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert list(makefile_faults(text)) == []
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "make test"
    assert "set -eu" in script.splitlines()
    assert forgiving(script) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        *((f"\t@{line}\n", "") for line in TESTED + PUBLISHED),
        ("\t@$(RUN) mypy\n", "\t-@$(RUN) mypy\n"),
        ("\t@$(RUN) mypy\n", "\t@-$(RUN) mypy\n"),
        ("pytest snippets\n", "pytest snippets || true\n"),
        ("pytest snippets\n", "pytest snippets --deselect snippets/learn\n"),
        (".DELETE_ON_ERROR:", ".IGNORE: test"),
    ],
)
def test_a_makefile_without_a_check_is_found(right, wrong):
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert right in text
    assert list(makefile_faults(text.replace(right, wrong)))


def test_pytest_runs_the_examples_and_forgives_nothing():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    options = tomllib.loads(text)["tool"]["pytest"]["ini_options"]
    assert options == {
        "testpaths": ["snippets", "tests"],
        "pythonpath": ["tests"],
        "addopts": [
            "--codeblocks",
            "-p",
            "mapped_axis.examples.run",
            "--import-mode=importlib",
            "--continue-on-collection-errors",
            "--strict-markers",
            "--strict-config",
        ],
        "xfail_strict": True,
        "filterwarnings": ["error"],
    }


def test_the_engine_is_strict():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = {node.value: value for node, value in yaml.compose(text).value}
    assert settings["strict"].value == "true", "mkdocs.yml is not strict"
    validation = {
        name.value: {key.value: said.value for key, said in part.value}
        for name, part in settings["validation"].value
    }
    wanted = {
        "nav": {"omitted_files": "warn", "not_found": "warn", "absolute_links": "warn"},
        "links": {
            "not_found": "warn",
            "anchors": "warn",
            "absolute_links": "warn",
            "unrecognized_links": "warn",
        },
    }
    assert validation == wanted, "mkdocs.yml"


def careless_installs(makefile):
    """Return the lines of a Makefile that install what no lock names.

    Into the environment of PyTorch they may: nothing of the site is made there.
    """
    installs = [line for line in makefile.splitlines() if " pip install" in line]
    return [
        line
        for line in installs
        if ("--require-hashes" if "requirements.txt" in line else "--no-deps")
        not in line
        and not re.search(r" uv pip install .*--python \$\(TORCH\) ", line)
    ]


def test_packages_are_installed_as_the_lock_says():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes --requirement requirements.txt" in text
    assert careless_installs(text) == []


@pytest.mark.parametrize(
    "line",
    [
        "\t$(RUN) pip install --requirement requirements.txt",
        "\t$(RUN) pip install torch",
        "\t$(RUN) uv pip install --python $(ENV) torch",
    ],
)
def test_a_careless_install_is_found(line):
    assert careless_installs(line) == [line]


# --- the tests themselves ---------------------------------------------------------------


def idle_tests(files):
    """Yield what in test files looks like a test, or is marked as one, and does not run.

    Args:
        files: the texts of the files, by name.
    """
    used = Counter(re.findall(r"\w+", "\n".join(files.values())))
    for name, text in files.items():
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            decorators = (getattr(d, "func", d) for d in node.decorator_list)
            marks = " ".join(map(ast.unparse, decorators))
            if re.search(r"mark\.(skip|xfail)", marks):
                yield f"{name}: {node.name} is skipped"
            hook = node.name.startswith(("test_", "pytest_"))
            if not hook and "fixture" not in marks and used[node.name] < 2:
                yield f"{name}: {node.name} is called by nobody"


def test_every_test_runs():
    tests = ROOT / "tests"
    files = {
        path.relative_to(tests).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(tests.rglob("*.py"))
    }
    assert list(idle_tests(files)) == []
    # Only what needs a browser is skipped, and said at the end of the run.
    calls = [
        name
        for name, text in files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.skip"
    ]
    assert calls == ["support/browser.py"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def test_a():\n    pass\n", 0),
        ("def helper():\n    pass\n\nhelper()\n", 0),
        ("@pytest.fixture\ndef a():\n    pass\n", 0),
        ("def a_test():\n    pass\n", 1),
        ("@pytest.mark.skip('later')\ndef test_a():\n    pass\n", 1),
        ("@pytest.mark.skipif(True)\ndef test_a():\n    pass\n", 1),
        ("@pytest.mark.xfail\ndef test_a():\n    pass\n", 1),
    ],
)
def test_a_test_that_does_not_run_is_found(text, found):
    assert len(list(idle_tests({"test_x.py": text}))) == found


# --- what the project says of itself ----------------------------------------------------


def missing_targets(text, makefile):
    """Return the targets of `make` that a text names and a Makefile does not have."""
    named = re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )*([a-z][\w-]*)", text, re.MULTILINE)
    return [
        name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)
    ]


def test_make_builds_for_the_address_that_the_tests_expect():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (says,) = re.findall(r"(?m)^EXAMPLE = (.*)$", makefile)
    assert dict(one.split("=") for one in says.split()) == EXAMPLE


def unlisted(text):
    """Return the sections of a document that the links above the first do not name."""
    head = text[: text.index("\n## ")]
    titles = re.findall(r"(?m)^## (.+)$", text)
    return [t for t in titles if f"(#{t.lower().replace(' ', '-')})" not in head]


def test_the_contents_of_the_contributing_guide_name_each_section():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert unlisted(text) == []
    assert unlisted("# A\n\n- [B c](#b-c)\n\n## B c\n\n## Two d\n") == ["Two d"]


def test_what_nobody_runs_holds_no_python():
    """README and CONTRIBUTING are no pages: their blocks are commands, and a grammar."""
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        fences = {*re.findall(r"^`{3,}(\w+)", text, re.MULTILINE)}
        assert fences <= {"sh", "text"}, name
        assert ">>>" not in text


def test_each_command_that_the_project_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md"):
        assert missing_targets((ROOT / name).read_text("utf-8"), makefile) == [], name
    head = "".join(re.findall(r"^# (make .*\n)", makefile, re.MULTILINE))
    assert missing_targets(head, makefile) == []
    named = "```sh\nmake serves\n```\n`make A=1 tests` `make test-site`"
    assert missing_targets(named, makefile) == [
        "serves",
        "tests",
        "test-site",
    ]
