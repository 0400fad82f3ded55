"""Numbers and values in a text, compared as whole tokens: 12 does not stand in 122."""

import re
from collections.abc import Iterable

# A minus belongs to a number unless something stands before it to subtract from.
_NUMBER = r"(?:(?<![\w.)\]])-)?\d[\d_]*(?:,\d{3})*(?:\.\d*)?(?:e[-+]?\d+)?"
_TOKEN = re.compile(rf"{_NUMBER}|[^\W\d]\w*|[^\w\s]")
# In running text a number ends before the dot that ends a sentence.
_IN_TEXT = re.compile(r"(?<![\w.])\d(?:[\d_]|,(?=\d{3}))*(?:\.\d+)*(?:e[-+]?\d+)?")
# What the text of a remark puts into brackets, with a number in it: a shape, an array.
_GROUP = re.compile(r"[(\[][^()\[\]]*\d[^()\[\]]*[)\]]")


def value_of(number: str) -> float | None:
    """Return the size of a written number, or None of one such as 0.10.2."""
    try:
        return abs(float(number.replace(",", "").replace("_", "")))
    except ValueError:
        return None


class Shown:
    """What some blocks show, to be asked whether a value or a number is there."""

    def __init__(self, blocks: Iterable[str]) -> None:
        """Take the texts of the blocks."""
        self.texts = [_TOKEN.findall(block) for block in blocks]
        self.numbers = {
            value
            for token in {token for text in self.texts for token in text}
            if (value := value_of(token)) is not None
        }
        self.joined = "\n".join(f" {' '.join(text)} " for text in self.texts)

    def has(self, value: str) -> bool:
        """Return whether the tokens of a value stand in one block, one after the other."""
        return f" {' '.join(_TOKEN.findall(value))} " in self.joined

    def has_number(self, number: str) -> bool:
        """Return whether a number stands there, to either side of zero."""
        return value_of(number) in self.numbers

    def missing(self, remark: str) -> list[str]:
        """Return the numbers, shapes and arrays of a remark that no block shows."""
        groups = [group for group in _GROUP.findall(remark) if not self.has(group)]
        numbers = [n[0] for n in numbers_in(remark) if not self.has_number(n[0])]
        return groups + numbers


def tokens(text: str) -> list[str]:
    """Return the numbers, names and signs of a text."""
    return _TOKEN.findall(text)


def numbers_in(text: str) -> list[re.Match[str]]:
    """Return where numbers stand in running text."""
    return list(_IN_TEXT.finditer(text))
