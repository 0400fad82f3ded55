"""`make cluster`: what it notices, what it leaves, and what pages say of it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mapped_axis.cluster import faults, kubernetes, record, scenes, world
from mapped_axis.cluster.grounds import GROUNDS, Ground
from mapped_axis.cluster.kubernetes import allowed, pods_of
from mapped_axis.cluster.run import run_all
from mapped_axis.examples.grammar import OUTPUT, read_example
from mapped_axis.pages.check import every_problem
from mapped_axis.pages.foot import unchecked
from mapped_axis.pages.tables import recorded_table
from mapped_axis.project import HERE, Project
from support.sites import build, lay_out, small_site

FILE = '<!-- file: say.py -->\n\n```python\nprint("said")\n```\n'


def example(program, output="", ground="plain"):
    """Return the text of an example that `make cluster` runs."""
    text = f"<!-- cluster: {ground} -->\n\n```sh\n{program}```\n"
    return text + (f"\n{OUTPUT}\n\n```text\n{output}```\n" if output else "")


RUNS = example("python say.py\n", "said\n")


def start(folder, *options, **more):
    """Start `make cluster` on a project."""
    return subprocess.Popen(
        [sys.executable, "-m", "mapped_axis.cluster", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(HERE.root)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder, *options, **more):
    """Run `make cluster` on a project: its exit status, stdout and stderr."""
    process = start(folder, *options, **more)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.fixture
def project(tmp_path):
    """Return a project with one file, and one example that runs it."""
    page = '# Page\n\n--8<-- "page/say.md"\n\n--8<-- "page/run.md"\n'
    files = {"snippets/page/say.md": FILE, "snippets/page/run.md": RUNS}
    lay_out(tmp_path, {"docs/page.md": page, **files})
    return Project(tmp_path)


# --- what an example may say ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (FILE + f"\n{OUTPUT}\n\n```text\nsaid\n```\n", 9, "no output of its own"),
        (f"<!-- cluster: plain -->\n{FILE}", 2, "before all else, once"),
        (f"<!-- cluster: plain -->\n{RUNS}", 2, "before all else, once"),
        (RUNS.split("\n", 1)[1] + "<!-- cluster: plain -->\n", 11, "before all else"),
        ("```yaml\na: 1\n```\n", 1, "yaml is no program"),
        (RUNS.replace("sh\n", "yaml\n", 1), 3, "yaml is no program"),
        (RUNS.replace("plain", "p l"), 1, "neither a fence nor a mark"),
        (FILE.replace("say.py", "../say.py"), 1, "neither a fence nor a mark"),
    ],
)
def test_a_mark_that_would_mislead_is_refused(project, text, line, says):
    path = project.snippets / "page/run.md"
    path.write_text(text)
    problem = read_example(path).problems[0]
    assert (problem.line, says in problem.text) == (line, True), problem


def test_a_ground_that_nothing_starts_is_refused(project):
    path = project.snippets / "page/run.md"
    assert [p for p in every_problem(project) if p.path == path] == []
    path.write_text(RUNS.replace("plain", "cloud"))
    (problem,) = (p for p in every_problem(project) if p.path == path)
    assert "nothing starts 'cloud'" in problem.text


def test_a_file_that_nothing_runs_is_refused(project):
    path = project.snippets / "page/say.md"
    assert [p for p in every_problem(project) if p.path == path] == []
    path.write_text(FILE.replace("say.py", "other.py"))
    (problem,) = (p for p in every_problem(project) if p.path == path)
    assert "no example of this page runs other.py" in problem.text


def test_the_tests_leave_it_out_and_say_so(project):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "snippets"]
    lay_out(project.root, {"snippets/page/own.md": "```python\nprint(1)\n```\n"})
    options = ["-c", str(HERE.root / "pyproject.toml"), "--rootdir", str(project.root)]
    result = subprocess.run(
        [*command, *options, "--update-outputs"],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(HERE.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in result.stdout, result.stdout + result.stderr
    says = "2 examples need a launcher and were left out; `make cluster` runs them"
    assert says in result.stdout


# --- what it notices --------------------------------------------------------------------


def test_what_prints_as_shown_is_written_down(project):
    status, out, err = run(project.root)
    assert (status, err) == (0, ""), out
    assert "1 of 1 examples print what they show" in out
    (name, entry), *rest = record.read(project)["examples"].items()
    assert (name, rest) == ("snippets/page/run.md", [])
    assert {"JAX", "Python"} <= {*entry["versions"]}
    for source in project.snippets.rglob("*.md"):
        assert record.valid(project, record.read(project), source) == [entry]


@pytest.mark.parametrize(
    ("program", "output", "says"),
    [
        ("python say.py\n", "sait\n", "-sait\n+said"),
        ("python say.py\n", "", "+said"),
        ("python say.py\nfalse\n", "said\n", "exit status 1\nsaid"),
        ("python say.py\nfalse\ntrue\n", "said\n", "exit status 1\nsaid"),
        ("python say.py > log\n", "said\n", "it prints nothing"),
        ("python nowhere.py\n", "said\n", "exit status 2"),
        ("python say.py\nhostname >&2\n", "said\n", "+node"),
    ],
)
@pytest.mark.slow
def test_what_prints_otherwise_is_red(project, program, output, says):
    path = project.snippets / "page/run.md"
    path.write_text(example(program, output))
    status, _, err = run(project.root)
    assert status == 1
    assert "snippets/page/run.md:3" in err
    assert says in err
    assert record.read(project)["examples"] == {}


def test_what_cannot_be_read_is_refused_before_anything_runs(project):
    path = project.snippets / "page/run.md"
    path.write_text(RUNS.replace("cluster: plain", "claster: plain"))
    status, out, err = run(project.root)
    assert (status, out) == (2, "")
    assert "snippets/page/run.md:1: " in err
    assert "there is no nowhere" in run(project.root, "nowhere")[2]


def test_an_output_is_rewritten_on_request(project):
    path = project.snippets / "page/run.md"
    path.write_text(example("python say.py\n"))
    status, out, _ = run(project.root, "--update-outputs")
    assert (status, path.read_text()) == (0, RUNS)
    assert "updated snippets/page/run.md" in out


def test_what_is_missing_is_said_at_once(project):
    lay_out(project.root, {"snippets/page/run.md": example("true\n", "x\n", "slurm")})
    status, out, err = run(project.root, PATH="/nowhere")
    assert (status, out) == (2, "")
    first, *rest = err.splitlines()
    assert first == "make cluster installs nothing, and this is missing:"
    assert any(line.startswith("  all of it: the command ") for line in rest)


def test_a_command_and_a_package_that_are_missing_are_named():
    ground = Ground("x", "X", {"no-such-command": "its-package"}, ("no-such-module",))
    assert ground.missing() == [
        "no-such-command (Debian and Ubuntu: its-package)",
        "the Python package no-such-module (`make cluster-env` installs it)",
    ]
    assert GROUNDS["plain"].missing() == []


def test_what_fails_now_is_no_longer_written_down(project):
    assert run(project.root)[0] == 0
    path = project.snippets / "page/say.md"
    path.write_text(FILE.replace("said", "sad"))
    assert run(project.root)[0] == 1
    path.write_text(FILE)  # as it was when it passed
    assert record.read(project)["examples"] == {}


def fails(running):
    """Stand for a scene that does not show what its row says."""
    raise faults.NotSeenError("not seen: a message")


def test_a_scene_that_fails_costs_its_table_alone(project, tmp_path):
    tables = {
        "red": scenes.Table("page", (scenes.Scene("plain", fails),)),
        "green": scenes.Table("page", (scenes.Scene("plain", lambda _: [{"A": "1"}]),)),
    }
    outcome = run_all([], tables, project, {}, tmp_path / "scratch", update=False)
    assert {name: entry["rows"] for name, entry in outcome.tables.items()} == {
        "green": [{"A": "1"}]
    }
    assert outcome.faults == ["table red, scene 1: not seen: a message"]


def test_a_ground_that_does_not_start_costs_what_needs_it_alone(
    project, tmp_path, monkeypatch
):
    @contextlib.contextmanager
    def never(environment, folder):
        raise TimeoutError("no daemon")
        yield

    grounds = {"never": Ground("never", "Never", start=never), **GROUNDS}
    monkeypatch.setattr("mapped_axis.cluster.run.GROUNDS", grounds)
    tables = {
        name: scenes.Table("page", (scenes.Scene(name, lambda _: [{"A": "1"}]),))
        for name in ("never", "plain")
    }
    outcome = run_all([], tables, project, {}, tmp_path / "scratch", update=False)
    assert [*outcome.tables] == ["plain"]
    assert outcome.faults == ["Never: no daemon"]


# --- what it leaves ---------------------------------------------------------------------

# Each stays behind in its own way: in the background, in a session of its own, without a
# parent, deaf to what asks it to end.
STAYS = """\
sleep {0} &
setsid sleep {0} &
(setsid sh -c 'trap "" TERM HUP INT; sleep {0}; sleep {0}' &)
python -c "
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execvp('sleep', ['sleep', '{0}'])
"
sleep 1
"""


def processes(marker):
    """Return the numbers of the processes that have a word among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue  # it ended meanwhile
    return found


def until(condition, seconds=60):
    """Wait until something holds, and return whether it does."""
    end = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return holds


@pytest.mark.slow
def test_nothing_stays_after_a_run(project):
    marker = f"{os.getpid()}7.5"
    program = STAYS.format(marker) + "python say.py\n"
    lay_out(project.root, {"snippets/page/run.md": example(program, "said\n")})
    process = start(project.root)
    assert until(lambda: len(processes(marker)) >= 4)
    process.communicate()
    # A kernel ends all of a machine before the one who waits for its first process knows.
    assert processes(marker) == []


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
@pytest.mark.slow
def test_nothing_stays_whatever_interrupts_it(project, number):
    marker = f"{os.getpid()}8.{signal.Signals[number].value}"
    program = STAYS.format(marker) + f"sleep {marker}\n"
    lay_out(project.root, {"snippets/page/run.md": example(program, "said\n")})
    with start(project.root) as process:
        assert until(lambda: len(processes(marker)) >= 5)
        process.send_signal(signal.Signals[number])
        process.communicate(timeout=60)
    assert until(lambda: not processes(marker), 10)
    assert not record.path_of(project).exists()


def test_the_search_for_processes_finds_one(project):
    """What the two tests above look for is found where nothing ends it."""
    marker = f"{os.getpid()}9.5"
    with subprocess.Popen(["setsid", "sleep", marker]) as left:
        assert until(lambda: processes(marker))
        left.kill()


def test_no_file_and_no_port_of_it_is_outside(project, tmp_path):
    program = (
        'echo x > "$TMPDIR/left"; echo x > /dev/shm/left; echo x > /run/left\n'
        "ss --no-header --listening --tcp | wc --lines\nip -brief -4 address | cut -c 1-7\n"
        "id --user --name\n"
    )
    shown = "0\nlo     \neth0@aw\nme\n"
    lay_out(project.root, {"snippets/page/run.md": example(program, shown)})
    status, _, err = run(project.root)
    assert (status, err) == (0, "")
    left = [Path(folder) / "left" for folder in ("/dev/shm", "/run", world.SCRATCH)]
    assert not any(path.exists() for path in left)


# --- what pages and publishing say ------------------------------------------------------


@pytest.mark.slow
def test_an_edit_after_the_run_is_said_and_refused(project, tmp_path_factory):
    assert run(project.root)[0] == 0
    folder = tmp_path_factory.mktemp("site")
    names = ["docs/page.md", "snippets/page/say.md", "snippets/page/run.md"]
    files = {name: (project.root / name).read_text() for name in names}
    files["docs/devices/cluster.json"] = record.path_of(project).read_text()
    small_site(folder, files)
    site = Project(folder)
    says = "was edited since `make cluster` ran it"

    def foot():
        assert build(folder / "site", cwd=folder).returncode == 0
        text = (folder / "site/page/index.html").read_text()
        return " ".join(text.partition('<footer class="checked')[2].split())

    assert [line for line in unchecked(site) if says in line] == []
    day = record.read(site)["examples"]["snippets/page/run.md"]["date"]
    assert f"What needs a launcher ran on {day}, with " in foot()
    edited = folder / "snippets/page/say.md"
    edited.write_text(FILE.replace("said", "sad"))
    assert [line for line in unchecked(site) if says in line] == [
        f"docs/page.md: snippets/page/{name}.md {says}" for name in ("say", "run")
    ]
    assert build(folder / "new", "--complete", cwd=folder).returncode == 1
    assert not (folder / "new").exists()
    assert "Not checked with launchers.</strong> 2 of the 2 programs" in foot()


def test_a_table_is_made_of_what_it_says(project, monkeypatch):
    (project.root / "source.py").write_text("1\n")
    table = scenes.Table("page", (), ("source.py",))
    monkeypatch.setattr(record, "TABLES", {"made": table})
    rows = [{"A": "1", "B": "2"}, {"A": "3", "C": "4"}]
    entry = {
        "date": "2026-01-02",
        "digest": record.digest_of_table(table, project, rows),
        "versions": {"JAX": "9.8.7"},
        "rows": rows,
    }
    record.write(project, {"examples": {}, "tables": {"made": entry}})
    (project.docs / "page.md").write_text("# Page\n\n<!-- cluster: made -->\n")
    text = recorded_table("cluster: made", project)
    assert text.splitlines()[:4] == [
        "| A | B | C |",
        "| --- | --- | --- |",
        "| 1 | 2 |  |",
        "| 3 |  | 4 |",
    ]
    assert text.endswith("Made by runs on 2026-01-02, with JAX 9.8.7.")
    older = "docs/page.md: the table made is older than what it is made of"
    assert older not in unchecked(project)
    (project.root / "source.py").write_text("2\n")
    assert older in unchecked(project)
    assert recorded_table("cluster: made", project).endswith("was edited since.**")
    (project.docs / "page.md").write_text("# Page\n\n<!-- cluster: other -->\n")
    assert any("no table 'other'" in str(p) for p in every_problem(project))


def test_the_record_of_this_site_has_every_example_and_table():
    """Which of them are stale, publishing says; here, that none is without an entry."""
    ran = record.read(HERE)
    there = {
        path.relative_to(HERE.root).as_posix()
        for path in HERE.snippets.rglob("*.md")
        if read_example(path).ground
    }
    assert {*ran["examples"]} == there
    assert {*ran["tables"]} == {*scenes.TABLES}


# --- what stands in for Kubernetes ------------------------------------------------------


def job(**spec):
    """Return the manifest of a Job."""
    template = {"spec": {"subdomain": "train", "containers": []}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "train"},
        "spec": {"completions": 2, "template": template} | spec,
    }


def test_a_role_allows_what_it_says():
    rule = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get"]}
    role = [{"kind": "Role", "rules": [rule]}]
    assert allowed(role, "batch", "jobs", "get")
    for question in (("", "jobs", "get"), ("batch", "pods", "get")):
        assert not allowed(role, *question)
    assert not allowed(role, "batch", "jobs", "list")
    assert not allowed([], "batch", "jobs", "get")


def test_a_pod_has_a_name_where_a_service_gives_one():
    service = {"kind": "Service", "metadata": {"name": "train"}}
    first, second = pods_of(job(), [service])
    assert [p["spec"]["hostname"] for p in (first, second)] == ["train-0", "train-1"]
    assert first["spec"]["subdomain"] == "train"
    assert first["status"]["podIP"] != second["status"]["podIP"]
    without, _ = pods_of(job(), [])
    assert without["spec"]["subdomain"] is None


def test_what_a_field_selector_asks_for_is_found():
    first, second = pods_of(job(), [])
    selector = f"status.podIP={second['status']['podIP']}"
    found = [kubernetes._selected(pod, [selector]) for pod in (first, second)]
    assert found == [False, True]


def test_the_record_is_one_that_people_can_read():
    text = record.path_of(HERE).read_text(encoding="utf-8")
    assert json.loads(text) == record.read(HERE)
    assert str(HERE.root) not in text
