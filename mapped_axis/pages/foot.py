"""What a page says of its checks, from the records of the runs that compared its outputs."""

import posixpath
from pathlib import Path
from urllib.parse import urlsplit

from mapped_axis.examples import record
from mapped_axis.examples.pieces import sources
from mapped_axis.pages.site import Site, address_of
from mapped_axis.project import Project


def notebook_link(page: Path, project: Project) -> str | None:
    """Return where a page's notebook lies, seen from the page; None if it has none."""
    if page.suffix == ".ipynb":
        return f"../{page.name}"
    return f"{page.stem}.ipynb" if sources(page, project) else None


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
    return (
        f'<footer class="checked{" unchecked" if missing else ""}" data-search-exclude>'
        f"<p>{says}</p><p>{' · '.join(_other_forms(page, project, site))}</p></footer>"
    )


def _other_forms(page: Path, project: Project, site: Site) -> list[str]:
    """Return links to the page in other forms."""
    notebook = notebook_link(page, project)
    forms = [f'<a href="{notebook}" download>This page as a notebook</a>']
    repository = urlsplit(site.repository)
    if repository.netloc == "github.com" and page.suffix == ".md":
        # The workflow that publishes the site pushes its notebooks to this branch.
        address = address_of(page.relative_to(project.docs).as_posix())
        path = posixpath.join(repository.path, "blob/notebooks", f"{address}{notebook}")
        colab = f"https://colab.research.google.com/github{path}"
        forms.append(f'<a href="{colab}">Open in Colab</a>')
    return [*forms, '<a href="index.md">This page as Markdown</a>']
