"""Each figure has the axes of a call in its example: other axes, or a swap, are noticed."""

import ast
import contextlib
import itertools
from dataclasses import replace

import jax
import pytest
from jax.sharding import PartitionSpec

from mapped_axis.examples.grammar import read_example
from mapped_axis.figures.ask import Placed, Pmap, ShardMap, Vmap
from mapped_axis.figures.declare import FIGURES
from mapped_axis.project import HERE

KNOWN = {"P": PartitionSpec, "jax": jax, "None": None, "range": range}
# Drawn for a page without an example of it: what is next to it says the rest in words.
NO_EXAMPLE = {"devices/model-parallel/two-axes"}
NAMES = sorted({*FIGURES} - NO_EXAMPLE)


def bindings(program):
    """Return the expressions that each name of a program is bound to, or runs through."""
    bound = {}
    for node in ast.walk(program):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                bound.setdefault(ast.unparse(target), []).append(node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            items = values(node.iter, bound)
            for item in itertools.chain.from_iterable(v for v in items if v):
                names = [node.target]
                parts = [item]
                if isinstance(node.target, ast.Tuple):
                    names, parts = node.target.elts, list(item)
                for name, part in zip(names, parts, strict=True):
                    bound.setdefault(ast.unparse(name), []).append(part)
    return bound


def values(node, bound):
    """Return what an expression of constants, specs and bound names may be."""
    if not isinstance(node, ast.AST):
        return [node]
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {*KNOWN}
    each = [[v for b in bound.get(n, []) for v in values(b, bound)] for n in names]
    found = []
    for chosen in itertools.product(*each):
        scope = KNOWN | dict(zip(names, chosen, strict=True))
        # What only a run could tell has no value here.
        with contextlib.suppress(NameError, AttributeError, TypeError, ValueError):
            found.append(eval(ast.unparse(node), scope))
    return found


def calls(program, transform, function):
    """Yield the options of each call of a transform with a function, by their names."""
    defined = {n.name for n in ast.walk(program) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(program):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(transform):
            of = ast.unparse(node.args[0]) if node.args else ""
            # A name that is no function's stands for one that was chosen.
            chosen = node.args and isinstance(node.args[0], ast.Name)
            if function in (of, None) or (chosen and of not in defined):
                yield {k.arg: k.value for k in node.keywords}


def told(options, bound):
    """Return whether the text of a call tells its specs: not where a function takes them."""
    return all(
        key in options and values(options[key], bound)
        for key in ("in_specs", "out_specs")
    )


def stand(program, bound):
    """Return all specs that stand in a program."""
    return {
        value
        for node in ast.walk(program)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("P")
        for value in values(node, bound)
    }


def is_called(name, figure):
    """Return whether the example of a figure makes the call that the figure declares."""
    example = getattr(figure, "example", None) or name
    program = ast.parse(read_example(HERE.snippets / f"{example}.md").program)
    bound = bindings(program)

    def some(transform, function, **wanted):
        return any(
            all(
                value in values(options.get(key, ast.Constant(default)), bound)
                for key, (value, default) in wanted.items()
            )
            for options in calls(program, transform, function)
        )

    match figure:
        case Vmap(function=function, inner=None):
            axes = {"in_axes": (figure.in_axes, 0), "out_axes": (figure.out_axes, 0)}
            return some("vmap", function, **axes)
        case Vmap(function=function):
            inside = some("vmap", function, in_axes=(figure.inner, 0))
            return inside and some("vmap", None, in_axes=(figure.in_axes, 0))
        case Pmap(function=function):
            return some("pmap", function, in_axes=(figure.in_axes, 0))
        case ShardMap(function=function):
            if not any(told(c, bound) for c in calls(program, "shard_map", function)):
                return {*figure.in_specs, figure.out_specs} <= stand(program, bound)
            single = figure.in_specs[0] if len({*figure.in_specs}) == 1 else None
            return any(
                some(
                    "shard_map",
                    function,
                    in_specs=(specs, None),
                    out_specs=(figure.out_specs, None),
                )
                for specs in (figure.in_specs, single)
            )
        case Placed():
            return {*figure.specs} <= stand(program, bound)
    raise TypeError(figure)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_figure_makes_its_call(name):
    assert is_called(name, FIGURES[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_with_other_axes_than_its_example_is_found(name):
    figure, other = FIGURES[name], PartitionSpec("other")
    match figure:
        case Vmap():
            changes = [{"in_axes": 7}, {"inner": 7}]
            if figure.inner is None:
                changes.append({"out_axes": 7})
        case Pmap():
            changes = [{"in_axes": 7}, {"function": "other"}]
        case ShardMap():
            changes = [{"in_specs": (other,)}, {"out_specs": other}]
        case Placed():
            changes = [{"specs": (other,)}]
    for change in changes:
        assert not is_called(name, replace(figure, **change)), change


def test_two_figures_that_are_swapped_are_found():
    one, two = "learn/axes/own-axes", "learn/axes/add-matrices"
    assert is_called(one, FIGURES[one]) and is_called(two, FIGURES[two])
    assert not is_called(one, FIGURES[two])
    assert not is_called(two, FIGURES[one])
