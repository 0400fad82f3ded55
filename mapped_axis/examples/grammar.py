"""What an example file and a page may contain.

One reading of both for everyone: the MkDocs hook that shows the faults to an author,
the pytest plugin that runs the examples, and the tests. Anything that is not in the
small grammar below is refused, because pytest-codeblocks and Python-Markdown disagree
about the rest: a fence that one of them overlooks would be shown without being run.

An example file holds, at the start of a line and nothing else:

* fences: three backquotes and ``python``, ``sh`` or ``text``;
* ``<!--pytest-codeblocks:cont-->`` before each later part of the program;
* ``<!--pytest-codeblocks:expected-output-->`` before its one ``text`` block;
* optional sections, marked ``<!-- --8<-- [start:NAME] -->`` and ``[end:NAME]``.

A page holds prose and lines ``--8<-- "PAGE/EXAMPLE.md"``, and no other code. A line
``--8<-- "PAGE/FIGURE.svg"`` shows a figure of ``docs/_figures/``.
"""

import functools
import io
import re
import tokenize
from dataclasses import dataclass, field
from pathlib import Path

CONT = "<!--pytest-codeblocks:cont-->"
OUTPUT = "<!--pytest-codeblocks:expected-output-->"
MAX_COLUMNS = 88

_FENCE = re.compile(r"```(python|sh|text)")
_SECTION = re.compile(r"<!-- --8<-- \[(start|end):([a-z][-_0-9a-z]*)\] -->")
INCLUDE = re.compile(r' *--8<-- "([^":]+\.md)(?::([a-z][-_0-9a-z]*))?"')
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
FIGURE = re.compile(r'--8<-- "([^":]+\.svg)"')
_FENCE_LIKE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_RAW_CODE = re.compile(r"<(pre|code|samp|textarea)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """A fault in an example or a page: where it is, what it is, what to do."""

    path: Path
    line: int
    text: str

    def __str__(self):
        """Return ``path:line: text``, with the path relative to the working folder."""
        return f"{relative(self.path)}:{self.line}: {self.text}"


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
    section: str | None


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
    def blocks(self):
        """All blocks in the order of the file."""
        return self.code + ([self.output] if self.output else [])

    @property
    def program(self):
        """The whole program as one text."""
        return "".join(block.text for block in self.code)

    def line_of(self, number):
        """Return the line in the file of line ``number`` (from 1) of the program."""
        for block in self.code:
            length = block.text.count("\n")
            if number <= length:
                return block.line + number
            number -= length
        return self.code[-1].end if self.code else 1


@dataclass(frozen=True)
class Include:
    """One ``--8<--`` line of a page: its line, the example, the section or None.

    A figure is an example without sections here.
    """

    line: int
    example: str
    section: str | None


def states_a_value(text):
    """Return whether a text in code font claims what a program computes or says."""
    return bool(_VALUE.fullmatch(" ".join(text.split())))


def relative(path):
    """Return ``path`` relative to the working folder if it lies in it."""
    try:
        return Path(path).relative_to(Path.cwd())
    except ValueError:
        return Path(path)


def read_text(path):
    """Return the text of a file and the problems that keep it from being read.

    Args:
        path: a file that must be UTF-8 with LF line ends and end with a line end.

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


def read_example(path, columns=MAX_COLUMNS):
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
def _read_example(path, columns, changed):
    """Read one example file; ``changed`` is there for the cache alone."""
    example = Example(path)
    text, problems = read_text(path)
    example.problems += problems
    if problems:
        return example

    def problem(line, text):
        example.problems.append(Problem(path, line, text))

    mark = mark_line = section = opened = None
    closed_section = None
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip():
            continue
        if line in (CONT, OUTPUT):
            if mark:
                problem(mark_line, f"{mark} has no block after it.")
            mark, mark_line = line, number
            continue
        if match := _SECTION.fullmatch(line):
            kind, name = match.groups()
            if kind == "start":
                if section:
                    problem(
                        number,
                        f"section {name!r} starts inside {section!r}; close it first.",
                    )
                if name in example.sections:
                    problem(number, f"a second section {name!r}; use another name.")
                example.sections.append(name)
                section, opened = name, number
                if example.blocks and closed_section is None:
                    problem(
                        example.blocks[0].line, "a block outside the sections of a file"
                    )
            else:
                if name != section:
                    problem(number, f"section {name!r} ends but is not open here.")
                section, closed_section = None, name
            continue
        if not (match := _FENCE.fullmatch(line)):
            problem(number, _refusal(line))
            if _FENCE_LIKE.match(line):  # pass over what it encloses
                fence = line.strip()[:3]
                while number < len(lines) and not lines[number].strip(" >").startswith(
                    fence
                ):
                    number += 1
                number += 1
            continue
        start, body = number, []
        while number < len(lines) and not lines[number].lstrip().startswith("```"):
            body.append(lines[number])
            number += 1
        number += 1
        if number > len(lines):
            problem(start, "the fence is never closed; end it with ``` on a line.")
            break
        if lines[number - 1] != "```":
            problem(number, "the closing fence must be ``` alone, at the line's start.")
        block = Block(
            match[1], start, number, "".join(part + "\n" for part in body), section
        )
        if example.sections and section is None:
            problem(start, "this block is in no section; put every block into one.")
        _place(example, block, mark, columns, problem)
        mark = None
    if mark:
        problem(mark_line, f"{mark} has no block after it.")
    if section:
        problem(opened, f"section {section!r} is never closed; add its [end:…] mark.")
    if not example.code and not example.problems:
        problem(1, "no program; write one ```python or ```sh block.")
    return example


def _place(example, block, mark, columns, problem):
    """Add a block to an example, as code or as its output, or say why not."""
    lines = block.text.splitlines()
    for offset, line in enumerate(lines, start=1):
        if columns and len(line) > columns:
            problem(
                block.line + offset,
                f"{len(line)} columns; a phone shows few, {columns} is the limit.",
            )
    if block.language == "text":
        if mark != OUTPUT:
            problem(block.line, f"a text block is an output; put {OUTPUT} before it.")
        elif not example.code:
            problem(block.line, "an output without a program before it.")
        elif example.output:
            problem(
                block.line,
                "a second output; one program has one output, after its last part.",
            )
        example.output = example.output or block
        return
    if mark == OUTPUT:
        problem(
            block.line,
            f"an output is a ```text block, not ```{block.language}.",
        )
    elif example.output:
        problem(
            block.line,
            "code after the output; put the second program into a file of its own.",
        )
    elif example.code and mark != CONT:
        problem(
            block.line,
            f"a second program; continue the first with {CONT}, or make a new file.",
        )
    elif mark == CONT and not example.code:
        problem(block.line, f"{CONT} without a program before it.")
    elif example.code and block.language != example.code[0].language:
        problem(block.line, "a program is in one language; make a new file.")
    if not block.text.strip():
        problem(block.line, "the block is empty.")
    for line, comment in _trailing_comments(block):
        if len(comment.split()) < 4 and states_a_value(comment):
            problem(line, f"the comment {comment!r} states a value; print it instead.")
    example.code.append(block)


def _trailing_comments(block):
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


def _refusal(line):
    """Say why a line has no place in an example file."""
    if _FENCE_LIKE.match(line):
        return (
            f"pytest-codeblocks would not run the fence {line.strip()!r}; "
            "write ```python, ```sh or ```text at the line's start."
        )
    if "pytest" in line and line.lstrip().startswith("<!--"):
        return f"{line.strip()!r} is not allowed; every example runs everywhere."
    return (
        f"{line.strip()[:40]!r} is neither a fence nor a mark; "
        "prose belongs in the page."
    )


def read_page(path):
    """Read which examples a page includes.

    Args:
        path: a Markdown file below ``docs/``.

    Returns:
        A list of `Include` and a list of `Problem`.
    """
    text, problems = read_text(path)
    includes = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.fullmatch(line):
            includes.append(Include(number, match[1], match[2]))
        elif "8<--" in line and not FIGURE.fullmatch(line):
            problems.append(
                Problem(
                    path,
                    number,
                    'not an include that is checked; write --8<-- "folder/name.md", '
                    '--8<-- "folder/name.md:section" or --8<-- "folder/name.svg" on a '
                    "line of its own.",
                )
            )
        elif _FENCE_LIKE.match(line) or _RAW_CODE.search(line):
            problems.append(
                Problem(
                    path,
                    number,
                    "code in a page; move it to an example in snippets/ and include it.",
                )
            )
    return includes, problems


def read_figures(path):
    """Return which figures a page includes, as a list of `Include`."""
    lines = read_text(path)[0].splitlines()
    return [
        Include(number, match[1], None)
        for number, line in enumerate(lines, start=1)
        if (match := FIGURE.fullmatch(line))
    ]


def folder_of(page, docs, snippets):
    """Return the folder of a page's examples: docs/a/b.md has snippets/a/b."""
    return snippets / page.relative_to(docs).with_suffix("")


def page_problems(page, docs, snippets):
    """Check one page, and the examples and figures that it includes.

    Args:
        page: a Markdown file below ``docs``.
        docs: the folder of the pages.
        snippets: the folder of the examples.

    Returns:
        A list of `Problem`, in the page and in its examples.
    """
    includes, problems = read_page(page)
    folder = folder_of(page, docs, snippets)
    shown = {}
    for include in includes:
        path = snippets / include.example
        if not path.is_file():
            problems.append(
                Problem(
                    page,
                    include.line,
                    f"no example {relative(path)}; create it or mend the name.",
                )
            )
        elif path.parent != folder:
            problems.append(
                Problem(
                    page,
                    include.line,
                    f"{relative(path)} belongs to another page; "
                    f"this page's examples lie in {relative(folder)}/.",
                )
            )
        else:
            shown.setdefault(path, []).append(include)
    for path, parts in shown.items():
        example = read_example(path)
        problems += example.problems
        wanted = example.sections or [None]
        given = [part.section for part in parts]
        if given != wanted:
            problems.append(Problem(page, parts[0].line, _parts(path, given, wanted)))
    return problems + _figure_problems(page, docs / "_figures", docs)


def _figure_problems(page, figures, docs):
    """Check the figures that a page includes."""
    problems = []
    shown = set()
    folder = folder_of(page, docs, figures)
    for include in read_figures(page):
        path = figures / include.example
        name = relative(path)
        if not path.is_file():
            text = f"no figure {name}; declare it in figures.py and run make figures."
        elif path.parent != folder:
            text = f"{name} belongs to another page; this one's are in {folder.name}/."
        elif path in shown:
            text = f"{name} is shown twice; show it once."
        else:
            shown.add(path)
            continue
        problems.append(Problem(page, include.line, text))
    return problems


def _parts(path, given, wanted):
    """Say how the parts that a page shows differ from those that the example has."""

    def names(sections):
        return ", ".join(section or "the whole file" for section in sections)

    return (
        f"{relative(path)} is shown as: {names(given)}; "
        f"show every part once and in order: {names(wanted)}."
    )


def pages(docs):
    """Return all Markdown pages below ``docs``, sorted, without the site's own files."""
    return sorted(
        path
        for path in docs.rglob("*.md")
        if not any(part.startswith("_") for part in path.relative_to(docs).parts)
    )


def all_problems(docs, snippets):
    """Check every page, every example and every figure.

    Args:
        docs: the folder of the pages.
        snippets: the folder of the examples.

    Returns:
        A list of `Problem`: those of each page, and one for each file below
        ``snippets`` and each figure that no page shows.
    """
    problems = []
    shown = set()
    figures = docs / "_figures"
    for page in pages(docs):
        problems += page_problems(page, docs, snippets)
        shown |= {snippets / include.example for include in read_page(page)[0]}
        shown |= {figures / include.example for include in read_figures(page)}
    for path in [*sorted(snippets.rglob("*")), *sorted(figures.rglob("*.svg"))]:
        if path.is_dir() or path in shown or "__pycache__" in path.parts:
            continue
        root = figures if path.suffix == ".svg" else snippets
        page = (docs / path.parent.relative_to(root)).with_suffix(".md")
        problems.append(
            Problem(
                path,
                1,
                f"no page shows this; include it in {relative(page)} or delete.",
            )
        )
    return problems


def shown_by(path, docs, snippets):
    """Return where an example is shown, as a list of (page, line)."""
    name = path.relative_to(snippets).as_posix()
    return [
        (page, include.line)
        for page in pages(docs)
        for include in read_page(page)[0]
        if include.example == name
    ]
