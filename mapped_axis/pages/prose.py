"""What the prose of a page says of values: each stands in a block of its page, or is listed.

In code font, a value stands in a block token for token. In plain type, each number does,
in sentences, headings, tables, descriptions and the words for a picture. What is no result
of the page, or is derived from several, stands in `claims.toml` with the reason, and a
version of JAX or Python there with its source.
"""

import functools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapped_axis.examples.grammar import Problem, read_example, states_a_value
from mapped_axis.examples.markup import CODE_FONT, refusals
from mapped_axis.examples.pieces import Include, Prose, front_matter, pieces
from mapped_axis.examples.values import Shown, numbers_in
from mapped_axis.project import Project, shown

CLAIMS = Path(__file__).with_name("claims.toml")
_NAMES = """three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty"""
_WORDS = {word: str(number) for number, word in enumerate(_NAMES.split(), 3)}
_WORD = re.compile(rf"(?i)\b(?:{'|'.join(_WORDS)})\b")
_NO_TEXT = re.compile(r"\]\([^)\s]*\)|(?m:^\s*\d+\.(?=\s)| \{ #[-a-z0-9]+ \}$)")
_OF_A_VERSION = re.compile(r"(?:JAX|Python|NumPy|[Vv]ersion|[Ss]ince|[Uu]ntil)\s+$")


@dataclass(frozen=True)
class Claim:
    """Words of a page with numbers in them that no block of the page shows.

    Args:
        page: the page, relative to ``docs/``.
        says: the words, as they stand in the page; line ends count as spaces.
        why: why the numbers are right: a source, or how they follow from the page.
        version: whether it is a claim on a version, or None if not.
        gone: names that JAX has no more in that version and later.
        counted: how the number follows from others: an expression in Python.
    """

    page: str
    says: str
    why: str
    version: str | None = None
    gone: tuple[str, ...] = ()
    counted: str | None = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in a text, each as start and end."""
        words = r"\s+".join(map(re.escape, self.says.split()))
        return [m.span() for m in re.finditer(words, text)]


@functools.lru_cache(maxsize=8)
def read_claims(path: Path = CLAIMS) -> tuple[Claim, ...]:
    """Return what is listed."""
    listed: list[dict[str, Any]]
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["claim"]
    return tuple(Claim(**one | {"gone": tuple(one.get("gone", ()))}) for one in listed)


def prose_problems(
    page: Path, project: Project, claims: tuple[Claim, ...] | None = None
) -> list[Problem]:
    """Return the values and numbers in the prose of a page that are not shown there.

    Args:
        page: a Markdown file or a notebook below ``docs/``.
        project: its project.
        claims: what is listed, or None for what `CLAIMS` lists.
    """
    text, blocks = _notebook(page) if page.suffix == ".ipynb" else _page(page, project)
    name = page.relative_to(project.docs).as_posix()
    listed = read_claims() if claims is None else claims
    mine = [claim for claim in listed if claim.page == name]
    found = [
        (start, says)
        for start, end, says, of_version in _unshown(text, Shown(blocks))
        if not any(
            left <= start and end <= right and (claim.version or not of_version)
            for claim in mine
            for left, right in claim.spans(text)
        )
    ]
    problems = [
        Problem(page, _line_at(page, text, start), says)
        for start, says in sorted(found)
    ]
    for claim in mine:
        if not claim.spans(text):
            says = f"{claim.says!r} does not stand in {shown(page)}; mend or delete it."
            line = _line_in_claims(claim)
            problems.append(Problem(CLAIMS, line, says))
    return problems


def notebook_markup(path: Path) -> list[Problem]:
    """Return the faults of the markup in the text of a notebook."""
    text = _notebook(path)[0]
    lines = text.split("\n")
    return [
        Problem(path, _line_at(path, text, sum(len(x) + 1 for x in lines[:at])), says)
        for at, says in refusals(enumerate(lines), path)
    ]


def _line_at(page: Path, text: str, start: int) -> int:
    """Return the line in the file of a place in the prose of a page.

    A notebook's file holds each line of its text on a line of its own, as a JSON string.
    """
    number = text.count("\n", 0, start) + 1
    if page.suffix != ".ipynb":
        return number
    written = json.dumps(text.split("\n")[number - 1], ensure_ascii=False)[1:-1]
    whole = page.read_text(encoding="utf-8")
    return whole.count("\n", 0, max(0, whole.find(f'"{written}'))) + 1


def _unshown(text: str, blocks: Shown) -> Iterator[tuple[int, int, str, bool]]:
    """Yield start and end of what is not shown, what to do, and whether a version."""
    for span in CODE_FONT.finditer(text):
        value = span[2]
        states = states_a_value(value) or re.search(r"\d", value)
        if states and not blocks.has(value):
            says = f"`{value}` stands in no block of the page; {_DO}"
            yield *span.span(), says, False
    plain = _hidden(_NO_TEXT, _hidden(CODE_FONT, text))
    for number in [*numbers_in(plain), *_WORD.finditer(plain)]:
        before = plain[max(0, number.start() - 20) : number.start()]
        size = _WORDS.get(number[0].lower(), number[0])
        of_version = number[0] not in _WORDS and bool(_OF_A_VERSION.search(before))
        if of_version:
            says = (
                f"the version {number[0]} is not listed; add a claim with its source "
            )
            says += f"to {shown(CLAIMS)}."
            yield *number.span(), says, True
        elif not blocks.has_number(size):
            says = f"{number[0]} stands in no block of the page; {_DO}"
            yield *number.span(), says, False


_DO = "print it there, or add a claim with its reason to mapped_axis/pages/claims.toml."


def _hidden(what: re.Pattern[str], text: str) -> str:
    """Return a text of the same length in which some parts are no words."""
    return what.sub(lambda match: re.sub(r"[^\n]", "~", match[0]), text)


def _page(page: Path, project: Project) -> tuple[str, list[str]]:
    """Return the prose of a page, with as many lines, and the texts of its blocks."""
    lines, blocks = [*front_matter(page)], []
    for piece in pieces(page):
        lines.append(piece.text if isinstance(piece, Prose) else "")
        if isinstance(piece, Include) and (project.snippets / piece.example).is_file():
            example = read_example(project.snippets / piece.example)
            blocks += [block.text for block in example.part(piece.section)]
    return "\n".join(lines), blocks


def _notebook(path: Path) -> tuple[str, list[str]]:
    """Return the prose of a notebook, and the texts of its cells and outputs."""
    lines, blocks = [], []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            lines.append(source)
            continue
        blocks.append(source)
        blocks += ["".join(output.get("text", [])) for output in cell["outputs"]]
    return "\n".join(lines), blocks


def _line_in_claims(claim: Claim) -> int:
    """Return the line of a claim in the file of claims."""
    lines = CLAIMS.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if claim.says in line), 1)
