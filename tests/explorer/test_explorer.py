"""The axis explorer and the quiz say what JAX says, also without script."""

import ast
import copy
import difflib
import gzip
import itertools
import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from mapped_axis.explorer import ask
from mapped_axis.explorer.html import COUNTS, ELEMENTS, explain, inside_of
from mapped_axis.explorer.table import PATH, Choice, Table, parse
from mapped_axis.project import HERE

SELECTOR = ", ".join(f".{element}" for element in ELEMENTS)


@pytest.fixture(scope="module")
def made(slow):
    return ask.make()


@pytest.fixture(scope="module")
def results(made):
    return made[1]


@pytest.fixture(scope="module")
def table():
    return Table.read()


def differences(table, results):
    """Return the rows in which a table is not what JAX says: (choice, table, JAX)."""
    answers = table.answers
    assert list(answers) == list(results)
    said = {c: getattr(result, "shape", result) for c, result in results.items()}
    return [(c, answers[c], said[c]) for c in said if answers[c] != said[c]]


def test_each_row_of_the_table_is_what_jax_says(table, made, results):
    assert differences(table, results) == []
    written = PATH.read_text(encoding="utf-8")
    # The lines that differ, not all of the file.
    lines = written.splitlines(), ask.dump(made[0]).splitlines()
    differ = list(difflib.unified_diff(*lines, n=0, lineterm=""))
    assert differ == [], "write it anew: make tables"
    assert json.loads(written) == made[0]


def test_a_wrong_row_is_found(table, results):
    content = copy.deepcopy(table.content)
    content["functions"][0]["rows"][0][5] += 1
    ((choice, wrong, says),) = differences(Table(content), results)
    assert choice == table.choices()[5]
    assert says == table.answers[choice] != wrong


def test_a_function_starts_with_a_valid_choice(table):
    answers = table.answers
    for name, entry in table.functions.items():
        shapes = tuple(tuple(offered[0]) for offered in entry["shapes"])
        start = Choice(name, shapes, tuple(entry["start"]), 0)
        assert isinstance(answers[start], tuple), start


def test_an_explanation_is_true_in_its_first_lane(table, results):
    """What stands as code in it is evaluated, by NumPy, and compared to JAX's result."""
    for choice, result in results.items():
        said = explain(table, choice, getattr(result, "shape", result))
        spans = [code.text for code in BeautifulSoup(said, "html.parser")("code")]
        if isinstance(result, str):
            assert spans == [result]
            continue
        scope = {"jnp": np, "i": 0}
        for line in table.program(choice).splitlines()[:-1]:
            name, code = line.split(" = ")
            scope[name] = eval(code, scope)
        assert spans.pop(0) == "i"
        sees = []
        for _ in choice.shapes:
            code = spans.pop(0)
            sees.append(eval(code, scope))
            if sees[-1].ndim or "[" not in code:
                assert spans.pop(0) == str(sees[-1].shape)
        returned = eval(table.functions[choice.function]["code"], scope)(*sees)
        if choice.out_axes is None:
            assert np.array_equal(result, returned)
        else:
            count, axis = re.search(
                r"The (\w+) lanes .* along axis (\d)", said
            ).groups()
            assert np.array_equal(np.take(result, 0, int(axis)), returned)
            assert COUNTS[result.shape[int(axis)]] == count
            if returned.ndim:
                assert spans.pop(0) == str(returned.shape)
        assert spans == [str(result.shape)]


# --- on the pages ---------------------------------------------------------------------


def elements(page):
    """Return each explorer and question of a page: (element, attributes, number)."""
    numbers = itertools.count(1)
    return [
        (
            element,
            {k.removeprefix("data-"): v for k, v in element.attrs.items()},
            next(numbers) if "axis-quiz" in element["class"] else None,
        )
        for element in page.select(SELECTOR)
    ]


def test_nothing_else_stands_in_an_explorer_or_a_question(pages, table):
    found = [element for page in pages.values() for element in elements(page)]
    sources = "".join(page.read_text(encoding="utf-8") for page in HERE.pages)
    assert len(found) == sum(sources.count(f'class="{name}"') for name in ELEMENTS) > 0
    for element, attributes, number in found:
        inside = inside_of(table, attributes, number)
        assert element.decode_contents() == str(BeautifulSoup(inside, "html.parser"))


def test_each_question_has_the_answer_of_jax(pages, table, results):
    found = [element for page in pages.values() for element in elements(page)]
    for question, attributes, number in found:
        if not number:
            continue
        choice = parse(attributes)
        result = results[choice]
        (right,) = question.select("li[data-right]")
        refused = isinstance(result, str)
        assert right.text == ("JAX refuses" if refused else str(result.shape))
        assert question.select_one(".axis-program").text == table.program(choice)
        assert (result if refused else str(result.shape)) in question.details.text


def test_a_reason_for_a_wrong_answer_is_what_jax_says(pages, results):
    """The axes that it names give the shape that it stands at."""
    (quiz,) = (page for url, page in pages.items() if url.endswith("reference/quiz/"))
    reasons = 0
    for question in quiz.select(".axis-quiz"):
        choice = parse(
            {k[5:]: v for k, v in question.attrs.items() if k[:5] == "data-"}
        )
        for item in question.select("li:not([data-right])"):
            why = item["data-why"]
            if item.text == "JAX refuses":
                assert not isinstance(results[choice], str)
                assert why == "JAX accepts these axes."
                continue
            in_axes, out_axes = re.fullmatch(
                r"That is the shape with in_axes=(.+) and out_axes=(.+)\.", why
            ).groups()
            axes = ast.literal_eval(in_axes)
            other = replace(
                choice,
                in_axes=axes if isinstance(axes, tuple) else (axes,),
                out_axes=ast.literal_eval(out_axes),
            )
            assert str(results[other].shape) == item.text
            assert results[other].shape != getattr(results[choice], "shape", None)
            reasons += 1
    assert reasons > 20


def test_the_table_on_the_page_is_what_jax_says(pages, results):
    (shown,) = [t for p in pages.values() for t in p.select(".axis-explorer table")]
    names = {entry["label"]: entry["name"] for entry in ask.FUNCTIONS}
    out_axes = [eval(th.text.removeprefix("out_axes=")) for th in shown("th")[2:]]
    seen = set()
    for row in shown.select("tbody tr"):
        what, in_axes, *cells = [cell.text for cell in row("td")]
        label, _, arguments = what.partition(": ")
        shapes = tuple(map(eval, re.findall(r"\(.*?\)", arguments)))
        axes = eval(in_axes)
        axes = axes if isinstance(axes, tuple) else (axes,)
        for out, cell in zip(out_axes, cells, strict=True):
            result = results[Choice(names[label], shapes, axes, out)]
            assert cell == str(getattr(result, "shape", "refused")), (row.text, out)
        seen.add(label)
    assert seen == set(names)


@pytest.mark.parametrize("wrong", ["sum 9 0 0", "sum 3 7 0", "tan 3 0 0", "sum 3 x 0"])
def test_an_element_that_is_no_row_is_refused(table, wrong):
    keys = ("function", "shapes", "in", "out")
    attributes = dict(zip(keys, wrong.split(), strict=True)) | {"choose": "all"}
    for number in (None, 1):
        with pytest.raises(
            ValueError, match=r'^data-function="\w+" .* is no row of the'
        ):
            inside_of(table, attributes, number)


@pytest.mark.parametrize("missing", ["function", "shapes", "in", "out", "choose"])
def test_an_element_without_an_attribute_is_refused(table, missing):
    attributes = {"function": "sum", "shapes": "3", "in": "0", "out": "0"}
    attributes["choose"] = "all"
    assert inside_of(table, attributes, None)
    del attributes[missing]
    with pytest.raises(ValueError, match=f"is no row of the .*'{missing}'"):
        inside_of(table, attributes, None)


@pytest.mark.parametrize("module, starts", [("ask", True), ("html", False)])
@pytest.mark.slow
def test_a_build_starts_no_jax(module, starts):
    code = f"import sys, mapped_axis.explorer.{module}; print('jax' in sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=HERE.root)
    assert printed.decode().strip() == str(starts)


def test_only_a_page_with_an_explorer_or_a_quiz_loads_it(pages):
    for address, page in pages.items():
        links = [tag.get("src") or tag.get("href") for tag in page(["script", "link"])]
        loads = {link.rpartition("/")[2] for link in links if "/axis-" in str(link)}
        kinds = [name for name in ELEMENTS if page.select(f".{name}")]
        styles = {"axis-explorer.css"} if kinds else set()
        assert loads == styles | {f"{kind}.js" for kind in kinds}, address


def test_the_explorer_is_light(site):
    files = sorted((site / "assets").glob("axis-*"))
    assert [file.name for file in files] == sorted(
        file.name for file in PATH.parent.glob("axis-*")
    )
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 25_000
