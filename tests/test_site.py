"""What the built site owes: links, addresses, weight, configuration."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from places import DOCS, ORIGIN, ROOT, address_of
from small_site import EXAMPLE, small_site

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
            # What a link of these kinds names is not loaded with the page.
            named = {"alternate", "canonical", "next", "prev"} & {*tag.get("rel", [])}
            if link and not named:
                path = urlsplit(urljoin(address, link)).path
                files.add(site / unquote(path.lstrip("/")))
        files = {f / "index.html" if f.is_dir() else f for f in files}
        weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
        assert weight < 100_000, (address, weight)


def test_addresses_are_never_invented(tmp_path, mkdocs):
    page = '# A page\n\n--8<-- "page/one.md"\n'
    small_site(tmp_path, {"docs/page.md": page, "snippets/page/one.md": EXAMPLE})
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
        result = mkdocs("build", "-d", str(folder), cwd=tmp_path, **environment)
        assert result.returncode == 0, result.stderr
        text = (folder / "page/index.html").read_text()
        built[name] = BeautifulSoup(text, "html.parser")
    assert not built["bare"].select('link[rel=canonical], a[href*="github.com"]')
    full = built["full"]
    assert full.select_one("link[rel=canonical]")["href"] == f"{ORIGIN}page/"
    edit = full.select_one('a[href$="edit/main/docs/page.md"]')
    assert edit["href"].startswith("https://github.com/example/site/")
    colab = full.select_one("footer.checked a:not([download])")["href"]
    assert colab.endswith("/github/example/site/blob/notebooks/page/page.ipynb")


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


def lint(workflows):
    """Run the linter of workflows over a folder and return the finished process."""
    return subprocess.run(
        [
            *(Path(sys.executable).parent / "zizmor", "--offline", "--pedantic"),
            workflows,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_workflows_pass_their_linter():
    result = lint(ROOT / ".github")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"@[0-9a-f]{40} # v", "@v"),
        (r"permissions: \{\}", "permissions: write-all"),
        (r"persist-credentials: false", "fetch-depth: 1"),
    ],
)
def test_a_careless_workflow_is_refused(tmp_path, right, wrong):
    text = (ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8")
    careless, changed = re.subn(right, wrong, text)
    assert changed
    (tmp_path / "publish.yml").write_text(careless)
    assert lint(tmp_path / "publish.yml").returncode != 0


def test_the_record_of_times_is_dated():
    for path in DOCS.rglob("times.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", record["date"]), path
        assert record["machine"], path


def test_a_page_draws_the_times_of_its_file(pages):
    source = DOCS / "devices/slow-while/times.json"
    record = json.loads(source.read_text(encoding="utf-8"))
    page = pages[address_of(DOCS / "devices/slow-while.md")]
    table = page.find(string="devices").find_parent("table")
    cells = [[td.get_text() for td in row.select("td")] for row in table.select("tr")]
    for row, shown in zip(record["median_ms"], cells[1:], strict=True):
        slow, fast = row["jit(vmap)"], row["jit(shard_map(vmap))"]
        numbers = [row["devices"], slow, fast, float(f"{slow / fast:.3g}")]
        assert [float(cell) for cell in shown] == numbers
    assert f"measured on {record['date']}" in page.get_text()


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("further/speed/measure.py", ["--quick"]),
        ("devices/slow-while/measure.py", ["--turns=20", "--repeats=1", "--output"]),
    ],
)
def test_the_times_can_be_measured_again(script, options, tmp_path):
    before = (DOCS / script).with_name("times.json").read_bytes()
    if options[-1] == "--output":
        options = [*options, str(tmp_path / "times.json")]
    result = subprocess.run(
        [sys.executable, DOCS / script, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (DOCS / script).with_name("times.json").read_bytes() == before
