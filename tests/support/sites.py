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
    """Lay out a site of its own with the project's configuration, hooks and theme.

    One without a notebook does without the plugin for notebooks: to import it takes half
    of the time of such a build.
    """
    shutil.copytree(DOCS / "_theme", folder / "docs/_theme")
    shutil.copyfile(DOCS / "robots.txt", folder / "docs/robots.txt")
    # As a tree of nodes, which keeps what stands for variables of the environment.
    config = yaml.compose((ROOT / "mkdocs.yml").read_text("utf-8"), yaml.SafeLoader)
    # A small site has none of the pages that moved.
    config.value = [(key, value) for key, value in config.value if key.value != "extra"]
    nodes = {key.value: value for key, value in config.value}
    named = (n[5:] for n in files if n.startswith("docs/") and "/_" not in n)
    pages = [n for n in named if n.endswith((".md", ".ipynb")) and n != "index.md"]
    pages.insert(0, "index.md")
    nodes["nav"].value = yaml.compose(yaml.safe_dump(pages), yaml.SafeLoader).value
    if not any(name.endswith(".ipynb") for name in files):
        nodes["plugins"].value = [
            plugin
            for plugin in nodes["plugins"].value
            if plugin.value[0][0].value != "mkdocs-jupyter"
        ]
    for hook in nodes["hooks"].value:
        copy = folder / hook.value
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / hook.value, copy)
    (folder / "snippets").mkdir()
    text = yaml.serialize(config, Dumper=yaml.SafeDumper)
    lay_out(folder, {"mkdocs.yml": text, "docs/index.md": "# Home\n", **files})


def pages(command, *options, cwd=ROOT, **environment):
    """Run a command over the pages of the project in a folder; return what ended.

    It is run by the package that lies in that folder.
    """
    return subprocess.run(
        [sys.executable, "-m", "mapped_axis.pages", command, *options],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def build(folder, *options, cwd=ROOT, **environment):
    """Check, build and finish a site, and return the finished process."""
    return pages("build", *options, "--site-dir", folder, cwd=cwd, **environment)
