"""Where things are in a project: the one place that names its folders; how one is written."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """A folder with pages and their examples.

    Args:
        root: the folder that holds ``docs/`` and ``snippets/``.
    """

    root: Path

    @property
    def docs(self) -> Path:
        """The pages."""
        return self.root / "docs"

    @property
    def snippets(self) -> Path:
        """The examples: those of ``docs/a/b.md`` lie in ``snippets/a/b/``."""
        return self.root / "snippets"

    @property
    def figures(self) -> Path:
        """The drawn figures: those of ``docs/a/b.md`` lie in ``docs/_figures/a/b/``."""
        return self.docs / "_figures"

    @property
    def questions(self) -> Path:
        """What the pages ask: that of ``docs/a/b.md`` is ``docs/_questions/a/b.toml``."""
        return self.docs / "_questions"

    @property
    def phrases(self) -> Path:
        """The pairs of the phrasebook, a file for each group."""
        return self.docs / "_phrases"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.root / ".cache"

    @property
    def pages(self) -> list[Path]:
        """All Markdown pages, sorted; not the site's own files, in folders with ``_``."""
        return sorted(
            path
            for path in self.docs.rglob("*.md")
            if not any(p.startswith("_") for p in path.relative_to(self.docs).parts)
        )

    @property
    def notebooks(self) -> list[Path]:
        """All pages that are notebooks, sorted."""
        return sorted(self.docs.rglob("*.ipynb"))

    def copy_to(self, root: Path) -> "Project":
        """Copy the project, with the records of its runs and without all else that is made.

        Args:
            root: where the copy goes; a folder that is not there yet.
        """
        made = shutil.ignore_patterns(".git", ".venv", ".cache", "site", "__pycache__")
        shutil.copytree(self.root, root, ignore=made)
        copy = Project(root)
        records = self.cache / "checked"
        if records.exists():
            shutil.copytree(records, copy.cache / "checked")
        return copy


# The address of a site that is built to be looked at, by its variables: nobody's. The
# Makefile says the same, and a test compares them.
EXAMPLE = {
    "SITE_URL": "https://example.org/",
    "REPO_URL": "https://github.com/example/site",
    "EDIT_URI": "edit/main/docs/",
}

# The project that this package belongs to.
HERE = Project(Path(__file__).parent.parent)


def replace_text(path: Path, text: str) -> None:
    """Write a file in one step, so that an interruption leaves it as it was.

    Args:
        path: the file; its folder is made if it is not there.
        text: all that it holds then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def shown(path: Path) -> Path:
    """Return ``path`` as a message shows it: relative to the working folder if inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
