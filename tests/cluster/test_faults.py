"""The table of faults: a row that the runs do not bear out is not made, nor believed."""

import shutil
import socket
import sys
from collections.abc import Iterator

import pytest

from mapped_axis.cluster import faults, record
from mapped_axis.cluster.grounds import Result, Running
from mapped_axis.cluster.scenes import TABLES
from mapped_axis.project import HERE, Project

DIGEST, OTHER = "0123456789abcdef", "fedcba9876543210"
WHOLE = f"process 0: begins with step 0\nprocess 0: after 12 steps {DIGEST}\n"
RED = f"process 1: {faults.DIFFERENT}. Expected: [1], got: [2].\n"


class Scripted(Running):
    """A ground on which each command says the next of what it was given."""

    says: Iterator[tuple[int | None, str]]

    def run(self, *command, **options):
        """Say the next."""
        status, says = next(self.says)
        return Result(status, says, "", 1.0)


@pytest.fixture
def ground(tmp_path, monkeypatch):
    """Return what makes a scripted ground, with a program in its folder."""
    monkeypatch.setattr(faults, "_FOUND", {})
    text = f"{faults.GUARD}\nparams = p - {faults.RATE}\n"
    (tmp_path / faults.PROGRAM).write_text(text)

    def make(*runs):
        running = Scripted({}, tmp_path)
        # The first command makes the data, the second is the undisturbed run.
        object.__setattr__(running, "says", iter([(0, ""), (0, WHOLE), *runs]))
        return running

    return make


def test_a_row_says_what_the_runs_said(ground):
    [row] = faults.other_code(ground((1, RED), (0, WHOLE)))
    assert row["Seen"] == f"`{faults.DIFFERENT}`"
    assert row["Steps done, lost"] == "0, 0"
    assert row["Result equal"] == "yes"
    assert "exit status 1" in row["Open MPI"]


@pytest.mark.parametrize(
    ("failed", "resumed", "says"),
    [
        ((0, WHOLE), (0, WHOLE), "exit status 0"),
        ((None, RED), (0, WHOLE), "exit status None"),
        ((1, "process 1: KeyError"), (0, WHOLE), "not seen: AssertionError"),
        ((1, RED), (0, WHOLE.replace(DIGEST, OTHER)), f"ends with {OTHER}"),
        ((1, RED), (1, "process 0: begins with step 0\n"), "not seen: process"),
    ],
    ids=["did not fail", "hangs", "other message", "other result", "not resumed"],
)
def test_a_row_that_the_runs_do_not_bear_out_is_not_made(ground, failed, resumed, says):
    with pytest.raises(faults.NotSeenError, match=says):
        faults.other_code(ground(failed, resumed))


def test_a_run_without_the_comparison_has_to_go_wrong(ground):
    [row] = faults.unguarded(ground((0, WHOLE.replace(DIGEST, OTHER))))
    assert row["Result equal"] == "no"
    faults._FOUND.clear()
    with pytest.raises(faults.NotSeenError, match="made no difference"):
        faults.unguarded(ground((0, WHOLE)))


def test_a_change_that_the_program_has_no_place_for_is_refused(ground, tmp_path):
    (tmp_path / faults.PROGRAM).write_text("pass\n")
    with pytest.raises(faults.NotSeenError, match=r"has no '0\.1"):
        faults.other_code(ground())


def test_a_disk_that_was_filled_is_unmounted_whatever_happens(ground):
    running = ground((0, "mounted"), (0, WHOLE), (0, "unmounted"))
    with pytest.raises(faults.NotSeenError, match="exit status 0"):
        faults.disk_full(running)
    assert [*running.says] == []


def test_what_was_not_mounted_is_not_unmounted(ground):
    with pytest.raises(faults.NotSeenError, match="no right"):
        faults.disk_full(ground((32, "no right")))


def test_the_port_is_given_back_whatever_happens(ground, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setattr(faults, "PORT", free.getsockname()[1])
    with pytest.raises(faults.NotSeenError) as error:
        faults.port_taken(ground((0, WHOLE)))
    socket.create_server(("127.0.0.1", faults.PORT)).close()
    assert "exit status 0" in str(error.value)


def test_a_row_on_two_versions_needs_two(ground, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environments/one"))
    with pytest.raises(faults.NotSeenError, match=r"no environment .* another JAX"):
        faults.other_version(ground())


@pytest.fixture
def project(tmp_path):
    """Return a project with what the table is made of, and a record that is right."""
    project, table = Project(tmp_path), TABLES["faults"]
    here = HERE.root
    files = record.files_of(HERE.snippets / table.page).values()
    paths = [file.path for file in files] + [here / name for name in table.sources]
    for path in paths:
        copy = tmp_path / path.relative_to(here)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return project


def test_a_record_is_stale_when_what_it_is_made_of_or_its_rows_are_edited(project):
    table = TABLES["faults"]
    rows = [{"Fault": "f", "Result equal": "no"}]
    digest = record.digest_of_table(table, project, rows)
    entry = {"date": "2026-11-27", "digest": digest, "versions": {}, "rows": rows}
    ran = {"examples": {}, "tables": {"faults": entry}}
    assert record.valid_table(project, ran, "faults")

    edited = ran | {
        "tables": {"faults": entry | {"rows": [rows[0] | {"Result equal": "yes"}]}}
    }
    assert not record.valid_table(project, edited, "faults")

    made_of = [*project.snippets.rglob("*.md"), project.root / table.sources[0]]
    assert len(made_of) == 4
    for path in made_of:
        text = path.read_text()
        path.write_text(f"{text}\n")
        assert not record.valid_table(project, ran, "faults"), path
        path.write_text(text)
    assert record.valid_table(project, ran, "faults")
