"""The table of operations says what JAX says, on the page too."""

import copy
import gzip
import importlib.metadata
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from mapped_axis.operations import __main__ as command
from mapped_axis.operations import ask, html, table
from mapped_axis.operations.catalogue import GROUPS, LANES, OPERATIONS, Operation
from mapped_axis.project import HERE

VERSION = importlib.metadata.version("jax")
PAGE = HERE.docs / "reference/operations.md"
EXPLAINS = re.compile(r"[a-z-]+/[a-z-]+\.md(#[a-z0-9_-]+)?")


@pytest.fixture(scope="module")
def asked(thorough):
    """Return the operations to ask about: all, or every fifth and one tampered with."""
    return [
        operation
        for number, operation in enumerate(OPERATIONS)
        if thorough or number % 5 == 0 or operation.name == "lax.top_k"
    ]


@pytest.fixture(scope="module")
def answers(asked, slow):
    """Return what JAX answers now."""
    return ask.ask_all(asked)


@pytest.fixture(scope="module")
def content():
    return table.read()


@pytest.fixture(scope="module")
def part(content, asked):
    """Return the file's content on the operations that are asked about."""
    answers = {o.name: content["answers"][o.name] for o in asked}
    return content | {"answers": answers}


@pytest.fixture(scope="module")
def by_name():
    return {operation.name: operation for operation in OPERATIONS}


@pytest.fixture(scope="module")
def rows(content):
    """Return the rows of all groups by the name of their operation."""
    soup = BeautifulSoup(
        "".join(html.inside_of({"group": group}, content) for group in GROUPS),
        "html.parser",
    )
    return {row.th.code.text: row for row in soup("tbody")}


# --- the data -----------------------------------------------------------------------------


def test_the_file_is_what_jax_says(part, answers):
    assert table.changed(part, VERSION, answers) == []


def test_a_wrong_row_is_found(part, answers):
    tampered = copy.deepcopy(part)
    row = tampered["answers"]["lax.top_k"][table.slot_of(VERSION)]
    row["jit"]["collectives"]["all-gather"] = 7
    assert table.changed(tampered, VERSION, answers) == [
        f"lax.top_k, jit/collectives/all-gather: the file has 7, JAX {VERSION} says 1"
    ]


@pytest.mark.parametrize("where", ["file", "answers"])
def test_a_row_too_many_is_found(part, answers, where):
    stored, asked = copy.deepcopy(part), copy.deepcopy(answers)
    del (stored["answers"] if where == "file" else asked)["lax.top_k"]
    (line,) = table.changed(stored, VERSION, asked)
    assert line.startswith("lax.top_k, the row: the file has ")
    assert ("the file has None" if where == "file" else "says None") in line


def test_the_file_is_written_as_it_would_be(content):
    assert table.PATH.read_text(encoding="utf-8") == table.dump(content)


def test_a_run_keeps_the_answers_of_the_other_version(content):
    made = {"jax": "0.10.9", "jaxlib": "0.10.9", "python": "3.11.0"}
    mine = {"x + y": {"before": ["add"]}}
    after = table.renewed(content, made, "2030-01-01", mine)
    assert after["answers"] == {
        "x + y": {
            table.OLDEST: mine["x + y"],
            table.NEWEST: content["answers"]["x + y"][table.NEWEST],
        }
    }
    assert after["made_with"] == {
        table.OLDEST: made | {"date": "2030-01-01"},
        table.NEWEST: content["made_with"][table.NEWEST],
    }
    # The same again is no change.
    assert table.renewed(after, made, "2031-01-01", mine) == after


def test_each_operation_has_two_answers(content):
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert list(content["answers"]) == names
    assert {tuple(both) for both in content["answers"].values()} == {table.SLOTS}
    made = content["made_with"]
    assert [table.slot_of(of["jax"]) for of in made.values()] == list(table.SLOTS)
    for of in made.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", of["date"])
        assert of["python"]


def test_both_answers_are_there_where_they_differ(content, rows):
    differ = {
        name
        for name, both in content["answers"].items()
        if both[table.OLDEST] != both[table.NEWEST]
    }
    assert differ
    for name, row in rows.items():
        assert ("differs" in row["data-is"].split()) == (name in differ)
        assert not row("b") or name in differ
    cell = rows["jnp.fft.fft"].find(attrs={"data-label": "jit(vmap(f))"})
    assert [p.text for p in cell("p")] == ["0.10 1 all-gather", "0.12 none"]


# --- what asks ----------------------------------------------------------------------------

SIMPLE = next(operation for operation in OPERATIONS if operation.name == "x + y")
INVENTED = replace(
    SIMPLE, name="jnp.invented", code="def f(x, y):\n    return jnp.invented(x, y)"
)
HELD = {"mapped": {"x": SIMPLE.mapped["x"]}, "held": {"w": "jnp.ones(512)"}}
COPIES = Operation(
    "copies",
    "arithmetic",
    "def f(x, w):\n    return jnp.sort(jnp.concatenate([w, x]))[0]",
    **HELD,
)
HOLDS = Operation("holds", "arithmetic", "def f(x, w):\n    return x + w[:8]", **HELD)
WRONG = {
    "another form": ({"by_hand": "x - y"}, "gives other values"),
    "fails": ({"code": "def f(x, y):\n    return x @ y[:3]"}, "dot_general"),
    "is none": ({"code": "def f(x, y)"}, "SyntaxError"),
}


@pytest.fixture(scope="module")
def odd():
    """Return what is answered to programs that are written to be odd."""
    return ask.ask_all([INVENTED, COPIES, HOLDS])


@pytest.mark.slow
def test_an_operation_that_jax_lacks_gives_a_row_that_says_so(
    odd, content, monkeypatch
):
    answer = odd["jnp.invented"]
    lacks = "AttributeError: module 'jax.numpy' has no attribute 'invented'"
    assert answer == {"lacks": lacks}
    monkeypatch.setattr(html, "OPERATIONS", [INVENTED])
    both = {"jnp.invented": dict.fromkeys(table.SLOTS, answer)}
    shown = html.table_html(INVENTED.group, content | {"answers": both})
    assert "no such operation" in shown


def test_a_version_that_lacks_an_operation_is_named(content, rows):
    both = content["answers"]["jnp.top_k"]
    assert "lacks" in both[table.OLDEST]
    assert "lacks" not in both[table.NEWEST]
    assert "0.10 no such operation" in rows["jnp.top_k"].text


@pytest.mark.slow
def test_a_wrong_program_is_no_answer():
    with pytest.raises(RuntimeError) as error:
        ask.ask_all(
            [replace(SIMPLE, name=name, **fault) for name, (fault, _) in WRONG.items()]
        )
    assert "Traceback" not in str(error.value)
    faults = re.split(r"(?m)^\S+/catalogue\.py:\d+: ", str(error.value))[1:]
    said = {fault.partition(":")[0]: fault for fault in faults}
    assert said.keys() == WRONG.keys()
    for name, (_, says) in WRONG.items():
        assert says in said[name]


def test_a_wrong_entry_is_said_with_its_line_and_nothing_is_written(monkeypatch):
    wrong = replace(SIMPLE, by_hand="x - y")
    monkeypatch.setattr(command, "OPERATIONS", [wrong])
    before = table.PATH.read_bytes()
    said = command.main()
    file, line, says = said.split(":", 2)
    entry = (HERE.root / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert f'"{SIMPLE.name}"' in entry
    assert "gives other values" in says
    assert table.PATH.read_bytes() == before


@pytest.mark.slow
def test_a_copy_for_each_lane_is_told_from_none(odd):
    held = {"bytes": 512 * 4}
    copies = {"copies": LANES * 512 * 4, "in": "temporary memory"}
    assert odd["copies"]["held"] == held | copies
    assert odd["holds"]["held"] == held


COLLECTIVES = """
%body.1 (arg: f32[8]) -> f32[8] {
  %all-reduce.2 = f32[8]{0} all-reduce(%x), to_apply=%add
  ROOT %call = f32[8]{0} call(%y), to_apply=%inner.3
}

%inner.3 (arg: f32[8]) -> f32[8] {
  ROOT %all-gather.4 = f32[8]{0} all-gather-start(%x), dimensions={0}
}

ENTRY %main.5 (arg: f32[8]) -> f32[8] {
  %while.6 = (f32[8]{0}, s32[]) while(%t), condition=%cond.7, body=%body.1
  %r.8 = (f32[8]{0}, f32[8]{0}) all-to-all(%a, %b), metadata={op_name="all-gather("}
  ROOT %r.9 = f32[8]{0} add(%a, %all-gather.4)
}
"""


def test_a_collective_in_a_loop_is_told_from_one_outside():
    assert ask._collectives(COLLECTIVES) == {
        "all-gather in each iteration": 1,
        "all-reduce in each iteration": 1,
        "all-to-all": 1,
    }
    assert ask._collectives(COLLECTIVES.replace(" while(", " call(")) == {
        "all-gather": 1,
        "all-reduce": 1,
        "all-to-all": 1,
    }


def test_an_error_is_said_without_what_changes():
    error = ValueError("on <BatchTracer at 0x7f00>, got f32[8]\nand more")
    assert ask._say(error) == "ValueError: on <Tracer> …"
    assert ask._say(AssertionError()) == "AssertionError"


def shapes_of(program):
    """Trace a whole program; return the shapes of its results."""
    import jax

    def run():
        scope = {}
        exec(program, scope)  # noqa: S102 - it is the program
        return {name: scope[name] for name in ("result", "by_hand") if name in scope}

    return jax.tree.map(lambda array: array.shape, jax.eval_shape(run))


def test_each_program_runs_as_it_stands(content):
    """`ask` compared the values of its parts; here it is traced as a reader copies it."""
    by_hand = 0
    for operation in OPERATIONS:
        answers = content["answers"][operation.name]
        if {"lacks", "fails"} & {*answers[table.slot_of(VERSION)]}:
            continue
        shapes = shapes_of(operation.program)
        assert shapes["result"]
        if operation.by_hand:
            assert shapes["by_hand"] == shapes["result"], operation.name
            by_hand += 1
    assert by_hand > 60


def test_a_program_that_uses_a_name_twice_is_found():
    clobbered = {"result": SIMPLE.mapped["x"], "y": SIMPLE.mapped["y"]}
    operation = replace(
        SIMPLE,
        code="def f(result, y):\n    return result[0] + y[0]",
        mapped=clobbered,
        by_hand="result[:, 0] + y[:, 0]",
    )
    with pytest.raises(IndexError):
        shapes_of(operation.program)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_program_is_short_and_complete(operation):
    lines = operation.program.splitlines()
    assert lines[0] == "import jax"
    assert max(map(len, lines)) <= 88
    assert len(lines) <= 28


# --- what surprises -----------------------------------------------------------------------


def test_a_row_that_surprises_leads_to_a_page(content, by_name, rows):
    surprising = 0
    for name, both in content["answers"].items():
        kinds = [kind for kind in table.kinds(both) if kind != "differs"]
        links = html.links_of(by_name[name], both)
        if kinds:
            surprising += 1
            assert links, name
        assert len(rows[name].th("a")) == 1 + len(links)
    assert surprising > 20


def test_each_kind_of_surprise_occurs_and_is_not_everywhere(content):
    found = [table.kinds(both) for both in content["answers"].values()]
    for kind in table.KINDS:
        assert 0 < sum(kind in kinds for kinds in found) < len(found) / 2, kind


def headings_of(page):
    """Return the ids that the headings of a page get."""
    found = re.findall(r"^##+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", text).strip().lower() for text in found]
    return {re.sub(r"[-\s]+", "-", text) for text in plain}


def test_a_link_leads_to_a_page_and_its_heading():
    pages = {*html.PAGES.values(), html.VOTES, *(o.page for o in OPERATIONS)} - {""}
    for link in pages:
        assert EXPLAINS.fullmatch(link), link
        file, _, anchor = link.partition("#")
        assert not anchor or anchor in headings_of(HERE.docs / file), link


def test_where_an_explicit_mesh_refuses_something_runs(content, rows):
    refused = 0
    for name, both in content["answers"].items():
        for answer in both.values():
            said = answer.get("explicit", {})
            if "fails" in said:
                refused += 1
                assert said["remedies"], name
                text = rows[name].details.text
                assert said["fails"] in text
                for remedy in said["remedies"]:
                    assert remedy["code"] in text
    assert refused > 20


# --- the page -----------------------------------------------------------------------------


def test_the_page_asks_for_each_group_under_its_heading():
    text = PAGE.read_text(encoding="utf-8")
    asked = re.findall(
        r'^## (.+)\n\n(?:[A-Z].*\n\n)?<div class="operations-table" data-group="(\w+)">'
        r"</div>$",
        text,
        re.MULTILINE,
    )
    assert [(name, title) for title, name in asked] == list(GROUPS.items())
    assert text.count(html.KIND) == len(GROUPS) + 1


def test_each_operation_has_a_row_with_all_cells(content, by_name, rows):
    assert list(rows) == list(by_name)
    ids = [row["id"] for row in rows.values()]
    assert len({*ids, *headings_of(PAGE)}) == len(ids) + len(headings_of(PAGE))
    for name, row in rows.items():
        assert row.th.a["href"] == f"#{row['id']}"
        cells = row.tr("td")
        assert [cell["data-label"] for cell in cells] == html.COLUMNS[1:]
        assert all(cell.text.strip() for cell in cells), name
        assert row.pre.text == by_name[name].program
        assert (
            "\n" not in str(row).replace(by_name[name].program, "").partition("<pre")[0]
        )
    refused = content["answers"]["x[x > 0], a mask"][table.NEWEST]["fails"]
    assert refused in rows["x[x > 0], a mask"].text


def test_the_html_is_one_line():
    for group in GROUPS:
        assert "\n" not in html.inside_of({"group": group})


def test_a_number_of_the_file_stands_in_its_cell(content, rows):
    held = 0
    for name, both in content["answers"].items():
        answer = both[table.NEWEST]
        if "copies" in answer.get("held", {}):
            held += 1
            cell = rows[name].find(attrs={"data-label": html.COLUMNS[1]})
            assert (
                f"{answer['held']['copies']:,} B in {answer['held']['in']}" in cell.text
            )
        if "many" in answer:
            cell = rows[name].find(attrs={"data-label": html.COLUMNS[3]})
            assert f"{answer['many']['temporary']:,}" in cell.text
    assert held > 2


def test_the_summary_counts_the_rows(content, rows):
    summary = BeautifulSoup(html.inside_of({}, content), "html.parser")
    assert summary.p.text == f"Of {len(OPERATIONS)} operations:"
    for item in summary("li"):
        count = sum(item["data-kind"] in r["data-is"].split() for r in rows.values())
        assert item.text.startswith(f"{count} ")
    assert [item["data-kind"] for item in summary("li")] == list(table.KINDS)
    for made in content["made_with"].values():
        assert f"JAX {made['jax']} with Python {made['python']}" in summary.text
        assert made["date"] in summary.text


def test_a_group_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"no group 'nowhere'; there are arithmetic"):
        html.inside_of({"group": "nowhere"})


def test_what_a_build_needs_is_the_standard_library():
    code = (
        "import sys, mapped_axis.operations.html as html; html.inside_of({}); "
        "print({'jax', 'numpy', 'mkdocs', 'markdown'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_the_table_is_light():
    tables = "".join(html.inside_of({"group": group}) for group in GROUPS)
    assert len(gzip.compress(tables.encode())) < 18_000
    for name in html.ASSETS:
        file = HERE.docs / "_theme/assets" / name
        assert len(gzip.compress(file.read_bytes())) < 2_500
