"""The axis explorer and the quiz, as a page shows them without script.

A page asks for them with an empty element, whose ``data-`` attributes choose a row of
the table of JAX's answers::

    <div class="axis-explorer" id="explorer" data-choose="all"
    data-function="dot" data-shapes="2x3,3" data-in="0,None" data-out="0"></div>

    <div class="axis-quiz"
    data-function="sum" data-shapes="2x3" data-in="1" data-out="0"></div>

An explorer lets the reader choose everything (``all``) or only the ``in_axes``; one with
an ``id`` keeps what is chosen in the address of the page. What is put into the element
needs no script. The scripts add the rest.
"""

from collections.abc import Mapping
from html import escape

from mapped_axis.explorer.table import Choice, Shape, Table, parse, tuples

ELEMENTS = ("axis-explorer", "axis-quiz")  # the classes, and the names of the scripts
COUNTS = ["no", "one", "two", "three", "four"]


def inside_of(table: Table, attributes: Mapping[str, str], number: int | None) -> str:
    """Return what an element holds, as HTML.

    Args:
        table: the table of JAX's answers.
        attributes: the attributes of the element, without their ``data-``.
        number: the number of a question of the quiz, or None for an explorer.

    Raises:
        ValueError: the attributes choose no row of the table.
    """
    try:
        choice = parse(attributes)
        answer = table.answers[choice]
        whole = number is None and attributes["choose"] == "all"
    except (KeyError, ValueError) as error:
        given = " ".join(f'data-{name}="{text}"' for name, text in attributes.items())
        raise ValueError(
            f"{given} is no row of the table of JAX's answers ({error!r}); "
            "choose one that mapped_axis/explorer/ask.py offers."
        ) from error
    if number is not None:
        return _question(table, choice, number)
    return _shapes(table) if whole else f"<p>{explain(table, choice, answer)}</p>"


def _code(value: object) -> str:
    """Return text, or a value as Python prints it, as code."""
    return f"<code>{escape(str(value), quote=False)}</code>"


def _without(shape: Shape, axis: int) -> Shape:
    """Return a shape without one of its axes."""
    axis %= len(shape)
    return shape[:axis] + shape[axis + 1 :]


def explain(table: Table, choice: Choice, answer: Shape | str) -> str:
    """Say in words, as HTML, why a choice has its answer."""
    if isinstance(answer, str):
        return f"JAX refuses: {_code(answer)}"
    names = table.functions[choice.function]["operands"]
    sees = []
    for name, shape, axis in zip(names, choice.shapes, choice.in_axes, strict=True):
        if axis is None:
            sees.append(f"the whole {_code(name)} of shape {_code(shape)}")
            continue
        lanes, rest = shape[axis], _without(shape, axis)
        lane = _code(f"{name}[{':, ' * (axis % len(shape))}i]")
        sees.append(f"{lane} of shape {_code(rest)}" if rest else f"the number {lane}")
    text = f"Lane {_code('i')} sees {' and '.join(sees)}. "
    if choice.out_axes is None:
        return text + (
            "What it returns does not depend on the lane, so it is returned once, "
            f"with the shape {_code(answer)}."
        )
    part = _without(answer, choice.out_axes)
    returns = f"an array of shape {_code(part)}" if part else "a number"
    return text + (
        f"It returns {returns}. The {COUNTS[lanes]} lanes are stacked along axis "
        f"{choice.out_axes % len(answer)} of the result, which has the shape "
        f"{_code(answer)}."
    )


def _question(table: Table, choice: Choice, number: int) -> str:
    """Return a question of the quiz: the program, what may be right, what is."""
    right = table.answers[choice]
    # What the same function gives for the same arguments with other axes.
    options: dict[Shape | str, Choice] = {}
    for other, answer in table.answers.items():
        if (other.function, other.shapes) == (choice.function, choice.shapes):
            options.setdefault(answer, other)
    refused = isinstance(right, str)
    returned = [o for o in options if not isinstance(o, str) and o != right]
    # The most tempting have the right sizes in another order.
    tempting = sorted(
        returned, key=lambda shape: (sorted(shape) != sorted(right), shape)
    )
    shown = sorted(tempting[:3] if refused else [right, *tempting[:3]])
    items = [
        (_code(shape), "" if shape == right else _why_not(options[shape]))
        for shape in shown
    ]
    items.append(("JAX refuses", "" if refused else "JAX accepts these axes."))
    listed = "".join(
        f'<li data-why="{why}">{text}</li>' if why else f"<li data-right>{text}</li>"
        for text, why in items
    )
    return (
        f"<fieldset><legend>{number}. Which shape does the result have?</legend>"
        f'<p class="axis-program">{_code(table.program(choice))}</p>'
        f"<ul>{listed}</ul></fieldset>"
        '<p role="status"></p>'
        "<details><summary>Answer</summary>"
        f"<p>{explain(table, choice, right)}</p></details>"
    )


def _why_not(other: Choice) -> str:
    """Say which other axes give the shape that a reader may have chosen."""
    axes = other.in_axes if len(other.in_axes) > 1 else other.in_axes[0]
    return f"That is the shape with in_axes={axes} and out_axes={other.out_axes}."


def _shapes(table: Table) -> str:
    """Return the folded table of shapes: each function with its first arguments."""
    head = "".join(
        f"<th>{_code(f'out_axes={axis}')}</th>" for axis in table.content["out_axes"]
    )
    rows = []
    for name, entry in table.functions.items():
        shapes = tuple(tuples(options)[0] for options in entry["shapes"])
        call = ", ".join(
            f"{operand} {shape}"
            for operand, shape in zip(entry["operands"], shapes, strict=True)
        )
        for in_axes in table.axes_of(shapes):
            answers = [
                table.answers[Choice(name, shapes, in_axes, out_axes)]
                for out_axes in table.content["out_axes"]
            ]
            shown = ["refused" if isinstance(a, str) else _code(a) for a in answers]
            if set(shown) != {"refused"}:
                axes = in_axes if len(in_axes) > 1 else in_axes[0]
                cells = [f"{entry['label']}: {call}", _code(axes), *shown]
                rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    # The search would find each shape here before it finds the page about it.
    return (
        "<details data-search-exclude><summary>Shapes of the results, as a table"
        "</summary><table><thead><tr><th>Function and arguments</th>"
        f"<th>{_code('in_axes')}</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )
