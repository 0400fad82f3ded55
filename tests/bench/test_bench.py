"""The harness: what it compares, what it leaves out and says, how it goes on."""

import dataclasses
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rich.console import Console

from mapped_axis.bench import __main__ as bench
from mapped_axis.bench import forms, machine, programs, store, timing
from mapped_axis.bench.workloads import WORKLOADS
from mapped_axis.project import HERE

BY_NAME = {workload.name: workload for workload in WORKLOADS}
COMMITTED = sorted((HERE.docs / "further" / "speed").glob("*.json"))
SCHEMA = store.__doc__
GIB = 2**30


def made(workload, size, memory=GIB, longest=60.0):
    """Return the forms of a workload at a size, compared."""
    maker = forms.Maker(workload, memory, longest, quick=True)
    assert maker.ends(size) == ""
    return maker.forms(size)


# --- what is measured -------------------------------------------------------------------


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
@pytest.mark.slow
def test_all_forms_of_a_workload_compute_the_same(workload):
    found = made(workload, 4)
    ours = {forms.LOOP, forms.NUMPY, forms.HAND, forms.VMAP, forms.MAP}
    assert ours | {*workload.mended} <= {*found.calls}
    assert (forms.HALF in found.calls) == workload.half
    # Beside them stands what is not installed, or was not asked for: nothing else.
    assert {*found.calls, *found.left_out} >= {*forms.FORMS} - {forms.HALF}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hand": lambda x, table: 2 * x}, "by hand differs from jit(vmap) by"),
        ({"numpy": lambda x, table: x[:1]}, "NumPy returns the shape (1,)"),
        (
            {"mended": {"worse": lambda x, table: x / 0}},
            "worse returns what is no number",
        ),
        ({"one": lambda x, table: x / 0}, "jit(vmap) returns what is no number"),
    ],
)
@pytest.mark.slow
def test_a_form_that_computes_something_else_is_not_timed(change, says):
    wrong = dataclasses.replace(BY_NAME["lookup"], **change)
    with pytest.raises(forms.Different, match=f"^lookup: {re.escape(says)}"):
        made(wrong, 4)


def test_random_results_are_compared_by_their_mean():
    price = BY_NAME["price"]
    expected = np.random.default_rng(0).random(forms.SURE).astype(np.float32)
    other = np.random.default_rng(1).random(forms.SURE).astype(np.float32)
    forms.compare(price, forms.NUMPY, other, expected)
    with pytest.raises(forms.Different, match="NumPy differs"):
        forms.compare(price, forms.NUMPY, other + 0.1, expected)
    with pytest.raises(forms.Different, match="by hand differs"):
        forms.compare(price, forms.HAND, other, expected)  # of the same keys: the same


def test_a_time_is_that_of_a_result_that_is_there():
    waited = []

    class Result:
        def block_until_ready(self):
            waited.append(self)
            return self

    forms._waiting(Result, [])()
    assert len(waited) == 1


def test_calls_are_timed_in_turns_and_each_is_warm():
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "abc"}
    found = timing.interleaved(calls, 4, 60)
    assert {one["rounds"] for one in found.values()} == {4}
    assert all(one["low"] <= one["median"] <= one["high"] for one in found.values())
    # Two looks at each, then rounds: in each, every name once, and as often before it.
    counts = {name: 2 * one["calls"] for name, one in found.items()}
    rest, seen = order[6:], []
    while rest:
        name = rest[0]
        assert rest[: counts[name]] == [name] * counts[name]
        seen.append(name)
        rest = rest[counts[name] :]
    rounds = [seen[at : at + 3] for at in range(0, len(seen), 3)]
    assert [sorted(names) for names in rounds] == [["a", "b", "c"]] * 4
    assert rounds != [rounds[0]] * 4  # in an order of its own


def test_what_is_compared_is_measured_one_after_the_other():
    order = []
    calls = {
        name: lambda name=name: (order.append(name), timing.time.sleep(0.003))
        for name in "abcd"
    }
    found = timing.interleaved(calls, 6, 60, ("b", "d"))
    text = "".join(order[8:][::2])  # each twice: once before it is measured
    assert text.count("bd") + text.count("db") >= 6
    assert 0.5 < found["d"]["ratio"] < 2
    assert "ratio" not in found["a"]


def test_long_calls_have_fewer_rounds_but_some():
    def slow():
        timing.time.sleep(0.02)

    assert timing.interleaved({"a": slow}, 50, 0.2)["a"]["rounds"] < 10
    assert timing.interleaved({"a": slow}, 50, 0)["a"]["rounds"] == timing.FEWEST
    assert timing.interleaved({"a": slow}, 1, 0)["a"]["rounds"] == 1


def test_one_median_is_that_of_all_rounds():
    found = timing.spread([1.0, 5.0, 2.0, 3.0, 4.0])
    assert found == {"median": 3.0, "low": 2.0, "high": 4.0}


# --- what the compiler made -------------------------------------------------------------


def text_of(function, *arguments):
    """Return the text of a compiled program."""
    return jax.jit(function).lower(*arguments).compile().as_text()


def test_two_programs_are_the_same_whatever_their_names():
    x = jnp.ones((4, 3))
    mapped = text_of(jax.vmap(lambda row: (row**2).sum()), x)
    by_hand = text_of(lambda rows: (rows**2).sum(1), x)
    assert programs.compared(mapped, by_hand) == {"same": True}


def test_two_programs_differ_by_an_operation():
    x = jnp.ones((4, 3))
    more = text_of(lambda rows: jnp.sin(rows**2).sum(1), x)
    less = text_of(lambda rows: (rows**2).sum(1), x)
    found = programs.compared(more, less)
    assert not found["same"]
    assert found["more"]["sine"] == 1
    assert programs.compared(less, more)["fewer"]["sine"] == 1


def test_two_programs_differ_by_a_number():
    x = jnp.ones((4, 3))
    one, other = (text_of(lambda x, n=n: x + n, x) for n in (2, 3))
    assert programs.compared(one, other) == {"same": False, "more": {}, "fewer": {}}


# --- what is left out -------------------------------------------------------------------


def run_of(tmp_path, *arguments):
    """Return a run with some options, which says nothing."""
    options = bench._options(["--quick", "--only", "lookup", *arguments])
    return bench.Run(options, tmp_path / "unfinished", Console(quiet=True))


@pytest.fixture
def nothing_measured(monkeypatch):
    """Replace what takes long: by what was asked for, and a time of a second."""
    asked = []

    def group(maker, size, rounds):
        asked.append((maker.workload.name, size))
        one = {"median": 1.0, "low": 1.0, "high": 1.0, "rounds": 1, "calls": 1}
        return {
            "ends": "",
            "times": {forms.VMAP: one},
            "notes": {},
            "program": {"trace": 1.0, "compile": 1.0, "bytes": 1, "flops": 1},
            "left_out": {},
        }

    ceilings = {"copy": 1.0, "product": {"float32": 1.0}}
    monkeypatch.setattr(bench, "_group", group)
    monkeypatch.setattr(bench.Run, "_ceilings", lambda self: ceilings)
    monkeypatch.setattr(bench.Run, "_devices", lambda self: {})
    return asked


def test_what_is_not_installed_is_left_out_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "installed", dict)
    found = made(BY_NAME["lookup"], 4)
    assert found.left_out[forms.NUMBA] == "Numba is not installed"
    assert found.left_out[forms.TORCH] == "PyTorch is not installed"
    run = run_of(tmp_path)
    missing = {one["what"] for one in run.left_out if one["why"] == "not installed"}
    assert missing == {"Numba", "PyTorch"}
    assert "Numba" not in run.versions


def test_on_one_core_no_devices_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "usable_cores", lambda: 1)
    run = run_of(tmp_path)
    (left,) = (one for one in run.left_out if one["what"] == "devices")
    assert left["why"].startswith("one core")
    assert run._devices() == {}
    assert run.machine["cores"] == 1


def test_a_size_that_needs_too_much_memory_is_left_out():
    maker = forms.Maker(BY_NAME["lookup"], 300_000, 60, quick=True)
    assert maker.ends(1) == ""
    assert maker.ends(2**16).startswith("needs 0.000732 GiB, and 0.000279 GiB are")


@pytest.mark.slow
def test_a_form_that_needs_too_much_memory_is_left_out():
    distances = BY_NAME["distances"]
    big = dataclasses.replace(
        distances,
        hand=lambda x, y: jnp.sqrt(jnp.sort((x[:, None] - y[None]) ** 2, 2).sum(2)),
    )
    need = 4 * 256 * 256 * 2
    found = made(big, 256, memory=need)
    assert found.left_out[forms.HAND].startswith("needs")
    assert forms.VMAP in found.calls


@pytest.mark.slow
def test_a_form_that_takes_too_long_is_left_out():
    def slow(x, table):
        timing.time.sleep(0.3)
        return BY_NAME["lookup"].numpy(x, table)

    workload = dataclasses.replace(BY_NAME["lookup"], numpy=slow)
    found = made(workload, 4, longest=0.2)
    says = re.fullmatch(r"one call takes (\S+) s", found.left_out[forms.NUMPY])
    assert float(says[1]) >= 0.3
    maker = forms.Maker(workload, GIB, 0.2, quick=True)
    maker.note(4, {forms.NUMPY: {"median": 0.15}, forms.VMAP: {"median": 0.1}})
    assert maker.ends(16) == ""
    assert maker.forms(16).left_out[forms.NUMPY] == "one call would take 0.6 s"
    assert maker.ends(64) == "one call of jit(vmap) would take 1.6 s"


def test_a_small_machine_gives_less_memory_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "memory_left", lambda: 4 * GIB)
    run = run_of(tmp_path)
    assert run.memory == GIB // 2
    (left,) = (one for one in run.left_out if one["what"] == "memory")
    assert left["why"] == "2 GiB asked, 0.5 GiB taken: an eighth of what is left"


def test_where_nothing_fits_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench.Run, "_ceilings", lambda self: {})
    monkeypatch.setattr(bench.Run, "_devices", lambda self: {})
    output = tmp_path / "times.json"
    options = ["--quick", "--only", "lookup", "--memory", "0.0001"]
    assert bench.main([*options, "--output", str(output)]) == 1
    assert not output.exists()
    assert "nothing was measured: allow more memory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--memory", "0"], "--memory: 0 GiB is no memory"),
        (["--memory", "nan"], "--memory: nan GiB is no memory"),
        (["--rounds", "0"], "--rounds: 0 rounds measure nothing"),
        (["--only", "nothing"], "invalid choice: 'nothing'"),
    ],
)
def test_a_wrong_option_is_refused(arguments, says, capsys):
    with pytest.raises(SystemExit) as refused:
        bench.main(arguments)
    assert refused.value.code == 2
    assert says in capsys.readouterr().err


def test_a_different_form_stops_the_run(
    tmp_path, monkeypatch, nothing_measured, capsys
):
    def different(maker, size, rounds):
        raise forms.Different("lookup: by hand differs")

    monkeypatch.setattr(bench, "_group", different)
    output = tmp_path / "times.json"
    assert bench.main(["--quick", "--output", str(output)]) == 1
    assert not output.exists()
    assert "lookup: by hand differs" in capsys.readouterr().err


# --- an interrupted run -----------------------------------------------------------------


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path, monkeypatch, nothing_measured, capsys
):
    ready = bench._group

    def interrupted(maker, size, rounds):
        if size == bench.QUICK_SIZES[1]:
            raise KeyboardInterrupt
        return ready(maker, size, rounds)

    output = tmp_path / "times.json"
    options = ["--quick", "--only", "lookup", "linear", "--output", str(output)]
    with monkeypatch.context() as patch:
        patch.setattr(bench, "_group", interrupted)
        assert bench.main(options) == 130
    assert not output.exists()
    first = [*nothing_measured]
    assert first == [("linear", 1)]
    assert bench.main(options) == 0
    assert nothing_measured[1:] == [("linear", 16), ("lookup", 1), ("lookup", 16)]
    assert "going on after 2 parts" in capsys.readouterr().err
    assert len(store.read(output)["times"]) == 4
    assert not [*tmp_path.glob("*.unfinished")]


def test_a_run_with_other_settings_begins_anew(tmp_path, nothing_measured):
    first = store.Unfinished(tmp_path / "a", {"rounds": 1})
    first.add("part", 1)
    assert store.Unfinished(tmp_path / "a", {"rounds": 1}).parts == {"part": 1}
    other = store.Unfinished(tmp_path / "a", {"rounds": 2})
    assert (other.parts, other.refused) == ({}, True)
    assert store.Unfinished(tmp_path / "a", {"rounds": 1}).parts == {}


def test_a_line_that_was_not_written_to_its_end_is_measured_again(tmp_path):
    path = tmp_path / "a"
    first = store.Unfinished(path, {})
    first.add("one", 1)
    first.add("two", 2)
    path.write_text(path.read_text()[:-5])
    again = store.Unfinished(path, {})
    assert again.parts == {"one": 1}
    again.add("two", 3)
    assert store.Unfinished(path, {}).parts == {"one": 1, "two": 3}


# --- the file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("{", "Expecting"),
        ("[]", "no attribute"),
        ('{"schema": 1}', "without"),
        ('{"schema": 0}', "schema 0"),
    ],
)
def test_what_is_no_file_of_times_is_refused(text, says, tmp_path):
    path = tmp_path / "times.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ValueError, match=rf"times.json.*{says}.*make bench") as refused:
        store.read(path)
    assert "\n" not in str(refused.value)


def test_a_file_is_read_as_it_was_written(tmp_path):
    data = {key: {} for key in store.KEYS} | {
        "schema": 1,
        "times": [{"a": 1}, {"a": 2}],
    }
    store.write(tmp_path / "times.json", data)
    assert store.read(tmp_path / "times.json") == data
    assert '    {"a": 1},\n' in (tmp_path / "times.json").read_text()


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_the_schema_names_what_a_file_holds(path):
    data = store.read(path)
    keys = r'"([\w-]+)":'
    parts = re.findall(
        rf'^ {{6}}{keys}((?:.|\n)+?)(?=\n {{6}}"|\n {{4}}\}})', SCHEMA, re.MULTILINE
    )
    assert [name for name, _ in parts] == [*store.KEYS]
    for name, says in parts:
        there = {*re.findall(keys, json.dumps(data[name]))}
        assert {*re.findall(keys, says)} - there == set(), name


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_file_is_whole(path):
    data = store.read(path)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", data["date"])
    assert path.stem == data["machine"]["name"]
    assert not data["settings"]["quick"]
    assert [*data["workloads"]] == [*BY_NAME]
    for name in BY_NAME:
        sizes = {t["size"] for t in data["times"] if t["workload"] == name}
        assert min(sizes) == 1
        ends = [
            one
            for one in data["left_out"]
            if one["what"] == "sizes" and one["workload"] == name
        ]
        assert len(ends) == 1 or max(sizes) == bench.SIZES[-1]
    # Each library was measured, or is said to be missing.
    missing = {one["what"] for one in data["left_out"] if "size" not in one}
    assert {"Numba", "PyTorch"} <= missing | {*data["versions"]}
    assert not re.search(r"/(home|work|root|tmp)/", path.read_text())


@pytest.mark.slow
def test_the_harness_measures_and_writes_one_file(tmp_path):
    output = tmp_path / "times.json"
    options = ["--quick", "--only", "lookup", "--rounds", "1"]
    ran = subprocess.run(
        [sys.executable, "-m", "mapped_axis.bench", *options, "--output", output],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    data = store.read(output)
    ours = {forms.LOOP, forms.NUMPY, forms.HAND, forms.VMAP, forms.AGAIN, forms.MAP}
    assert ours <= {t["form"] for t in data["times"]}
    assert {t["size"] for t in data["times"]} == {*bench.QUICK_SIZES}
    assert {"scaling", "slow-while", "simulated-devices"} <= {*data["devices"]} or (
        data["machine"]["cores"] == 1
    )
    for module, title in (("numba", "Numba"), ("torch", "PyTorch")):
        there = importlib.util.find_spec(module) is not None
        assert (title in data["versions"]) == there
        assert (f"left out: {title}: not installed" in ran.stdout) != there
    assert data["ceilings"]["product"]["bfloat16"] > 0
    assert "written to" in ran.stdout
    assert [path.name for path in Path(tmp_path).iterdir()] == ["times.json"]
    assert json.loads(output.read_text())["machine"]["name"] == machine.name()
