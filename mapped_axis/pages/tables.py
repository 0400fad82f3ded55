"""The tables of a page that are made from files: measured times, and versions.

A time is true of one machine at one hour. So it never stands in the text of a page:
`mapped_axis.bench` measures it into a dated file, and the page shows the table of it,
with the date and the machine under it. Nor is it typed with what the examples ran.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapped_axis.bench import store
from mapped_axis.cluster import record as cluster
from mapped_axis.examples import record, tamper
from mapped_axis.examples.data import read_json
from mapped_axis.pages.versions import differences
from mapped_axis.project import Project


def times_table(path: Path) -> str:
    """Return measured times on several devices as a Markdown table.

    Args:
        path: a JSON file that `mapped_axis.bench` wrote, and after # the name of one of
            the tables of its devices, of two forms or more.

    Returns:
        The table, with a last column for how many times as long the first form takes as
        the second, and a line that says when and on what it was measured.

    Raises:
        ValueError: the file or the table is missing. The text says what to do.
    """
    name, _, table = path.name.partition("#")
    file = path.with_name(name)
    try:
        data = store.read(file)
        return _table(data, data["devices"][table])
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(
            f"cannot draw the times of {file.parent.name}/{path.name} ({error!r}); "
            "measure them by `make bench`."
        ) from error


def _table(data: dict[str, Any], measured: dict[str, Any]) -> str:
    """Return measured times as a Markdown table."""
    rows = measured["times"]
    forms = [*next(iter(rows.values()))]
    head = [measured["varied"], *(f"{form}, ms" for form in forms), "ratio"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * (len(forms) + 2)]
    for value, row in rows.items():
        times = [1000 * row[form]["median"] for form in forms]
        ratio = float(f"{times[0] / times[1]:.3g}")
        cells = [value, *map(_three_digits, times), f"{ratio:g}"]
        lines.append("| " + " | ".join(cells) + " |")
    machine, versions = data["machine"], data["versions"]
    where = f"{machine['cores']} cores, {machine['architecture']}, {machine['system']}"
    under = (
        f"Medians, measured on {data['date']}: {where}, JAX {versions['JAX']} on Python "
        f"{versions['Python']}."
    )
    return "\n".join([*lines, "", under])


def _three_digits(number: float) -> str:
    """Return a number to three digits, as people write it: 1,270 and not 1.27e+03."""
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def recorded_table(what: str, project: Project) -> str:
    """Return a table of what runs wrote down, as Markdown.

    Args:
        what: "versions", "tampered", or "differs: " or "cluster: " and the name of a table.
        project: the project.

    Raises:
        ValueError: there is no table of that name.
    """
    if what.startswith("differs: "):
        return differences(what.removeprefix("differs: "))
    if name := what.partition("cluster: ")[2]:
        return cluster_table(name, project)
    return {"versions": versions_table, "tampered": tampered_table}[what](project)


def cluster_table(name: str, project: Project) -> str:
    """Return a table that `make cluster` made, with the day when, as Markdown.

    Raises:
        ValueError: nothing made it.
    """
    entry = cluster.read(project)["tables"].get(name)
    if not entry:
        raise ValueError(
            f"no table {name!r} was made by a run; mend the name, or run make cluster."
        )
    rows = entry["rows"]
    columns = [*dict.fromkeys(column for row in rows for column in row)]
    lines = [columns, ["---"] * len(columns)]
    lines += [[row.get(column, "") for column in columns] for row in rows]
    under = f"Made by runs on {entry['date']}, with {with_versions(entry['versions'])}."
    if not cluster.valid_table(project, cluster.read(project), name):
        under += " **What it was made of was edited since.**"
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", under])


def with_versions(versions: Mapping[str, str]) -> str:
    """Return names and versions as words."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def tampered_table(project: Project) -> str:
    """Return the scores of `tamper` as a Markdown table: a row for each page.

    A row whose examples were edited since, or never changed, says so instead.
    """
    lines = [
        "| Page | Changes | Noticed | No difference, with a reason | Open |",
        "|---|---:|---:|---:|---:|",
    ]
    scores = read_json(tamper.SCORES)
    for folder in sorted({file.parent for file in project.snippets.rglob("*.md")}):
        files = tamper.examples_of(folder)
        if not files:
            continue
        page = folder.relative_to(project.snippets).as_posix()
        score = scores.get(page)
        if not score:
            counts = ["not yet", "", "", ""]
        elif {file.name: record.digest(file) for file in files} != score["examples"]:
            counts = ["edited since", "", "", ""]
        else:
            changes, *seen = (
                score[name] for name in ("changes", "noticed", "accepted")
            )
            counts = [str(count) for count in (changes, *seen, changes - sum(seen))]
        lines.append("| " + " | ".join([page, *counts]) + " |")
    return "\n".join(lines)


def versions_table(project: Project) -> str:
    """Return the records as a Markdown table: a row for each Python and JAX."""
    all_sources = [*sorted(project.snippets.rglob("*.md")), *project.notebooks]
    records = [record.read(p) for p in sorted(record.folder(project).glob("*.json"))]
    counts: Counter[tuple[str, str]] = Counter()
    for source in all_sources:
        for entry in record.valid_in(project, records, source):
            counts[entry["python"], entry["jax"]] += 1
    if not counts:
        return "**Not checked:** this copy was built without the record of a run."
    rows = [
        f"| {python} | {jax} | {count} of {len(all_sources)} |"
        for (python, jax), count in sorted(counts.items())
    ]
    head = ["| Python | JAX | Examples and notebooks compared |", "|---|---|---|"]
    return "\n".join([*head, *rows])
