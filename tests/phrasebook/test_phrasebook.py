"""The phrasebook: both sides give the same, and the page and the record say what they gave."""

import ast
import copy
import importlib.metadata
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from mapped_axis.examples.data import FaultyFileError
from mapped_axis.examples.grammar import Problem
from mapped_axis.examples.values import Shown
from mapped_axis.operations.table import dump, slot_of
from mapped_axis.pages import check
from mapped_axis.pages.prose import unshown
from mapped_axis.phrasebook import __main__ as command
from mapped_axis.phrasebook import ask, html, table
from mapped_axis.phrasebook.pairs import KINDS, SIDES, pairs_of, read_group, read_groups
from mapped_axis.project import HERE, Project
from support.places import address_of
from support.sites import lay_out

SLOT = slot_of(importlib.metadata.version("jax"))
PAGE = HERE.docs / "reference/phrasebook.md"
GROUPS = read_groups()
PAIRS = pairs_of(GROUPS)
BY_NAME = {pair.name: pair for pair in PAIRS}


@pytest.fixture(scope="module")
def content():
    return table.read()


@pytest.fixture(scope="module")
def jax_says():
    """Return what JAX and NumPy give now."""
    return ask.ask_jax(PAIRS)


@pytest.fixture(scope="module")
def torch_says(content):
    """Return what PyTorch gives: now where it is installed, else on the day of the record."""
    if ask.has_torch():
        return ask.ask_torch(PAIRS)
    answers = content["answers"]
    return {
        pair.name: {"old": answers[pair.name][table.TORCH]["old"]}
        for pair in PAIRS
        if table.TORCH in table.slots_of(pair)
    }


# --- both sides -------------------------------------------------------------------------


def test_both_sides_of_each_pair_are_equal(jax_says, torch_says):
    assert table.unequal(PAIRS, jax_says, torch_says) == []


def test_the_record_is_what_jax_and_numpy_say(content, jax_says):
    assert table.changed(content, SLOT, PAIRS, jax_says) == []


def test_the_record_is_what_pytorch_says_of_these_pairs(content, torch_says):
    assert table.changed(content, table.TORCH, PAIRS, torch_says) == []


def test_there_are_fifty_pairs_and_more_of_each_kind():
    kinds = [pair.kind for pair in PAIRS]
    assert len(PAIRS) >= 50
    assert all(kinds.count(kind) >= 10 for kind in KINDS)


def test_what_is_compared_is_compared(jax_says):
    """Of all pairs but those whose old side is gone, two sides are compared."""
    gone = [p for p in PAIRS if "error" in jax_says[p.name].get("old", {})]
    assert {pair.kind for pair in gone} == {"jax"}
    assert len(PAIRS) - len(gone) >= 90


def other(value):
    """Return a value of the same form that is another one."""
    match value:
        case dict():
            return {key: other(part) for key, part in value.items()}
        case [] | None:
            raise AssertionError("a value in which nothing can differ")
        case [first, *rest]:
            return [other(first), *rest]
        case bool():
            return not value
        case str():
            return f"{value}x"
        case _:
            return value * (1 + 4 * table.RELATIVE) + 4 * table.ABSOLUTE


def with_other_values(answer):
    """Return an answer with another value in each of its parts."""
    if "error" in answer:
        return {"error": other(answer["error"])}
    for name in ("ranks", "devices"):
        if name in answer:
            return {name: [*answer[name][:-1], with_other_values(answer[name][-1])]}
    return answer | {"value": other(answer["value"])}


def test_another_value_on_either_side_of_any_pair_is_found(jax_says, torch_says):
    for pair in PAIRS:
        if "error" in jax_says[pair.name].get("old", {}):
            continue
        for side in SIDES:
            jax, torch = copy.deepcopy((jax_says, torch_says))
            which = jax if side in jax[pair.name] else torch
            which[pair.name] = dict(which[pair.name])
            which[pair.name][side] = with_other_values(which[pair.name][side])
            (line, *_) = table.unequal([pair], jax, torch)
            assert line.startswith(f"{pair.name}: the sides give "), (pair.name, side)


@pytest.mark.slow
def test_another_answer_of_any_pair_is_found_in_the_record(content):
    for pair in PAIRS:
        for slot in table.slots_of(pair):
            kept = content["answers"][pair.name][slot]
            for side in kept.keys() - {"digests"}:
                now = {
                    name: {s: a for s, a in both[slot].items() if s != "digests"}
                    for name, both in content["answers"].items()
                    if slot in both
                }
                now[pair.name] = now[pair.name] | {side: with_other_values(kept[side])}
                (line, *_) = table.changed(content, slot, PAIRS, now)
                assert line.startswith(f"{pair.name}: the file and {slot} say ")


def test_what_one_rank_has_is_not_what_another_device_has(jax_says, torch_says):
    pair = BY_NAME["fsdp"]
    devices = jax_says["fsdp"]["today"]["devices"]
    swapped = {"fsdp": {"today": {"devices": devices[::-1]}}}
    assert table.unequal([pair], swapped, torch_says)
    assert not table.unequal([pair], jax_says, torch_says)


def test_a_side_that_did_not_run_is_found(jax_says):
    assert table.unequal([BY_NAME["ddp"]], jax_says, {}) == [
        "ddp: the old side did not run"
    ]


def test_pairs_that_pytorch_answers_otherwise_are_found_in_the_record(content):
    assert table.unequal_to_torch(content, PAIRS) == []
    wrong = copy.deepcopy(content)
    answers = wrong["answers"]["torch-grad"]
    answers[table.TORCH]["old"] = with_other_values(answers[table.TORCH]["old"])
    del answers[table.OLDEST], wrong["answers"]["ddp"]
    (line,) = table.unequal_to_torch(wrong, PAIRS)
    assert line.startswith("torch-grad: the sides give ")
    assert line.endswith("(JAX newest)")


def test_a_library_that_is_not_there_is_refused_before_anything_runs(
    monkeypatch, capsys
):
    def runs(pairs):
        raise AssertionError("the sides run")

    monkeypatch.setattr(ask, "ask_jax", runs)
    with pytest.raises(SystemExit) as error:
        command.main(["pytorch"])
    assert error.value.code == 2
    assert "invalid choice: 'pytorch'" in capsys.readouterr().err


def test_a_side_that_fails_is_said_and_nothing_is_written(monkeypatch):
    def fails(pairs):
        raise RuntimeError("np-loop, old: it fails")

    monkeypatch.setattr(ask, "ask_jax", fails)
    before = table.PATH.read_bytes()
    assert command.main([]) == "np-loop, old: it fails"
    assert table.PATH.read_bytes() == before


@pytest.mark.parametrize(
    ("one", "other_one"),
    [
        (1.0, 1.0001),
        (0.0, 1e-5),
        (1, True),
        (float("nan"), 0.0),
        ([1], 1),
        ([1, 2], [1]),
        ({"a": 1}, {"b": 1}),
        ("float64", "float32"),
        (None, 0),
    ],
)
def test_what_is_not_equal_is_found(one, other_one):
    assert list(table.differences(one, other_one))
    assert not list(table.differences(one, copy.deepcopy(one)))


def test_rounding_is_no_difference():
    assert not list(table.differences([1.0, 3], [1.000001, 3.0]))


# --- an edited side ---------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_side_is_found_though_its_value_is_the_same(content, kind, side):
    pair = next(p for p in PAIRS if p.kind == kind)
    after = replace(pair, **{side: f"{pair.lines(side)}\n"})
    now = [after if p is pair else p for p in PAIRS]
    for slot in table.slots_of(pair):
        answers = {
            name: {s: a for s, a in both[slot].items() if s != "digests"}
            for name, both in content["answers"].items()
            if slot in both
        }
        assert table.changed(content, slot, PAIRS, answers) == []
        assert table.changed(content, slot, now, answers) == [
            f"{pair.name}: edited since {slot} answered"
        ]
    card = BeautifulSoup(html._card(after, content), "html.parser")
    assert card.strong.text == "Edited since"
    assert "PyTorch" in card.text or kind in ("numpy", "jax")
    assert "give " not in card.text and "has " not in card.text


def test_a_pair_too_many_or_too_few_is_found(content):
    answers = {
        name: {s: a for s, a in both[SLOT].items() if s != "digests"}
        for name, both in content["answers"].items()
    }
    (line,) = table.changed(content, SLOT, PAIRS[1:], answers)
    assert line == f"{PAIRS[0].name}: the file has a pair too many"
    new = replace(PAIRS[0], name="new")
    (line,) = table.changed(content, SLOT, [*PAIRS, new], answers)
    assert line == f"new: the file has no answer of {SLOT}"


def test_a_run_writes_its_own_answers_and_keeps_those_of_others(content):
    made = {"torch": "9.9", "python": "3.14.0"}
    pair = BY_NAME["torch-grad"]
    mine = {pair.name: {"old": {"type": "float32[3]", "value": [1.0, 2.0, 3.0]}}}
    after = table.renewed(content, table.TORCH, made, "2030-01-01", PAIRS, mine)
    assert after["answers"][pair.name] == content["answers"][pair.name] | {
        table.TORCH: {"digests": pair.digests, **mine[pair.name]}
    }
    assert after["made_with"][table.TORCH] == made | {"date": "2030-01-01"}
    assert after["made_with"][SLOT] == content["made_with"][SLOT]
    # The same again is no change, and rounding is none.
    near = {pair.name: {"old": {"type": "float32[3]", "value": [1.0, 2.0, 3.000001]}}}
    again = table.renewed(after, table.TORCH, made, "2031-01-01", PAIRS, near)
    assert again == after


def test_the_file_is_written_as_it_would_be(content):
    assert table.PATH.read_text(encoding="utf-8") == dump(content)
    assert list(content["answers"]) == [pair.name for pair in PAIRS]
    assert list(content["made_with"]) == list(table.SLOTS)
    for of in content["made_with"].values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", of["date"])


# --- what runs them ---------------------------------------------------------------------

SIMPLE = replace(BY_NAME["np-loop"], old="x[0] = 5.0\nx", today="x + 0")
FAULTS = {
    "raises": ({"today": "jnp.invented(x)"}, "has no attribute 'invented'"),
    "warns": (
        {"today": "import warnings\nwarnings.warn('an old name')\nx"},
        "UserWarning: an old name",
    ),
    "numpy-raises": ({"old": "np.invented(x)"}, "has no attribute 'invented'"),
    "given": ({"given": "x = nothing"}, "name 'nothing' is not defined"),
    "function": ({"today": "jnp.sum"}, "a value of the type"),
}


def test_sides_that_may_not_fail_or_warn_are_faults():
    with pytest.raises(RuntimeError) as error:
        ask.ask_jax(
            [replace(SIMPLE, name=name, **edit) for name, (edit, _) in FAULTS.items()]
        )
    said = str(error.value)
    for name, (_, says) in FAULTS.items():
        assert f"{name}, " in said
        assert says in said


def test_a_side_sees_nothing_of_another():
    """The old side changes its array in place, and defines a name."""
    leaves = replace(SIMPLE, name="leaves", old="x[0] = 5.0\nleft = 1\nx")
    asks = replace(SIMPLE, name="asks", old="('left' in globals(), x)", today="x")
    answers = ask.ask_jax([leaves, asks])
    assert answers["leaves"]["old"]["value"] == [5.0, 1.0, 2.0]
    assert answers["leaves"]["today"]["value"] == [3.0, 1.0, 2.0]
    assert answers["asks"]["old"]["value"] == [False, [3.0, 1.0, 2.0]]


def test_old_jax_may_fail_and_warn():
    base = replace(BY_NAME["tree-map"], today="x")
    answers = ask.ask_jax(
        [
            replace(base, name="fails", old="jax.invented"),
            replace(base, name="warns", old="import warnings\nwarnings.warn('old')\nx"),
        ]
    )
    says = "AttributeError: module 'jax' has no attribute 'invented'"
    assert answers["fails"]["old"] == {"error": says}
    assert answers["warns"]["old"]["warns"] == "UserWarning: old"


# --- the files of pairs -----------------------------------------------------------------

GOOD = """kind = "numpy"
given = "x = array([1.0])"

[[pair]]
name = "one"
title = "One"
old = "x"
today = "x"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'kind = "numpy"',
            'kind = "fortran"',
            "pairs.toml:1: write kind = one of numpy",
        ),
        ("given", "given_all", "pairs.toml:1: nothing is called 'given_all'"),
        ("title", "heading", "pairs.toml:4: nothing is called 'heading'"),
        ('title = "One"\n', "", "pairs.toml:4: the pair lacks 'title'"),
        ('"one"', '"One pair"', "pairs.toml:4: the name 'One pair' is no id"),
        ('old = "x"', 'old = "x ="', "pairs.toml:4: one, old: no Python"),
        ('old = "x"', 'old = "y = x"', "one, old: the last line is no expression"),
        (
            'today = "x"',
            "today = '''" + 7 * "x\n" + "'''",
            "one, today: 7 lines; 6 are",
        ),
        ('today = "x"', f'today = "{"x" * 61}"', "one, today: 61 columns"),
        ("[[pair]]", "[[pairs]]", "nothing is called 'pairs'"),
        ("[[pair]]", "[pair]", "pairs.toml:1: no pair; write [[pair]]"),
        ('"one"', "3", "pairs.toml:4: name is no text"),
        ('kind = "numpy"', "kind = []", "pairs.toml:1: kind is no text"),
        ("[[pair]]", "[[pair]", "pairs.toml:4: no TOML"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path, old, new, says):
    path = tmp_path / "pairs.toml"
    path.write_text(GOOD)
    assert read_group(path).pairs[0].name == "one"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ValueError) as error:
        read_group(path)
    assert says in str(error.value)


def test_two_pairs_of_one_name_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(
        FaultyFileError, match=r"b.toml:4: a second pair 'one', beside that of a"
    ):
        read_groups(tmp_path)


def numbers_without_source(pair, content):
    """Return what the sentence of a pair states that neither the pair nor its values show."""
    blocks = [pair.old, pair.today, str(content["answers"].get(pair.name))]
    return [says for _, _, says, _ in unshown(pair.says, Shown(blocks))]


def test_a_sentence_states_no_number_that_its_pair_does_not_show(content):
    found = {pair.name: numbers_without_source(pair, content) for pair in PAIRS}
    assert {name: says for name, says in found.items() if says} == {}


def test_a_number_without_a_source_is_found(content):
    pair = replace(PAIRS[0], says="It is 17 times as fast.")
    assert numbers_without_source(pair, content)


def test_each_side_imports_what_it_needs_and_no_more():
    """A name of another library on a side would mean that the page hides an import."""
    for pair in PAIRS:
        for side in SIDES:
            names = {
                node.id
                for node in ast.walk(ast.parse(pair.lines(side)))
                if isinstance(node, ast.Name)
            }
            bound = {
                name.asname or name.name.partition(".")[0]
                for node in ast.walk(ast.parse(pair.before(side) + pair.lines(side)))
                if isinstance(node, ast.Import)
                for name in node.names
            }
            libraries = names & {"np", "jnp", "jax", "torch", "dist", "optax"}
            assert libraries <= bound, (pair.name, side)


# --- the page ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(pages):
    return pages[address_of(PAGE)]


def test_the_page_has_every_group(page):
    shown = [e["data-group"] for e in page.select(".phrase-pairs[data-group]")]
    assert sorted(shown) == sorted(GROUPS)


def test_the_page_shows_both_sides_of_each_pair_as_they_ran(page):
    cards = {card.h3["id"]: card for card in page.select(".phrase")}
    assert set(cards) == set(BY_NAME)
    for name, card in cards.items():
        blocks = [block.get_text() for block in card.select("pre")]
        assert blocks == [BY_NAME[name].lines(s).rstrip("\n") for s in SIDES], name
        assert card.h3.contents[0] == BY_NAME[name].title


def test_the_page_shows_what_runs_before(page):
    for element in page.select(".phrase-pairs[data-group]"):
        pair = GROUPS[element["data-group"]].pairs[0]
        blocks = [pre.get_text() for pre in element.select(".phrase-given pre")]
        assert blocks == [pair.before(side).rstrip("\n") for side in SIDES]


def test_all_pairs_of_a_group_run_after_the_same():
    for group in GROUPS.values():
        assert len({tuple(map(p.before, SIDES)) for p in group.pairs}) == 1


def test_the_page_says_when_pytorch_ran_and_with_what(page, content):
    words = page.select_one("[data-show=record]").get_text()
    made = content["made_with"]
    assert f"PyTorch {made['torch']['torch']}" in words
    assert made["torch"]["date"] in words
    for slot in (table.OLDEST, table.NEWEST):
        assert f"JAX {made[slot]['jax']}" in words
        assert f"NumPy {made[slot]['numpy']}" in words


def test_the_page_shows_no_edited_pair(page):
    assert not page.select(".phrase strong")


def test_a_record_without_pytorch_says_so(content):
    without = {"made_with": {}, "answers": {}}
    assert "PyTorch's side has not run." in html.record_of(without)
    assert html.record_of(content) != html.record_of(without)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("np-loop", "Both give [3.7417, 8.775], float64 in NumPy and float32 in JAX."),
        ("torch-vmap", "Both give [36, 49]."),
        ("fsdp", "Rank 0 and device 0 have [67], rank 1 and device 1 [80]."),
        ("ddp", "Each rank has [67, 80], and so has each device."),
        ("pmap-axis-name", "Both run, and give [[5, 7, 9], [5, 7, 9]]."),
        (
            "jax-partial",
            "raises AttributeError: module 'jax' has no attribute 'partial'",
        ),
        ("pjit", "The old line warns: DeprecationWarning: jax.experimental.pjit.pjit"),
        ("check-rep", "The old line on JAX 0.10 raises TypeError: shard_map() got an"),
    ],
)
def test_a_card_says_what_both_sides_gave(page, name, says):
    card = page.find(id=name).find_parent(class_="phrase")
    assert says in " ".join(card.get_text().split())


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="no group 'perl'; there are distributed"):
        html.inside_of({"group": "perl"})


WORDS = [
    *("DataParallel", "DistributedDataParallel", "FullyShardedDataParallel", "FSDP"),
    *("vmap in_dims", "randomness='different'", "DistributedSampler", "np.vectorize"),
    *("np.apply_along_axis", "einsum", "torch.func.grad_and_value", "functional_call"),
    *("stack_module_state", "all_reduce", "pmap", "xmap", "jax.tree_map"),
    *("jax.experimental.maps", "from jax.experimental.shard_map", "check_rep"),
    *("jax.core", "PRNGKey", "host_callback", "linear_util", "chunk_size"),
]


@pytest.mark.parametrize("words", WORDS)
def test_a_pair_has_the_words_that_a_reader_brings(page, words):
    texts = [card.get_text().lower() for card in page.select(".phrase")]
    found = [t for t in texts if all(w in t for w in words.lower().split())]
    # PyTorch's `randomness` is written with other quotes in a program.
    assert found, words


def test_a_fault_of_a_file_is_said_once_and_one_of_an_element_each_time(
    tmp_path, monkeypatch
):
    element = '<div class="phrase-pairs" data-group="a"></div>\n'
    page = tmp_path / "docs/page.md"
    lay_out(tmp_path, {"docs/page.md": f"{element}\n{element}"})
    of_a_file = Problem(tmp_path / "docs/_phrases/a.toml", 4, "the pair lacks 'title'.")
    for error, problems in (
        (FaultyFileError(of_a_file), [of_a_file]),
        (ValueError("bad"), [Problem(page, 1, "bad"), Problem(page, 3, "bad")]),
    ):

        def fill(self, element, error=error):
            raise error

        monkeypatch.setattr(check.Elements, "fill", fill)
        assert check._unfilled(page, Project(tmp_path)) == problems
