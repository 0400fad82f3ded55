"""What the built site owes, and that a fault in it stops the build."""

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import examples
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
NOTEBOOKS = sorted(DOCS.rglob("*.ipynb"))

# Relative to the root of the site, as it would be at https://example.org/.
ORIGIN = "https://example.org/"


def mkdocs(command, *options, cwd=ROOT, **environment):
    """Run mkdocs as the Makefile does and return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", command, *options],
        cwd=cwd,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the site, strictly, and return its folder."""
    folder = tmp_path_factory.mktemp("site")
    result = mkdocs("build", "--site-dir", str(folder), SITE_URL=ORIGIN)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """Return the parsed pages of the site by address."""
    return {
        urljoin(ORIGIN, path.relative_to(site).as_posix().removesuffix("index.html")): (
            BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        )
        for path in sorted(site.rglob("*.html"))
    }


def address_of(source):
    """Return the address of the page that a file of docs/ becomes."""
    path = source.relative_to(DOCS).with_suffix("").as_posix()
    return urljoin(ORIGIN, "" if path == "index" else f"{path}/")


# --- what is published is what ran ----------------------------------------------------


def notebook_blocks(path):
    """Return the texts of the cells and text outputs of a notebook, in order."""
    blocks = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            blocks.append(cell.source)
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain")
                if text and "image/svg+xml" not in output.get("data", {}):
                    blocks.append(text)
    return blocks


def example_blocks(page):
    """Return the texts of the blocks of the examples that a page includes, in order."""
    blocks = []
    for include in examples.read_page(page)[0]:
        example = examples.read_example(SNIPPETS / include.example)
        blocks += [b.text for b in example.blocks if b.section == include.section]
    return blocks


def test_every_block_on_a_page_is_one_that_ran(pages):
    shown = {
        address: [pre.get_text().rstrip("\n") for pre in page.find_all("pre")]
        for address, page in pages.items()
    }
    ran = dict.fromkeys(pages, ())
    for source in examples.pages(DOCS):
        ran[address_of(source)] = example_blocks(source)
    for source in NOTEBOOKS:
        ran[address_of(source)] = notebook_blocks(source)
    ran = {a: [block.rstrip("\n") for block in blocks] for a, blocks in ran.items()}
    assert shown == ran


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_shows(path):
    notebook = nbformat.read(path, as_version=4)
    kernel = {"metadata": {"path": str(path.parent)}}
    ran = nbformat.from_dict(notebook)
    NotebookClient(ran, timeout=120, resources=kernel).execute()

    def outputs(cells):
        return [
            [
                {
                    **{k: v for k, v in output.items() if k in ("name", "text")},
                    **{
                        # A figure must be there; its bytes are the renderer's.
                        kind: True if kind == "image/svg+xml" else text
                        for kind, text in output.get("data", {}).items()
                    },
                }
                for output in cell.get("outputs", [])
            ]
            for cell in cells
        ]

    shown = outputs(nbformat.read(path, as_version=4).cells)
    assert outputs(ran.cells) == shown
    assert not any(output.get("name") == "stderr" for cell in shown for output in cell)


# --- links, addresses, weight ---------------------------------------------------------


def broken_links(site, pages):
    """Return each link that leads nowhere within the site, as (page, address)."""
    ids = {a: {tag["id"] for tag in p.find_all(id=True)} for a, p in pages.items()}
    broken = []
    for address, page in pages.items():
        for tag in page.find_all(["a", "link", "script", "img"]):
            link = tag.get("href", tag.get("src"))
            target = urlsplit(urljoin(address, link or ""))
            if not link or f"{target.scheme}://{target.netloc}/" != ORIGIN:
                continue
            path = site / unquote(target.path.lstrip("/"))
            page_address = urljoin(ORIGIN, target.path)
            found = path.is_file() or (path / "index.html").is_file()
            fragment = unquote(target.fragment)
            if fragment and page_address in ids:
                found = found and (
                    fragment in ids[page_address] or fragment.startswith("__")
                )
            if not found:
                broken.append((address, link))
    return broken


def test_every_link_leads_somewhere(site, pages):
    assert broken_links(site, pages) == []


def test_a_broken_link_is_found(site, pages):
    address = address_of(DOCS / "index.md")
    for link in ("nowhere/", "#nowhere", "learn/axes/#nowhere"):
        page = BeautifulSoup(f'<a href="{link}">x</a>', "html.parser")
        assert broken_links(site, {**pages, address: page}) == [(address, link)]


def test_no_page_asks_another_origin_for_anything(site, pages):
    loads = [
        (address, tag.get("src") or tag.get("href"))
        for address, page in pages.items()
        for tag in page.find_all(["script", "img", "iframe", "source", "link"])
        if tag.name != "link" or "canonical" not in tag.get("rel", [])
    ]
    assert [pair for pair in loads if pair[1] and not is_own(*pair)] == []
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", sheet.read_text()), sheet


def is_own(address, link):
    """Return whether a link from a page stays on the site."""
    return urljoin(address, link).startswith((ORIGIN, "data:"))


def test_another_origin_is_noticed():
    assert not is_own(ORIGIN, "https://cdn.example.com/a.js")
    assert not is_own(ORIGIN, "//cdn.example.com/a.js")
    assert is_own(ORIGIN, "assets/a.js")


def test_every_page_says_what_it_is(pages):
    described = {}
    for address, page in pages.items():
        if not address.endswith("404.html"):
            text = page.find("meta", attrs={"name": "description"})["content"]
            assert 40 <= len(text) <= 200, (address, text)
            assert described.setdefault(text, address) == address
            assert len(page.find_all("h1")) == 1, address


def test_a_page_is_light(site, pages):
    """The page, its styles, its scripts: what a first view transfers, compressed."""
    for address, page in pages.items():
        files = {site / urlsplit(address).path.lstrip("/")}
        for tag in page.find_all(["script", "link", "img"]):
            link = tag.get("src") or tag.get("href")
            if link and "canonical" not in tag.get("rel", []):
                path = urlsplit(urljoin(address, link)).path
                files.add(site / unquote(path.lstrip("/")))
        files = {f / "index.html" if f.is_dir() else f for f in files}
        weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
        assert weight < 100_000, (address, weight)


def test_addresses_are_never_invented(tmp_path):
    built = {}
    for name, environment in (
        ("bare", {"SITE_URL": "", "REPO_URL": "", "EDIT_URI": ""}),
        (
            "full",
            {
                "SITE_URL": ORIGIN,
                "REPO_URL": "https://github.com/example/site",
                "EDIT_URI": "edit/main/docs/",
            },
        ),
    ):
        folder = tmp_path / name
        assert not mkdocs("build", "-d", str(folder), **environment).returncode
        text = (folder / "index.html").read_text()
        built[name] = BeautifulSoup(text, "html.parser")
    assert not built["bare"].select('link[rel=canonical], a[href*="github.com"]')
    assert built["full"].select_one("link[rel=canonical]")["href"] == ORIGIN
    edit = built["full"].select_one('a[href$="edit/main/docs/index.md"]')
    assert edit["href"].startswith("https://github.com/example/site/")


# --- faults stop the build ------------------------------------------------------------

EXAMPLE = f"```python\nprint(1)\n```\n\n{examples.OUTPUT}\n\n```text\n1\n```\n"


def small_site(folder, files):
    """Lay out a site of its own with the project's configuration, hooks and theme."""
    for name in ("_hooks", "_theme"):
        shutil.copytree(DOCS / name, folder / "docs" / name)
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = "nav:\n  - index.md\n" + "".join(
        f"  - {name.removeprefix('docs/')}\n"
        for name in files
        if name.startswith("docs/page")
    )
    text, found = re.subn(r"^nav:\n(?: .*\n)+", nav, text, flags=re.MULTILINE)
    assert found == 1
    (folder / "mkdocs.yml").write_text(text)
    (folder / "snippets").mkdir()
    for name, content in {"docs/index.md": "# Home\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def notebook(cell):
    """Return a notebook of one cell as text."""
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


BUILD_FAULTS = {
    "missing example": (
        {"docs/page.md": '# Page\n\n--8<-- "page/one.md"\n'},
        "docs/page.md:3: no example snippets/page/one.md",
    ),
    "missing section": (
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md:part"\n',
            "snippets/page/one.md": EXAMPLE,
        },
        "docs/page.md:3: snippets/page/one.md is shown as: part",
    ),
    "unclosed section": (
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md:part"\n',
            "snippets/page/one.md": "<!-- --8<-- [start:part] -->\n" + EXAMPLE,
        },
        "snippets/page/one.md:1: section 'part' is never closed",
    ),
    "fence in a page": (
        {"docs/page.md": "# Page\n\n```python\nprint(1)\n```\n"},
        "docs/page.md:3: code in a page",
    ),
    "page outside the navigation": (
        {"docs/other.md": "# Other\n"},
        'exist in the docs directory, but are not included in the "nav"',
    ),
    "broken link": (
        {"docs/page.md": "# Page\n\n[x](nowhere.md)\n"},
        "Doc file 'page.md' contains a link 'nowhere.md'",
    ),
    "broken anchor": (
        {"docs/page.md": "# Page\n\n[x](index.md#nowhere)\n"},
        "does not contain an anchor '#nowhere'",
    ),
    "broken link in a notebook": (
        {
            "docs/further/page.ipynb": notebook(
                nbformat.v4.new_markdown_cell("# Page\n\n[x](nowhere.md)")
            ),
            "docs/page.md": "# Page\n",
        },
        "further/page.ipynb: the link 'nowhere.md' leads to no file",
    ),
    "unknown output in a notebook": (
        {
            "docs/further/page.ipynb": notebook(
                nbformat.v4.new_code_cell(
                    "x",
                    outputs=[
                        nbformat.v4.new_output(
                            "display_data", {"text/html": "<b>x</b>"}
                        )
                    ],
                )
            ),
            "docs/page.md": "# Page\n",
        },
        "an output of the kind text/html has no form on a page",
    ),
}


@pytest.mark.parametrize("fault", BUILD_FAULTS)
def test_a_fault_stops_the_build(tmp_path, fault):
    files, says = BUILD_FAULTS[fault]
    small_site(tmp_path, files)
    result = mkdocs("build", cwd=tmp_path)
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_the_small_site_builds_without_a_fault(tmp_path):
    small_site(
        tmp_path,
        {
            "docs/page.md": '# Page\n\n--8<-- "page/one.md"\n',
            "snippets/page/one.md": EXAMPLE,
        },
    )
    result = mkdocs("build", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_busy_port_is_one_line(tmp_path):
    small_site(tmp_path, {})
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = mkdocs("serve", "-a", f"127.0.0.1:{port}", cwd=tmp_path)
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert f"port {port} is in use" in said
    assert "Traceback" not in said


def test_a_broken_page_is_served_and_says_what_is_wrong(tmp_path):
    small_site(tmp_path, {"docs/page.md": '# Page\n\nProse.\n\n--8<-- "page/one.md"\n'})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mkdocs", "serve", "--no-strict"),
            *("-a", f"127.0.0.1:{port}"),
        ],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = None
        while page is None and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/page/") as answer:
                    page = answer.read().decode()
            except urllib.error.URLError:
                time.sleep(0.05)
        assert "docs/page.md:5: no example snippets/page/one.md" in page
        assert "Prose." in page
    finally:
        server.terminate()
        server.wait()


# --- the configuration ----------------------------------------------------------------


def test_the_search_separator_finds_the_parts_of_a_name():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    separator = re.search(r"separator: ('.*')$", text, flags=re.MULTILINE)[1]
    pattern = yaml.safe_load(separator)
    words = re.split(pattern, "jax.lax.pmean(x, axis_name='i'); jnp.diag(in_axes=0.5)")
    assert {"pmean", "diag", "in_axes", "axis_name", "0.5"} <= set(words)


def test_the_lock_names_no_index_and_pins_everything():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    entries = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    assert all("==" in entry for entry in entries)
    assert text.count("--hash=sha256:") >= len(entries)


def test_the_workflows_pass_their_linter():
    result = subprocess.run(
        [Path(sys.executable).parent / "zizmor", "--offline", "--pedantic", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_record_of_times_is_dated():
    for path in DOCS.rglob("times.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", record["date"]), path
        assert record["machine"], path
