"""The examples do the same thing in the same words: read a program, show an error."""

import ast
from collections import Counter, defaultdict

import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.project import HERE

# In these an error is not shown as it is, from its beginning: by example, why.
CUTS = {
    "devices/from-pmap/check-rep": "what follows, or all of it, differs between versions",
    "devices/from-pmap/groups": "an error without any text",
    "devices/from-pmap/removed": "a table of names, with errors of two types",
    "devices/gradient-trap/table": "a table of numbers: the section before has the text",
    "devices/meshes/does-not-fit": "of no public type; a newer JAX leaves out a word",
    "devices/meshes/explicit-asks": "of no public type",
    "devices/meshes/explicit-refuses": "one of five is of no public type",
    "devices/model-parallel/ten-columns": "as in devices/meshes/does-not-fit",
    "devices/shard-map-today/other-axis": "two calls, with errors of two types",
    "devices/shard-map/vmap-limits": "two calls, one with an error without any text",
    "further/control-flow/python-if": "what follows names an address in memory",
    "further/derivatives/kernel-forward": "three calls, one with an error without any text",
    "further/derivatives/kernel-gradient": "an error without any text",
    "further/derivatives/nondiff": "says first which of two rules it is",
    "further/indexing/out-of-bounds": "a line of a table: a list, beside arrays",
    "further/look-inside/leak": "what follows names an address in memory",
    "further/look-inside/nan-unused": "says first which of two functions it is",
    "further/randomness/split": "two calls, with errors of two types",
    "learn/arguments/keywords": "a newer JAX goes on, about keywords",
    "learn/arguments/static": "what stands before names an address in memory",
    "libraries/models/activation": "what stands before names an address in memory",
    "libraries/models/ensemble": "what stands before names an address in memory",
    "libraries/models/nnx-state": "what follows names an address in memory",
    "libraries/solvers/bfgs": "the library puts the advice of another library before it",
    "libraries/solvers/ode-failure": "as in libraries/solvers/bfgs",
    "libraries/training-many/schedule": "what follows names an address in memory",
    "reference/cheat-sheet/messages": "a numbered table, narrow enough for print",
    "reference/errata/prompt": "the line at fault is shown as well",
    "reference/tracing-errors/float": "what follows names an address in memory",
    "reference/tracing-errors/gradient": "a newer JAX goes on, about remedies",
    "reference/tracing-errors/integer": "what follows names an address in memory",
    "reference/tracing-errors/numpy": "what follows names an address in memory",
    "reference/tracing-errors/shape": "what follows differs between versions",
    "reference/tracing-errors/slice": "a newer JAX says all but these words otherwise",
}


@pytest.fixture(scope="module")
def trees():
    """Return the Python programs of the site, parsed, by their names."""
    examples = [read_example(path) for path in sorted(HERE.snippets.rglob("*.md"))]
    return {
        example.path.relative_to(HERE.snippets).with_suffix("").as_posix(): ast.parse(
            example.program
        )
        for example in examples
        if example.language == "python"
    }


def unlike(helper, trees):
    """Return the programs whose definition of a helper is not that of most."""
    found = defaultdict(list)
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == helper:
                found[ast.unparse(node)].append(name)
    *others, most = sorted(found.values(), key=len)
    assert len(most) > 1, f"no two programs define {helper}"
    return [name for names in others for name in names]


@pytest.mark.parametrize("helper", ["collectives", "temporaries"])
def test_a_helper_is_the_same_in_every_program(helper, trees):
    assert unlike(helper, trees) == []


@pytest.mark.parametrize("helper", ["collectives", "temporaries"])
def test_a_helper_that_differs_is_found(helper, trees):
    name = "devices/meshes/collectives"
    changed = ast.unparse(trees[name]).replace("compile()", "compile(None)")
    assert unlike(helper, {**trees, name: ast.parse(changed)}) == [name]


def is_message(node, kind):
    """Return whether a part of a program is ``f"KindOfError: {error}"``."""
    match node:
        case ast.JoinedStr(
            values=[
                ast.Constant(value=begins),
                ast.FormattedValue(value=ast.Name(id="error"), conversion=-1),
            ]
        ):
            return begins == f"{ast.unparse(kind).rpartition('.')[2]}: "
    return False


def cut(tree):
    """Return whether a program shows an error in another way than the others.

    The way is ``print(f"KindOfError: {error}")``, with ``fill(…, 80)`` around a message
    that is too long for a line, and ``max_lines`` where it is cut.
    """
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler) or not handler.name:
            continue
        shown = Counter()
        for node in ast.walk(handler):
            match node:
                case ast.Call(func=ast.Name(id="print" | "report"), args=[message]):
                    pass
                case ast.Call(
                    func=ast.Name(id="fill"), args=[message, ast.Constant(value=80)]
                ):
                    pass
                case ast.Name(id="error"):
                    shown["error"] += 1
                    continue
                case _:
                    continue
            shown["as it is"] += is_message(message, handler.type)
        if handler.name != "error" or shown["error"] != shown["as it is"]:
            return True
    return False


def test_an_error_is_shown_as_it_is(trees):
    # What an exercise does with an error is part of the exercise.
    assert {n for n in trees if "exercise" not in n and cut(trees[n])} == set(CUTS)


HANDLER = """
try:
    f()
except a.SomeError as error:
    {}
"""


@pytest.mark.parametrize(
    ("shows", "found"),
    [
        ('print(f"SomeError: {error}")', False),
        ('print(fill(f"SomeError: {error}", 80))', False),
        ('print(fill(f"SomeError: {error}", 80, max_lines=3))', False),
        ("pass", False),
        ('print(f"OtherError: {error}")', True),
        ('print(f"{type(error).__name__}: {error}")', True),
        ('print(f"SomeError: {error}"[:20])', True),
        ('print(f"SomeError: {error!s:20}", 80)', True),
        ('print(fill(f"SomeError: {error}".split(".")[0], 80))', True),
        ('print(fill(str(error).split(".")[0], 80))', True),
        ('print(fill(f"SomeError: {error}", 70))', True),
        ("print(error)", True),
    ],
)
def test_an_error_that_is_shown_in_another_way_is_found(shows, found):
    assert cut(ast.parse(HANDLER.format(shows))) is found
