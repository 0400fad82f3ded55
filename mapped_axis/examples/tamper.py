"""Change every output and every literal of the examples; every change must be noticed.

``make tamper`` runs this. It writes each example many times into a temporary project,
each time with one change, and runs pytest over them with the project's own plugin:

* one character of the shown output changed;
* the shown output removed;
* one literal of the program changed: a number, a string, True or False. One that makes no
  difference is changed once more, to the other side.

What passes all the same is a survivor, and is printed with its file and line: a hole in
the checks, or a literal that the example does not need. A literal that rightly makes no
difference stands in ``accepted-survivors.toml`` with the reason. Any other survivor, and an
entry there that no longer survives, end the run with exit status 1.
"""

import argparse
import ast
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import examples
from places import ROOT, SNIPPETS

# By file, then by literal and line: why a change of it is rightly unnoticed.
ACCEPTED = Path(__file__).with_name("accepted-survivors.toml")

TIME_LIMIT = 20  # seconds; a changed loop bound may never end, which counts as noticed


class Change:
    """One changed copy of an example.

    Args:
        example: the `examples.Example` it was made from.
        line: the line of the change in that file.
        what: what was changed, to be read by a person.
        text: the whole text of the changed file.
        is_output: whether the output was changed, and not the program.
        literal: the literal that was changed, as Python writes it.
        where: which one in its program that is.
    """

    def __init__(self, example, line, what, text, is_output, literal="", where=None):
        """Keep the parts."""
        self.literal = literal
        self.where = where
        self.example = example
        self.line = line
        self.what = what
        self.text = text
        self.is_output = is_output

    @property
    def named(self):
        """The file and the literal in its line, as accepted-survivors.toml names them."""
        lines = self.example.path.read_text(encoding="utf-8").splitlines()
        literal = f"{self.literal} in {lines[self.line - 1].strip()}"
        return examples.relative(self.example.path).as_posix(), literal

    def __str__(self):
        """Return where and what."""
        return f"{self.named[0]}:{self.line}: {self.what}"


def output_changes(example):
    """Yield a change of one character of the output, and one without the output."""
    lines = example.path.read_text(encoding="utf-8").splitlines(keepends=True)
    output = example.output
    characters = [
        (number, column)
        for number in range(output.line, output.end - 1)
        for column, character in enumerate(lines[number])
        if not character.isspace()
    ]
    # The one in the middle: neither the first thing one sees, nor the last.
    number, column = characters[len(characters) // 2]
    line = lines[number]
    other = "7" if line[column] != "7" else "1"
    changed = [*lines]
    changed[number] = line[:column] + other + line[column + 1 :]
    what = f"output {line[column]!r} to {other!r}"
    yield Change(example, number + 1, what, "".join(changed), True)
    mark = next(n for n, text in enumerate(lines) if text.startswith(examples.OUTPUT))
    rest = lines[:mark] + lines[output.end :]
    yield Change(example, output.line, "output removed", "".join(rest), True)


def a_little_more(value):
    """Return another value of the same type, or None for one that is not changed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and value:
        # A letter more keeps an axis name or a format what it is, but another one.
        return value + "z"
    return None


def much_less(value):
    """Return a value on the other side: fewer devices, a tighter tolerance, no text."""
    if isinstance(value, bool) or a_little_more(value) is None:
        return None
    if isinstance(value, str):
        return ""
    return value // 2 if isinstance(value, int) and value > 1 else -value - 1


def literals(tree, change):
    """Yield the constants of a program that ``change`` has another value for."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and id(node) not in docstrings
            and change(node.value) is not None
        ):
            yield node


def literal_changes(example, change=a_little_more):
    """Yield a change for each literal of a Python program; none for a shell block."""
    if example.code[0].language != "python":
        return
    tree = ast.parse(example.program)
    for node in literals(tree, change):
        value = node.value
        node.value = change(value)
        program = ast.unparse(tree)
        what = f"{value!r} to {node.value!r}"
        node.value = value
        line = example.line_of(node.lineno)
        where = (example.path, node.lineno, node.col_offset)
        text = whole(program, example)
        yield Change(example, line, what, text, False, repr(value), where)


def whole(program, example):
    """Return the text of an example file with one block of code."""
    return (
        f"```python\n{program}\n```\n\n{examples.OUTPUT}\n\n"
        f"```text\n{example.output.text}```\n"
    )


def survivors(changes):
    """Run changed examples and return those that pass.

    Args:
        changes: a list of `Change`.

    Returns:
        The changes that nothing noticed.

    Raises:
        RuntimeError: the run itself failed.
    """
    if not changes:
        return []
    with tempfile.TemporaryDirectory(prefix="tamper-") as name:
        root = Path(name)
        (root / "docs").mkdir()
        (root / "snippets").mkdir()
        for number, change in enumerate(changes):
            (root / f"snippets/{number}.md").write_text(change.text, encoding="utf-8")
        result = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"),
                *("-c", ROOT / "pyproject.toml", f"--rootdir={root}", "snippets"),
                *("-rA", "--tb=no", f"--time-limit={TIME_LIMIT}", "--any-width"),
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    outcomes = dict(
        reversed(pair)
        for pair in re.findall(
            r"^(PASSED|FAILED|ERROR) snippets/(\d+)\.md",
            result.stdout,
            flags=re.MULTILINE,
        )
    )
    if len(outcomes) != len(changes):
        raise RuntimeError(f"{len(outcomes)} of {len(changes)} ran:\n{result.stdout}")
    return [c for n, c in enumerate(changes) if outcomes[str(n)] == "PASSED"]


def unnoticed(changes):
    """Return the changes that nothing noticed, on the other side either.

    One more device, or a wider tolerance, may rightly change nothing. So a literal has
    survived only if a change to the other side, where there is one, goes unnoticed too.
    """
    left = survivors(changes)
    lived = {change.where for change in left if not change.is_output}
    others = [
        other
        for example in {change.example.path: change.example for change in left}.values()
        for other in literal_changes(example, much_less)
        if other.where in lived
    ]
    noticed = {c.where for c in others} - {c.where for c in survivors(others)}
    return [c for c in left if c.is_output or c.where not in noticed]


def accepted(path):
    """Return the literals that may survive, as pairs: (file, literal)."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {(file, literal) for file, reasons in entries.items() for literal in reasons}


def main(arguments=None):
    """Change the examples below the given folders, and print the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[SNIPPETS], help="files or folders"
    )
    parser.add_argument(
        "--accepted", type=Path, default=ACCEPTED, help="which literals may survive"
    )
    options = parser.parse_args(arguments)
    files = [
        file
        for path in options.paths
        for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])
    ]
    read = [examples.read_example(file.resolve()) for file in files]
    changes = [change for example in read for change in output_changes(example)]
    changes += [change for example in read for change in literal_changes(example)]
    left = unnoticed(changes)
    for kind, is_output in (("outputs", True), ("literals", False)):
        total = sum(change.is_output == is_output for change in changes)
        lived = sum(change.is_output == is_output for change in left)
        if total:
            print(f"{kind}: {total - lived} of {total} changes noticed")

    may = accepted(options.accepted)
    wrong = [change for change in left if change.named not in may]
    for change in wrong:
        print(f"  survived: {change}")
    here = {change.named[0] for change in changes}
    gone = {pair for pair in may if pair[0] in here} - {c.named for c in left}
    for file, literal in sorted(gone):
        print(f"  accepted, and does not survive: {file}: {literal}")
    print(f"{len(left) - len(wrong)} of the rest accepted, in {options.accepted.name}")
    return 1 if wrong or gone else 0


if __name__ == "__main__":
    sys.exit(main())
