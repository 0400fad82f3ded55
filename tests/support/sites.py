"""Sites: the whole one, and small ones with the project's own configuration and theme."""

import os
import shutil
import subprocess
import sys

import yaml

from mapped_axis.examples.write import example_text
from support.places import DOCS, ROOT

EXAMPLE = example_text("print(1)\n", output="1\n")


def lay_out(folder, files):
    """Write files below a folder, from a dictionary of texts (or bytes)."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def small_site(folder, files):
    """Lay out a site of its own with the project's configuration, hooks and theme."""
    shutil.copytree(DOCS / "_theme", folder / "docs/_theme")
    shutil.copyfile(DOCS / "robots.txt", folder / "docs/robots.txt")
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = ["index.md", *(n[5:] for n in files if n.startswith("docs/page"))]
    nav = "\n" + "".join(f"  - {page}\n" for page in pages)
    nodes = {k.value: v for k, v in yaml.compose(text, yaml.SafeLoader).value}
    start, end = nodes["nav"].start_mark, nodes["nav"].end_mark
    for hook in nodes["hooks"].value:
        copy = folder / hook.value
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / hook.value, copy)
    (folder / "snippets").mkdir()
    config = text[: start.index - start.column - 1] + nav + text[end.index :]
    lay_out(folder, {"mkdocs.yml": config, "docs/index.md": "# Home\n", **files})


def build(folder, *options, cwd=ROOT, **environment):
    """Check, build and finish a site, and return the finished process."""
    command = [sys.executable, "-m", "mapped_axis.pages", "build", *options]
    return subprocess.run(
        [*command, "--site-dir", folder],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
