"""Which page an engine is rendering: the one thing that each engine tells in its own way."""

from dataclasses import dataclass
from pathlib import Path

from markdown import Markdown

from mapped_axis.project import Project


@dataclass(frozen=True)
class Rendering:
    """What is being rendered.

    Args:
        project: the project of the page.
        page: its file.
    """

    project: Project
    page: Path


def rendering(md: Markdown) -> Rendering | None:
    """Return which page a Markdown instance renders, or None for text that is no page."""
    # MkDocs and ProperDocs give each page's instance what resolves the page's links.
    if "relpath" in md.treeprocessors:
        file = md.treeprocessors["relpath"].file  # type: ignore[attr-defined]
        page = Path(file.abs_src_path)
        docs = page.parents[file.src_uri.count("/")]
        return Rendering(Project(docs.parent), page)
    # Zensical gives it a preprocessor that does nothing but tell. It runs in the folder
    # of its configuration.
    if "rendering_context" in md.preprocessors:
        told = md.preprocessors["rendering_context"].page  # type: ignore[attr-defined]
        project = Project(Path.cwd())
        return Rendering(project, project.docs / told.path)
    return None
