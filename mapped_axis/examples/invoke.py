"""Runs pytest over examples in a process of its own, and returns what each run said."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mapped_axis.project import HERE, Project


@dataclass(frozen=True)
class Outcome:
    """How a run of pytest ended.

    Args:
        status: pytest's exit status.
        said: by the path of each example, relative to the root, what its run said: ""
            if it passed. In the order in which they ran.
        output: all that pytest wrote.
    """

    status: int
    said: dict[str, str]
    output: str

    @property
    def failed(self) -> dict[str, str]:
        """What those examples said that failed."""
        return {path: said for path, said in self.said.items() if said}


def run_pytest(
    project: Project,
    *options: str,
    paths: Iterable[Path | str] = ("snippets",),
    environment: dict[str, str] | None = None,
) -> Outcome:
    """Run examples with this project's configuration of pytest.

    Args:
        project: whose examples; it needs no configuration of its own.
        options: for pytest.
        paths: the examples, or folders of them.
        environment: variables in addition to those of this process.
    """
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        report = Path(folder, "report.json")
        result = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("-c", str(HERE.root / "pyproject.toml")),
                *(f"--rootdir={project.root}", f"--report={report}"),
                *(*options, *map(str, paths)),
            ],
            cwd=project.root,
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Outcome(result.returncode, said, result.stdout)
