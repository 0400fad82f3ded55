"""Run the sides anew: ``python -m mapped_axis.phrasebook`` writes JAX's answers.

``python -m mapped_axis.phrasebook torch`` writes PyTorch's, and says which of them are not
equal to what JAX gave.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence

from mapped_axis.operations.table import dump, slot_of
from mapped_axis.phrasebook import ask, table
from mapped_axis.phrasebook.pairs import pairs_of, read_groups
from mapped_axis.project import replace_text


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Run the sides of one library, and write down what they gave.

    Args:
        arguments: the command line, or None for that of the process.

    Returns:
        What is wrong, if anything is: with the pairs, with what runs them, or in what
        PyTorch gave.
    """
    parser = argparse.ArgumentParser(
        prog="python -m mapped_axis.phrasebook", description=__doc__.splitlines()[0]
    )
    libraries = ("jax", table.TORCH)
    parser.add_argument("library", nargs="?", choices=libraries, default=libraries[0])
    library = parser.parse_args(arguments).library
    if library == table.TORCH and not ask.has_torch():
        return "no PyTorch here; make phrasebook makes an environment that has it."
    try:
        pairs = pairs_of(read_groups())
        if library == table.TORCH:
            slot, made = table.TORCH, ask.made_with("torch")
            answers = ask.ask_torch(pairs)
        else:
            made = ask.made_with("jax", "jaxlib", "numpy")
            slot, answers = slot_of(made["jax"]), ask.ask_jax(pairs)
    except (RuntimeError, ValueError) as error:
        return str(error)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    content = table.read() if table.PATH.is_file() else {}
    content = table.renewed(content, slot, made, date, pairs, answers)
    replace_text(table.PATH, dump(content))
    if library == table.TORCH:
        return "\n".join(table.unequal_to_torch(content, pairs)) or None
    return None


if __name__ == "__main__":
    sys.exit(main())
