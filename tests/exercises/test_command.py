"""What a reader's program may do, and what becomes of the reader's files: nothing bad."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mapped_axis.exercises.attempt import MARK, attempt
from mapped_axis.exercises.read import exercises
from mapped_axis.exercises.workshop import FOLDER, Workshop
from mapped_axis.project import Project
from support.places import ROOT
from support.sites import lay_out
from support.texts import exercise_page

LIMIT = 2.0  # seconds; what is to end by itself takes a tenth


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a project with two exercises: x must be 2, y must be 3."""
    lay_out(tmp_path, exercise_page(two="x == 2", three="y == 3"))
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def two(project):
    """Return the first exercise."""
    return exercises(project)[0]


def try_out(exercise, tmp_path, text, limit=LIMIT):
    """Check a text as a reader's file."""
    file = tmp_path / "two.py"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return attempt(exercise, file, limit)


# --- one program ------------------------------------------------------------------------


def test_what_is_right_passes_and_what_is_wrong_does_not(two, tmp_path):
    assert try_out(two, tmp_path, "x = 2\n").solved
    verdict = try_out(two, tmp_path, "x = 3\n")
    assert (verdict.solved, verdict.says) == (False, "not yet: x == 2")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("while True:\n    pass\n", "is not done after 2 seconds"),
        ("while True:\n    print('a' * 1000)\n", "prints without end"),
        ("import sys\nwhile True:\n    sys.stderr.write('a')\n", "prints without end"),
        ("import os\nos._exit(0)\n", "ended its interpreter (exit status 0)"),
        ("import os\nos._exit(3)\n", "ended its interpreter (exit status 3)"),
        ("import os\nos.kill(os.getpid(), 9)\n", "ended its interpreter (SIGKILL)"),
        ("import os\nos.abort()\n", "ended its interpreter (SIGABRT)"),
        ("import os\nos.killpg(0, 9)\n", "ended its interpreter (SIGKILL)"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("x = (\n", "SyntaxError: '(' was never closed (line 1)"),
        ("x = 1\n  y\n", "IndentationError: unexpected indent (line 2)"),
        ("x = '\0'\n", "null bytes"),
        ("x = 1\nx = caf\u00e9\n".encode("latin-1"), "line 2 is not UTF-8"),
        ("def f():\n    return f()\nf()\n", "RecursionError"),
        ("x = 1 / 0\n", "ZeroDivisionError: division by zero\n  two.py, line 1: x = 1"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("import sys\nsys.stdout.close()\nx = 2\n", "ValueError"),
        ("", "NameError: name 'x' is not defined"),
    ],
)
@pytest.mark.slow
def test_whatever_a_program_does_one_message_says_so(two, tmp_path, text, says):
    began = time.monotonic()
    verdict = try_out(two, tmp_path, text)
    assert not verdict.solved
    assert says in verdict.says
    assert len(verdict.says) < 3000
    assert time.monotonic() - began < LIMIT + 8
    # And the next one is checked as if nothing had been.
    assert try_out(two, tmp_path, "x = 2\n").solved


@pytest.mark.parametrize(
    "text",
    [
        "print('solved')\n",
        "print('solved')\nimport os\nos._exit(0)\n",
        "x = 1\nprint = lambda *a: None\n",
        "x = 1\nimport atexit\natexit.register(print, 'solved')\n",
        f"x = 1\n{MARK}\nprint('solved')\n",
        f"x = 1\n{MARK}\nx = 2\nprint('solved')\n",
        "x = 1\nprint('solved')\nraise SystemExit(0)\n",
        "x = 1\nimport builtins\nbuiltins.print('solved', end='')\n",
    ],
)
def test_nobody_passes_by_another_check(two, tmp_path, text):
    assert not try_out(two, tmp_path, text).solved


def test_assertions_count_whatever_the_environment_says(two, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    assert not try_out(two, tmp_path, "x = 3\n").solved


def test_a_file_without_the_mark_is_checked_all_the_same(two, tmp_path):
    assert try_out(two, tmp_path, f"x = 2\n{MARK}\nraise ValueError\n").solved
    assert try_out(two, tmp_path, f"x = 2\n{two.check}").solved


def test_what_a_program_prints_is_shown_with_the_message(two, tmp_path):
    verdict = try_out(two, tmp_path, "for i in range(100):\n    print(i)\nx = 1\n")
    assert verdict.says.splitlines()[0] == "…"
    assert verdict.says.splitlines()[-2:] == ["99", "not yet: x == 2"]


@pytest.mark.slow
def test_what_a_program_started_ends_with_it(two, tmp_path):
    late = tmp_path / "late"
    later = f"import pathlib, time; time.sleep(1); pathlib.Path({str(late)!r}).touch()"
    text = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {later!r}])\n"
    )
    assert try_out(two, tmp_path, f"{text}x = 2\n").solved
    time.sleep(1.5)
    assert not late.exists()


def test_a_program_that_deletes_its_own_file_does_not_lose_it(two, tmp_path):
    file = tmp_path / "two.py"
    # By the name that it is told, it deletes a copy.
    text = "import os\nos.remove(__file__)\nx = 2\n"
    assert try_out(two, tmp_path, text).solved
    assert file.read_text() == text
    text = f"import os\nos.remove({str(file)!r})\nx = 2\n"
    verdict = try_out(two, tmp_path, text)
    assert not verdict.solved
    assert verdict.says.startswith(
        "your program deleted its own file, which is put back."
    )
    assert file.read_text() == text


def test_a_file_that_cannot_be_read_is_a_message(two, tmp_path):
    (tmp_path / "two.py").mkdir()
    verdict = attempt(two, tmp_path / "two.py")
    assert not verdict.solved
    assert "directory" in verdict.says


# --- the reader's files -----------------------------------------------------------------


def test_a_starter_is_written_once_and_never_over_anything(project):
    workshop = Workshop(project)
    file = workshop.file("two")
    text = file.read_text()
    assert text.startswith("# two (level 1, 5 minutes)\n# docs/page.md\n#\n# Do two.\n")
    assert MARK in text
    for mine in ("mine\n", "", "caf\u00e9"):
        file.write_bytes(mine.encode("latin-1"))
        Workshop(project)
        assert file.read_bytes() == mine.encode("latin-1")


def test_reset_moves_aside_and_deletes_nothing(project):
    workshop = Workshop(project)
    file = workshop.file("two")
    starter = file.read_text()
    (file.parent / "two.py.bak-2").write_text("older")
    for mine, where in (("first", "two.py.bak-1"), ("second", "two.py.bak-3")):
        file.write_text(mine)
        assert workshop.reset("two").name == where
        assert (file.parent / where).read_text() == mine
        assert file.read_text() == starter
    assert (file.parent / "two.py.bak-2").read_text() == "older"


def test_what_is_solved_is_known_until_it_changes(project):
    workshop = Workshop(project)
    assert workshop.next().name == "two"
    workshop.file("two").write_text("x = 2\n")
    assert workshop.solved() == set()
    assert workshop.check("two").solved
    assert Workshop(project).solved() == {"two"}
    assert Workshop(project).next().name == "three"
    workshop.file("two").write_text("x = 3\n")
    assert workshop.next().name == "two"
    for broken in ("{", "[]", "{}", "\0"):
        (project.root / FOLDER / ".solved.json").write_text(broken)
        assert Workshop(project).solved() == set()


# --- the command ------------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "mapped_axis.exercises", "--limit", "2"]


def run(*options):
    """Run the command to its end."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*COMMAND, *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_once_says_what_is_not_solved_by_its_exit_status(project):
    workshop = Workshop(project)
    workshop.file("two").write_text("x = 2\n")
    ran = run("--once")
    assert ran.stdout.splitlines() == [
        "my-exercises/two.py: solved",
        "my-exercises/three.py: not yet: y == 3",
        "1 of 2 solved",
    ]
    assert ran.returncode == 1
    workshop.file("three").write_text("y = 3\n")
    assert run("--once").returncode == 0


def test_reset_is_said(project):
    Workshop(project).file("two").write_text("mine")
    ran = run("--reset", "two")
    assert "what you wrote is in my-exercises/two.py.bak-1" in ran.stdout
    ran = run("--reset", "four")
    assert (ran.returncode, "no exercise 'four': two, three" in ran.stderr) == (2, True)


def test_a_folder_that_cannot_be_made_is_a_message(project):
    (project.root / FOLDER).write_text("a file")
    ran = run("--once")
    assert ran.returncode == 1
    assert ran.stderr == "my-exercises cannot be used: File exists\n"


def test_a_file_that_cannot_be_used_is_named(project):
    (project.root / FOLDER / "two.py").mkdir(parents=True)
    ran = run("--reset", "two")
    assert ran.returncode == 1
    assert ran.stderr.startswith("my-exercises/two.py cannot be used: ")


def test_where_there_are_no_exercises_it_says_so_and_makes_nothing(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    ran = run()
    assert (ran.returncode, ran.stdout) == (1, "")
    assert (
        ran.stderr
        == "docs cannot be used: it has no exercises; run this in the project\n"
    )
    assert [*tmp_path.iterdir()] == []
    assert "Traceback" not in ran.stderr


class Session:
    """The command while it runs."""

    def __init__(self, project):
        """Start it."""
        self.log = project.root / "log"
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                COMMAND, env=environment, stdout=log, stderr=log
            )

    def until(self, says, times=1):
        """Wait until it has said something so often, and return all that it said."""
        deadline = time.monotonic() + 20
        while self.log.read_text().count(says) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self.log.read_text()


@pytest.fixture
def session(project):
    """Return the running command."""
    running = Session(project)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.mark.slow
def test_it_leads_from_one_to_the_next_whatever_is_saved(project, session):
    two, three = (project.root / FOLDER / f"{name}.py" for name in ("two", "three"))
    said = session.until("Write into my-exercises/two.py")
    assert "0 of 2 solved. Next, level 1 of 3, about 5 minutes: two" in said
    assert "  Do two." in said
    two.write_text("x = 1\n")
    session.until("my-exercises/two.py: not yet: x == 2")
    two.write_text("while True:\n    print(1)\n")
    session.until("my-exercises/two.py: your program prints without end")
    # One that deletes its file is put back, and not checked for ever.
    two.write_text(f"import os\nos.remove({str(two)!r})\n")
    session.until("deleted its own file")
    time.sleep(1)
    assert session.until("deleted its own file").count("deleted its own file") == 1
    # An editor that writes a new file and gives it the name.
    draft = project.root / "draft"
    draft.write_text("x = 2\n")
    os.replace(draft, two)
    session.until("my-exercises/two.py: solved")
    session.until("Write into my-exercises/three.py")
    # The reader deletes a file.
    three.unlink()
    session.until("my-exercises/three.py is gone; its starter is there again.")
    three.write_text("y = 3\n")
    assert session.process.wait(20) == 0
    assert session.log.read_text().endswith("All 2 exercises are solved.\n")


@pytest.mark.parametrize("text", ["", "while True:\n    pass\n"])
@pytest.mark.slow
def test_ctrl_c_ends_it_without_a_traceback(project, session, text):
    session.until("Write into")
    if text:
        (project.root / FOLDER / "two.py").write_text(text)
        time.sleep(0.6)
    session.process.send_signal(signal.SIGINT)
    assert session.process.wait(10) == 0
    said = session.log.read_text()
    assert "Traceback" not in said
    assert said.endswith("make exercises goes on there.\n")
