"""Ask JAX anew: ``python -m mapped_axis.operations`` writes this version's answers."""

import datetime

from mapped_axis.operations.ask import ask_all, made_with
from mapped_axis.operations.catalogue import OPERATIONS
from mapped_axis.operations.table import PATH, dump, read, renewed
from mapped_axis.project import replace_text

if __name__ == "__main__":
    content = renewed(
        read() if PATH.is_file() else {},
        made_with(),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        ask_all(OPERATIONS),
    )
    replace_text(PATH, dump(content))
