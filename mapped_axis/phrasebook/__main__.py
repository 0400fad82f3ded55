"""Run the sides anew: ``python -m mapped_axis.phrasebook`` writes JAX's answers.

``python -m mapped_axis.phrasebook torch`` writes PyTorch's, and says which pairs are not
equal.
"""

import datetime
import sys

from mapped_axis.operations.table import dump, slot_of
from mapped_axis.phrasebook import ask, table
from mapped_axis.phrasebook.pairs import pairs_of, read_groups
from mapped_axis.project import replace_text


def main(library: str) -> None:
    """Run the sides of one library, and write down what they gave."""
    pairs = pairs_of(read_groups())
    content = table.read() if table.PATH.is_file() else {}
    if library == "torch":
        if not ask.has_torch():
            raise ValueError("no PyTorch here; make phrasebook makes an environment.")
        slot, made, answers = table.TORCH, ask.made_with("torch"), ask.ask_torch(pairs)
    else:
        made = ask.made_with("jax", "jaxlib", "numpy")
        slot, answers = slot_of(made["jax"]), ask.ask_jax(pairs)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    content = table.renewed(content, slot, made, date, pairs, answers)
    replace_text(table.PATH, dump(content))


if __name__ == "__main__":
    try:
        main(*(sys.argv[1:] or ["jax"]))
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))
