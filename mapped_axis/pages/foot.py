"""What a page says of its checks, from the records of the runs that compared its outputs."""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mapped_axis.examples import record
from mapped_axis.examples.pieces import sources
from mapped_axis.pages.heads import head_of
from mapped_axis.pages.site import Page, Site, address_of
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
            for source in sources(page, project):
                if not record.valid(project, written, source):
                    names = (p.relative_to(project.root) for p in (page, source))
                    yield "{}: {} was not compared on Python {}".format(
                        *names, path.stem
                    )


def foot(page: Path, project: Project, site: Site) -> str:
    """Return the foot of a page as HTML: with what its outputs were compared, or not.

    Returns:
        One line, or "" for a page without examples.
    """
    shown = sources(page, project)
    if not shown:
        return ""
    written = record.read(record.record_path(project))
    entries = [e for s in shown if (e := record.valid(project, written, s))]
    missing = len(shown) - len(entries)
    if missing:
        says = (
            f"<strong>Not checked.</strong> {missing} of the {len(shown)} outputs on this "
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
    forms = [
        *_notebooks(page, project, site),
        '<a href="index.md">This page as Markdown</a>',
    ]
    return (
        f'<footer class="checked{" unchecked" if missing else ""}" data-search-exclude>'
        f"<p>{says}</p><p>{' · '.join(forms)}</p></footer>"
    )


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
