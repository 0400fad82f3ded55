"""A small site with the project's own configuration, hooks and theme, for tests."""

import re
import shutil

import examples
from places import DOCS, ROOT

EXAMPLE = f"```python\nprint(1)\n```\n\n{examples.OUTPUT}\n\n```text\n1\n```\n"


def small_site(folder, files):
    """Lay out a site of its own with the project's configuration, hooks and theme."""
    for name in ("_hooks", "_theme"):
        shutil.copytree(DOCS / name, folder / "docs" / name)
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = "nav:\n  - index.md\n" + "".join(
        f"  - {name.removeprefix('docs/')}\n"
        for name in files
        if name.startswith("docs/page")
    )
    text, found = re.subn(r"^nav:\n(?: .*\n)+", nav, text, flags=re.MULTILINE)
    assert found == 1
    (folder / "mkdocs.yml").write_text(text)
    (folder / "snippets").mkdir()
    for name, content in {"docs/index.md": "# Home\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
