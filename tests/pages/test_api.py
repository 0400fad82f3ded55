"""The first mention of a JAX function leads to its documentation, and to no other page."""

import importlib
from collections import Counter

import pytest

from mapped_axis.pages.api import ADDRESS, meanings
from mapped_axis.pages.context import rendering  # noqa: F401  (what the links ask)

START, END = ADDRESS.split("{}")


@pytest.mark.parametrize("whole", sorted({*meanings().values()}))
def test_jax_has_each_function_that_is_linked(whole):
    module, _, name = whole.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_a_name_that_jax_lacks_would_be_found():
    with pytest.raises(AttributeError):
        test_jax_has_each_function_that_is_linked("jax.vmapp")


def test_a_page_links_each_function_once_and_first(pages):
    total = 0
    for address, page in pages.items():
        means, linked = meanings(), Counter()
        for code in page.select("article :is(p, li, td) code"):
            if code.find_parent(["pre", "h1", "h2", "h3", "h4", "figure", "footer"]):
                continue
            if code.find_parent("div", class_=["axis-explorer", "axis-quiz"]):
                continue
            link = code.find_parent("a")
            whole = means.get(code.get_text().removesuffix("()"))
            if link and link["href"].startswith(START):
                assert link["href"] == f"{START}{whole}{END}", address
                assert linked[whole] == 0, (address, whole)
                linked[whole] += 1
        total += sum(linked.values())
    assert total > 100
