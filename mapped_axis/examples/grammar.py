"""What an example file may contain.

One reading for everyone: what shows faults to an author, what runs the examples, what
shows them, and the tests. Anything that is not in the small grammar below is refused,
because pytest-codeblocks and Python-Markdown disagree about the rest: a fence that one of
them overlooks would be shown without being run.

An example file holds, at the start of a line and nothing else:

* fences: three backquotes and ``python``, ``sh`` or ``text``;
* ``<!--pytest-codeblocks:cont-->`` before each later part of the program;
* ``<!--pytest-codeblocks:expected-output-->`` before its one ``text`` block;
* optional sections, marked ``<!-- --8<-- [start:NAME] -->`` and ``[end:NAME]``.
"""

import functools
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mapped_axis.project import shown

CONT = "<!--pytest-codeblocks:cont-->"
OUTPUT = "<!--pytest-codeblocks:expected-output-->"
SECTION_NAME = r"[a-z][-_0-9a-z]*"
MAX_COLUMNS = 88

_FENCE = re.compile(r"```(python|sh|text)")
_SECTION = re.compile(rf"<!-- --8<-- \[(start|end):({SECTION_NAME})\] -->")
FENCE_LIKE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_VALUE = re.compile(
    r"""
      [-+]?[\d(\[{].*                         # a number, a shape, an array
    | (float|int|uint|bfloat|complex)\d+.*     # a dtype
    | \w*(Error|Warning)\b.*                   # an error
    | [a-z]\d*\[[\d,@a-z]*\]                  # a type, such as f32[2,3]
    | \S+(\s+\S+){3,}                         # a sentence: a message
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Problem:
    """A fault in an example or a page: where it is, what it is, what to do."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        """Return ``path:line: text``, with the path relative to the working folder."""
        return f"{shown(self.path)}:{self.line}: {self.text}"


@dataclass
class Block:
    """One fenced block.

    Args:
        language: ``python``, ``sh`` or ``text``.
        line: line of the opening fence, from 1.
        end: line of the closing fence.
        text: the lines between, each with its line end.
        section: the name of the section around it, or None.
    """

    language: str
    line: int
    end: int
    text: str
    section: str | None = None

    @property
    def fenced(self) -> str:
        """The block as it stands in a Markdown file."""
        return f"```{self.language}\n{self.text}```\n"


@dataclass
class Example:
    """One example file, as far as it could be read.

    Args:
        path: the file.
        code: the parts of the program, in order.
        output: the block that shows what the program prints, or None.
        sections: the names of the sections, in order.
        problems: what is wrong with the file; empty if nothing is.
    """

    path: Path
    code: list[Block] = field(default_factory=list)
    output: Block | None = None
    sections: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def blocks(self) -> list[Block]:
        """All blocks in the order of the file."""
        return self.code + ([self.output] if self.output else [])

    @property
    def language(self) -> str:
        """The language of the program."""
        return self.code[0].language if self.code else ""

    @property
    def program(self) -> str:
        """The whole program as one text."""
        return "".join(block.text for block in self.code)

    def part(self, section: str | None) -> list[Block]:
        """Return the blocks of a section; of None, those of a file without any."""
        return [block for block in self.blocks if block.section == section]

    def line_of(self, number: int) -> int:
        """Return the line in the file of line ``number`` (from 1) of the program."""
        for block in self.code:
            length = block.text.count("\n")
            if number <= length:
                return block.line + number
            number -= length
        return self.code[-1].end if self.code else 1


def states_a_value(text: str) -> bool:
    """Return whether a text in code font claims what a program computes or says."""
    return bool(_VALUE.fullmatch(" ".join(text.split())))


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """Return the text of a file and the problems that keep it from being read.

    Args:
        path: a file that must be UTF-8 with LF line ends.

    Returns:
        The text ("" where it cannot be decoded) and a list of problems.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return "", [Problem(path, line, "not UTF-8; save the file as UTF-8.")]
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        return text, [Problem(path, line, "CRLF line ends; save the file with LF.")]
    if text.startswith("\ufeff"):
        return text, [Problem(path, 1, "a byte order mark; save without it.")]
    return text, []


def read_example(path: Path, columns: int | None = MAX_COLUMNS) -> Example:
    """Read one example file, or give back what was read if it is the same since.

    Args:
        path: a Markdown file below ``snippets/``.
        columns: how long a line may be, or None for any length.

    Returns:
        An `Example`. Its ``problems`` say what in the file is not in the grammar;
        a missing output is not among them, since running the example supplies it.
    """
    return _read_example(path, columns, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _read_example(path: Path, columns: int | None, changed: int) -> Example:
    """Read one example file; ``changed`` is there for the cache alone."""
    example = Example(path)
    text, problems = read_text(path)
    example.problems += problems
    if not problems:
        _Parser(example, columns).parse(_tokens(text))
    return example


# --- tokens -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    """A line that means something, or a fence with what it encloses.

    Args:
        kind: ``mark``, ``start`` and ``end`` of a section, ``block``, ``unclosed`` for a
            fence without an end, or ``stray`` for what has no place in an example.
        line: its first line.
        value: the mark, the name of the section, the language, or the line as it stands.
        end: its last line.
        body: the lines that a fence encloses.
        closing: the line that ends a fence.
    """

    kind: str
    line: int
    value: str
    end: int = 0
    body: tuple[str, ...] = ()
    closing: str = ""


def _tokens(text: str) -> Iterator[_Token]:
    """Yield what stands in an example file, in order."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if not line.strip():
            continue
        if line in (CONT, OUTPUT):
            yield _Token("mark", number, line)
        elif match := _SECTION.fullmatch(line):
            yield _Token(match[1], number, match[2])
        elif fence := FENCE_LIKE.match(line):
            exact = _FENCE.fullmatch(line)
            before = None if exact else " >"  # what may stand before the closing fence
            last = at
            while last < len(lines) and not lines[last].lstrip(before).startswith(
                fence[1][:3]
            ):
                last += 1
            body = tuple(lines[at:last])
            at = last + 1
            if not exact:
                yield _Token("stray", number, line)
            elif last == len(lines):
                yield _Token("unclosed", number, exact[1])
            else:
                yield _Token("block", number, exact[1], at, body, lines[last])
        else:
            yield _Token("stray", number, line)


# --- what they mean ---------------------------------------------------------------------


class _Parser:
    """Makes an example of tokens, and says of each that has no place why it has none."""

    def __init__(self, example: Example, columns: int | None) -> None:
        """Begin with an empty example."""
        self.example = example
        self.columns = columns
        self.mark: _Token | None = None  # one that waits for its block
        self.section: _Token | None = None  # the one that is open

    def problem(self, line: int, text: str) -> None:
        """Note a fault."""
        self.example.problems.append(Problem(self.example.path, line, text))

    def parse(self, tokens: Iterator[_Token]) -> None:
        """Take in all tokens of a file."""
        for token in tokens:
            getattr(self, f"_{token.kind}")(token)
        self._no_mark_waits()
        if self.section:
            name = self.section.value
            text = f"section {name!r} is never closed; add its [end:…] mark."
            self.problem(self.section.line, text)
        if not self.example.code and not self.example.problems:
            self.problem(1, "no program; write one ```python or ```sh block.")

    def _no_mark_waits(self) -> None:
        if self.mark:
            self.problem(self.mark.line, f"{self.mark.value} has no block after it.")
        self.mark = None

    def _mark(self, token: _Token) -> None:
        self._no_mark_waits()
        self.mark = token

    def _start(self, token: _Token) -> None:
        name, sections = token.value, self.example.sections
        if self.section:
            text = f"section {name!r} starts inside {self.section.value!r}; close it first."
            self.problem(token.line, text)
        if name in sections:
            self.problem(token.line, f"a second section {name!r}; use another name.")
        if self.example.blocks and not sections:
            line = self.example.blocks[0].line
            self.problem(line, "a block outside the sections of a file")
        sections.append(name)
        self.section = token

    def _end(self, token: _Token) -> None:
        if not self.section or token.value != self.section.value:
            text = f"section {token.value!r} ends but is not open here."
            self.problem(token.line, text)
        self.section = None

    def _stray(self, token: _Token) -> None:
        line = token.value
        if FENCE_LIKE.match(line):
            text = (
                f"pytest-codeblocks would not run the fence {line.strip()!r}; "
                "write ```python, ```sh or ```text at the line's start."
            )
        elif "pytest" in line and line.lstrip().startswith("<!--"):
            text = f"{line.strip()!r} is not allowed; every example runs everywhere."
        else:
            text = (
                f"{line.strip()[:40]!r} is neither a fence nor a mark; "
                "prose belongs in the page."
            )
        self.problem(token.line, text)

    def _unclosed(self, token: _Token) -> None:
        self.problem(
            token.line, "the fence is never closed; end it with ``` on a line."
        )

    def _block(self, token: _Token) -> None:
        if token.closing != "```":
            text = "the closing fence must be ``` alone, at the line's start."
            self.problem(token.end, text)
        if self.example.sections and not self.section:
            text = "this block is in no section; put every block into one."
            self.problem(token.line, text)
        for number, line in enumerate(token.body, start=token.line + 1):
            if self.columns and len(line) > self.columns:
                text = f"{len(line)} columns; a phone shows few, {self.columns} is the limit."
                self.problem(number, text)
        block = Block(
            token.value,
            token.line,
            token.end,
            "".join(f"{line}\n" for line in token.body),
            self.section.value if self.section else None,
        )
        if block.language == "text":
            self._output(block)
        else:
            self._code(block)
        self.mark = None

    def _output(self, block: Block) -> None:
        if not self.mark or self.mark.value != OUTPUT:
            text = f"a text block is an output; put {OUTPUT} before it."
            self.problem(block.line, text)
        elif not self.example.code:
            self.problem(block.line, "an output without a program before it.")
        elif self.example.output:
            text = "a second output; one program has one output, after its last part."
            self.problem(block.line, text)
        self.example.output = self.example.output or block

    def _code(self, block: Block) -> None:
        mark = self.mark.value if self.mark else None
        code = self.example.code
        if mark == OUTPUT:
            text = f"an output is a ```text block, not ```{block.language}."
            self.problem(block.line, text)
        elif self.example.output:
            text = (
                "code after the output; put the second program into a file of its own."
            )
            self.problem(block.line, text)
        elif code and mark != CONT:
            text = (
                f"a second program; continue the first with {CONT}, or make a new file."
            )
            self.problem(block.line, text)
        elif mark == CONT and not code:
            self.problem(block.line, f"{CONT} without a program before it.")
        elif code and block.language != code[0].language:
            self.problem(block.line, "a program is in one language; make a new file.")
        if not block.text.strip():
            self.problem(block.line, "the block is empty.")
        for line, comment in _trailing_comments(block):
            if len(comment.split()) < 4 and states_a_value(comment):
                text = f"the comment {comment!r} states a value; print it instead."
                self.problem(line, text)
        code.append(block)


def _trailing_comments(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the line in the file and the text of each comment that follows code."""
    if block.language != "python":
        return
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(block.text).readline))
    except (tokenize.TokenError, SyntaxError):
        return  # the run says what is wrong with the program
    for token in tokens:
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            yield block.line + token.start[0], token.string.lstrip("# ")
