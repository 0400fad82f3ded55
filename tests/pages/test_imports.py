"""What a script may fold is imports, and stands in a program above."""

import ast

import pytest

from mapped_axis.examples.pieces import includes
from mapped_axis.pages.imports import with_known_imports
from mapped_axis.project import HERE
from support.places import address_of

PAGES = [page for page in HERE.pages if includes(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_only_imports_that_a_program_above_shows_are_folded(page, pages):
    html = pages[address_of(page)]
    above = ""
    for block in html.select(".language-python.highlight code"):
        folds = block.select(".imports")
        for fold in folds:
            imports = fold.get_text()
            body = ast.parse(imports).body
            assert len(body) > 1
            assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
            assert imports.strip() in above
            assert block.get_text().startswith(imports)
        assert len(folds) <= 1
        above += "" if folds else block.get_text()


def block(code):
    """Return a program in HTML, as Pygments writes it, with a span around a keyword."""
    code = code.replace("import", '<span class="kn">import</span>')
    return (
        f'<div class="language-python highlight"><pre><code>{code}</code></pre></div>\n'
    )


IMPORTS = "import jax\nfrom jax import grad\n\n\n"


@pytest.mark.parametrize(
    ("first", "second", "folded"),
    [
        (IMPORTS + "f(1)\n", IMPORTS + "g(2)\n", IMPORTS),
        (IMPORTS + "f(1)\n", IMPORTS.replace("grad", "vmap") + "g(2)\n", None),
        (IMPORTS + "f(1)\n", IMPORTS + "import re\ng(2)\n", None),
        ("import jax\nf(1)\n", "import jax\nf(2)\n", None),
        ("f(1)\n", IMPORTS + "g(2)\n", None),
        ("f(1)\nimport jax\n", "f(1)\nimport jax\nimport re\n", None),
        ("no program (\n", "no program (\n", None),
    ],
)
def test_what_differs_is_not_folded(first, second, folded):
    page = with_known_imports(block(first) + block(second))
    marked = block(first) + block(second)
    if folded:
        at = marked.rindex("<code>") + len("<code>")
        inside = folded.replace("import", '<span class="kn">import</span>')
        marked = (
            f'{marked[:at]}<span class="imports">{inside}</span>'
            + (marked[at + len(inside) :])
        )
    assert page == marked


def test_a_line_that_is_marked_is_not_folded():
    plain = block(IMPORTS + "f(1)\n")
    assert 'class="imports"' in with_known_imports(plain + plain)
    line, rest = plain.split("\n", 1)
    marked = line.replace("<code>", '<code><span class="hll">') + "\n</span>" + rest
    assert with_known_imports(plain + marked) == plain + marked
