"""The data file of the page on versions: what each of two versions of JAX answered.

It has the form of the file of operations (see `operations.table`): ``made_with``, and
``answers`` by the name of what was asked, each with an answer of JAX 0.10 and of the newest.
What was asked is

* an example that catches an error, ``learn/arguments/sizes.md``: what its handlers
  ``caught``, each error with its type and its whole text;
* a module that examples use, ``jax.lax``: which public names are ``there``, which raise a
  warning (``warns``, with its text) and of which JAX says that they are ``gone``;
* a function that examples use, ``jax.vmap()``: the names of its ``parameters``, or None
  where nobody can know.
"""

from mapped_axis.examples.data import read_json
from mapped_axis.operations.table import Content
from mapped_axis.project import HERE

PATH = HERE.docs / "reference/versions/versions.json"


def read() -> Content:
    """Return what the file holds."""
    content: Content = read_json(PATH)
    return content


def kind_of(name: str) -> str:
    """Return what was asked by a name: an "example", a "function" or a "module"."""
    if name.endswith(".md"):
        return "example"
    return "function" if name.endswith("()") else "module"
