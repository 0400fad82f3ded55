"""The process beside the server says what fails, and has nothing built for the rest."""

import json
import os

import pytest

from mapped_axis.project import Project
from mapped_axis.serve import watch
from support.sites import lay_out


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """Return what edits an example, once a round, and says what each round has written."""

    def edit(*texts):
        example = tmp_path / "snippets/page/one.md"
        failures = tmp_path / "failures.json"
        lay_out(tmp_path, {"snippets/page/one.md": "right"})
        left = list(enumerate(texts, 1))
        written = []

        def round_begins(_seconds):
            written.append(
                json.loads(failures.read_text()) if failures.exists() else None
            )
            failures.unlink(missing_ok=True)
            if left:
                number, text = left.pop(0)
                example.write_text(text)
                # Two edits may be closer than the clock of the file system can tell.
                os.utime(example, ns=(number * 10**9, number * 10**9))
            else:
                monkeypatch.setattr(os, "getppid", lambda: 0)  # the server has ended

        def run(_project, paths):
            wrong = [path.read_text() for path in paths] == ["wrong"]
            return {"page/one.md": "it differs" if wrong else ""}

        monkeypatch.setattr(watch.time, "sleep", round_begins)
        monkeypatch.setattr(watch.signal, "signal", lambda *_: None)
        monkeypatch.setattr(watch, "run", run)
        watch.main(failures, Project(tmp_path))
        return written[1:]

    return edit


def test_an_example_that_passes_writes_nothing_so_nothing_is_built(watched):
    assert watched("right", "right") == [None, None]


def test_an_example_that_fails_is_written_once_and_once_more_when_it_is_mended(watched):
    said = {"page/one.md": "it differs"}
    assert watched("wrong", "wrong", "right", "right") == [said, None, {}, None]


def test_who_reads_meanwhile_sees_what_was_there_before_and_never_a_half(tmp_path):
    lay_out(tmp_path, {"failures/failures.json": "{}"})
    failures = tmp_path / "failures/failures.json"
    with failures.open() as reads:
        watch.tell({"page/one.md": "it differs"}, failures)
        assert reads.read() == "{}"
    assert json.loads(failures.read_text()) == {"page/one.md": "it differs"}
    # Another file in the folder that the server watches would have all built twice.
    assert [*failures.parent.iterdir()] == [failures]
