"""What a page says of its checks, from the records of the runs that compared its outputs."""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mapped_axis.cluster import record as cluster
from mapped_axis.examples import record
from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import Recorded, pieces, sources
from mapped_axis.pages.heads import head_of
from mapped_axis.pages.site import Page, Site, address_of
from mapped_axis.pages.tables import with_versions
from mapped_axis.project import Project


def notebook_link(page: Path, project: Project) -> str | None:
    """Return where a page's notebook lies, seen from the page; None if it has none."""
    if page.suffix == ".ipynb":
        return f"../{page.name}"
    return f"{page.stem}.ipynb" if sources(page, project) else None


def unchecked(project: Project, pythons: Iterable[str] = ()) -> Iterator[str]:
    """Yield a line for each source that was not compared as it stands.

    Args:
        project: the project.
        pythons: versions like ``3.13`` whose records count, beside that of this Python and
            those that are there.
    """
    records = {record.record_path(project), *record.folder(project).glob("*.json")}
    records |= {record.folder(project) / f"{python}.json" for python in pythons}
    for path in sorted(records):
        written = record.read(path)
        for page in [*project.pages, *project.notebooks]:
            for source in _of_tests(sources(page, project)):
                if not record.valid(project, written, source):
                    names = (p.relative_to(project.root) for p in (page, source))
                    yield "{}: {} was not compared on Python {}".format(
                        *names, path.stem
                    )
    ran = cluster.read(project)
    for page in project.pages:
        for source in _of_cluster(sources(page, project)):
            if not cluster.valid(project, ran, source):
                names = (p.relative_to(project.root) for p in (page, source))
                yield "{}: {} was edited since `make cluster` ran it".format(*names)
        for name in _tables(page):
            if not cluster.valid_table(project, ran, name):
                where = page.relative_to(project.root)
                yield f"{where}: the table {name} is older than what it is made of"


def _of_tests(shown: Iterable[Path]) -> list[Path]:
    """Return the sources that the tests run."""
    of_cluster = {*_of_cluster(shown)}
    return [source for source in shown if source not in of_cluster]


def _of_cluster(shown: Iterable[Path]) -> list[Path]:
    """Return the sources that `make cluster` runs."""
    examples = (source for source in shown if source.suffix == ".md")
    return [source for source in examples if read_example(source).by_cluster]


def _tables(page: Path) -> list[str]:
    """Return the names of the tables of `make cluster` that a page shows."""
    read = pieces(page)
    return [p.table for p in read if isinstance(p, Recorded) and p.table]


def foot(page: Path, project: Project, site: Site) -> str:
    """Return the foot of a page as HTML: with what its outputs were compared, or not.

    Returns:
        One line, or "" for a page without examples.
    """
    shown = sources(page, project)
    if not shown:
        return ""
    written = record.read(record.record_path(project))
    of_tests = _of_tests(shown)
    entries = [e for s in of_tests if (e := record.valid(project, written, s))]
    missing = len(of_tests) - len(entries)
    if not of_tests:
        says = ""
    elif missing:
        says = (
            f"<strong>Not checked.</strong> {missing} of the {len(of_tests)} outputs on this "
            "page were not compared since the last edit of their examples."
        )
    else:
        jax, python = (
            " and ".join(sorted(values))
            for values in ({e["jax"] for e in entries}, {e["python"] for e in entries})
        )
        devices = sorted({e["devices"] for e in entries if e["devices"]})
        on = f", on {' or '.join(map(str, devices))} device" if devices else ""
        plural = "s" if devices not in ([], [1]) else ""
        says = (
            "<strong>Checked.</strong> Every output on this page is what its program "
            f"printed with JAX {jax} on Python {python}{on}{plural}."
        )
    launched, stale = _launched(page, project)
    says = " ".join(filter(None, [says, launched]))
    missing += stale
    forms = [
        *_notebooks(page, project, site),
        '<a href="index.md">This page as Markdown</a>',
    ]
    return (
        f'<footer class="checked{" unchecked" if missing else ""}" data-search-exclude>'
        f"<p>{says}</p><p>{' · '.join(forms)}</p></footer>"
    )


def _launched(page: Path, project: Project) -> tuple[str, int]:
    """Return what a page says of what `make cluster` ran, and how much is stale."""
    ran = cluster.read(project)
    proofs = [
        cluster.valid(project, ran, s) for s in _of_cluster(sources(page, project))
    ]
    tables = [cluster.valid_table(project, ran, name) for name in _tables(page)]
    if not proofs and not tables:
        return "", 0
    stale = proofs.count([]) + tables.count(None)
    if stale:
        of = len(proofs) + len(tables)
        return (
            f"<strong>Not checked with launchers.</strong> {stale} of the {of} programs and "
            "tables that <code>make cluster</code> runs were edited since."
        ), stale
    entries = [e for proof in proofs for e in proof] + [e for e in tables if e]
    days = sorted({entry["date"] for entry in entries})
    versions = {k: v for entry in entries for k, v in entry["versions"].items()}
    return (
        f"What needs a launcher ran on {' and '.join(days)}, with "
        f"{with_versions(versions)}."
    ), 0


def head(page: Page, project: Project, site: Site) -> str:
    """Return what stands below the title of a page, as HTML, or "".

    That is its level, its time, what to know before; and links to what one can run.
    """
    source = project.docs / page.source
    root = posixpath.relpath(".", page.address or ".")
    runs = _notebooks(source, project, site) if notebook_link(source, project) else []
    says = " · ".join(filter(None, [head_of(page, project, site, root), *runs]))
    return says and f'<p class="page-forms" data-search-exclude>{says}</p>'


def _notebooks(page: Path, project: Project, site: Site) -> list[str]:
    """Return links to the page as a notebook, here and where one can run it."""
    notebook = notebook_link(page, project)
    forms = [f'<a href="{notebook}" download>This page as a notebook</a>']
    repository = urlsplit(site.repository)
    if repository.netloc == "github.com" and page.suffix == ".md":
        # The workflow that publishes the site pushes its notebooks to this branch.
        address = address_of(page.relative_to(project.docs).as_posix())
        path = posixpath.join(repository.path, "blob/notebooks", f"{address}{notebook}")
        colab = f"https://colab.research.google.com/github{path}"
        forms.append(f'<a href="{colab}">Open in Colab</a>')
    return forms
