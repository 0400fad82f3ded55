"""Ask JAX for its answer to every choice that the axis explorer offers.

``make tables`` writes the answers into ``docs/_theme/assets/axis-table.json``, from which
the explorer and the quiz speak. A test asks JAX again and compares.
"""

import functools
import json
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from mapped_axis.explorer.table import Choice, Table

Results: TypeAlias = dict[Choice, np.ndarray[Any, Any] | str]

# The explorer starts a function with the first shape of each argument and with the
# in_axes `start`; the table that a page shows has these shapes too.
FUNCTIONS: list[dict[str, Any]] = [
    {
        "name": "identity",
        "label": "identity",
        "code": "lambda x: x",
        "operands": ["x"],
        "shapes": [[(2, 3), (3,), (2, 3, 4)]],
        "start": (1,),
    },
    {
        "name": "sum",
        "label": "sum",
        "code": "jnp.sum",
        "operands": ["a"],
        "shapes": [[(2, 3), (3,), (2, 3, 4)]],
        "start": (0,),
    },
    {
        "name": "dot",
        "label": "dot",
        "code": "jnp.dot",
        "operands": ["a", "b"],
        "shapes": [[(2, 3), (3,), (3, 2), (3, 3)], [(3,), (2, 3), (3, 2)]],
        "start": (0, None),
    },
    {
        "name": "matvec",
        "label": "matrix-vector",
        "code": "lambda A, v: A @ v",
        "operands": ["A", "v"],
        "shapes": [[(2, 3), (4, 2, 3)], [(4, 3), (3,), (3, 4)]],
        "start": (None, 0),
    },
    {
        "name": "outer",
        "label": "outer",
        "code": "jnp.outer",
        "operands": ["a", "b"],
        "shapes": [[(4, 2), (2,)], [(4, 3), (3,), (3, 4)]],
        "start": (0, 0),
    },
    {
        "name": "add",
        "label": "add",
        "code": "lambda x, y: x + y",
        "operands": ["x", "y"],
        "shapes": [[(2, 3), (3,)], [(3,), (), (2,), (3, 2)]],
        "start": (0, None),
    },
    {
        "name": "second",
        "label": "second",
        "code": "lambda x, y: y",
        "operands": ["x", "y"],
        "shapes": [[(3,), (2, 3)], [(2,), (3, 2)]],
        "start": (0, None),
    },
]
# By the rank of the argument: no axis, each axis, the last, and one that it has not.
IN_AXES = [
    [None, 0],
    [0, None, 1, -1],
    [0, 1, None, 2, -1],
    [0, 1, 2, None, 3, -1],
]
OUT_AXES = [0, 1, 2, -1, None]


def ask_jax(table: Table) -> Results:
    """Run the program of each choice.

    Args:
        table: a `Table`; only what it offers is used, not its answers.

    Returns:
        A dictionary from each choice to the result as an array, or to the text of the
        error.
    """
    scope = {"jax": jax, "jnp": jnp}

    @functools.cache
    def argument(code: str) -> Any:
        return eval(code, scope)

    config: Any = jax.config
    filtering = config.jax_traceback_filtering
    # Most choices are errors, and filtering their tracebacks takes most of the time.
    config.update("jax_traceback_filtering", "off")
    results: Results = {}
    try:
        for choice in table.choices():
            *arguments, call = table.program(choice).splitlines()
            assigned = (line.split(" = ") for line in arguments)
            given = {name: argument(code) for name, code in assigned}
            try:
                results[choice] = np.asarray(eval(call, scope | given))
            except (TypeError, ValueError) as error:
                results[choice] = f"{type(error).__name__}: {error}"
    finally:
        config.update("jax_traceback_filtering", filtering)
    return results


@functools.cache
def make() -> tuple[dict[str, Any], Results]:
    """Return the content of the table, with JAX's answers, and what it computed."""
    functions = [entry | {"rows": []} for entry in FUNCTIONS]
    content = {"in_axes": IN_AXES, "out_axes": OUT_AXES, "functions": functions}
    results = ask_jax(Table(content))
    numbers: dict[Any, int] = {}
    rows: dict[Any, list[int]] = {}
    for choice, result in results.items():
        answer = result if isinstance(result, str) else result.shape
        number = numbers.setdefault(answer, len(numbers))
        rows.setdefault((choice.function, choice.shapes), []).append(number)
    for entry in functions:
        entry["rows"] = [row for key, row in rows.items() if key[0] == entry["name"]]
    content["answers"] = list(numbers)
    # Tuples become lists, as in the file.
    return json.loads(json.dumps(content)), results


def dump(content: dict[str, Any]) -> str:
    """Return the table as the text of its file, in lines that a diff can show."""
    return _lines(content, "\n") + "\n"


def _lines(value: Any, end: str) -> str:
    """Return a value as JSON: a list of numbers on one line, of anything else on many.

    Args:
        value: the value.
        end: the end of a line, and how far the next one is indented.
    """
    inner = end + " "
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}: {_lines(v, inner)}" for k, v in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{end}}}"
    if isinstance(value, list) and any(isinstance(v, str | list | dict) for v in value):
        items = [_lines(v, inner) for v in value]
        return f"[{inner}{f',{inner}'.join(items)}{end}]"
    return json.dumps(value, separators=(",", ":"))
