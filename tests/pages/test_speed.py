"""The page on speed says what its file says: each number, each figure, each table."""

import copy
import importlib.util
import json
import re
import statistics
from xml.etree import ElementTree

import nbformat
import pytest

from mapped_axis.bench import forms
from support.places import DOCS, address_of

NOTEBOOK = DOCS / "further" / "speed.ipynb"
FOLDER = NOTEBOOK.with_suffix("")
FIGURES = ("times_figure", "ratio_figure", "roof_figure")
TIMES = (  # what is said or drawn of times
    *(*FIGURES, "times_table", "ratio_table", "ratio_says", "off", "roof_table"),
    *("roof_says", "crossings", "crossings_say", "investment", "mended_table"),
    *("mended_says", "half_table", "winners", "rules"),
)


def load():
    """Return the module that the notebook imports."""
    spec = importlib.util.spec_from_file_location("shown", FOLDER / "shown.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


shown = load()
DATA = shown.newest(FOLDER)


def changed(data):
    """Return data in which every time and every rate is another."""
    other = copy.deepcopy(data)
    for number, one in enumerate(other["times"]):
        for key in ("median", "low", "high"):
            one[key] *= 3 + number % 7
        if "ratio" in one:
            one["ratio"] *= 1 + number % 3
    for program in other["programs"]:
        program["trace"] *= 3
        program["compile"] *= 5
        program["bytes"] *= 2
    other["ceilings"]["copy"] *= 2
    other["ceilings"]["product"] = {"float32": 7e9, "bfloat16": 3e9}
    for table in other["devices"].values():
        for row in table["times"].values():
            for number, one in enumerate(row.values()):
                one["median"] *= 2 + number
    other["machine"] |= {"cores": 64, "processor": "another"}
    other["date"] = "2099-01-01"
    return other


@pytest.mark.parametrize(
    "name",
    [
        *TIMES,
        "investment_says",
        "half_says",
        "devices_table",
        "devices_say",
        "provenance",
    ],
)
@pytest.mark.slow
def test_other_data_give_another_page(name):
    function = getattr(shown, name)
    assert function(DATA) == function(copy.deepcopy(DATA))
    assert function(changed(DATA)) != function(DATA)


def test_no_time_is_written_into_the_notebook():
    unit = re.compile(
        r"\d[\d.,]* ?(?:s|ms|µs|ns|GB/s|GFLOP/s|times as (?:fast|slow))\b"
    )
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    written = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert [unit.findall(text) for text in written if unit.search(text)] == []
    said = [
        output.data["text/markdown"]
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ]
    assert sum(bool(unit.search(text)) for text in said) > 5  # it finds what there is


def test_points_leave_no_doubt():
    assert "leave no doubt" in cell_of("cost-of-hand").source


def test_every_ratio_is_that_of_two_times():
    rows = shown.ratio_table(DATA).splitlines()[2:]
    for row in rows:
        title, cells, middle, *_ = (cell.strip() for cell in row.strip("|").split("|"))
        (workload,) = (w for w in DATA["workloads"] if shown.title(DATA, w) == title)
        found = []
        for cell in cells.split(", "):
            size, ratio = cell.replace(",", "").split(": ")
            mapped, by_hand = (
                next(
                    t
                    for t in DATA["times"]
                    if (t["workload"], t["form"], t["size"])
                    == (workload, form, int(size))
                )
                for form in (forms.VMAP, forms.HAND)
            )
            # Of each round, where both were timed directly after each other.
            expected = by_hand.get("ratio", mapped["median"] / by_hand["median"])
            assert float(ratio) == pytest.approx(expected, abs=0.006)
            found.append(expected)
        found.sort()
        half = len(found) // 2
        assert float(middle) == pytest.approx(
            (found[half] + found[~half]) / 2, abs=0.006
        )
    assert len(rows) == len(DATA["workloads"])


def by_program(data):
    """Return the ratios of vmap / by hand: of equal programs, and of different ones."""
    same = {(p["workload"], p["size"]): p.get("same") for p in data["programs"]}
    found = {True: [], False: []}
    for workload in data["workloads"]:
        for size, ratio in shown.ratios(data, workload).items():
            found[same[workload, size]].append(ratio)
    return found[True], found[False]


def test_a_program_beside_itself_is_not_counted_among_the_pairs_that_differ():
    data = copy.deepcopy(DATA)
    for _ in range(2):
        same, differ = by_program(data)
        text = shown.ratio_says(data)
        start, end = text.split("the programs differ")
        assert f"Of {len(same) + len(differ)} pairs, {len(same)} are" in start
        assert f"is {statistics.median(same):.2f} there" in start
        assert f"the other {len(differ)}" in start
        near = sum(abs(ratio - 1) <= shown.NEAR for ratio in differ)
        slower = sum(ratio - 1 > shown.NEAR for ratio in differ)
        for says in (
            f"median is **{statistics.median(differ):.2f}**",
            f"{near} are within {shown.NEAR:g} of 1",
            f"slower in {slower} and faster in {len(differ) - near - slower}",
            f"from {min(differ):.2f} to {max(differ):.2f}",
        ):
            assert says in end
        for program in data["programs"]:
            if program["workload"] == "linear":
                program["same"] = False
    assert len(by_program(data)[0]) < len(by_program(DATA)[0])


def test_only_where_there_are_pairs_something_is_said_of_them():
    for flag, said, unsaid in (
        (True, "the same program", "the programs differ"),
        (False, "the programs differ", "same program"),
    ):
        data = copy.deepcopy(DATA)
        for program in data["programs"]:
            program["same"] = flag
        assert said in shown.ratio_says(data)
        assert unsaid not in shown.ratio_says(data)


def test_it_is_counted_in_how_many_workloads_the_program_is_the_same():
    data = copy.deepcopy(DATA)
    for _ in range(2):
        equal = [
            w
            for w in data["workloads"]
            if all(p["same"] for p in data["programs"] if p["workload"] == w)
        ]
        first, *_ = shown.rules(data).splitlines()
        assert f"In {len(equal)} of 12 workloads the compiler makes the same" in first
        others = {
            statistics.median(shown.ratios(data, w).values()): shown.title(data, w)
            for w in data["workloads"]
            if w not in equal
        }
        for end in (min(others), max(others)):
            assert f"{end:.2f} ({others[end]})" in first
        text = shown.same_says(data)
        assert f"**{len(equal)} of 12** workloads" in text
        assert all((name in text) for name in others.values())
        (program, *_) = (p for p in data["programs"] if p["workload"] == "linear")
        program["same"] = False  # at one size: so not at every
    assert "linear" not in equal


def test_the_page_does_not_say_that_every_program_is_the_same():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (number,) = (n for n, cell in enumerate(cells) if cell.get("id") == "equal")
    assert "sees the same operations" not in cells[number].source
    assert "costs what" not in cells[number].source
    (output,) = cells[number + 1].outputs
    assert output.data["text/markdown"] == shown.same_says(DATA)


def test_a_ratio_that_is_off_has_its_reason_from_the_program():
    data = copy.deepcopy(DATA)
    workload = "linear"
    for one in data["times"]:
        if one["workload"] == workload and one["form"] in (forms.VMAP, forms.HAND):
            one["median"] = 1.0
            one.pop("ratio", None)
    assert shown.title(data, workload) not in shown.off(data)
    size = min(shown.medians(data, workload, forms.VMAP))
    for one in data["times"]:
        if (one["workload"], one["form"], one["size"]) == (workload, forms.HAND, size):
            one["median"] = 0.5
    (row,) = (r for r in shown.off(data).splitlines() if "a linear layer" in r)
    assert "2.00" in row
    (program,) = (
        p for p in data["programs"] if (p["workload"], p["size"]) == (workload, size)
    )
    program |= {"same": True}
    assert "the same program: noise" in shown.off(data)
    program |= {"same": False, "more": {"transpose": 2}, "fewer": {"copy": 1}}
    assert "2 transpose more; 1 copy fewer" in shown.off(data)
    program |= {"more": {}, "fewer": {}}
    (row,) = (r for r in shown.off(data).splitlines() if "a linear layer" in r)
    assert "the same operations, in other shapes or another order" in row


def faced(other, ahead, workload="newton"):
    """Return data in which jit(vmap) is ahead of another form where a plus stands.

    Args:
        other: the other form.
        ahead: a sign for each batch size, from one lane on.
        workload: the workload of which it is so.
    """
    data = copy.deepcopy(DATA)
    mapped = sorted(shown.medians(data, workload, forms.VMAP).items())
    data["times"] = [
        t for t in data["times"] if (t["workload"], t["form"]) != (workload, other)
    ]
    for (size, median), sign in zip(mapped, ahead, strict=False):
        found = {"median": median * (2 if sign == "+" else 0.5)}
        found |= {"workload": workload, "form": other, "size": size}
        data["times"].append(found)
    return data


def row_of(text, workload):
    """Return the cells of a workload in a table."""
    rows = [[*map(str.strip, r.strip("|").split("|"))] for r in text.splitlines()]
    (row,) = (row for row in rows if row[0] == shown.title(DATA, workload))
    return row


@pytest.mark.parametrize(
    ("ahead", "says"),
    [
        ("+++++++-", "1 to 262,144"),
        ("--++-", "64 to 512"),
        ("-+---", "8"),
        ("-----", "nowhere"),
        ("-++++", "from 8"),
        ("+++", "from 1"),
        ("----+", "from 4,096"),
        ("-+--+", "8 and from 4,096"),
        ("+-++-", "1 and 64 to 512"),
        ("", ""),
    ],
)
@pytest.mark.parametrize(("other", "column"), [("loop", -2), ("NumPy", -1)])
def test_where_vmap_is_ahead_is_said_of_each_size(ahead, says, other, column):
    row = row_of(shown.crossings(faced(other, ahead)), "newton")
    assert row[column] == says


@pytest.mark.parametrize(
    ("other", "called"), [("loop", "the Python loop"), ("NumPy", "NumPy")]
)
def test_a_win_is_no_less_one_where_the_largest_batch_loses(other, called):
    said = {}
    for ahead in ("+++++", "+++--", "-----"):
        text = shown.crossings_say(faced(other, ahead))
        (said[ahead],) = re.findall(
            rf"ahead of {called} at some size in (\d+) of \d+ workloads[^.]*\.", text
        )
        (least,) = re.findall(rf"ahead of {called} at some size ([^.]*)\.", text)
        name = shown.title(DATA, "newton")
        assert (name in least.partition("behind again")[2]) == (ahead == "+++--")
        assert (name in least.partition("behind again")[0]) == (ahead == "-----")
    assert int(said["+++++"]) == int(said["+++--"]) == int(said["-----"]) + 1


def test_it_is_counted_how_often_vmap_is_ahead_and_falls_behind():
    text = shown.crossings_say(DATA)
    for other, called in (("loop", "the Python loop"), ("NumPy", "NumPy")):
        won, lost = [], []
        for workload in DATA["workloads"]:
            mapped = shown.medians(DATA, workload, forms.VMAP)
            there = shown.medians(DATA, workload, other)
            ahead = [mapped[s] < there[s] for s in sorted({*mapped} & {*there})]
            won += [workload] * any(ahead)
            lost += [workload] * (any(ahead) and not ahead[-1])
        assert f"ahead of {called} at some size in {len(won)} of 12" in text
        if lost:
            names = shown.listed(shown.title(DATA, w) for w in lost)
            end = f"behind again in {len(lost)}: {names}."
            assert end in text
    sizes = sorted({t["size"] for t in DATA["times"]})
    first, second, third = sizes[:3]
    assert (
        f"sizes are {first}, {second}, {third} and so on: "
        f'"from {second}" means ahead at {second}, and not yet at {first}.'
    ) in text


def test_the_rules_count_a_win_where_the_largest_batch_loses():
    def counts(other, ahead):
        rule = shown.rules(faced(other, ahead)).splitlines()[1 + (other == "NumPy")]
        (won,) = re.findall(r"at some size in (\d+) of", rule)
        (lost,) = re.findall(r"behind again in the largest batch in (\d+)", rule)
        return int(won), int(lost)

    for other in ("loop", "NumPy"):
        won, lost = counts(other, "-++++")
        assert counts(other, "-++--") == (won, lost + 1)
        assert counts(other, "-----") == (won - 1, lost)


def cell_of(name):
    """Return a cell of the notebook."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (found,) = (cell for cell in cells if cell.get("id") == name)
    return found


def test_it_is_said_where_numpy_is_behind_for_one_lane():
    name = shown.title(DATA, "newton")
    counts = {}
    for sign in "+-":
        data = faced("NumPy", sign)
        one = {
            w: [shown.medians(data, w, f)[1] for f in ("NumPy", forms.VMAP)]
            for w in data["workloads"]
        }
        behind = [w for w, (by_numpy, mapped) in one.items() if mapped < by_numpy]
        text, rest = shown.crossings_say(data).split("The medians over")
        assert f"NumPy is ahead in {12 - len(behind)} of 12 workloads" in text
        assert f"behind in {len(behind)}: " in text
        for workload in data["workloads"]:
            times = " against ".join(map(shown.duration, one[workload]))
            says = f"{shown.title(data, workload)} ({times})"
            assert (says in text) == (workload in behind)
        assert (name in text) == (sign == "+")
        middle = [shown.duration(statistics.median(c)) for c in zip(*one.values(), strict=True)]  # fmt: skip
        assert rest.startswith(
            f" all workloads are {middle[0]} for NumPy and {middle[1]}"
        )
        third = shown.rules(data).splitlines()[2]
        counts[sign] = re.findall(r"ahead in (\d+) of 12 and behind in (\d+)", third)
        assert counts[sign] == [(str(12 - len(behind)), str(len(behind)))]
    assert counts["+"] != counts["-"]


def test_the_page_says_for_what_numpy_pays():
    text = cell_of("wins").source
    assert "nothing else counts" not in text
    assert "once for a call" in text
    assert "for each operation" in text


def test_a_mended_program_that_is_no_better_is_not_praised():
    data = copy.deepcopy(DATA)
    for one in data["times"]:
        if one["form"] == "shifted sums":
            one["median"] = 1e6
    (line,) = (s for s in shown.mended_says(data).splitlines() if "shifted sums" in s)
    assert line.endswith("times as slow: it does not pay here.")
    assert shown.WHY["shifted sums"] in shown.mended_says(DATA)


def test_of_each_workload_something_else_was_tried_not_mended():
    text = cell_of("memory-text").source
    assert "was mended" not in text
    assert "For each workload something else was tried" in text
    gains = [row.strip("| ").split("|")[-1] for row in shown.mended_table(DATA).splitlines()[2:]]  # fmt: skip
    assert any(float(gain) < 1 for gain in gains)  # so some of it was no better


def test_a_gradient_that_is_never_stored_is_told_from_one_that_is():
    (output,) = cell_of("memory").outputs
    kind, *lines = output.text.splitlines()
    assert kind.startswith("kilobytes")
    rows = [[float(c.replace(",", "")) for c in line.split()] for line in lines[1:]]
    for width, mapped, in_turn, every in rows:
        assert every == pytest.approx(64 * width**2 * 4 / 1e3, abs=0.06)
        assert 0 < in_turn < mapped
        # The narrowest alone is fused; vmap stores all gradients of the others.
        assert (mapped < every) == (width == rows[0][0])
    assert rows[0][1] < rows[0][3] / 8
    assert [row[0] for row in rows[:2]] == [32, 64]
    text = cell_of("memory-text").source
    assert "less than all gradients" in text


def test_every_mended_program_has_its_reason():
    names = {name for about in DATA["workloads"].values() for name in about["mended"]}
    assert names == {*shown.WHY}


def test_a_busy_machine_is_said_to_be_one():
    data = copy.deepcopy(DATA)
    data["machine"]["others"] = 0.01
    assert "not idle" not in shown.provenance(data)
    data["machine"]["others"] = 0.4
    assert "took 40% of the cores during the run. **The machine was not idle" in (
        shown.provenance(data)
    )


def test_without_several_devices_the_page_says_why():
    data = copy.deepcopy(DATA) | {"devices": {}}
    assert "one core" in shown.devices_table(data)
    assert shown.devices_say(data) == ""


def test_more_than_the_cores_give_is_not_explained_away():
    text = shown.devices_say(DATA)
    assert "takes it further" not in text
    assert "noise, or" not in text
    cores = DATA["machine"]["cores"]
    found = DATA["devices"]["scaling"]["times"]
    one, four = found["newton"]["1"], found["newton"]["4"]
    gain = one["median"] / four["median"]
    assert gain > 1.1 * cores  # as measured: if no more, this test has no subject
    last = text.partition("explain")[2]
    assert f"{shown.factor(gain)} times as fast on 4" in last
    for times in (one, four):
        low, high = (shown.duration(times[key]) for key in ("low", "high"))
        assert f"{low} to {high}" in last
    assert "half of the rounds" in last
    assert last.endswith("This page has not counted why.")
    assert "a linear layer" not in last


def test_a_gain_whose_rounds_overlap_is_said_to_be_noise_perhaps():
    data = copy.deepcopy(DATA)
    assert "noise" not in shown.devices_say(data)
    times = data["devices"]["scaling"]["times"]["newton"]
    times["4"]["high"] = times["1"]["low"]
    assert "overlap: it may be noise. This page has not" in shown.devices_say(data)


def test_what_the_cores_explain_is_left_at_that():
    data = copy.deepcopy(DATA)
    data["machine"]["cores"] = 8
    text = shown.devices_say(data)
    assert "up to 8 times as fast" in text
    assert "not counted" not in text


def test_the_newest_file_is_shown_and_a_gpu_is_named(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(DATA))
    assert "none is of a GPU" in shown.machines(tmp_path)
    newer = changed(DATA)
    newer["machine"]["gpu"] = "a GPU"
    (tmp_path / "b.json").write_text(json.dumps(newer))
    assert shown.newest(tmp_path) == newer
    assert "Of a GPU: a GPU." in shown.machines(tmp_path)
    assert "a GPU, 64 cores" in shown.provenance(newer)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_text_and_the_colour_of_the_page(name):
    drawn = ElementTree.fromstring(getattr(shown, name)(DATA))
    assert drawn.get("role") == "img"
    says = drawn.get("aria-label")
    assert len(says.split()) > 15
    assert says.endswith("The table below has the numbers.")
    colours = re.findall(r"(?:stroke|fill|color)[:=] ?\"?([^;\"]+)", ElementTree.tostring(drawn, "unicode"))  # fmt: skip
    assert "currentColor" in colours
    assert not {"#000000", "black", "white", "#ffffff"} & {*colours}


def test_two_figures_share_no_id():
    ids = [
        re.findall(r'\bid="([^"]+)"', getattr(shown, name)(DATA)) for name in FIGURES
    ]
    assert all(ids)
    together = [one for each in ids for one in each]
    assert len({*together}) == len(together)


def test_each_figure_on_the_page_has_its_numbers_in_a_table(pages):
    page = pages[address_of(NOTEBOOK)]
    figures = page.select("figure.notebook-figure")
    assert len(figures) == len(FIGURES)
    for figure in figures:
        table = figure.find_next_sibling()
        assert table.name == "details"
        assert "numbers" in table["class"]
        assert len(table.select("tbody tr")) >= len(DATA["workloads"])
    assert not page.select("main [style]")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.00012345, "0.000123"),
        (1234.5, "1,230"),
        (9.999, "10.0"),
        (12.3, "12.3"),
        (0, "0"),
    ],
)
def test_a_number_has_three_digits(number, text):
    assert shown.three(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.5, "1.50 s"), (0.0123, "12.3 ms"), (4.56e-6, "4.56 µs"), (7e-8, "70.0 ns")],
)
def test_a_time_has_a_unit_that_suits_it(seconds, text):
    assert shown.duration(seconds) == text


def said_elsewhere(data):
    """Return what other pages say of a file of times, each with whether it is so.

    "Elsewhere" is another page than that on speed: its sentences hold no numbers.
    """
    at_most = {
        (workload, form): found[max(found)]
        for workload, about in data["workloads"].items()
        for form in [shown.MAP, *about["mended"]]
        if (found := shown.ratios(data, workload, form))
    }
    pieces = [at_most.get((workload, shown.MAP), 0) for workload in data["workloads"]]
    times = data["devices"]["simulated-devices"]["times"]
    gains = {
        name: one["on one device"]["median"] / one["spread"]["median"]
        for name, one in times.items()
    }
    return {
        "further/which-tool.md: `lax.map` in pieces was faster than the whole batch in "
        "most workloads": sum(gain > 1.05 for gain in pieces) > len(pieces) / 2,
        "further/control-flow.md: sorted batches of Newton steps are slower than the "
        "plain map": at_most["newton", "sorted, some at a time"] < 0.95,
        "further/control-flow.md: single lanes, one after another, are faster": at_most[
            "newton", shown.MAP
        ]
        > 1.05,
        "devices/simulated-devices.md: small steps gain more than matrix products": all(
            gains[f"small steps, {n} devices"] > gains[f"matrix products, {n} devices"]
            for n in (2, 8)
        ),
    }


def test_what_other_pages_say_of_the_file_is_so():
    for sentence, is_so in said_elsewhere(DATA).items():
        page, _, words = sentence.partition(": ")
        text = " ".join((DOCS / page).read_text(encoding="utf-8").split())
        assert words in text
        assert is_so, sentence


def test_what_other_pages_say_fails_on_other_data():
    """Of a file in which a form that was faster is slower, no sentence holds."""
    other = copy.deepcopy(DATA)
    for one in other["times"]:
        if one["form"] == shown.VMAP:
            one["median"] *= 1000 if one["workload"] == "newton" else 0.001
        elif one["form"] == shown.MAP and one["workload"] == "newton":
            one["median"] *= 1e9
    for name, one in other["devices"]["simulated-devices"]["times"].items():
        if name.startswith("small"):
            one["spread"]["median"] *= 10
    assert not any(said_elsewhere(other).values())


def test_the_rule_on_memory_names_the_workloads_that_it_misses():
    fourth = shown.rules(DATA).splitlines()[3]
    assert fourth.startswith("4. **Where the compiled program needs more temporary")
    said, _, missed = fourth.partition(" The rule misses ")
    assert missed
    data = copy.deepcopy(DATA)
    for one in data["times"]:
        if one["form"] == shown.MAP and shown.title(data, one["workload"]) in missed:
            one["median"] = 1e6
            one.pop("ratio", None)
    assert shown.rules(data).splitlines()[3] == said
