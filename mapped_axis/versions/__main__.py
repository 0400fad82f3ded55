"""Ask JAX anew: ``python -m mapped_axis.versions`` writes this version's answers."""

import datetime

from mapped_axis.operations.ask import made_with
from mapped_axis.operations.table import dump, renewed
from mapped_axis.project import replace_text
from mapped_axis.versions.ask import ask
from mapped_axis.versions.table import PATH, read

if __name__ == "__main__":
    content = renewed(
        read() if PATH.is_file() else {},
        made_with(),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        ask(),
    )
    replace_text(PATH, dump(content))
