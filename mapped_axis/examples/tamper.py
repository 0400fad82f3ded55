"""Change every output and every literal of the examples; every change must be noticed.

``make tamper`` runs this. It writes each example many times into a temporary project,
each time with one change, and runs pytest over them with the project's own plugin:

* one character of the shown output changed;
* the shown output removed;
* one literal of the program changed: a number, a string, True, False or None. One that
  makes no difference is changed once more, to the other side;
* one operator, one comparison or the name of one keyword argument changed.

Of an exercise, what its solution writes is changed. The check may have other data and be as
good; that it is one, its starter and the tests of exercises show, which fail it.

First each example must pass as it is, well within the time that a changed one gets: on a
busy machine a change would seem to be noticed that only took too long.

What passes all the same is a survivor, and is printed with its file and line: a hole in
the checks, or a literal that the example does not need. A literal that rightly makes no
difference stands in ``accepted-survivors.toml`` with the reason. Any other survivor, and an
entry there that no longer survives, end the run with exit status 1. The score of each page
whose examples were all changed is kept in ``tampered.json``, which a page shows.
"""

import argparse
import ast
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapped_axis.examples import record
from mapped_axis.examples.data import read_json, read_toml
from mapped_axis.examples.grammar import Example, examples_at, read_example
from mapped_axis.examples.invoke import run_pytest
from mapped_axis.examples.write import example_text
from mapped_axis.project import HERE, Project, replace_text, shown

# By file, then by literal and line: why a change of it is rightly unnoticed.
ACCEPTED = Path(__file__).with_name("accepted-survivors.toml")
SCORES = HERE.docs / "reference/how-this-is-checked/tampered.json"

_SOLUTION = re.compile("exercise-.*-solution.md")
_STARTER = re.compile("exercise-.*-start.md")

# Seconds. A changed loop bound may never end, which counts as noticed.
TIME_LIMIT = 40
UNCHANGED_LIMIT = TIME_LIMIT / 2


@dataclass(frozen=True)
class Change:
    """One changed copy of an example.

    Args:
        example: the example it was made from.
        line: the line of the change in that file.
        what: what was changed, to be read by a person.
        text: the whole text of the changed file.
        kind: what kind of thing was changed.
        literal: what of the program was changed, as Python writes it, or "" where the
            output was changed.
        column: where in its line the changed part ends.
    """

    example: Example
    line: int
    what: str
    text: str
    kind: str = "outputs"
    literal: str = ""
    column: int = 0

    @property
    def is_output(self) -> bool:
        """Whether the output was changed, and not the program."""
        return not self.literal

    @property
    def where(self) -> tuple[Path, int, int, str]:
        """What of which program was changed."""
        return self.example.path, self.line, self.column, self.literal

    @property
    def page(self) -> str:
        """The page of the example."""
        return shown(self.example.path.parent).as_posix()

    @property
    def named(self) -> tuple[str, str]:
        """The file and the literal in its line, as accepted-survivors.toml names them."""
        lines = self.example.path.read_text(encoding="utf-8").splitlines()
        literal = f"{self.literal} in {lines[self.line - 1].strip()}"
        return shown(self.example.path).as_posix(), literal

    def __str__(self) -> str:
        """Return where and what."""
        return f"{self.named[0]}:{self.line}: {self.what}"


OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
A = ast.Name("a")
SIGNS: dict[type[ast.AST], str] = {
    **{op: ast.unparse(ast.BinOp(A, op(), A))[1:-1].strip() for op in OPERATORS},
    **{
        op: ast.unparse(ast.Compare(A, [op()], [A]))[1:-1].strip() for op in COMPARISONS
    },
}


def output_changes(example: Example) -> Iterator[Change]:
    """Yield a change of one character of the output, and one without the output."""
    output = example.output
    if output is None:
        return
    shown = output.text
    characters = [match.start() for match in re.finditer(r"\S", shown)]
    # The one in the middle: neither the first thing one sees, nor the last.
    at = characters[len(characters) // 2]
    other = "7" if shown[at] != "7" else "1"
    changed = f"{shown[:at]}{other}{shown[at + 1 :]}"
    line = output.line + 1 + shown.count("\n", 0, at)
    parts = [block.text for block in example.code]
    for where, what, shows in (
        (line, f"output {shown[at]!r} to {other!r}", changed),
        (output.line, "output removed", None),
    ):
        text = example_text(*parts, output=shows, language=example.language)
        yield Change(example, where, what, text)


def others(value: object) -> tuple[object, object]:
    """Return two other values for a literal, or None for one that is not changed.

    Returns:
        A little more, of the same type; and what lies on the other side: fewer devices,
        a tighter tolerance, no text.
    """
    match value:
        case bool():
            return not value, None
        case int():
            return value + 1, value // 2 if value > 1 else -value - 1
        case float():
            return value + 1, -value - 1
        case str() if value:
            # A letter more keeps an axis name or a format what it is, but another one.
            return value + "z", ""
        case None:
            return 0, None  # where None holds an argument, 0 maps it
    return None, None


def program_changes(example: Example, side: int = 0) -> Iterator[Change]:
    """Yield the changes of a Python program, one at a time; none for a shell block.

    Args:
        example: the example.
        side: which of the values of `others` each literal becomes; what has no other side
            is left out.
    """
    if example.language != "python" or example.output is None:
        return
    tree = ast.parse(example.program)
    given = _given(example, tree)
    for node, field, kind, literal, changed in places(tree):
        if side >= len(changed) or node.lineno in given:
            continue
        other, what = changed[side]
        before = getattr(node, field)
        setattr(node, field, other)
        text = example_text(f"{ast.unparse(tree)}\n", output=example.output.text)
        setattr(node, field, before)
        line, column = example.line_of(node.lineno), node.end_col_offset or 0
        what = f"{literal} to {what}"
        yield Change(example, line, what, text, kind, literal, column)


def _given(example: Example, tree: ast.Module) -> set[int]:
    """Return the lines of a solution that its starter has too; of others none."""
    if not _SOLUTION.fullmatch(example.path.name):
        return set()
    name = example.path.name.replace("-solution", "-start")
    starter = ast.parse(read_example(example.path.with_name(name)).program)
    known = {ast.dump(node) for node in starter.body}
    same = [node for node in tree.body if ast.dump(node) in known]
    return {n for node in same for n in range(node.lineno, (node.end_lineno or 0) + 1)}


# A node of a program, its field, the kind of what stands there and how Python writes it,
# and what else may stand there.
Place = tuple[ast.expr | ast.keyword | ast.stmt, str, str, str, list[tuple[Any, str]]]


def places(tree: ast.Module) -> Iterator[Place]:
    """Yield what of a program is changed."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant() if id(node) not in docstrings:
                values = [v for v in others(node.value) if v is not None]
                changed = [(value, repr(value)) for value in values]
                yield node, "value", "literals", repr(node.value), changed
            case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
                other = OPERATORS[type(op)]
                changed = [(other(), SIGNS[other])]
                yield node, "op", "operators", SIGNS[type(op)], changed
            case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
                swapped = COMPARISONS[type(op)]
                changed = [([swapped()], SIGNS[swapped])]
                yield node, "ops", "comparisons", SIGNS[type(op)], changed
            case ast.keyword(arg=str(name)):
                yield node, "arg", "keywords", f"{name}=", [(name + "z", f"{name}z=")]


def _said(texts: Sequence[str], time_limit: float) -> list[str]:
    """Run examples, given by their texts, and return what each said: "" if it passed.

    Raises:
        RuntimeError: the run itself failed.
    """
    if not texts:
        return []
    with tempfile.TemporaryDirectory(prefix="tamper-") as name:
        project = Project(Path(name))
        project.snippets.mkdir()
        for number, text in enumerate(texts):
            path = project.snippets / f"{number}.md"
            path.write_text(text, encoding="utf-8")
        limit = f"--time-limit={time_limit:g}"
        outcome = run_pytest(project, "--tb=no", "--any-width", limit)
    if len(outcome.said) != len(texts):
        raise RuntimeError(
            f"{len(outcome.said)} of {len(texts)} ran:\n{outcome.output}"
        )
    return [outcome.said[f"snippets/{number}.md"] for number in range(len(texts))]


def failing(examples: Sequence[Example]) -> list[str]:
    """Return which examples fail as they are, and how: changes to them say nothing."""
    texts = [example.path.read_text(encoding="utf-8") for example in examples]
    found = []
    for example, said in zip(examples, _said(texts, UNCHANGED_LIMIT), strict=True):
        if said:
            # The first line names the copy that ran, and its fault if that is all.
            named, *says = filter(None, said.splitlines())
            found.append(f"{shown(example.path)}: {says[0] if says else named}")
    return found


def survivors(changes: Sequence[Change]) -> list[Change]:
    """Run changed examples and return those that pass: the changes that nobody noticed."""
    said = _said([change.text for change in changes], TIME_LIMIT)
    return [c for c, one in zip(changes, said, strict=True) if not one]


def unnoticed(changes: Sequence[Change]) -> list[Change]:
    """Return the changes that nothing noticed, on the other side either.

    One more device, or a wider tolerance, may rightly change nothing. So a literal has
    survived only if a change to the other side, where there is one, goes unnoticed too.
    """
    left = survivors(changes)
    lived = {change.where for change in left if not change.is_output}
    other_side = [
        change
        for example in {change.example.path: change.example for change in left}.values()
        for change in program_changes(example, side=1)
        if change.where in lived
    ]
    survived = {change.where for change in survivors(other_side)}
    noticed = {change.where for change in other_side} - survived
    return [c for c in left if c.is_output or c.where not in noticed]


def _is_changed(example: Example) -> bool:
    """Return whether an example is changed with its page: no starter, without launcher."""
    return not (_STARTER.fullmatch(example.path.name) or example.by_cluster)


def examples_of(folder: Path) -> list[Path]:
    """Return the examples of a page that are changed."""
    files = sorted(folder.glob("*.md"))
    return [file for file in files if _is_changed(read_example(file))]


def keep_scores(
    changes: Sequence[Change], left: Sequence[Change], wrong: Sequence[Change]
) -> None:
    """Write down the score of each page of which all examples were changed.

    Args:
        changes: what was changed.
        left: what of it went unnoticed.
        wrong: what of that has no reason.
    """
    scores = read_json(SCORES) if SCORES.exists() else {}
    for folder in {change.example.path.parent for change in changes}:
        here = {c.example.path for c in changes if c.example.path.parent == folder}
        if folder.is_relative_to(HERE.snippets) and sorted(here) == examples_of(folder):
            of_page, lived, unexplained = (
                sum(change.example.path.parent == folder for change in some)
                for some in (changes, left, wrong)
            )
            scores[folder.relative_to(HERE.snippets).as_posix()] = {
                "changes": of_page,
                "noticed": of_page - lived,
                "accepted": lived - unexplained,
                "examples": {file.name: record.digest(file) for file in sorted(here)},
            }
    replace_text(SCORES, json.dumps(scores, indent=1, sort_keys=True) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Change the examples below the given folders, and print the score."""
    parser = argparse.ArgumentParser(description="Change every output and literal.")
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[HERE.snippets], help="files or folders"
    )
    parser.add_argument(
        "--accepted", type=Path, default=ACCEPTED, help="which literals may survive"
    )
    options = parser.parse_args(arguments)
    found = examples_at(options.paths, parser.error)
    named = {path.resolve() for path in options.paths}
    read = [one for one in found if one.path in named or _is_changed(one)]
    if not read:
        parser.error(f"no example below {', '.join(map(str, options.paths))}")
    if as_they_are := failing(read):
        for said in as_they_are:
            print(f"  fails unchanged, so nothing was changed: {said}")
        return 1
    changes = [change for example in read for change in output_changes(example)]
    changes += [change for example in read for change in program_changes(example)]
    left = unnoticed(changes)
    for part in ("kind", "page"):
        total, lived = (Counter(getattr(c, part) for c in s) for s in (changes, left))
        for name, count in total.items():
            print(f"{name}: {count - lived[name]} of {count} changes noticed")

    entries = read_toml(options.accepted)
    may = {
        (file, literal) for file, literals in entries.items() for literal in literals
    }
    wrong = [change for change in left if change.named not in may]
    keep_scores(changes, left, wrong)
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
