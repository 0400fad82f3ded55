"""Ask JAX anew: ``python -m mapped_axis.machines`` writes the file of each scene."""

import sys

from mapped_axis.machines.ask import ask_all
from mapped_axis.machines.table import dump, path_of
from mapped_axis.project import replace_text


def main() -> str | None:
    """Ask, and write the answers down. Return what is wrong, if anything is."""
    try:
        scenes = ask_all()
    except RuntimeError as error:
        return str(error)
    for name, content in scenes.items():
        replace_text(path_of(name), dump(content))
    return None


if __name__ == "__main__":
    sys.exit(main())
