"""The table of costs in CONTRIBUTING.md is what was measured."""

import json

import pytest

from mapped_axis.costs import __main__ as costs
from mapped_axis.costs.__main__ import BEGIN, DATA, DOCUMENT, END, write_table
from mapped_axis.examples.data import read_json


def measured():
    return json.loads(DATA.read_text("utf-8"))


def test_the_table_is_what_was_measured():
    document = DOCUMENT.read_text("utf-8")
    assert write_table(document, measured()) == document


# The steps of `make test` are measured by a run of it: they cannot be asked for here.
@pytest.mark.parametrize("part", measured())
def test_another_time_is_another_table(part):
    """So a table that was edited, or data that was, is found by the test above."""
    data = measured()
    name = next(iter(data[part]["values"]))
    data[part]["values"][name] += 0.1
    document = DOCUMENT.read_text("utf-8")
    assert write_table(document, data) != document


def test_each_part_is_in_the_table_before_the_next_begins(tmp_path, monkeypatch):
    data, document = tmp_path / "data.json", tmp_path / "document.md"
    document.write_text(BEGIN + END)
    monkeypatch.setattr(costs, "DATA", data)
    monkeypatch.setattr(costs, "DOCUMENT", document)

    def tests():
        assert "| a build | 1.5 s |" in document.read_text("utf-8")
        raise SystemExit("tests failed")

    monkeypatch.setattr(
        costs, "PARTS", {"builds": lambda: {"a build": 1.5}, "steps": tests}
    )
    monkeypatch.setattr("sys.argv", ["bench-site", "builds", "steps"])
    with pytest.raises(SystemExit, match="tests failed"):
        costs.main()
    assert write_table(
        document.read_text("utf-8"), read_json(data)
    ) == document.read_text("utf-8")


def test_a_document_without_a_place_is_refused():
    for document in ("", BEGIN, END):
        with pytest.raises(SystemExit, match="no place for the table"):
            write_table(document, measured())


def test_what_fails_is_not_timed(tmp_path):
    with pytest.raises(SystemExit, match=r"failed \(exit status 3\); it said:\noh"):
        costs._seconds(["sh", "-c", "echo oh; exit 3"], tmp_path, tmp_path / "log")
