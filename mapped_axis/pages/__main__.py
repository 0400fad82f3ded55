"""Check the pages, or build the site: ``python -m mapped_axis.pages build``.

An engine renders the pages; `check` comes before it, so that a fault is one message with
file and line under every engine, and `finish` after it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from mapped_axis.examples.data import FaultyFileError
from mapped_axis.pages.check import every_problem
from mapped_axis.pages.finish import finish
from mapped_axis.pages.foot import unchecked
from mapped_axis.pages.site import read_site
from mapped_axis.project import Project, shown


def check(project: Project) -> None:
    """Look for faults of pages, examples and figures.

    Raises:
        SystemExit: there are some; its message has a line for each.
    """
    if problems := every_problem(project):
        raise SystemExit("\n".join(map(str, problems)))


def check_complete(project: Project, pythons: list[str]) -> None:
    """Look for what was not compared on some Python since it was edited.

    Raises:
        SystemExit: there is some; its message has a line for each. Or the site does not
            know where it will be, and nobody could test its links.
    """
    if lines := list(unchecked(project, pythons)):
        raise SystemExit("\n".join([*lines, "publish nothing: run `make test` first."]))
    site = read_site(project)
    addresses = {"SITE_URL": site.url, "REPO_URL": site.repository}
    if missing := " and ".join(name for name, value in addresses.items() if not value):
        raise SystemExit(f"publish nothing: name its addresses first ({missing}).")


def build(
    project: Project, folder: Path, engine: str = "mkdocs", python: str = sys.executable
) -> None:
    """Check, build and finish the site.

    Args:
        project: what is built; its root is the working folder.
        folder: where the site goes. What is there stays until the new one is finished.
        engine: the module that renders the pages.
        python: the interpreter that has the engine.

    Raises:
        SystemExit: something is wrong; a message was printed, or is its own.
    """
    check(project)
    if not read_site(project).url:
        print(
            "SITE_URL is not set: each link loads its page anew, and the notebooks have "
            "no links to other pages.",
            file=sys.stderr,
        )
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    command = [python, "-m", engine, "build"]
    if engine != "zensical":
        command += ["--site-dir", str(draft)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built_it = subprocess.run(command, cwd=project.root, env=environment, check=False)
    if built_it.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise SystemExit(built_it.returncode)
    if engine == "zensical":  # it knows one folder
        (project.root / "site").replace(draft)
    finish(draft, project)
    try:
        if folder.exists():
            shutil.rmtree(folder)
        draft.replace(folder)
    except OSError as error:
        raise SystemExit(
            f"{shown(folder)} cannot be replaced: {error}; take it away. The new site is "
            f"in {shown(draft)}."
        ) from error


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["check", "build"])
    parser.add_argument(
        "--complete",
        nargs="*",
        metavar="PYTHON",
        help="build only if all was compared, on each of these Pythons (3.13) too",
    )
    parser.add_argument("--site-dir", type=Path, default=Path("site"))
    options = parser.parse_args(arguments)
    project = Project(Path.cwd())
    if options.complete is not None:
        check_complete(project, options.complete)
    if options.what == "check":
        check(project)
    else:
        build(project, options.site_dir.resolve())


if __name__ == "__main__":
    try:
        main()
    except FaultyFileError as error:
        sys.exit(str(error))
