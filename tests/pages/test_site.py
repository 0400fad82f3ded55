"""What the built site owes: links, addresses, weight, configuration."""

import collections
import gzip
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from mkdocs.config import load_config

from mapped_axis.pages import links
from mapped_axis.pages.site import read_site
from mapped_axis.project import HERE
from support import places
from support.places import DOCS, ORIGIN, ROOT, address_of, file_at
from support.sites import EXAMPLE, build, small_site

# --- links, addresses, weight ---------------------------------------------------------


def broken_links(site, pages):
    """Return each link that leads nowhere within the site, as (page, address)."""
    ids = {a: {tag["id"] for tag in p.find_all(id=True)} for a, p in pages.items()}
    broken = []
    for address, page in pages.items():
        for tag in page.find_all(["a", "link", "script", "img"]):
            link = tag.get("href", tag.get("src"))
            target = urlsplit(urljoin(address, link or ""))
            page_address = f"{target.scheme}://{target.netloc}{target.path}"
            # A link out of the site's folder leaves the site.
            if not link or target.netloc != urlsplit(ORIGIN).netloc:
                continue
            found = file_at(site, page_address).is_file()
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


@pytest.mark.slow
def test_a_broken_link_is_found(site, pages):
    address = address_of(DOCS / "index.md")
    for link in ("nowhere/", "#nowhere", "learn/axes/#nowhere", "../learn/axes/x"):
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


def undescribed(pages):
    """Return the addresses of pages without one title, or a description of their own."""
    described = {}
    for address, page in pages.items():
        tag = page.find("meta", attrs={"name": "description"})
        text = tag["content"] if tag else ""
        if 40 <= len(text) <= 200 and len(page.find_all("h1")) == 1:
            described.setdefault(text, address)
    return [address for address in pages if address not in described.values()]


def test_every_page_says_what_it_is(pages):
    found = {a: page for a, page in pages.items() if not a.endswith("404.html")}
    assert undescribed(found) == []


def test_a_page_that_does_not_say_what_it_is_is_found():
    good = f"<meta name=description content='{'a' * 40}'><h1>A</h1>"
    bad = {
        "none": "<h1>A</h1>",
        "short": "<meta name=description content='a'><h1>A</h1>",
        "the same": good,
        "no title": good.replace("<h1>A</h1>", "").replace("a", "b"),
        "two titles": good.replace("a" * 40, "b" * 40) + "<h1>B</h1>",
    }
    parsed = {
        name: BeautifulSoup(html, "html.parser")
        for name, html in {"good": good, **bad}.items()
    }
    assert undescribed(parsed) == list(bad)


def weight_of(site, address, page):
    """Return the bytes that a first view of a page transfers, compressed.

    That is the page, its styles, its scripts and its images.
    """
    files = {file_at(site, address)}
    for tag in page.find_all(["script", "link", "img"]):
        link = tag.get("src") or tag.get("href")
        # What a link of these kinds names is not loaded with the page.
        named = {"alternate", "canonical", "next", "prev"} & {*tag.get("rel", [])}
        if link and not named:
            files.add(file_at(site, urljoin(address, link)))
    return sum(len(gzip.compress(file.read_bytes())) for file in files)


def test_the_styles_of_the_site_are_sent_without_comments(site):
    for source in (DOCS / "_theme/assets").glob("*.css"):
        written = source.read_text("utf-8")
        sent = (site / "assets" / source.name).read_text("utf-8")
        assert "/*" in written
        # Read as a browser does, to which a comment is nothing, nor how lines are parted.
        rules = re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL).split()
        assert sent.split() == rules, source.name


def test_of_the_colours_of_the_theme_only_the_schemes_are_sent(site):
    palettes = [*site.rglob("palette.*.css")]
    assert palettes
    for path in palettes:
        rules = re.findall(r"[^{}]*\{[^{}]*\}", path.read_text(encoding="utf-8"))
        assert not any("-primary=" in rule or "-accent=" in rule for rule in rules)
        assert any("[data-md-color-scheme=slate]{" in rule for rule in rules)


def colours_late(page):
    """Say whether a page can be painted before the script of its colours has run."""
    script = page.select_one("script[src$='assets/palette.js']")
    return not script or {*script.attrs} != {"src"} or not script.find_next("article")


def test_the_colours_are_set_before_the_first_paint(pages):
    assert [address for address, page in pages.items() if colours_late(page)] == []


@pytest.mark.parametrize(
    "html",
    [
        "<article></article>",
        '<script src="/assets/palette.js" defer></script><article></article>',
        '<script src="/assets/palette.js" type="module"></script><article></article>',
        '<article></article><script src="/assets/palette.js"></script>',
    ],
)
def test_colours_that_come_late_are_found(html):
    assert colours_late(BeautifulSoup(html, "html.parser"))


def test_a_page_is_light(site, pages):
    weights = {
        address: weight_of(site, address, page) for address, page in pages.items()
    }
    assert {a: weight for a, weight in weights.items() if weight >= 100_000} == {}


@pytest.mark.parametrize(
    "loads",
    ["<script src=large>", "<link rel=stylesheet href=/large>", "<img src=../large>"],
)
def test_what_a_page_loads_weighs(tmp_path, loads):
    (tmp_path / "index.html").write_text(loads)
    (tmp_path / "large").write_bytes(random.Random(0).randbytes(99_990))
    page = BeautifulSoup(loads, "html.parser")
    assert weight_of(tmp_path, ORIGIN, page) >= 100_000


@pytest.mark.slow
def test_addresses_are_never_invented(tmp_path):
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
        result = build(folder, cwd=tmp_path, **environment)
        assert result.returncode == 0, result.stderr
        text = (folder / "page/index.html").read_text()
        built[name] = BeautifulSoup(text, "html.parser")
    assert not built["bare"].select('link[rel=canonical], a[href*="github.com"]')
    # The home page of this site is such a page; no test could say where it would be.
    shutil.copy(tmp_path / "bare/page/index.html", tmp_path / "bare")
    with pytest.raises(
        pytest.UsageError, match="without SITE_URL and REPO_URL and EDIT_URI"
    ):
        places.be_published_as(tmp_path / "bare")
    full = built["full"]
    assert full.select_one("link[rel=canonical]")["href"] == f"{ORIGIN}page/"
    edit = full.select_one('a[href$="edit/main/docs/page.md"]')
    assert edit["href"].startswith("https://github.com/example/site/")
    colab = full.select_one("footer.checked a:not([download])")["href"]
    assert colab.endswith("/github/example/site/blob/notebooks/page/page.ipynb")


# --- the configuration ----------------------------------------------------------------


SEPARATOR = (
    load_config(str(ROOT / "mkdocs.yml")).plugins["material/search"].config.separator
)


def words_of(text, separator):
    """Return the words that the search finds in a text."""
    return set(re.split(separator, text))


def test_the_search_separator_finds_the_parts_of_a_name():
    named = "jax.lax.pmean(x, axis_name='i'); jnp.diag(in_axes=0.5)"
    wanted = {"pmean", "diag", "in_axes", "axis_name"}
    assert wanted <= words_of(named, SEPARATOR)
    # The theme's own would not find them all.
    assert not wanted <= words_of(named, r"[\s\-]+")


def test_no_word_that_the_search_knows_holds_a_digit():
    """Else its automaton may lead to words that are nowhere, and a prefix finds nothing.

    Lunr, the search of Material, merges two states of its automaton where they are written
    alike, as letters and numbers of states in a row. With a digit for a letter, "1" and
    state 23 read like "12" and state 3.
    """
    named = "float32(1.5), P100, 0.6.0, log1p"
    words = words_of(named, SEPARATOR)
    assert {"float", "P", "log", "p"} <= words
    assert not any(map(str.isdigit, "".join(words)))


def lock_problems(text):
    """Return the lines of a lock that name an index, or pin nothing."""
    return [
        entry.splitlines()[0]
        for entry in re.split(r"\n(?=\S)", text)
        if "://" in entry
        or not re.match(r"[\w.-]+==[\w.]+ .*\\\n +--hash=sha256:[0-9a-f]{64}", entry)
    ]


@pytest.mark.parametrize(
    ("name", "least"), [("requirements.txt", 50), ("requirements-cluster.txt", 20)]
)
def test_the_lock_names_no_index_and_pins_everything(name, least):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.count("==") > least
    assert lock_problems(text) == []


@pytest.mark.parametrize(
    "careless",
    [
        f"jax>=0.10 \\\n    --hash=sha256:{'0' * 64}\n    # via x",
        "jax==0.10.2\n    # via x",
        "jax==0.10.2 ; python_version < '3.12'",
        "--find-links https://example.org/wheels",
        "jax @ https://example.org/jax.whl",
    ],
)
def test_a_careless_lock_is_found(careless):
    careful = f"jax==0.10.2 \\\n    --hash=sha256:{'0' * 64}\n    # via x"
    assert lock_problems(careful) == []
    assert len(lock_problems(f"{careful}\n{careless}\n{careful}")) == 1


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


ADDRESSES = {"SITE_URL", "REPO_URL", "EDIT_URI"}


def nameless(workflow):
    """Return the steps of a workflow that publish a site without naming its addresses."""
    jobs = yaml.safe_load(workflow)["jobs"].values()
    steps = [step for job in jobs for step in job.get("steps", [])]
    publishing = [
        s for s in steps if re.search(r"\bmake\b.*\bpublish\b", s.get("run", ""))
    ]
    assert publishing
    return [s["run"] for s in publishing if not {*s.get("env", {})} >= ADDRESSES]


@pytest.mark.parametrize("name", ["tests", "publish"])
def test_a_workflow_that_publishes_names_the_addresses(name):
    text = (ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8")
    assert nameless(text) == []
    for address in ADDRESSES:
        assert nameless(text.replace(f"{address}:", "NAME:"))


@pytest.mark.parametrize(
    ("page", "table"),
    [
        ("devices/slow-while.md", "slow-while"),
        ("devices/simulated-devices.md", "simulated-devices"),
    ],
)
def test_a_page_draws_the_times_of_its_file(page, table, pages):
    text = (DOCS / page).read_text(encoding="utf-8")
    (file,) = re.findall(rf"<!-- times: (\S+)#{table} -->", text)
    data = json.loads((DOCS / page).parent.joinpath(file).read_text(encoding="utf-8"))
    measured = data["devices"][table]
    shown = pages[address_of(DOCS / page)]
    drawn = shown.find("th", string=measured["varied"]).find_parent("table")
    cells = [[td.get_text() for td in row.select("td")] for row in drawn.select("tr")]
    for (value, row), found in zip(measured["times"].items(), cells[1:], strict=True):
        first, second = (1000 * one["median"] for one in row.values())
        assert found[0] == value
        numbers = [first, second, first / second]
        told = [float(cell.replace(",", "")) for cell in found[1:]]
        assert told == pytest.approx(numbers, rel=5e-3)
    assert f"measured on {data['date']}" in shown.get_text()


# Here a link says what to do, not what the page is called.
INVITES = {"index.md", "reference/glossary.md"}


def names_of_pages():
    """Return by page how links to all of it call it, where that begins with a capital."""
    names = collections.defaultdict(set)
    titles = {page.source: page.title for page in read_site(HERE).pages}
    for path in HERE.pages:
        source = path.relative_to(DOCS).as_posix()
        if source in INVITES:
            continue
        text = path.read_text(encoding="utf-8")
        for name, link in re.findall(
            r"\[([^\]\n]+)\]\(([^)\s#]+\.(?:md|ipynb))\)", text
        ):
            target = links.target(source, link)
            if target and target[0] in titles and name[0].isupper():
                names[target[0]].add(name)
    return {page: said - {titles[page]} for page, said in names.items()}


def test_a_page_has_one_short_name_beside_its_title():
    several = {page: said for page, said in names_of_pages().items() if len(said) > 1}
    assert several == {}
