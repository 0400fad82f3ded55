"""MkDocs hook: the line ``<!-- times: FILE -->`` becomes a table of measured times.

A time is true of one machine at one hour. So it never stands in the text of a page: a
script beside the page measures it into a dated file, and this table is drawn from that
file, with the date and the machine under it.
"""

import json
import re
from pathlib import Path

from mkdocs.exceptions import PluginError

_MARK = re.compile(r"^<!-- times: (\S+) -->$", re.MULTILINE)


def on_page_markdown(markdown, page, config, files):
    """Draw the tables of a page.

    Raises:
        PluginError: the file is missing, or is not what a measuring script writes.
    """
    folder = Path(page.file.abs_src_path).parent

    def draw(match):
        try:
            return table(json.loads((folder / match[1]).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError) as error:
            raise PluginError(
                f"{page.file.src_uri}: cannot draw the times of {match[1]} ({error!r}); "
                "run the script that measures them."
            ) from error

    return _MARK.sub(draw, markdown)


def table(record):
    """Return a record of times as a Markdown table.

    Args:
        record: a dictionary with ``date``, ``machine`` (``cores``, ``os``,
            ``architecture``), ``python``, ``jax`` and ``median_ms``: a list of rows, each
            a dictionary of which the first entry is what was varied, and the others are
            medians in milliseconds.

    Returns:
        The table, with a last column for how many times as long the first form takes as
        the second, and a line that says when and on what it was measured.
    """
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
    machine = record["machine"]
    where = f"{machine['cores']} cores, {machine['architecture']}, {machine['os']}"
    measured = (
        f"Medians, measured on {record['date']}: {where}, JAX {record['jax']} on Python "
        f"{record['python']}."
    )
    return "\n".join([*lines, "", measured])
