"""Ask JAX anew: ``python -m mapped_axis.operations`` writes this version's answers."""

import sys

from mapped_axis.operations.ask import ask_all, made_with
from mapped_axis.operations.catalogue import OPERATIONS
from mapped_axis.operations.table import PATH, renew


def main() -> str | None:
    """Ask, and write the answers down. Return what is wrong, if anything is."""
    try:
        renew(PATH, made_with(), ask_all(OPERATIONS))
    except RuntimeError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
