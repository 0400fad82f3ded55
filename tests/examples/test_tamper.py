"""The tool that changes the examples: what it changes, and that it sees a survivor."""

import tomllib

import pytest

from mapped_axis.examples import tamper
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.write import example_text
from mapped_axis.project import HERE

PROGRAM = 'unused = 5\ntext = "a"\nprint(text, 1.5, True)\n'
EXAMPLE = example_text(PROGRAM, output="a 1.5 True\n")


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "one.md"
    path.write_text(EXAMPLE)
    return read_example(path)


def test_an_output_is_changed_and_removed(example):
    changed, removed = tamper.output_changes(example)
    assert sum(a != b for a, b in zip(EXAMPLE, changed.text, strict=True)) == 1
    assert changed.line == 10
    assert "```text" not in removed.text
    assert removed.text.startswith(EXAMPLE[: EXAMPLE.index("\n\n<!--")])


def test_each_literal_is_changed_once(example):
    changes = list(tamper.literal_changes(example))
    assert [(change.line, change.what) for change in changes] == [
        (2, "5 to 6"),
        (3, "'a' to 'az'"),
        (4, "1.5 to 2.5"),
        (4, "True to False"),
    ]


def test_a_survivor_is_seen_and_an_output_never_is_one(example):
    changes = [*tamper.output_changes(example), *tamper.literal_changes(example)]
    assert [change.what for change in tamper.unnoticed(changes)] == ["5 to 6"]


@pytest.mark.parametrize(
    ("accepted", "status", "says"),
    [
        ("", 1, "survived: one.md:2: 5 to 6"),
        ("5 in unused = 5", 0, "1 of the rest accepted"),
        ("1.5 in unused = 5", 1, "accepted, and does not survive: one.md: 1.5"),
    ],
)
def test_a_survivor_must_be_accepted_and_an_accepted_one_survive(
    example, capsys, monkeypatch, accepted, status, says
):
    monkeypatch.chdir(example.path.parent)
    monkeypatch.setattr(
        tamper, "unnoticed", lambda changes: [c for c in changes if c.what == "5 to 6"]
    )
    reasons = f'["one.md"]\n"{accepted}" = "because"\n' if accepted else ""
    example.path.with_name("may.toml").write_text(reasons)
    assert tamper.main(["one.md", "--accepted=may.toml"]) == status
    said = capsys.readouterr().out
    assert "outputs: 2 of 2 changes noticed" in said
    assert "literals: 3 of 4 changes noticed" in said
    assert says in said


def test_each_accepted_survivor_has_its_reason():
    reasons = tomllib.loads(tamper.ACCEPTED.read_text(encoding="utf-8"))
    for file, literals in reasons.items():
        assert (HERE.root / file).exists(), file
        assert all(len(reason) > 20 for reason in literals.values()), file
