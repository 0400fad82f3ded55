"""What is done to the built site as a whole, whatever built it.

* Each page in other forms: ``learn/axes/axes.ipynb`` and ``learn/axes/index.md`` lie
  beside ``learn/axes/index.html``; and ``llms.txt``.
* The foot of a page, which says with what its outputs were compared.
* The style sheet and the scripts of an explorer, for a page that has one.
* The site's own style sheets without their comments, which are for who edits them; the
  theme's without the colours that this site does not use, a kilobyte on every page.
* The texts of the search index in a file of their own, which ``assets/search-asked.js`` fetches
  when someone searches.
* A Content-Security-Policy for every page. An inline script may run only if it has the
  exact text that the theme wrote, around the content; the content may hold none. All pages have the same policy, because instant
  navigation shows them all under that of the first.
* A page that leads on, where one has moved.
* No ``rel=next`` and ``rel=prev``: Firefox loads what they name beforehand, which the policy
  refuses, with a message in the console.
* No date of the build, so that two builds of one commit are the same.
"""

import base64
import hashlib
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin

import nbformat

from mapped_axis.examples.grammar import Problem
from mapped_axis.exercises.html import folded
from mapped_axis.pages import links, messages
from mapped_axis.pages.check import problems_of
from mapped_axis.pages.elements import ASSETS
from mapped_axis.pages.extension import made_of
from mapped_axis.pages.foot import foot, head, notebook_link
from mapped_axis.pages.imports import with_known_imports
from mapped_axis.pages.moved import pages_of_moved
from mapped_axis.pages.notebook import notebook_of
from mapped_axis.pages.parts import with_parts
from mapped_axis.pages.site import Page, Site, address_of, read_site
from mapped_axis.pages.text import llms_txt, text_of
from mapped_axis.project import Project

_ARTICLE = re.compile(r"<article\b[^>]*>")
_CONFIG = re.compile(
    r'(<script id="__config" type="application/json">)(.+?)(</script>)'
)
_INLINE = re.compile(r"<script>(.+?)</script>", re.DOTALL)
_TO = re.compile(r'(<a\b[^>]*) data-to="')
_CONTENT = re.compile(r"<article\b.*</article>", re.DOTALL)
_SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
# Of a style sheet; and of a script that this project wrote, where it has lines of its own.
_COMMENTS = {
    ".css": re.compile(r"\s*/\*.*?\*/", re.DOTALL),
    ".js": re.compile(r"^\s*(?:/\*\*.*?\*/|//[^\n]*)\n", re.DOTALL | re.MULTILINE),
}
# A rule for one of the colours that the theme offers; this site's own are "custom".
_OFFERED = re.compile(
    r"[^{}]*\[data-md-color-(?:primary|accent)=(?!custom\b)[^{}]*\{[^{}]*\}"
)
_KEPT = re.compile(r"(<article\b.*</article>|<script\b.*?</script>)", re.DOTALL)
_BESIDE = re.compile(r'<link rel="?(?:prev|next)\b[^>]*>\s*')
# Plain names and spaces of a program have the colour of the text around them.
_PLAIN = re.compile(r'<span class="[nw]">([^<]*)</span>')
_INDENT = re.compile(r"\s*\n\s*")
_HEAD = re.compile(r'<meta charset="utf-8"\s*/?>', re.IGNORECASE)


def finish(folder: Path, project: Project, serving: bool = False) -> None:
    """Finish a built site.

    Args:
        folder: the site, as an engine wrote it.
        project: what it was built from.
        serving: whether it is there for an author. Then it has no policy, since the
            server puts a script of its own into each page that it sends; and a page with
            a fault has no other forms.

    Raises:
        SystemExit: a page has a fault; the message has a line for each.
    """
    site = read_site(project)
    made_from = {
        page: made_of(project.docs / page.source, project) for page in site.pages
    }
    pages = {}
    for page in site.pages:
        source = project.docs / page.source
        is_notebook = source.suffix != ".md"
        faults = [] if is_notebook else _faults_of(source, project, made_from[page])
        if faults and not serving:
            raise SystemExit("\n".join(map(str, faults)))
        if faults:
            continue
        pages[folder / page.address / "index.html"] = page
        for name, content in _forms(page, project, site, made_from[page]).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    texts = {}
    for path in sorted(folder.rglob("*.html")):
        html = path.read_text(encoding="utf-8")
        shown = pages.get(path)
        # What was compared changes without any edit.
        says = foot(project.docs / shown.source, project, site) if shown else ""
        of = html, site, says, made_from[shown] if shown else None
        if _finished.get(path, (None,))[0] != of:
            made = _finish_page(html, path, folder, shown, says, project, site)
            _finished[path] = of, made
        texts[path] = _finished[path][1]
    for name, html in pages_of_moved(site, project).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        texts[folder / name] = html
    text = llms_txt(site, text_address)
    (folder / "llms.txt").write_text(text, encoding="utf-8")
    _split_search_index(folder / "search")
    for suffix, comment in _COMMENTS.items():
        for path in (folder / "assets").glob(f"*{suffix}"):
            text = comment.sub("", path.read_text(encoding="utf-8"))
            path.write_text(text.lstrip(), encoding="utf-8")
    for path in (folder / "assets").rglob("palette.*.css"):
        text = _OFFERED.sub("", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    # It holds the day of the build; a server compresses the sitemap itself.
    (folder / "sitemap.xml.gz").unlink(missing_ok=True)
    policy = "" if serving else _policy(list(texts.values()))
    for path, html in texts.items():
        path.write_text(_HEAD.sub(rf"\g<0>{policy}", html, count=1), encoding="utf-8")


# What a server asks for at each edit, with what it was made from: what is wrong with a
# page, its other forms, what was made of its HTML.
_known: dict[Path, tuple[object, list[Problem]]] = {}
_kept: dict[str, tuple[object, dict[str, bytes]]] = {}
_finished: dict[Path, tuple[object, str]] = {}


def _faults_of(page: Path, project: Project, made_from: object) -> list[Problem]:
    """Return what is wrong with a page, looking again only where it may have changed."""
    if _known.get(page, (None,))[0] != made_from:
        _known[page] = made_from, problems_of(page, project)
    return _known[page][1]


def _finish_page(
    html: str,
    path: Path,
    folder: Path,
    page: Page | None,
    says: str,
    project: Project,
    site: Site,
) -> str:
    """Return a page as it is published, but for its policy.

    Args:
        html: the page as an engine wrote it.
        path: its file.
        folder: the site.
        page: what it is a page of; None for one without source or with a fault.
        says: its foot.
        project: the project.
        site: the site as it is configured.

    Raises:
        SystemExit: it has a script in its content, or a mark that fits nothing.
    """
    found = _CONTENT.search(html)
    if script := found and _SCRIPT.search(found[0]):
        name = path.relative_to(folder).as_posix()
        raise SystemExit(f"{name}: a script in the content: {script[0]}")
    html = _with_own_scripts(_BESIDE.sub("", html), path, folder)
    if page:
        source = project.docs / page.source
        if source.suffix == ".md":
            try:
                html = with_known_imports(with_parts(html, source, project))
            except ValueError as error:
                raise SystemExit(str(error)) from error
        html = _with_foot(html, says)
        below = head(page, project, site)
        html = html.replace("</h1>", f"</h1>{below}", 1)
    return _without_indents(_PLAIN.sub(r"\1", html))


def _without_indents(html: str) -> str:
    """Return a page without what its templates indent: its content is as it was written."""
    parts = _KEPT.split(html)
    return "".join(
        part if number % 2 else _INDENT.sub("\n", part)
        for number, part in enumerate(parts)
    )


# --- other forms of a page --------------------------------------------------------------


def text_address(source: str) -> str:
    """Return where the Markdown of a page lies in the site; of another file, the file."""
    address = address_of(source)
    return address if address == source else f"{address}index.md"


def other_forms(page: Page, project: Project, site: Site) -> dict[str, bytes]:
    """Return the files that a page is too, by where they lie in the site."""
    forms = {text_address(page.source): _text(page, project).encode()}
    source = project.docs / page.source
    if link := notebook_link(source, project):
        name = posixpath.normpath(posixpath.join(page.address, link))
        # One that is a notebook lies where its source does: there its cells find the
        # files that they read.
        is_one = source.suffix == ".ipynb"
        made = (
            source.read_bytes() if is_one else _notebook(page, project, site).encode()
        )
        forms[name] = made
    return forms


def _forms(
    page: Page, project: Project, site: Site, made_from: object
) -> dict[str, bytes]:
    """Return the other forms of a page, made again only where they may have changed."""
    if _kept.get(page.source, (None,))[0] != (site, made_from):
        _kept[page.source] = (site, made_from), other_forms(page, project, site)
    return _kept[page.source][1]


def _text(page: Page, project: Project) -> str:
    """Return a page as Markdown. Its links lead to the Markdown of other pages."""

    def resolve(link: str) -> str:
        target = links.target(page.source, link)
        if not target or not (project.docs / target[0]).is_file() or link[0] == "#":
            return link
        return posixpath.relpath(text_address(target[0]), page.address or ".")

    return text_of(project.docs / page.source, project, resolve)


def _notebook(page: Page, project: Project, site: Site) -> str:
    """Return a page as a notebook. Its links lead to the site, if it has an address."""

    def resolve(link: str) -> str | None:
        target = links.target(page.source, link)
        if not target:
            return link
        anchor = f"#{target[1]}" if target[1] else ""
        return urljoin(site.url, address_of(target[0])) + anchor if site.url else None

    notebook = notebook_of(project.docs / page.source, project, resolve)
    return f"{nbformat.writes(notebook)}\n"


def _with_foot(html: str, foot: str) -> str:
    """Return a page with its foot at the end of its content."""
    content, end, rest = html.rpartition("</article>")
    return f"{content}{foot}\n{end}{rest}"


# --- scripts ----------------------------------------------------------------------------


def _with_own_scripts(html: str, path: Path, folder: Path) -> str:
    """Return a page with what its elements need, and with the site's search worker.

    What an element links to it gives as a path of the site: where its page lies, an engine
    may change.
    """
    root = posixpath.relpath(".", path.parent.relative_to(folder).as_posix())
    html = _TO.sub(rf'\g<1> href="{root}/', html)
    if f'class="{messages.KIND}"' in html:
        html = messages.with_addresses(html)
    html = folded(html)
    assets = {a: None for k, v in ASSETS.items() if f'class="{k}"' in html for a in v}
    loads = "".join(
        f'<link rel="stylesheet" href="{root}/assets/{name}">'
        if name.endswith(".css")
        else f'<script type="module" src="{root}/assets/{name}"></script>'
        for name in assets
    )
    # Inside the content and not in the head: instant navigation brings them along.
    html = _ARTICLE.sub(rf"\g<0>{loads}", html, count=1) if loads else html
    if (folder / "search/search_index.json").exists():
        html = _CONFIG.sub(_with_own_worker, html, count=1)
    return html


def _with_own_worker(match: re.Match[str]) -> str:
    """Return the theme's settings with the site's search worker.

    It starts the theme's, whose address stands behind the ``#``, when it is needed.
    """
    config = json.loads(match[2])
    if worker := config.get("search"):
        base, _, name = worker.rpartition("assets/")
        config["search"] = f"{base}assets/search.js#{name}"
    text = json.dumps(config, separators=(",", ":")).replace("<", r"\u003c")
    return f"{match[1]}{text}{match[3]}"


def _split_search_index(folder: Path) -> None:
    """Leave in the search index only its settings, which each page reads."""
    path = folder / "search_index.json"
    if not path.exists():
        return  # Zensical has another search, which reads its whole index at once
    index = json.loads(path.read_text(encoding="utf-8"))
    for name, content in (
        ("docs.json", index.pop("docs")),
        (path.name, index | {"docs": []}),
    ):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (folder / name).write_text(text, encoding="utf-8")


def _policy(texts: list[str]) -> str:
    """Return the policy of all pages, as an element of their heads."""
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for text in texts
        for script in _INLINE.findall(_CONTENT.sub("", text))
    }
    policy = "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *sorted(hashes)]),
            "style-src 'self'",
            "img-src 'self' data:",  # Material's icons are in its stylesheet
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
