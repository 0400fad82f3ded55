"""The first mention of a JAX function on a page leads to its API documentation.

`NAMES` is the one list. What is in code font and means one of them becomes a link, but for
what is a link or a heading already: the first one in the text of a page, and each one in a
table, where a reader looks things up.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from markdown.treeprocessors import Treeprocessor

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import sources
from mapped_axis.pages.context import rendering
from mapped_axis.project import Project

ADDRESS = "https://docs.jax.dev/en/latest/_autosummary/{}.html"
# By module: the functions that a page may name.
NAMES = {
    "jax": """vmap pmap jit grad value_and_grad shard_map make_jaxpr device_put make_mesh
        jvp vjp linearize jacfwd jacrev hessian checkpoint custom_jvp custom_vjp eval_shape
        pure_callback""",
    "jax.lax": """psum pmean pmax pmin ppermute all_gather all_to_all psum_scatter
        axis_index cond switch scan while_loop fori_loop map top_k dot_general""",
    "jax.numpy": "where vectorize dot einsum nonzero roll stack allclose",
    "jax.random": "split fold_in",
    "jax.tree": "map",
    "jax.debug": "print callback",
    "jax.distributed": "initialize",
}
# Without their module these mean something else in a sentence.
_ONLY_IN_FULL = {"map", "where", "dot", "stack", "split", "print", "callback", "switch"}
_SKIPPED = {"a", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}


def meanings() -> dict[str, str]:
    """Return, by each way to write a function on a page, its whole name."""
    found = {}
    for module, names in NAMES.items():
        for name in names.split():
            whole = f"{module}.{name}"
            short = {"jax.numpy": "jnp", "jax.lax": "lax", "jax.random": "random"}
            found[whole] = whole
            if module in short:
                found[f"{short[module]}.{name}"] = whole
            if name not in _ONLY_IN_FULL:
                found[name] = whole
    return found


class Links(Treeprocessor):
    """Makes the links."""

    def run(self, root: Element) -> None:
        """Wrap the first mention of each function in a link."""
        now = rendering(self.md)
        if now is None:
            return
        means, linked = meanings(), set()
        for name in defined_in(now.page, now.project):
            means.pop(name, None)  # there it means what the program made of it
        for parent, at, code, in_table in [*_mentions(root)]:
            whole = means.get((code.text or "").removesuffix("()"))
            if whole is None or (whole in linked and not in_table):
                continue
            linked.add(whole)
            link = Element("a", href=ADDRESS.format(whole))
            link.tail, code.tail = code.tail, None
            SubElement(link, "code").text = code.text
            parent[at] = link


def defined_in(page: Path, project: Project) -> set[str]:
    """Return the names that the examples of a page give to something of their own."""
    found: set[str] = set()
    for source in sources(page, project):
        example = read_example(source)
        if example.language != "python" or example.problems:
            continue
        for node in ast.walk(ast.parse(example.program)):
            match node:
                case ast.FunctionDef(name=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    found.add(name)
    return found


def _mentions(
    element: Element, in_table: bool = False
) -> Iterator[tuple[Element, int, Element, bool]]:
    """Yield what is in code font, in the order of the page, with its place."""
    for at, child in enumerate(element):
        if child.tag == "code":
            yield element, at, child, in_table
        elif child.tag not in _SKIPPED:
            yield from _mentions(child, in_table or child.tag == "td")
