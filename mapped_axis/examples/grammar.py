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

An example that needs a launcher says so before all else, and ``make cluster`` runs it:

* ``<!-- cluster: GROUND -->``: a program that runs on what `mapped_axis.cluster` starts;
* ``<!-- file: NAME -->``: what lies beside such programs under that name when they run. It
  has no output, and may be ``yaml``.
"""

import ast
import functools
import io
import re
import tokenize
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from mapped_axis.examples.values import Shown
from mapped_axis.project import shown

CONT = "<!--pytest-codeblocks:cont-->"
OUTPUT = "<!--pytest-codeblocks:expected-output-->"
SECTION_NAME = r"[a-z][-_0-9a-z]*"
MAX_COLUMNS = 88

FENCE_LIKE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
# All that an example file holds, each kind with the name of what reads it. A stray is
# any other line that is not empty; if it looks like a fence, with what that encloses.
_TOKEN = re.compile(
    rf"""^(?:
      (?P<mark>{CONT}|{OUTPUT})
    | <!--\ --8<--\ \[start:(?P<start>{SECTION_NAME})\]\ -->
    | <!--\ --8<--\ \[end:(?P<end>{SECTION_NAME})\]\ -->
    | <!--\ cluster:\ (?P<ground>[a-z]+)\ -->
    | <!--\ file:\ (?P<file>[a-z][-_0-9a-z]*\.[a-z]+)\ -->
    | (?P<block>```(?:python|sh|text|yaml)\n(?:(?![^\S\n]*```).*\n)*[^\S\n]*```.*)
    | (?P<unclosed>```(?:python|sh|text|yaml)$(?s:.*))
    | (?P<stray>[ \t>]*(?P<ticks>```|~~~).*|.*\S.*)
      (?(ticks)(?:\n(?![ >]*(?P=ticks)).*)*(?:\n.*)?)
    )$""",
    re.MULTILINE | re.VERBOSE,
)
# All else that is no ASCII could pass for another letter, or not be seen.
_FOREIGN = re.compile(
    r"[^\n -~\N{MIDDLE DOT}\N{MULTIPLICATION SIGN}\N{HORIZONTAL ELLIPSIS}"
    r"\N{RIGHTWARDS ARROW}\N{MINUS SIGN}\N{SUPERSCRIPT TWO}\N{MICRO SIGN}]"
)
# What comes before a result in a comment.
_LEADS = re.compile(r"(?i)^(?:[-=]+>|>>>|(?:output|prints?|returns?|gives?)\b:?)\s*")
_BEFORE_STATEMENT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_OPTION = re.compile(r"<!--.*pytest")  # of pytest or its plugins: a mark, a skip
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
        language: ``python``, ``sh``, ``text`` or ``yaml``.
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
        ground: on what `make cluster` runs it, or "" for one that the tests run.
        file: the name under which it lies beside those that run there, or "".
    """

    path: Path
    code: list[Block] = field(default_factory=list)
    output: Block | None = None
    sections: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ground: str = ""
    file: str = ""

    @property
    def by_cluster(self) -> bool:
        """Whether `make cluster` runs it, and not the tests."""
        return bool(self.ground or self.file)

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
        lines = [at for block in self.code for at in range(block.line + 1, block.end)]
        return [*lines, self.code[-1].end][min(number - 1, len(lines))]


def states_a_value(text: str) -> bool:
    """Return whether a text in code font claims what a program computes or says."""
    return bool(_VALUE.fullmatch(" ".join(text.split())))


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """Return the text of a file and the problems that keep it from being read.

    Args:
        path: a file that must be UTF-8 with LF line ends, of the characters that this
            site uses: what looks like one of them, or like nothing, is refused.

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
    problems = foreign_characters(path, text)
    if text and not text.endswith("\n"):
        line = text.count("\n") + 1
        problems.append(Problem(path, line, "no line end; end the last line with one."))
    return text, problems


def foreign_characters(path: Path, text: str) -> list[Problem]:
    """Return a problem for each character of a text that this site does not use."""
    problems = []
    for found in _FOREIGN.finditer(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        name = unicodedata.name(found[0], f"U+{ord(found[0]):04X}")
        says = f"column {column}: the character {name}; write ASCII, or add it to "
        says += "the characters that mapped_axis/examples/grammar.py allows."
        problems.append(Problem(path, line, says))
    return problems


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
        _Parser(example, columns).parse(text)
    return example


def examples_at(
    paths: Iterable[Path], refuse: Callable[[str], NoReturn]
) -> list[Example]:
    """Return the examples at files and below folders, each once.

    Args:
        paths: the files and folders.
        refuse: ends the program with a message: a path is not there, or what lies there
            is no example. To pass it over would say of it that nothing is wrong.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            refuse(f"there is no {path}")
        found = sorted(path.rglob("*.md")) if path.is_dir() else [path]
        files |= dict.fromkeys(file.resolve() for file in found)
    examples = [read_example(file) for file in files]
    if problems := [str(problem) for one in examples for problem in one.problems]:
        refuse("\n".join(problems))
    return examples


# --- reading -------------------------------------------------------------------------

_NOTHING = (0, "")


class _Parser:
    """Makes an example of a text, and says of each part that has no place why not."""

    def __init__(self, example: Example, columns: int | None) -> None:
        """Begin with an empty example."""
        self.example = example
        self.columns = columns
        self.mark = _NOTHING  # line and text of the one that waits for its block
        self.section = _NOTHING  # line and name of the one that is open
        self.strays: list[Problem] = []  # the problems of lines that have no place

    def refuse(self, line: int, faults: Mapping[str, object]) -> None:
        """Note the first fault that is there, if any is."""
        for text in [text for text, there in faults.items() if there][:1]:
            self.example.problems.append(Problem(self.example.path, line, text))

    def parse(self, text: str) -> None:
        """Take in the whole text of a file."""
        take = {
            "ground": self._ground,
            "file": self._file,
            "mark": self._mark,
            "start": self._start,
            "end": self._end,
            "block": self._block,
            "unclosed": self._unclosed,
            "stray": self._stray,
        }
        for token in _TOKEN.finditer(text):
            line = text.count("\n", 0, token.start()) + 1
            kind = str(token.lastgroup)
            take[kind](line, token[kind])
        self._mark(*_NOTHING)
        line, name = self.section
        unclosed = f"section {name!r} is never closed; add its [end:…] mark."
        self.refuse(line, {unclosed: name})
        nothing = not self.example.code and not self.example.problems
        output = self.example.output
        if output and self.example.file:
            alone = "a file that others run has no output of its own; show theirs."
            self.refuse(output.line, {alone: True})
        self.refuse(1, {"no program; write one ```python or ```sh block.": nothing})
        self._say()
        self._compile()
        if self.strays:  # what follows from one is no fault of its own
            self.example.problems[:] = self.strays

    def _compile(self) -> None:
        """Refuse what is no Python, before anything runs."""
        if self.example.language == "python":
            try:
                ast.parse(self.example.program)
            except SyntaxError as error:
                text = f"{type(error).__name__}: {error.msg}"
                self.refuse(self.example.line_of(error.lineno or 1), {text: True})

    def _say(self) -> None:
        """Refuse comments and docstrings that state what the program does not show."""
        example, output = self.example, self.example.output
        remarks, rest = _remarks(example.program, example.language)
        blocks = Shown([rest, output.text] if output else [rest])
        for at, remark, follows in remarks:
            text = remark.strip("# \"'")
            plain = _LEADS.sub("", text)
            states = states_a_value(plain) and len(plain.split()) < 4
            value = f"the comment {text!r} states a value; print it instead."
            # Without an output it cannot be known what is in it: running supplies it.
            missing = blocks.missing(text) if output else []
            number = f"{missing} in a comment stands in neither program nor output."
            faults = {value: states and (follows or plain != text), number: missing}
            self.refuse(example.line_of(at), faults)

    def _ground(self, line: int, name: str) -> None:
        self._by_cluster(line)
        self.example.ground = name

    def _file(self, line: int, name: str) -> None:
        self._by_cluster(line)
        self.example.file = name

    def _by_cluster(self, line: int) -> None:
        example = self.example
        late = "this says who runs the example; write it before all else, once."
        self.refuse(line, {late: example.blocks or example.by_cluster})

    def _mark(self, line: int, mark: str) -> None:
        before, waits = self.mark
        self.refuse(before, {f"{waits} has no block after it.": waits})
        self.mark = line, mark

    def _start(self, line: int, name: str) -> None:
        outer, sections = self.section[1], self.example.sections
        inside = f"section {name!r} starts inside {outer!r}; close it first."
        again = f"a second section {name!r}; use another name."
        self.refuse(line, {inside: outer})
        self.refuse(line, {again: name in sections})
        for block in self.example.blocks[:1]:
            outside = {"a block outside the sections of a file": not sections}
            self.refuse(block.line, outside)
        sections.append(name)
        self.section = line, name

    def _end(self, line: int, name: str) -> None:
        text = f"section {name!r} ends but is not open here."
        self.refuse(line, {text: name != self.section[1]})
        self.section = _NOTHING

    def _stray(self, line: int, text: str) -> None:
        text = text.strip()
        fence, option = FENCE_LIKE.match(text), _OPTION.match(text)
        faults = {
            f"pytest-codeblocks would not run the fence {text!r}; "
            "write ```python, ```sh or ```text at the line's start.": fence,
            f"{text!r} is not allowed; every example runs everywhere.": option,
            f"{text[:40]!r} is neither a fence nor a mark; "
            "prose belongs in the page.": True,
        }
        self.refuse(line, faults)
        self.strays.append(self.example.problems[-1])

    def _unclosed(self, line: int, _: str) -> None:
        text = "the fence is never closed; end it with ``` on a line."
        self.refuse(line, {text: True})

    def _block(self, line: int, text: str) -> None:
        opening, *body, closing = text.split("\n")
        end, section = line + len(body) + 1, self.section[1]
        alone = "the closing fence must be ``` alone, at the line's start."
        self.refuse(end, {alone: closing != "```"})
        outside = "this block is in no section; put every block into one."
        self.refuse(line, {outside: self.example.sections and not section})
        for number, code in enumerate(body, start=line + 1):
            wide = (
                f"{len(code)} columns; a phone shows few, {self.columns} is the limit: "
                "break the line; if it is printed, print shorter ones and update."
            )
            self.refuse(number, {wide: self.columns and len(code) > self.columns})
        lines = "".join(f"{code}\n" for code in body)
        block = Block(opening.lstrip("`"), line, end, lines, section or None)
        take = self._output if block.language == "text" else self._code
        take(block, self.mark[1])
        self.mark = _NOTHING

    def _output(self, block: Block, mark: str) -> None:
        code, output = self.example.code, self.example.output
        faults = {
            f"a text block is an output; put {OUTPUT} before it.": mark != OUTPUT,
            "an output without a program before it.": not code,
            "a second output; one program has one output, after its last part.": output,
        }
        self.refuse(block.line, faults)
        self.example.output = output or block

    def _code(self, block: Block, mark: str) -> None:
        code, output = self.example.code, self.example.output
        language = block.language
        other = code and language != self.example.language
        separate = code and mark != CONT
        faults = {
            f"an output is a ```text block, not ```{language}.": mark == OUTPUT,
            "code after the output; "
            "put the second program into a file of its own.": output,
            f"a second program; continue the first with {CONT}, "
            "or make a new file.": separate,
            f"{CONT} without a program before it.": mark == CONT and not code,
            "a program is in one language; make a new file.": other,
            "yaml is no program; say <!-- file: NAME --> before all else.": (
                language == "yaml" and not self.example.file
            ),
        }
        self.refuse(block.line, faults)
        self.refuse(block.line, {"the block is empty.": not block.text.strip()})
        code.append(block)


def _remarks(program: str, language: str) -> tuple[list[tuple[int, str, bool]], str]:
    """Part what a program says to its reader from what it does.

    Returns:
        The line, the text, and whether it follows code, of each comment and docstring;
        and the rest of the program.
    """
    if language != "python":
        at = re.compile(r"(?m)(?:(?<=\s)|^)#.*$")
        found = [
            (program.count("\n", 0, m.start()) + 1, m[0], False)
            for m in at.finditer(program)
        ]
        return found, at.sub("", program)
    remarks, rest = [], []
    begins = True  # whether the next token begins a statement
    try:
        for token in tokenize.generate_tokens(io.StringIO(program).readline):
            line, column = token.start
            text = token.string
            if token.type == tokenize.COMMENT:
                remarks.append((line, text, bool(token.line[:column].strip())))
            elif token.type == tokenize.STRING and begins:
                remarks.append((line, text, False))
            else:
                rest.append(text)
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                begins = token.type in _BEFORE_STATEMENT
    except (tokenize.TokenError, SyntaxError):
        return [], program  # the run says what is wrong with the program
    return remarks, " ".join(rest)
