"""The imports of a program that the page has shown above: a script may fold them.

They stay in the page, in order, so that nothing is hidden where no script runs, and a copy
of the program has them.
"""

import ast
import html
import re

_PROGRAM = re.compile(
    r'(<div class="language-python highlight"[^>]*>.*?<code>)(.*?)(</code>)', re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")
# What costs less room than the button that folds it.
_FEWEST = 2


def with_known_imports(page: str) -> str:
    """Return a page in which the imports are marked that a program above has, too.

    Args:
        page: the page as HTML, with its programs in colours.
    """
    known: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        before, code, after = match.groups()
        count, imports = _imports(html.unescape(_TAG.sub("", code)))
        lines = code.split("\n")
        head = "\n".join(lines[:count])
        # What is marked for another reason is there to be seen.
        if imports not in known or "hll" in head:
            if imports:
                known.add(imports)
            return match[0]
        rest = "\n".join(lines[count:])
        return f'{before}<span class="imports">{head}\n</span>{rest}{after}'

    return _PROGRAM.sub(mark, page)


def _imports(program: str) -> tuple[int, str]:
    """Return how many lines the imports at the head of a program take, and these lines.

    The empty lines below them count; fewer imports than two are none.
    """
    try:
        body = ast.parse(program).body
    except SyntaxError:
        return 0, ""
    last, found = 0, 0
    for node in body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            break
        last, found = node.end_lineno or 0, found + 1
    if found < _FEWEST:
        return 0, ""
    lines = program.split("\n")
    while last < len(lines) and not lines[last].strip():
        last += 1
    return last, "\n".join(lines[:last]).strip()
