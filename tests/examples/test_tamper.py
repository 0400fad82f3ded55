"""The tool that changes the examples: what it changes, and that it sees a survivor."""

import json
import tomllib

import pytest

from mapped_axis.examples import record, tamper
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.write import example_text
from mapped_axis.project import HERE, Project

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
    changes = list(tamper.program_changes(example))
    assert [(change.line, change.what) for change in changes] == [
        (2, "5 to 6"),
        (3, "'a' to 'az'"),
        (4, "1.5 to 2.5"),
        (4, "True to False"),
    ]


def test_operators_comparisons_none_and_keywords_are_changed(tmp_path):
    program = "x = f(a + b, axis=None)\nx *= c\nprint(not x < 2 or a is b, sep=s)\n"
    path = tmp_path / "one.md"
    path.write_text(example_text(program, output="1\n"))
    changes = list(tamper.program_changes(read_example(path)))
    assert {(change.kind, change.line, change.what) for change in changes} == {
        ("operators", 2, "+ to -"),
        ("keywords", 2, "axis= to axisz="),
        ("literals", 2, "None to 0"),
        ("operators", 3, "* to +"),
        ("comparisons", 4, "< to <="),
        ("literals", 4, "2 to 3"),
        ("comparisons", 4, "is to is not"),
        ("keywords", 4, "sep= to sepz="),
    }
    assert len({change.where for change in changes}) == len(changes)
    assert "f(a - b, axis=None)\nx *= c\n" in changes_text(changes, "+ to -")
    assert "x += c\n" in changes_text(changes, "* to +")


def test_of_a_solution_what_it_writes_is_changed_and_not_what_is_given(tmp_path):
    check = "assert x == y\nprint('solved')\n"
    for part, x, says in (("start", 1, "not yet: 2\n"), ("solution", 2, "solved\n")):
        text = example_text(f"y = 2\nx = {x}\n", check, output=says)
        (tmp_path / f"exercise-a-{part}.md").write_text(text)
    solution = tmp_path / "exercise-a-solution.md"
    changes = [*tamper.program_changes(read_example(solution))]
    assert [(change.line, change.what) for change in changes] == [(3, "2 to 3")]
    solution.rename(tmp_path / "one.md")
    changes = [*tamper.program_changes(read_example(tmp_path / "one.md"))]
    assert len(changes) == 4


def test_starters_are_not_changed_and_solutions_are(tmp_path):
    names = ["exercise-a-solution.md", "exercise-a-start.md", "one.md"]
    for name in names:
        (tmp_path / name).write_text(EXAMPLE)
    assert [f.name for f in tamper.examples_of(tmp_path)] == [names[0], names[2]]


def changes_text(changes, what):
    """Return the text of the one change of this kind."""
    (text,) = (change.text for change in changes if change.what == what)
    return text


@pytest.mark.slow
def test_each_kind_of_survivor_is_seen(tmp_path):
    program = "n = 1\nk = n * n + 0 * 0\nprint(k, n < 5, None is None, sep=' ')\n"
    path = tmp_path / "one.md"
    path.write_text(example_text(program, output="1 True True\n"))
    left = tamper.unnoticed(list(tamper.program_changes(read_example(path))))
    found = {(change.kind, change.what) for change in left}
    assert {pair for pair in found if pair[0] != "literals"} == {
        ("comparisons", "< to <="),
        ("operators", "+ to -"),
        ("operators", "* to +"),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            example_text("print(5 - 1)\n", output="5\n"),
            "the output is not what is shown",
        ),
        (example_text("import time\n\ntime.sleep(9)\n"), "not done after 1 seconds"),
    ],
)
@pytest.mark.slow
def test_what_fails_unchanged_is_not_changed(monkeypatch, tmp_path, capsys, text, says):
    """Else all that is planted there would seem to be noticed."""
    page = tmp_path / "snippets/page"
    page.mkdir(parents=True)
    (page / "one.md").write_text(text)
    monkeypatch.setattr(tamper, "HERE", Project(tmp_path))
    monkeypatch.setattr(tamper, "SCORES", tmp_path / "tampered.json")
    monkeypatch.setattr(tamper, "UNCHANGED_LIMIT", 1)
    assert tamper.main([str(page)]) == 1
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith("  fails unchanged, so nothing was changed: ")
    assert "one.md: " in said
    assert says in said
    assert not tamper.SCORES.exists()


@pytest.mark.slow
def test_the_score_of_a_page_is_kept_when_all_of_it_was_changed(monkeypatch, tmp_path):
    project = Project(tmp_path)
    for name in "ab":
        path = project.snippets / f"page/{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(EXAMPLE)
    path.with_name("exercise-a-start.md").write_text(EXAMPLE)  # left as it is
    monkeypatch.setattr(tamper, "HERE", project)
    monkeypatch.setattr(
        tamper, "unnoticed", lambda changes: [c for c in changes if c.what == "5 to 6"]
    )
    score = tmp_path / "tampered.json"
    monkeypatch.setattr(tamper, "SCORES", score)
    tamper.main([str(path)])
    assert json.loads(score.read_text()) == {}
    may = tmp_path / "may.toml"
    may.write_text("")
    tamper.main([str(project.snippets), f"--accepted={may}"])
    kept = json.loads(score.read_text())["page"]
    assert (kept["changes"], kept["noticed"], kept["accepted"]) == (12, 10, 0)
    assert kept["examples"] == {f"{n}.md": record.digest(path) for n in "ab"}


@pytest.mark.slow
def test_a_survivor_is_seen_and_an_output_never_is_one(example):
    changes = [*tamper.output_changes(example), *tamper.program_changes(example)]
    assert [change.what for change in tamper.unnoticed(changes)] == ["5 to 6"]


@pytest.mark.parametrize(
    ("accepted", "status", "says"),
    [
        ("", 1, "survived: one.md:2: 5 to 6"),
        ("5 in unused = 5", 0, "1 of the rest accepted"),
        ("1.5 in unused = 5", 1, "accepted, and does not survive: one.md: 1.5"),
    ],
)
@pytest.mark.slow
def test_a_survivor_must_be_accepted_and_an_accepted_one_survive(
    example, capsys, monkeypatch, accepted, status, says
):
    monkeypatch.chdir(example.path.parent)
    monkeypatch.setattr(
        tamper, "unnoticed", lambda changes: [c for c in changes if c.what == "5 to 6"]
    )
    monkeypatch.setattr(tamper, "SCORES", example.path.with_name("scores.json"))
    reasons = f'["one.md"]\n"{accepted}" = "because"\n' if accepted else ""
    example.path.with_name("may.toml").write_text(reasons)
    assert tamper.main(["one.md", "--accepted=may.toml"]) == status
    said = capsys.readouterr().out
    assert "outputs: 2 of 2 changes noticed" in said
    assert "literals: 3 of 4 changes noticed" in said
    assert says in said


def unfounded(accepted):
    """Yield the accepted survivors that stand in no program, or have no reason."""
    for file, parts in tomllib.loads(accepted).items():
        path = HERE.root / file
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        for part, reason in parts.items():
            what, _, line = part.partition(" in ")
            stands = (
                any(line == one.strip() for one in lines)
                and what.strip("'")[-1:] in line
            )
            if not stands or len(reason) < 20:
                yield f"{file}: {part}"


def test_each_accepted_survivor_stands_in_a_program_and_has_its_reason():
    accepted = tamper.ACCEPTED.read_text(encoding="utf-8")
    assert [*unfounded(accepted)] == [], f"mend {tamper.ACCEPTED.name}"


@pytest.mark.parametrize(
    ("file", "part", "reason"),
    [
        ("gradients/nan-where", "9 in print(9)", "a literal of no program at all"),
        ("gradients/nowhere", "1.0 in safe = jnp.where(x > 0, x, 1.0)", "any number"),
        ("gradients/nan-where", "1.0 in safe = jnp.where(x > 0, x, 1.0)", "so"),
    ],
)
def test_a_survivor_that_is_not_there_is_found(file, part, reason):
    accepted = f'["snippets/further/{file}.md"]\n"{part}" = "{reason}"\n'
    assert len([*unfounded(accepted)]) == 1
