"""What the prose of a page says of values: each stands in a block beside it, or is listed.

In code font, a value stands in a block token for token. In plain type, each number does,
in sentences, headings, tables, descriptions and the words for a picture. The block is one
of the same section, from one ``##`` heading to the next; for what comes before the first
section, any of the page. A sum that is written out must come to what is said. What is no result of the section, or is
derived from several, stands in `claims.toml` with the reason, and so does what a heading
counts, and a version of JAX or Python with its source.
"""

import ast
import functools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mapped_axis.examples.data import (
    FaultyFileError,
    line_of_table,
    read_notebook,
    read_toml,
)
from mapped_axis.examples.grammar import Problem, read_example, states_a_value
from mapped_axis.examples.markup import CODE_FONT, refusals
from mapped_axis.examples.pieces import (
    Element,
    Include,
    Predict,
    Prose,
    Recorded,
    front_matter,
    pieces,
)
from mapped_axis.examples.values import Shown, numbers_in, value_of
from mapped_axis.pages.elements import plain
from mapped_axis.pages.headings import heading_of
from mapped_axis.pages.tables import cluster_table
from mapped_axis.project import HERE, Project, shown

CLAIMS = Path(__file__).with_name("claims.toml")
_NAMES = """two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty"""
_WORDS = {word: str(number) for number, word in enumerate(_NAMES.split(), 2)}
_WORD = re.compile(rf"(?i)\b(?:{'|'.join(_WORDS)})\b")
_NO_TEXT = re.compile(r"\]\([^)\s]*\)|(?m:^\s*\d+\.(?=\s)| \{ #[-a-z0-9]+ \}$)")
_OF_A_VERSION = re.compile(r"(?:JAX|Python|NumPy|[Vv]ersion|[Ss]ince|[Uu]ntil)\s+$")
# A sum or product that is written out, with what it is said to be.
_TERM = r"\(*\d[\d,]*(?:\.\d+)?\)*[²³]?"
_JOINED = r"\s*(?:[+\u2212·\u00d7/]|(?<=\s)-(?=\s))\s*"
_CHAIN = re.compile(
    rf"({_TERM}(?:{_JOINED}(?:…\s*\+\s*)?{_TERM})+)(?:\s*(?:=|\bis\b)\s*({_TERM}))?"
)
_SERIES = re.compile(r"(\d+) \+ (\d+) \+ … \+ (\d+)")
_IN_PYTHON = str.maketrans(
    {"\u2212": "-", "·": "*", "\u00d7": "*", "²": "**2", "³": "**3"}
) | {ord(","): None}
# What a claim may count with, besides the numbers of its section. Not `len`: of a list that
# stands in the claim it is the number itself, typed in another way.
_FUNCTIONS = {"sum": sum, "range": range, "round": round, "__builtins__": {}}
# What changes only the unit: a percentage, a megabyte.
_UNITS = {10.0**n for n in range(2, 10)}
_END_OF_SENTENCE = re.compile(r"[.!?]\s|\n\n")


@dataclass(frozen=True)
class Claim:
    """Words of a page with numbers in them that no block of their section shows.

    Args:
        page: the page, relative to ``docs/``.
        says: the words, as they stand in the page; line ends count as spaces.
        why: why the numbers are right: a source, or how they follow from the page.
        version: whether it is a claim on a version, or None if not.
        gone: names that JAX has no more in that version and later.
        counted: how the number follows from others that the section shows or says, or
            the one that `shown_in` names: an expression in Python, of at least one such
            number, and of no others but units.
        shown_in: the section whose blocks show the numbers: ``#id`` of the same page, or
            ``folder/page.md#id``.
        matches: what the number counts: how often this regular expression matches in the
            prose and the blocks of the section, or of the one that `shown_in` names.
    """

    page: str
    says: str
    why: str
    version: str | None = None
    gone: tuple[str, ...] = ()
    counted: str | None = None
    shown_in: str | None = None
    matches: str | None = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in a text, each as start and end."""
        return [m.span() for m in re.finditer(_in_words(self.says), text)]


@dataclass
class Section:
    """A part of a page, from one heading of the second rank to the next.

    Args:
        name: the id of its heading, or "" before the first one.
        lines: its prose, with as many lines as it has in the page.
        blocks: the texts of its blocks; before the first heading, of the whole page.
    """

    name: str
    lines: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its prose as one text."""
        return "\n".join(self.lines)

    @property
    def shows(self) -> Shown:
        """What its blocks show."""
        return Shown(self.blocks)


def _in_words(says: str) -> str:
    """Return what matches some words, with any space between them."""
    return r"\s+".join(map(re.escape, says.split()))


@functools.lru_cache(maxsize=8)
def read_claims(path: Path = CLAIMS) -> tuple[Claim, ...]:
    """Return what is listed.

    Raises:
        FaultyFileError: the list cannot be read.
        OSError: it is not there.
    """
    listed = read_toml(path).get("claim", [])
    if not isinstance(listed, list):
        raise FaultyFileError(Problem(path, 1, "write [[claim]] before each claim."))
    for number, one in enumerate(listed):
        if says := _fault(one):
            line = line_of_table(path.read_text(encoding="utf-8"), "claim", number)
            raise FaultyFileError(Problem(path, line, says))
    return tuple(Claim(**one | {"gone": tuple(one.get("gone", ()))}) for one in listed)


def _fault(one: dict[str, Any]) -> str:
    """Say what is wrong with a claim as it is listed, or return ""."""
    known = [field.name for field in fields(Claim)]
    if unknown := one.keys() - {*known}:
        return (
            f"nothing is called {min(unknown)!r} in a claim; there are "
            f"{', '.join(known)}."
        )
    for name in ("page", "says", "why"):
        if name not in one:
            return f"the claim lacks {name!r}."
    for name, value in one.items():
        if name == "gone" and not isinstance(value, list):
            return "gone is no list; write it in brackets."
        if name != "gone" and not isinstance(value, str):
            return f"{name} is no text; put it in quotes."
    return ""


def prose_problems(
    page: Path, project: Project, claims: tuple[Claim, ...] | None = None
) -> list[Problem]:
    """Return the values and numbers in the prose of a page that are not shown there.

    Args:
        page: a Markdown file or a notebook below ``docs/``.
        project: its project.
        claims: what is listed, or None for what the project's own file lists.
    """
    name = page.relative_to(project.docs).as_posix()
    # Of another project than this one only what lies in it: a copy has its own list.
    own = project.root / CLAIMS.relative_to(HERE.root)
    there = read_claims(own) if own.exists() else ()
    listed = there if claims is None else claims
    mine = [claim for claim in listed if claim.page == name]
    sections = _sections(page, project)
    text = "\n".join(section.text for section in sections)
    excused = [(claim, *span) for claim in mine for span in claim.spans(text)]
    problems, before = [], 0
    for section in sections:
        for left, right, says, of_version in sorted(
            unshown(section.text, section.shows)
        ):
            start, end = before + left, before + right
            if not any(
                first <= start and end <= last and (claim.version or not of_version)
                for claim, first, last in excused
            ):
                problems.append(Problem(page, _line_at(page, text, start), says))
        before += len(section.text) + 1
    for claim in mine:
        if says := _unfounded(claim, sections, project):
            problems.append(Problem(CLAIMS, _line_in_claims(claim), says))
    return problems


def _unfounded(claim: Claim, sections: list[Section], project: Project) -> str:
    """Say what is wrong with a claim on a page with those sections, or return ""."""
    page = project.docs / claim.page
    where = [section for section in sections if claim.spans(section.text)]
    if not where:
        return f"{claim.says!r} does not stand in {shown(page)}; mend or delete it."
    if claim.shown_in:
        at, _, name = claim.shown_in.partition("#")
        of_page = _sections(project.docs / at, project) if at else sections
        where = [section for section in of_page if section.name == name]
        if not where:
            return f"no section {claim.shown_in}; mend {claim.says!r}."
    return next(filter(None, (_not_so(claim, section) for section in where)), "")


def _not_so(claim: Claim, section: Section) -> str:
    """Say what a section does not show of what a claim gives as its reason."""
    text = "\n".join([section.text, *section.blocks])
    if claim.matches:
        count = len(re.findall(claim.matches, text, re.MULTILINE))
        if {_size(number[0]) for number in _numbers(claim.says)} != {str(count)}:
            return f"{claim.matches!r} matches {count} times, not: {claim.says!r}."
    elif claim.counted:
        try:
            tree = ast.parse(claim.counted, mode="eval")
            value = eval(compile(tree, "counted", "eval"), _FUNCTIONS)
        except Exception as error:  # noqa: BLE001 - of any kind: somebody wrote it
            return f"{claim.counted!r} has no value ({error}); mend {claim.says!r}."
        if value not in {value_of(_size(number[0])) for number in _numbers(claim.says)}:
            return f"{claim.counted} is {value}, not: {claim.says!r}."
        rest = " ".join(re.split(_in_words(claim.says), section.text))
        said = {value_of(_size(number[0])) for number in _numbers(rest)}
        there = section.shows.numbers | said
        used = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        for number in used:
            if number not in there | _UNITS:
                return f"the section does not show {number!r} of {claim.counted!r}."
        if there.isdisjoint(used):
            return (
                f"{claim.counted!r} has no number of its section; mend {claim.says!r}."
            )
    elif claim.shown_in:
        says = claim.says.lstrip("#")  # as of a heading it would ask for a claim
        for start, end, *_ in unshown(says, section.shows):
            missing = says[start:end]
            return f"no block of {claim.shown_in} shows {missing}; mend the claim."
    return ""


def notebook_markup(path: Path) -> list[Problem]:
    """Return the faults of the markup in the text of a notebook."""
    lines = [line for line, _ in _notebook(path)]
    text = "\n".join(lines)
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


def unshown(text: str, blocks: Shown) -> Iterator[tuple[int, int, str, bool]]:
    """Yield, of a text, start and end of what some blocks do not show.

    Each comes with what to do, and whether it is a version.
    """
    for span in CODE_FONT.finditer(text):
        value = span[2]
        states = states_a_value(value) or re.search(r"\d", value)
        if states and not blocks.has(value):
            says = f"`{value}` stands in no block of its section; {_DO}"
            yield *span.span(), says, False
    plain = _hidden(_NO_TEXT, _hidden(CODE_FONT, text))
    for chain in [*_CHAIN.finditer(plain)]:
        says = _false(chain, text, blocks)
        if says:
            yield *chain.span(), says, False
        else:  # what it comes to holds each of its numbers
            start, end = chain.span()
            plain = f"{plain[:start]}{'~' * (end - start)}{plain[end:]}"
    for number in _numbers(plain):
        line = plain[plain.rfind("\n", 0, number.start()) + 1 : number.start()]
        before = plain[max(0, number.start() - 20) : number.start()]
        size = _size(number[0])
        of_version = number[0] not in _WORDS and bool(_OF_A_VERSION.search(before))
        if of_version:
            says = (
                f"the version {number[0]} is not listed; add a claim with its source "
            )
            says += f"to {shown(CLAIMS)}."
            yield *number.span(), says, True
        elif number[0].lower() in _WORDS and line.startswith("#"):
            says = f"a heading counts {number[0]}; add a claim on what it counts "
            yield *number.span(), f"{says}to {shown(CLAIMS)}.", False
        elif number[0].lower() != "two" and not blocks.has_number(size):
            says = f"{number[0]} stands in no block of its section; {_DO}"
            yield *number.span(), says, False


def _false(chain: re.Match[str], text: str, blocks: Shown) -> str:
    """Say why a sum that is written out is not so, or return ""."""
    value = _value(chain[1])
    if chain[2]:
        said, where = [chain[2]], "and not what is said"
    else:
        before = [
            end.end() for end in _END_OF_SENTENCE.finditer(text, 0, chain.start())
        ]
        after = _END_OF_SENTENCE.search(text, chain.end())
        sentence = text[max(before, default=0) : chain.start()]
        sentence += "~" + text[chain.end() : after.start() if after else None]
        said = [number[0] for number in numbers_in(sentence)]
        where = "which stands neither in a block of its section nor in its sentence"
        if blocks.has_number(f"{value:.9g}"):
            return ""
    if any(math.isclose(_value(number), value) for number in said):
        return ""
    return f"{chain[1]} is {value:.9g}, {where}; mend it, or add a claim."


def _value(chain: str) -> float:
    """Return what a sum or product comes to, or NaN if it comes to nothing."""
    try:
        chain = _SERIES.sub(_summed, chain).translate(_IN_PYTHON)
        chain += ")" * (chain.count("(") - chain.count(")"))
        chain = "(" * (chain.count(")") - chain.count("(")) + chain
        return float(eval(chain, {"__builtins__": {}}))
    except (ArithmeticError, SyntaxError, ValueError):
        return math.nan


def _summed(series: re.Match[str]) -> str:
    """Return the sum of numbers at equal distances, such as 0 + 1 + … + 7."""
    first, second, last = map(int, series.groups())
    return str(sum(range(first, last + 1, second - first)))


def _numbers(text: str) -> list[re.Match[str]]:
    """Return where numbers and number words stand in running text."""
    return [*numbers_in(text), *_WORD.finditer(text)]


def _size(number: str) -> str:
    """Return a number in digits, where it is a word."""
    return _WORDS.get(number.lower(), number)


_DO = "print it there, or add a claim with its reason to mapped_axis/pages/claims.toml."


def _hidden(what: re.Pattern[str], text: str) -> str:
    """Return a text of the same length in which some parts are no words."""
    return what.sub(lambda match: re.sub(r"[^\n]", "~", match[0]), text)


def _sections(page: Path, project: Project) -> list[Section]:
    """Return the sections of a page or a notebook, or none if there is no such file."""
    if not page.is_file():
        return []
    read = _notebook(page) if page.suffix == ".ipynb" else _page(page, project)
    sections = [Section("")]
    for line, blocks in read:
        if heading := heading_of(line):
            sections.append(Section(heading[0]))
        sections[-1].lines.append(line)
        sections[-1].blocks += blocks
    sections[0].blocks = [block for section in sections for block in section.blocks]
    return sections


def _page(page: Path, project: Project) -> Iterator[tuple[str, list[str]]]:
    """Yield each line of the prose of a page, with the texts of what stands there."""
    # Its level is no word of its prose.
    front = ("" if re.match("level:", line) else line for line in front_matter(page))
    yield from ((line, []) for line in front)
    for piece in pieces(page):
        blocks = []
        if (
            isinstance(piece, Include | Predict)
            and (project.snippets / piece.example).is_file()
        ):
            example = read_example(project.snippets / piece.example)
            blocks = [block.text for block in example.part(piece.section)]
        elif isinstance(piece, Element):
            blocks = [plain(piece)]
        elif isinstance(piece, Recorded) and piece.table:
            blocks = _cells(piece.table, project)
        yield piece.text if isinstance(piece, Prose) else "", blocks


def _cells(table: str, project: Project) -> list[str]:
    """Return a table of `make cluster` as a block, or none where there is no such table."""
    try:
        return [cluster_table(table, project)]
    except ValueError:
        return []  # `check` says so


def _notebook(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each line of the prose of a notebook, and the texts of what follows it."""
    for cell in read_notebook(path)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from ((line, []) for line in source.split("\n"))
        else:
            outputs = [
                "".join(
                    output.get("text", output.get("data", {}).get("text/markdown", ""))
                )
                for output in cell["outputs"]
            ]
            yield "", [source, *outputs]


def _line_in_claims(claim: Claim) -> int:
    """Return the line of a claim in the file of claims."""
    lines = CLAIMS.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if claim.says in line), 1)
