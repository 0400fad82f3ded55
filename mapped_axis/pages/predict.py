"""A question at the head of a page: what does this program print?

A page asks it with ``<!-- predict: learn/axes/predict.md -->``, which shows the program of
that example. What is asked stands in ``docs/_questions/learn/axes.toml``::

    ask = "Which shape does this print?"
    section = "in_axes-says-which-loop-you-mean"  # of the page: it explains the answer

    [[answer]]
    says = "(3,)"
    why = "You kept the axis that is mapped."  # what a reader who says so has in mind

    [[answer]]
    prints = 1  # the right one: a line of the output, read from it
    why = "Each lane returns one number, and there are two of them."

The right answer cannot be false: nobody writes it down. A number in a text is one of an
answer or stands in the example. The output and the reasons are folded without script;
``predict.js`` lets the reader choose first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from mapped_axis.examples.data import FaultyFileError, read_toml
from mapped_axis.examples.grammar import Example, Problem, read_example, read_text
from mapped_axis.examples.markup import CODE_FONT, refusals
from mapped_axis.examples.pieces import Include, Piece, Predict, Prose, pieces
from mapped_axis.examples.values import Shown, tokens
from mapped_axis.pages.headings import heading_of
from mapped_axis.pages.prose import unshown
from mapped_axis.project import Project, shown

KIND = "predict-first"  # the class of the element around program, question and answer
ANSWERS = (3, 4)  # how many a question has
LINES = (5, 14)  # of its program, empty ones not counted
_ANSWER = re.compile(r"\[\[answer\]\]")


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        says: what the program prints, according to it.
        why: why it is right; of a wrong one, what makes a reader choose it.
        right: whether the program prints this.
        code: whether it is text that a program could print, or what happens, in words.
    """

    says: str
    why: str
    right: bool = False
    code: bool = True

    @property
    def markdown(self) -> str:
        """What it says, in Markdown."""
        return f"`{self.says}`" if self.code else self.says


@dataclass(frozen=True)
class Question:
    """What is asked of an example.

    Args:
        ask: the question.
        answers: three or four, of which one is right, in their order.
        section: the id of the section of the page that explains the answer.
        title: its heading.
    """

    ask: str
    answers: tuple[Answer, ...]
    section: str
    title: str

    @property
    def right(self) -> Answer:
        """The right answer."""
        return next(answer for answer in self.answers if answer.right)

    @property
    def wrong(self) -> list[Answer]:
        """The wrong answers."""
        return [answer for answer in self.answers if not answer.right]


def path_of(page: Path, project: Project) -> Path:
    """Return the file that holds the question of a page."""
    return (project.questions / page.relative_to(project.docs)).with_suffix(".toml")


# --- reading, and what is wrong ---------------------------------------------------------


def question_of(piece: Predict, page: Path, project: Project) -> Question:
    """Return the question of a page that has no fault."""
    example = read_example(project.snippets / piece.example)
    written = read_toml(path_of(page, project))
    return _question(written, example, _headings(page))


def predict_problems(page: Path, project: Project) -> list[Problem]:
    """Return what is wrong with the question of a page, if it has one."""
    asked = [piece for piece in pieces(page) if isinstance(piece, Predict)]
    path = path_of(page, project)
    if not asked:
        if not path.is_file():
            return []
        says = f"{shown(page)} does not ask this; add <!-- predict: … --> or delete it."
        return [Problem(path, 1, says)]
    if len(asked) > 1:
        return [Problem(page, asked[1].line, "a second question; a page has one.")]
    if says := _misplaced(asked[0], page):
        return [Problem(page, asked[0].line, says)]
    if not path.is_file():
        says = f"no question {shown(path)}; write it (mapped_axis/pages/predict.py)."
        return [Problem(page, asked[0].line, says)]
    source = project.snippets / asked[0].example
    if not source.is_file() or read_example(source).problems:
        return []  # which `page_problems` says
    text, problems = read_text(path)
    if problems:
        return problems
    try:
        written = read_toml(path)
    except FaultyFileError as error:
        return [error.problem]
    example = read_example(source)
    faults = [*_shape_faults(written, example, text, _headings(page))]
    if not faults:
        question = _question(written, example, _headings(page))
        faults = [*_answer_faults(question, text)]
        faults += _text_faults(question, example, text, page)
    return [Problem(path, line, says) for line, says in faults]


def _misplaced(piece: Predict, page: Path) -> str:
    """Say why a question does not stand where it should, or return ""."""
    prose = [other for other in pieces(page) if isinstance(other, Prose)]
    first = next((other.line for other in prose if heading_of(other.text)), 0)
    empty = {other.line for other in prose if not other.text}
    if piece.line < first and {*range(piece.line + 1, first)} <= empty:
        return ""
    return "a question stands directly before the first ## section of its page."


def _headings(page: Path) -> dict[str, str]:
    """Return the sections of a page: their headings by their ids."""
    lines = (piece.text for piece in pieces(page) if isinstance(piece, Prose))
    return dict(filter(None, map(heading_of, lines)))


def _question(
    written: dict[str, Any], example: Example, headings: dict[str, str]
) -> Question:
    """Make a question of what its file holds, which has the right shape."""
    printed = example.output.text.splitlines() if example.output else []
    answers = []
    for one in written["answer"]:
        right = "prints" in one
        says = (
            printed[one["prints"] - 1] if right else one.get("says", one.get("happens"))
        )
        answers.append(Answer(says.strip(), one["why"], right, "happens" not in one))
    section = written["section"]
    return Question(written["ask"], tuple(answers), section, headings[section])


def _shape_faults(
    written: dict[str, Any], example: Example, text: str, headings: dict[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield line and text of what keeps a file from being a question."""
    for key in ("ask", "section"):
        if not _is_text(written.get(key)):
            yield 1, f'no {key}; write {key} = "…" before the answers.'
    if other := [*{*written} - {"ask", "section", "answer"}]:
        yield _line(text, rf"{re.escape(other[0])}\b"), f"{other[0]!r} is not read."
    section = written.get("section")
    if _is_text(section) and section not in headings:
        line = _line(text, "section")
        yield (
            line,
            f"the page has no section {section!r}; it has {', '.join(headings)}.",
        )
    answers = written.get("answer")
    if not isinstance(answers, list) or not len(answers) in range(*_and(ANSWERS)):
        yield 1, "a question has three or four answers, each under [[answer]]."
        return
    printed = example.output.text.splitlines() if example.output else []
    for number, one in enumerate(answers):
        line = _line_of_answer(text, number)
        kind = [key for key in ("says", "happens", "prints") if key in one]
        if len(kind) != 1 or {*one} - {"why", *kind}:
            yield line, "an answer has why, and one of says, happens and prints."
        elif kind == ["prints"]:
            if not (type(one["prints"]) is int and 0 < one["prints"] <= len(printed)):
                yield (
                    line,
                    f"the output has no line {one['prints']!r}: it has {len(printed)}.",
                )
        elif not _is_text(one[kind[0]]):
            yield line, f"{kind[0]} is no text."
        if not _is_text(one.get("why")):
            yield line, 'an answer without a reason; write why = "…".'
    right = [number for number, one in enumerate(answers) if "prints" in one]
    if len(right) != 1:
        line = _line_of_answer(text, right[1]) if right else 1
        yield line, "one answer is right: it has prints = and a line of the output."
    lines = sum(1 for code in example.program.splitlines() if code.strip())
    if lines not in range(*_and(LINES)):
        least, most = LINES
        yield (
            1,
            f"{shown(example.path)} has {lines} lines; ask about {least} to {most}.",
        )


def _answer_faults(question: Question, text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of answers that are no other than one before, or the right one."""
    for number, answer in enumerate(question.answers):
        for other in question.answers[:number]:
            if _same(answer.says, other.says):
                is_right = " and that is right" if answer.right or other.right else ""
                says = f"{answer.says!r} is said twice{is_right}; give another answer."
                yield _line_of_answer(text, number), says


def _text_faults(
    question: Question, example: Example, text: str, page: Path
) -> Iterator[tuple[int, str]]:
    """Yield line and text of what may not stand in the texts of a question."""
    blocks = [example.program, example.output.text if example.output else ""]
    there = Shown([*blocks, *(one.says for one in question.answers if one.code)])
    texts = [(_line(text, "ask"), question.ask)]
    for number, answer in enumerate(question.answers):
        line = _line_of_answer(text, number)
        texts.append((line, answer.why))
        if not answer.code:
            texts.append((line, answer.says))
    for line, says in texts:
        if "](" in says:
            yield line, "a link; the answer links to the section."
        yield from refusals([(line, says)], page)
        for start, end, *_ in unshown(says, there):
            what = says[start:end]
            yield (
                line,
                f"{what} stands neither in an answer nor in {shown(example.path)}.",
            )


def _is_text(value: object) -> bool:
    """Return whether a value is a text of one line with something in it."""
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value


def _and(ends: tuple[int, int]) -> tuple[int, int]:
    """Return the ends of a range that holds both."""
    return ends[0], ends[1] + 1


def _line(text: str, key: str) -> int:
    """Return the line that begins with a key."""
    found = re.search(rf"(?m)^{key}", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _line_of_answer(text: str, number: int) -> int:
    """Return the line on which an answer begins."""
    found = [*_ANSWER.finditer(text)]
    return text.count("\n", 0, found[number].start()) + 1 if number < len(found) else 1


def _same(one: str, other: str) -> bool:
    """Return whether two answers say the same: with other spaces, 3.5 as 3.50."""
    return _values(one) == _values(other)


def _values(text: str) -> list[float | str]:
    values: list[float | str] = []
    for token in tokens(text):
        try:
            values.append(float(token.replace(",", "").replace("_", "")))
        except ValueError:
            values.append(token.lower())
    return values


# --- how it is shown --------------------------------------------------------------------


def html_of(piece: Predict, page: Path, project: Project) -> Iterator[str]:
    """Yield what stands for a question in a page: HTML, and its blocks as Markdown.

    No line between the blocks is empty but those around a block: it is one piece of HTML.
    A search finds the program, and no answer.
    """
    question = question_of(piece, page, project)
    example = read_example(project.snippets / piece.example)
    name = page.relative_to(project.docs).with_suffix("").as_posix()
    # No engine that searches the web quotes an answer as what the page says.
    yield f'<div class="{KIND}" data-question="{name}" data-nosnippet>'
    yield '<p class="predict-title" data-search-exclude>Predict, then run</p>\n'
    yield from (block.fenced for block in example.code)
    listed = "".join(
        f"<li{' data-right' if answer.right else ''}>{_inline(answer.markdown)}</li>"
        for answer in question.answers
    )
    yield f"<fieldset data-search-exclude><legend>{_inline(question.ask)}</legend>"
    yield f"<ul>{listed}</ul></fieldset>"
    yield '<p role="status"></p>'
    yield "<details data-search-exclude><summary>Answer</summary>\n"
    if example.output:
        yield example.output.fenced
    right = question.right
    link = f'<a href="#{question.section}">{_inline(question.title)}</a>'
    yield f"<p>{_inline(right.markdown)}: {_inline(right.why)} See {link}.</p>"
    reasons = "".join(
        f"<li>Not {_inline(answer.markdown)}: <span>{_inline(answer.why)}</span></li>"
        for answer in question.wrong
    )
    yield f"<ul>{reasons}</ul></details></div>\n"


def without_questions(page: Path, project: Project) -> list[Piece]:
    """Return the pieces of a page for a form in which nothing is folded.

    A question comes before its program; the answer, with all reasons, behind the output.
    """
    read: list[Piece] = []
    for piece in pieces(page):
        if isinstance(piece, Predict):
            question = question_of(piece, page, project)
            read += _asked(question)
            read.append(Include(piece.line, piece.example, None))
            read += _answered(question)
        else:
            read.append(piece)
    return read


def _asked(question: Question) -> Iterator[Prose]:
    """Yield the lines of a question and its answers."""
    yield from _prose(f"**Predict, then run.** {question.ask}", "")
    yield from _prose(*(f"- {answer.markdown}" for answer in question.answers), "")


def _answered(question: Question) -> Iterator[Prose]:
    """Yield the lines of the right answer, and of the reasons against the others."""
    right = question.right
    link = f"[{question.title}](#{question.section})"
    yield from _prose(
        "", f"The answer is {right.markdown}. {right.why} See {link}.", ""
    )
    wrong = (f"- Not {answer.markdown}: {answer.why}" for answer in question.wrong)
    yield from _prose(*wrong, "")


def _prose(*lines: str) -> Iterator[Prose]:
    return (Prose(0, line) for line in lines)


def _inline(text: str) -> str:
    """Return a text with code font as HTML."""
    parts, end = [], 0
    for code in CODE_FONT.finditer(text):
        parts += [escape(text[end : code.start()], quote=False)]
        parts += [f"<code>{escape(code[2], quote=False)}</code>"]
        end = code.end()
    return "".join([*parts, escape(text[end:], quote=False)])
