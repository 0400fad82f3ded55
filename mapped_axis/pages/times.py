"""Measured times as a table.

A time is true of one machine at one hour. So it never stands in the text of a page: a
script beside the page measures it into a dated file, and the page shows the table of it,
with the date and the machine under it.
"""

import json
from pathlib import Path
from typing import Any


def times_table(path: Path) -> str:
    """Return a file of times as a Markdown table.

    Args:
        path: a JSON file with ``date``, ``machine`` (``cores``, ``system``,
            ``architecture``), ``versions`` (``Python``, ``JAX``) and ``median_ms``: a list
            of rows, each a dictionary of which the first entry is what was varied, and the
            others are medians in milliseconds.

    Returns:
        The table, with a last column for how many times as long the first form takes as
        the second, and a line that says when and on what it was measured.

    Raises:
        ValueError: the file is missing, or is not what a measuring script writes.
    """
    try:
        return _table(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"cannot draw the times of {path.parent.name}/{path.name} ({error!r}); "
            "run the script that measures them."
        ) from error


def _table(record: dict[str, Any]) -> str:
    """Return a record of times as a Markdown table."""
    rows = record["median_ms"]
    varied, *forms = rows[0]
    lines = [
        "| " + " | ".join([varied, *(f"{form}, ms" for form in forms), "ratio"]) + " |",
        "|" + "---:|" * (len(forms) + 2),
    ]
    for row in rows:
        times = [row[form] for form in forms]
        ratio = f"{times[0] / times[1]:.3g}"
        cells = [str(row[varied]), *(f"{time:g}" for time in times), ratio]
        lines.append("| " + " | ".join(cells) + " |")
    machine, versions = record["machine"], record["versions"]
    where = f"{machine['cores']} cores, {machine['architecture']}, {machine['system']}"
    measured = (
        f"Medians, measured on {record['date']}: {where}, JAX {versions['JAX']} on Python "
        f"{versions['Python']}."
    )
    return "\n".join([*lines, "", measured])
