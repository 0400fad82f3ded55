"""The table of JAX's answers, from which the axis explorer and the quiz speak.

`ask` says what is in it and writes it; `html` and the scripts of the page read it. A test
asks JAX again and compares row by row.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

from mapped_axis.examples.data import read_json
from mapped_axis.project import HERE

PATH = HERE.docs / "_theme/assets/axis-table.json"
Shape: TypeAlias = tuple[int, ...]
Axes: TypeAlias = tuple[int | None, ...]


@dataclass(frozen=True)
class Choice:
    """What a reader chooses: a function, and where it is mapped.

    Args:
        function: the name of a function of the table.
        shapes: the shape of each argument, a tuple of tuples.
        in_axes: the mapped axis of each argument, or None for a held one.
        out_axes: the axis of the result along which the lanes are stacked, or None.
    """

    function: str
    shapes: tuple[Shape, ...]
    in_axes: Axes
    out_axes: int | None


class Table:
    """JAX's answer to each choice.

    Args:
        content: what the JSON file holds: ``in_axes``, those offered for an argument of
            rank 0, 1, …; ``out_axes``, those offered for the result; ``functions``;
            ``answers``, each a shape or the text of an error. An entry of ``functions``
            has in ``rows``, for each combination of shapes, the numbers of the answers to
            all in_axes and out_axes, the latter changing fastest.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        """Index the functions by name."""
        self.content = content
        self.functions = {entry["name"]: entry for entry in content["functions"]}

    @classmethod
    def read(cls) -> "Table":
        """Read the table of the site."""
        return cls(read_json(PATH))

    def axes_of(self, shapes: tuple[Shape, ...]) -> Iterator[Axes]:
        """Return all in_axes that are offered for arguments of these shapes."""
        return itertools.product(*(self.content["in_axes"][len(s)] for s in shapes))

    def choices(self) -> list[Choice]:
        """Return all choices in the order of the table."""
        return [
            Choice(name, shapes, in_axes, out_axes)
            for name, entry in self.functions.items()
            for shapes in itertools.product(*tuples(entry["shapes"]))
            for in_axes in self.axes_of(shapes)
            for out_axes in self.content["out_axes"]
        ]

    @cached_property
    def answers(self) -> dict[Choice, Shape | str]:
        """The answer to each choice: a shape as a tuple, or the text of an error."""
        given = tuples(self.content["answers"])
        numbers = [
            number
            for entry in self.content["functions"]
            for row in entry["rows"]
            for number in row
        ]
        return {
            choice: given[number]
            for choice, number in zip(self.choices(), numbers, strict=True)
        }

    def program(self, choice: Choice) -> str:
        """Return the lines of code that ask JAX: the arguments, then the one call."""
        entry = self.functions[choice.function]
        names = entry["operands"]
        lines = [
            f"{name} = {_array(shape, scale)}"
            for name, shape, scale in zip(names, choice.shapes, (1, 10), strict=False)
        ]
        in_axes = choice.in_axes if len(names) > 1 else choice.in_axes[0]
        lines.append(
            f"jax.vmap({entry['code']}, in_axes={in_axes}, out_axes={choice.out_axes})"
            f"({', '.join(names)})"
        )
        return "\n".join(lines)


def tuples(value: Any) -> Any:
    """Return lists, at any depth, as tuples."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def _array(shape: Shape, scale: int) -> str:
    """Return the code of an argument: each element tells which one it is."""
    if not shape:
        return f"jnp.array({scale})"
    code = f"jnp.arange(1, {prod(shape) + 1})"
    if len(shape) > 1:
        code += f".reshape{shape}"
    return code if scale == 1 else f"{scale} * {code}"


def parse(attributes: Mapping[str, str]) -> Choice:
    """Read the attributes of an element as a `Choice`.

    Args:
        attributes: those with the names ``function``, ``shapes``, ``in`` and ``out``.

    Raises:
        KeyError: one of them is missing.
        ValueError: a size or an axis is no number.
    """

    def axis(text: str) -> int | None:
        return None if text == "None" else int(text)

    return Choice(
        attributes["function"],
        tuple(
            tuple(int(size) for size in shape.split("x")) if shape else ()
            for shape in attributes["shapes"].split(",")
        ),
        tuple(map(axis, attributes["in"].split(","))),
        axis(attributes["out"]),
    )
