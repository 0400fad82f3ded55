"""A notebook prints what it shows: the committed ones, and those made from pages."""

import asyncio
import json
import os
import platform
import re
import shutil
import sys
from pathlib import Path

import jax
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from mapped_axis.examples import record
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Include, includes
from mapped_axis.exercises.html import with_solutions_last
from mapped_axis.pages.predict import without_questions
from mapped_axis.project import HERE
from support.places import DOCS, NOTEBOOKS, SNIPPETS, address_of

PAGES = [page for page in HERE.pages if includes(page)]

_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def run_all(paths):
    """Execute notebooks, a few at a time.

    Args:
        paths: a dictionary from a notebook to the folder that it runs in.

    Returns:
        A dictionary from each path to its executed notebook, or to the error of the
        cell that failed.
    """
    # One more than processors: a kernel spends half of its start waiting.
    free = asyncio.Semaphore((os.cpu_count() or 1) + 1)
    ran = {}

    async def run(path, folder):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        client = NotebookClient(
            notebook,
            timeout=120,
            shutdown_kernel="immediate",  # asked to end, one in ten takes seconds
            resources={"metadata": {"path": str(folder)}},
        )
        environment = os.environ | {
            "PATH": os.pathsep.join(
                [os.path.dirname(sys.executable), os.environ["PATH"]]
            ),
        }
        async with free:
            try:
                ran[path] = await client.async_execute(env=environment)
            except CellExecutionError as error:
                ran[path] = error

    async def run_each():
        await asyncio.gather(*(run(*pair) for pair in paths.items()))

    asyncio.run(run_each())
    return ran


def drawn(svg):
    """Return a plot to be compared with the same plot of another processor.

    Ids get numbers in their order, and lengths are whole points: the last digits are the
    processor's.
    """
    ids = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    for number, name in enumerate(ids):
        svg = re.sub(rf'(?<=["#]){re.escape(name)}(?=[")])', f"id-{number}", svg)
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.0f}", svg).split()


def outputs(notebook):
    """Return what each program shows: its streams joined, and its other outputs.

    A kernel sends a stream in pieces of any length, and IPython colours what it prints
    of JAX's programs; neither is part of the text.
    """
    if isinstance(notebook, CellExecutionError):
        pytest.fail(str(notebook), pytrace=False)
    shown = {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            # The parts of one program are one: its output stands under its last part.
            part_of = cell.metadata.get("example", number)
            streams, others = shown.setdefault(part_of, ({}, []))
            for output in cell.outputs:
                if output.output_type == "stream":
                    text = streams.get(output.name, "") + output.text
                    streams[output.name] = _COLOUR.sub("", text)
                else:
                    data = output.get("data", {})
                    drawing = data.get("image/svg+xml")
                    others.append(drawn(drawing) if drawing else data)
    return [*shown.values()]


def joined(outputs):
    """Return outputs with the pieces of a stream, of which each would be a box, joined."""
    found = []
    for output in outputs:
        name = output.get("name")
        if found and name and found[-1].get("name") == name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_cell_prints_is_one_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        outputs_ = cell.get("outputs", [])
        assert joined(outputs_) == outputs_


def test_the_pieces_of_a_stream_are_joined():
    pieces = [nbformat.v4.new_output("stream", text=f"{text}\n") for text in "ab"]
    (one,) = joined(pieces)
    assert one.text == "a\nb\n"


def update(path, ran):
    """Write the outputs of an executed notebook into its file, and return the notebook."""
    notebook = nbformat.read(path, as_version=4)
    for cell, new in zip(notebook.cells, ran.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = joined(new.outputs)
    nbformat.write(notebook, path)
    return notebook


@pytest.fixture(scope="module")
def executed(request, site, thorough, tmp_path_factory):
    """Execute, at once, the notebooks of the tests that were asked for.

    Those of pages only if the run is thorough: their cells are examples, which ran
    before, each alone.
    """
    asked = {
        item.callspec.params["path"]
        for item in request.session.items
        if "executed" in item.fixturenames
    }
    folders = {path: path.parent for path in asked if path.suffix == ".ipynb"}
    if thorough:
        copies = [copy_of(site, path) for path in asked if path.suffix != ".ipynb"]
        folders |= {copy: tmp_path_factory.mktemp("work") for copy in copies}
    return run_all(folders)


def copy_of(site, page):
    """Return the notebook that the build made of a page."""
    name = page.relative_to(DOCS).with_suffix("")
    folder = site if name == Path("index") else site / name
    return folder / f"{name.name}.ipynb"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_prints_what_it_shows(path, executed, pytestconfig):
    shown = outputs(nbformat.read(path, as_version=4))
    if pytestconfig.getoption("--update-outputs") and outputs(executed[path]) != shown:
        shown = outputs(update(path, executed[path]))
    assert outputs(executed[path]) == shown
    assert not any("stderr" in streams for streams, _ in shown)
    runner = pytestconfig.pluginmanager.get_plugin("example-runner")
    runner.passed[path] = {
        "digest": record.digest(path),
        "lock": record.lock(HERE),
        "python": platform.python_version(),
        "jax": jax.__version__,
        "devices": 1,
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_page_offers_the_notebook_with_its_data(path, site):
    folder = path.relative_to(DOCS).parent
    published = site / folder / path.name
    assert published.read_bytes() == path.read_bytes()
    for data in (path.parent / path.stem).iterdir():
        if data.is_file():
            assert (site / folder / path.stem / data.name).exists()
    page = (site / folder / path.stem / "index.html").read_text(encoding="utf-8")
    assert f'<a href="../{path.name}" download>' in page


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_the_cells_that_draw_or_say_are_folded(path, pages):
    cells = nbformat.read(path, as_version=4).cells
    made = {"draws", "says", "answers"}
    folded = [c.source for c in cells if made & {*c.metadata.get("tags", [])}]
    blocks = pages[address_of(path)].select("details.draws code")
    assert folded
    assert [block.get_text().rstrip("\n") for block in blocks] == folded


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_as_a_notebook_prints_what_the_page_shows(
    path, site, executed, thorough
):
    copy = copy_of(site, path)
    made = nbformat.read(copy, as_version=4)
    nbformat.validate(made)
    shown = outputs(made)
    if thorough:
        assert outputs(executed[copy]) == shown
    # And its outputs are those of the page: each example's, once; solutions come last.
    read = with_solutions_last(without_questions(path, HERE))
    names = dict.fromkeys(p.example for p in read if isinstance(p, Include))
    assert {*names} == {include.example for include in includes(path)}
    # What ran under a launcher stands there as text, block for block.
    examples = [read_example(SNIPPETS / name) for name in names]
    text = "\n".join(c.source for c in made.cells if c.cell_type == "markdown")
    for example in examples:
        if example.by_cluster:
            assert all(block.fenced.strip() in text for block in example.blocks)
    on_page = [e.output.text for e in examples if not e.by_cluster]
    assert [streams["stdout"] for streams, _ in shown if streams] == on_page


def test_a_different_output_is_noticed(tmp_path):
    """The comparison itself: a notebook that shows something else than it prints."""
    path = tmp_path / "wrong.ipynb"
    cell = nbformat.v4.new_code_cell("print(1)")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="2\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    ran = run_all({path: tmp_path})[path]
    assert outputs(ran) == [({"stdout": "1\n"}, [])]
    assert outputs(ran) != outputs(nbformat.read(path, as_version=4))


def test_another_plot_is_noticed():
    (path,) = NOTEBOOKS
    notebook = nbformat.read(path, as_version=4)
    shown = outputs(notebook)
    plot, *_ = [
        output.data
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {})
    ]
    svg = plot["image/svg+xml"]
    line = re.search(r'<path d="M \S+ (\S+\.\d)', svg)
    mark = re.search(r'id="(m\w{10})"', svg)[1]
    for change, same in (
        (svg.replace(mark, "m0"), True),
        (svg.replace(line[1], str(float(line[1]) + 1e-6)), True),
        (svg.replace(line[1], str(float(line[1]) + 9)), False),
        (svg.replace(">loop<", ">jit(vmap)<"), False),
        ("<svg></svg>", False),
    ):
        assert change != svg
        plot["image/svg+xml"] = change
        assert (outputs(notebook) == shown) == same


@pytest.mark.slow
def test_a_notebook_with_other_data_shows_something_else(tmp_path):
    """The text of the page on speed is made from its file: another file, another text."""
    path = tmp_path / "speed.ipynb"
    shutil.copy(DOCS / "further" / "speed.ipynb", path)
    shutil.copytree(DOCS / "further" / "speed", path.with_suffix(""))
    (file, *_) = path.with_suffix("").glob("*.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    before = outputs(nbformat.read(path, as_version=4))
    data["date"] = "2099-12-31"
    for number, time in enumerate(data["times"]):
        time["median"] *= 1 + number % 3
    file.write_text(json.dumps(data), encoding="utf-8")
    after = outputs(run_all({path: tmp_path})[path])
    differ = [new for old, new in zip(before, after, strict=True) if old != new]
    assert "2099-12-31" in str(differ)
    assert 5 < len(differ) < len(after)


def test_a_failing_cell_is_noticed(tmp_path):
    path = tmp_path / "raises.ipynb"
    cell = nbformat.v4.new_code_cell("1 / 0")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    ran = run_all({path: tmp_path})[path]
    with pytest.raises(pytest.fail.Exception, match="ZeroDivisionError"):
        outputs(ran)


def test_update_writes_what_a_notebook_prints(tmp_path):
    path = tmp_path / "wrong.ipynb"
    cell = nbformat.v4.new_code_cell("print(1)")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="2\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    update(path, run_all({path: tmp_path})[path])
    assert outputs(nbformat.read(path, as_version=4)) == [({"stdout": "1\n"}, [])]
