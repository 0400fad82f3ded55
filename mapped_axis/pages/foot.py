"""MkDocs hook: each page says with what its outputs were compared, or that they were not.

What it says comes from the records of the runs that compared them (see `records`). The
template ``main.html`` puts it at the foot of the page. A page with the line
``<!-- versions -->`` gets the table of all records there.
"""

from pathlib import Path

import examples
import records


def _root(config):
    return Path(config.docs_dir).parent


def sources_of(page, root):
    """Return the files whose outputs a page shows: its examples, or the notebook."""
    source = Path(page.file.abs_src_path)
    if source.suffix == ".ipynb":
        return [source]
    includes, _ = examples.read_page(source)
    paths = dict.fromkeys(root / "snippets" / include.example for include in includes)
    return [path for path in paths if path.is_file()]


def on_page_context(context, page, config, nav):
    """Give the template ``checked``: None for a page without examples.

    It has ``total``, ``count`` (how many of them have a valid entry), and the ``python``,
    ``jax`` and ``devices`` of those as sorted lists.
    """
    root = _root(config)
    sources = sources_of(page, root)
    if not sources:
        return context
    record = records.read(records.record_path(root))
    entries = [e for s in sources if (e := records.valid(root, record, s))]
    context["checked"] = {"total": len(sources), "count": len(entries)} | {
        key: sorted({entry[key] for entry in entries if entry[key] is not None})
        for key in ("python", "jax", "devices")
    }
    return context


def on_page_markdown(markdown, page, config, files):
    """Put the table of versions where a page asks for it."""
    mark = "<!-- versions -->"
    return (
        markdown.replace(mark, _table(_root(config))) if mark in markdown else markdown
    )


def _table(root):
    """Return the records as a Markdown table: a row for each Python and JAX."""
    sources = [*(root / "snippets").rglob("*.md"), *(root / "docs").rglob("*.ipynb")]
    counts = {}
    for path in sorted((root / records.FOLDER).glob("*.json")):
        record = records.read(path)
        for source in sources:
            if entry := records.valid(root, record, source):
                versions = (entry["python"], entry["jax"])
                counts[versions] = counts.get(versions, 0) + 1
    if not counts:
        return "**Not checked:** this copy was built without the record of a run."
    rows = [
        f"| {python} | {jax} | {count} of {len(sources)} |"
        for (python, jax), count in sorted(counts.items())
    ]
    head = ["| Python | JAX | Examples and notebooks compared |", "|---|---|---|"]
    return "\n".join([*head, *rows])
