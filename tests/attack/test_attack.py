"""The planter: it sees a survivor and a refusal, and each fault of its list applies."""

import subprocess
import tomllib
from collections import Counter

import pytest

from mapped_axis.attack import __main__ as attack
from mapped_axis.attack import stages
from mapped_axis.attack.faults import FAULTS, KINDS, STAGES, Fault
from mapped_axis.attack.plant import Copy, Edit
from mapped_axis.project import HERE

SQUARE = "snippets/learn/first-vmap/square.md"
PAGE = "docs/learn/axes.md"

HARMLESS = Fault("a-word", "prose", "check", (Edit(PAGE, "table", "schedule"),))
FENCE = Fault("fence", "lookalike", "check", (Edit(PAGE, "", "\n```\n122\n```\n"),))


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "copy", {})


# --- the list ---------------------------------------------------------------------------


def test_each_kind_has_three_faults_or_more():
    count = Counter(fault.kind for fault in FAULTS)
    assert {kind: count[kind] for kind in KINDS if count[kind] < 3} == {}
    assert set(count) == set(KINDS)
    assert {fault.stage for fault in FAULTS} == set(STAGES)


@pytest.mark.slow
def test_a_comparison_is_said_to_its_end(copy):
    """What is cut names none of the faults in it."""
    file = copy.project.root / "test_cut.py"
    file.write_text(
        "def test_cut():\n"
        "    lines = [f'page-{n}/: hidden' for n in range(40)]\n"
        "    assert '\\n'.join(lines) == ''\n"
    )
    status, said = copy.run("-m", "pytest", *stages.QUIET, str(file), CI="")
    assert status
    assert "page-39/" in said.partition("short test summary")[0]
    assert "page-39/" not in copy.run("-m", "pytest", "-q", str(file), CI="")[1]


def test_each_fault_has_a_name_of_its_own():
    count = Counter(fault.name for fault in FAULTS)
    assert [name for name, times in count.items() if times > 1] == []


def wrong_faults(faults):
    """Return what is wrong with faults: with their edits, or with what refuses them."""
    wrong = []
    for fault in faults:
        texts = {}
        for edit in fault.edits:
            path = HERE.root / edit.file
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            try:
                texts[edit.file] = edit.of(texts.get(edit.file, before))
            except ValueError as error:
                wrong.append(f"{fault.name}: {error}")
        if bool(fault.tests) != (fault.stage == "tests"):
            wrong.append(f"{fault.name}: its stage is {fault.stage}")
        for test in fault.tests:
            file, _, name = test.partition("[")[0].partition("::")
            path = HERE.root / file
            if f"def {name}" not in (path.read_text("utf-8") if path.is_file() else ""):
                wrong.append(f"{fault.name}: there is no {test}")
    return wrong


def test_each_fault_applies():
    assert wrong_faults(FAULTS) == []


@pytest.mark.parametrize(
    ("stage", "old", "tests"),
    [
        ("check", "nowhere in the file", ()),
        ("tests", "table", ()),
        ("check", "table", ("tests/attack/test_attack.py",)),
        ("tests", "table", ("tests/nowhere.py",)),
        ("tests", "table", ("tests/attack/test_attack.py::test_none",)),
    ],
)
def test_a_fault_that_does_not_apply_is_found(stage, old, tests):
    fault = Fault("a", "prose", stage, (Edit(PAGE, old, "schedule"),), tests=tests)
    assert len(wrong_faults([fault])) == 1


@pytest.mark.parametrize("old", ["nowhere in the file", "table"])
def test_an_edit_that_changes_nothing_is_an_error(old):
    with pytest.raises(ValueError, match=PAGE):
        Edit(PAGE, old, "table").of("a table\n")


def test_only_a_fault_is_accepted():
    accepted = tomllib.loads(attack.ACCEPTED.read_text(encoding="utf-8"))
    assert set(accepted) <= {fault.name for fault in FAULTS}


# --- planting ---------------------------------------------------------------------------


def contents(root):
    """Return the bytes of all files below a folder, by path."""
    return {p: p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_a_copy_is_as_it_was_when_a_fault_is_taken_out(copy):
    before = contents(copy.project.root)
    listed = ["git", "ls-files", "-z"]
    tracked = subprocess.check_output(listed, cwd=HERE.root, text=True)
    there = [name for name in tracked.split("\0") if (HERE.root / name).is_file()]
    assert {copy.project.root / name for name in there} <= {*before}
    new = Edit("docs/learn/new.md", "", "# New\n")
    copy.plant([FENCE, Fault("new", "prose", "check", (new,))])
    planted = contents(copy.project.root)
    assert len(planted) == len(before) + 1
    assert sum(planted[path] != text for path, text in before.items()) == 1
    copy.restore()
    assert contents(copy.project.root) == before
    assert "122\n```" not in (HERE.root / PAGE).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_fault_is_refused_where_it_is_named_and_a_harmless_change_survives(copy):
    assert stages.one_by_one(stages.check, [copy], [HARMLESS, FENCE]) == {"fence"}


@pytest.mark.slow
def test_a_changed_example_is_refused_and_a_harmless_change_survives(copy):
    wrong = Fault("wrong", "program", "examples", (Edit(SQUARE, "x**2", "x**3"),))
    same = Fault("same", "program", "examples", (Edit(SQUARE, "x**2", "x * x"),))
    assert stages.examples(copy, [wrong, same]) == {"wrong"}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ((1, "docs/learn/axes.md:9: code in a page"), True),
        ((1, "https://example.org/learn/axes/: ['122']"), True),
        ((0, "docs/learn/axes.md:9: code in a page"), False),  # green
        ((1, "docs/learn/nesting.md:9: code in a page"), False),  # of another page
    ],
)
def test_only_a_red_run_that_names_the_page_refuses(said, refused):
    assert stages.refuses(FENCE, said) == refused


def test_a_message_that_is_too_long_refuses_nothing():
    fault = Fault("long", "messages", "check", FENCE.edits, lines=1)
    assert stages.refuses(fault, (1, f"{PAGE}:9: code\n"))
    assert not stages.refuses(fault, (1, f"{PAGE}:9: code\nand more\n"))


def test_faults_that_are_named_alike_do_not_stand_in_one_site():
    again = Fault("again", "prose", "site", (Edit(PAGE, "", "\nMore.\n"),))
    other = Fault("other", "prose", "site", (Edit(SQUARE, "x**2", "x**3"),))
    found = [[f.name for f in batch] for batch in stages.batches([FENCE, again, other])]
    assert found == [["fence", "other"], ["again"]]


def test_a_stage_that_is_red_without_a_fault_refuses_nothing(copy, monkeypatch, capsys):
    monkeypatch.setattr(stages, "check", lambda *_: (1, f"{PAGE}: always"))
    monkeypatch.setattr(stages, "one_by_one", lambda *_: {"fence"})
    assert attack._refused("check", [copy], [FENCE]) == set()
    assert "check: red without any fault" in capsys.readouterr().out


# --- the score --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "accepted", "status", "says"),
    [
        ([], {}, 0, "in all: refused 2 of 2"),
        ([HARMLESS], {}, 1, f"survived: a-word in {PAGE}; not refused by: check"),
        ([HARMLESS], {"a-word": "no harm"}, 0, "accepted: no harm"),
        ([], {"fence": "why"}, 1, "accepted, and refused after all: fence"),
    ],
)
def test_the_score_is_red_unless_each_survivor_is_accepted(
    left, accepted, status, says, capsys
):
    assert attack.report([HARMLESS, FENCE], left, accepted) == status
    assert says in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_over_both_prints_the_survivor(monkeypatch, capsys):
    monkeypatch.setattr(attack, "FAULTS", [HARMLESS, FENCE])
    before = contents(HERE.root / "docs")
    assert attack.main([]) == 1
    said = capsys.readouterr().out
    assert "check: 2 faults\n  1 of 2 refused" in said
    assert "survived: a-word" in said
    assert contents(HERE.root / "docs") == before
    assert attack.main(["--list", "--only", "prose"]) == 0
    assert capsys.readouterr().out.split() == ["prose", "check", "a-word"]
