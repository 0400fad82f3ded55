"""What the compiler made of two programs, and whether it made the same of both."""

import re
from collections import Counter
from typing import Any

# Where an instruction was written, and what its arguments were called there.
_ASIDE = re.compile(r", metadata=\{[^{}]*\}|(?<=[(, ])/\*.*?\*/|(?<=[(, ])[\w.]+: ")
_NAME = re.compile(r"%[\w.-]+")
_OPERATION = re.compile(r"^ *(?:ROOT )?%\S+ = .*? ([a-z][a-z0-9-]*)\(")
_TARGET = re.compile(r'custom_call_target="([^"]+)"')


def instructions(text: str) -> list[str]:
    """Return the instructions of a compiled program, with names numbered as they come."""
    names: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"%{len(names)}")

    return [
        _NAME.sub(number, _ASIDE.sub("", line)).strip()
        for line in text.splitlines()
        if re.match(r" *(ROOT |ENTRY )?%", line)
    ]


def operations(text: str) -> Counter[str]:
    """Return how often each operation stands in a compiled program, fusions included."""
    found: Counter[str] = Counter()
    for line in text.splitlines():
        if match := _OPERATION.match(line):
            target = _TARGET.search(line)
            found[target[1] if target else match[1]] += 1
    for free in ("parameter", "tuple", "get-tuple-element", "constant", "bitcast"):
        del found[free]
    return found


def compared(one: str, other: str) -> dict[str, Any]:
    """Return whether two compiled programs are the same, and what one has more of.

    Args:
        one: the text of a compiled program.
        other: that of another.
    """
    if instructions(one) == instructions(other):
        return {"same": True}
    first, second = operations(one), operations(other)
    return {
        "same": False,
        "more": dict(sorted((first - second).items())),
        "fewer": dict(sorted((second - first).items())),
    }
