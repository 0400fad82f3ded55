"""Which lines of a program a page marks: those that changed, and those that it names.

``<!-- changes: PAGE/EXAMPLE.md -->`` before an include marks the lines of its program that
differ from those of another one, and counts what went. ``<!-- mark: TEXT -->`` marks each
line that holds that text, in what the include shows. Nobody writes a line's number, so no
mark is left behind by an edit. The marks are on the page alone: not in the example, nor in
what is copied of it.
"""

import difflib
import html
import re
from dataclasses import dataclass, field
from pathlib import Path

from mapped_axis.examples.grammar import Block, Example, Problem, read_example
from mapped_axis.examples.pieces import Changes, Include, Mark, Piece
from mapped_axis.project import Project, shown

# A marked line as Pygments writes it: what it holds has no other line end.
_LINE = re.compile(r'<span class="hll">(.*?)\n</span>')


@dataclass
class Marks:
    """What an include marks.

    Args:
        lines: the numbers, from 1, of the marked lines of each block by the line of the
            block in its file.
        says: what the page says before the program, or "".
    """

    lines: dict[int, list[int]] = field(default_factory=dict)
    says: str = ""


def changes(before: str, after: str) -> tuple[list[int], int]:
    """Compare two programs line by line.

    Returns:
        The numbers, from 1, of the lines of the second that are new or other than in the
        first; and how many lines of the first have none in their place. An empty line
        counts for nothing.
    """
    old, new = before.splitlines(), after.splitlines()
    marked, gone = [], 0
    compared = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, i, j, start, end in compared.get_opcodes():
        if what != "equal":
            lines = [n for n in range(start, end) if new[n].strip()]
            marked += [n + 1 for n in lines]
            gone += max(0, len([n for n in range(i, j) if old[n].strip()]) - len(lines))
    return marked, gone


def marks_of(read: list[Piece], project: Project) -> dict[int, Marks]:
    """Return what each include of a page marks, by its line in the page."""
    return _read(read, project)[0]


def mark_problems(page: Path, read: list[Piece], project: Project) -> list[Problem]:
    """Return the faults of the marks of a page."""
    return [Problem(page, line, says) for line, says in _read(read, project)[1]]


def fenced(block: Block, marks: Marks | None) -> str:
    """Return a block as Markdown of which the engine marks lines."""
    lines = marks.lines.get(block.line) if marks else None
    if not lines:
        return block.fenced
    numbers = " ".join(map(str, lines))
    return block.fenced.replace("\n", f' hl_lines="{numbers}"\n', 1)


def as_marks(block: str) -> str:
    """Return the HTML of a block with each marked line as what it is, a mark.

    Its line end stands after it: a browser gives the text of a block line by line then.
    """
    return _LINE.sub(r'<mark class="hll">\1</mark>\n', block)


def _read(
    read: list[Piece], project: Project
) -> tuple[dict[int, Marks], list[tuple[int, str]]]:
    """Return the marks by the line of their include, and the faults by theirs."""
    marks: dict[int, Marks] = {}
    faults: list[tuple[int, str]] = []
    waiting: list[Changes | Mark] = []
    for piece in read:
        if isinstance(piece, Changes | Mark):
            waiting.append(piece)
            continue
        if not isinstance(piece, Include):
            faults += [(one.line, _NO_INCLUDE) for one in waiting]
        elif waiting and (path := project.snippets / piece.example).is_file():
            example = read_example(path)
            made = marks[piece.line] = Marks()
            for one in waiting:
                if says := _mark(made, one, example, piece.section, project):
                    faults.append((one.line, says))
        waiting = []
    return marks, faults + [(one.line, _NO_INCLUDE) for one in waiting]


_NO_INCLUDE = "this marks nothing; write it on the line before an include."


def _mark(
    marks: Marks,
    how: Changes | Mark,
    example: Example,
    part: str | None,
    where: Project,
) -> str:
    """Add what a line of a page marks in a part of an example, or say why it cannot."""
    found: list[int]
    if isinstance(how, Mark):
        lines = example.program.splitlines()
        found = [n for n, line in enumerate(lines, 1) if how.text in line]
    else:
        other = where.snippets / how.example
        if not other.is_file() or other == example.path:
            return f"no other example {shown(other)}; mend the name."
        found, gone = changes(read_example(other).program, example.program)
        if not found and not gone:
            return f"nothing differs from {shown(other)}; take this line away."
        marks.says = _in_words(len(found), gone)
    before, any_marked = 0, False
    for block in example.code:
        size = block.text.count("\n")
        if block.section == part:
            of_block = {n - before for n in found if before < n <= before + size}
            any_marked |= bool(of_block)
            already = marks.lines.get(block.line, [])
            marks.lines[block.line] = sorted(of_block.union(already))
        before += size
    if isinstance(how, Mark) and not any_marked:
        return f"no line of {shown(example.path)} here holds {how.text!r}; mend it."
    return ""


def _in_words(marked: int, gone: int) -> str:
    """Say how many lines changed."""
    new = f"{marked} {'line is' if marked == 1 else 'lines are'} new or changed"
    went = f"{gone} {'line' if gone == 1 else 'lines'} went"
    if not marked:
        return f"{went}, and no line is new."
    return f"Marked: {new}" + (f"; {went}." if gone else ".")


def note(marks: Marks | None) -> str:
    """Return what a page says of the marks before a program, as HTML, or ""."""
    if not marks or not marks.says:
        return ""
    return f'<p class="part" data-search-exclude>{html.escape(marks.says)}</p>'
