"""Each package of the machinery imports only from those before it."""

import ast
import re

import pytest

import mapped_axis
from mapped_axis.project import HERE

LISTED = re.findall(r"(?m)^\* `(\w+)`", mapped_axis.__doc__)
ORDER = ["project", "asking", *LISTED]


def test_every_package_stands_in_the_list_and_in_the_readme_in_one_order():
    there = {path.parent.name for path in HERE.root.glob("mapped_axis/*/__init__.py")}
    assert sorted(LISTED) == sorted(there)
    readme = (HERE.root / "README.md").read_text(encoding="utf-8")
    assert (
        re.findall(r"(?m)^\| `(\w+)/` \|", readme.split("| `mapped_axis/` | |\n")[1])
        == LISTED
    )


def imported(source):
    """Return the parts of the package that a source imports from."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            names += [name.name for name in node.names]
    return {n.split(".")[1] for n in names if n.startswith("mapped_axis.")}


def upward(part, source):
    """Return from which later parts a source of a part imports."""
    return {
        other for other in imported(source) if ORDER.index(other) > ORDER.index(part)
    }


def test_no_package_imports_from_a_later_one():
    found = {}
    for path in (HERE.root / "mapped_axis").rglob("*.py"):
        part = path.relative_to(HERE.root / "mapped_axis").parts[0].removesuffix(".py")
        if part != "__init__":
            later = upward(part, path.read_text(encoding="utf-8"))
            if later:
                found[path.name] = later
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "from mapped_axis.pages.finish import finish",
        "import mapped_axis.pages.finish",
        "from mapped_axis import pages",
        "def f():\n    from mapped_axis.pages import finish",
    ],
)
def test_an_import_from_a_later_one_is_found(line):
    assert upward("examples", line) == {"pages"}
    assert upward("serve", line) == set()
