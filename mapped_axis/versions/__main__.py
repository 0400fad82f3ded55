"""Ask JAX anew: ``python -m mapped_axis.versions`` writes this version's answers."""

import sys

from mapped_axis.operations.ask import made_with
from mapped_axis.operations.table import renew
from mapped_axis.versions.ask import ask
from mapped_axis.versions.table import PATH


def main() -> str | None:
    """Ask, and write the answers down. Return what is wrong, if anything is."""
    try:
        renew(PATH, made_with(), ask())
    except RuntimeError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
