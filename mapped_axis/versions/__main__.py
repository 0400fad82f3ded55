"""Ask JAX anew: ``python -m mapped_axis.versions`` writes this version's answers."""

import datetime
import sys

from mapped_axis.operations.ask import made_with
from mapped_axis.operations.table import dump, renewed
from mapped_axis.project import replace_text
from mapped_axis.versions.ask import ask
from mapped_axis.versions.table import PATH, read


def main() -> str | None:
    """Ask, and write the answers down. Return what is wrong, if anything is."""
    try:
        answers = ask()
    except RuntimeError as error:
        return str(error)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    before = read() if PATH.is_file() else {}
    replace_text(PATH, dump(renewed(before, made_with(), date, answers)))
    return None


if __name__ == "__main__":
    sys.exit(main())
