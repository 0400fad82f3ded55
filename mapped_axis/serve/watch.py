"""MkDocs hook: while serving, an edited example runs, and its page says if it fails.

A thread looks for examples that were edited, runs pytest over those and nothing else, and
writes what failed into a folder that the server watches; so the page comes again with
the failure under its example. The rebuild after an edit does not wait for any of this.
"""

import html
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import examples

FAILURES = Path(".cache/failures")
PAUSE = 0.2  # seconds between two looks at the examples


def _times(snippets):
    """Return when each example was last changed."""
    times = {}
    for path in snippets.rglob("*.md"):
        try:
            times[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # an editor replaced it at this moment
    return times


def run(root, paths):
    """Run examples and return what failed.

    Args:
        root: the folder that holds docs/ and snippets/.
        paths: the examples to run.

    Returns:
        A dictionary from the name of each example, relative to snippets/, to what pytest
        says of it: "" if it passed.
    """
    failures = {}
    for path in paths:
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", "-rN", path],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        name = path.relative_to(root / "snippets").as_posix()
        failures[name] = _failure(result) if result.returncode else ""
    return failures


def _failure(result):
    """Return what pytest says of one failed example, without its frame."""
    part = re.search(
        r"^_+ .* _+$\n(.*)^\d+ \w+ in", result.stdout, re.MULTILINE | re.DOTALL
    )
    return part[1].strip() if part else result.stdout + result.stderr


def _watch(root, stop):
    """Run each edited example, for as long as the server runs."""
    folder = root / FAILURES
    known = _times(root / "snippets")
    failures = {}
    while not stop.wait(PAUSE):
        now = _times(root / "snippets")
        edited = [path for path, when in now.items() if known.get(path) != when]
        known = now
        if edited:
            failures |= run(root, edited)
            text = json.dumps({name: said for name, said in failures.items() if said})
            (folder / "failures.json").write_text(text, encoding="utf-8")


def on_serve(server, config, builder):
    """Start the thread, and have the server watch what it writes."""
    root = Path(config.docs_dir).parent
    folder = root / FAILURES
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failures.json").unlink(missing_ok=True)  # of an earlier server
    server.watch(str(folder))
    stop = threading.Event()
    threading.Thread(target=_watch, args=(root, stop), daemon=True).start()
    close = server.shutdown

    def shutdown(*arguments, **options):
        stop.set()
        return close(*arguments, **options)

    server.shutdown = shutdown
    return server


def on_page_markdown(markdown, page, config, files):
    """Put the failure of an edited example under the line that includes it."""
    path = Path(config.docs_dir).parent / FAILURES / "failures.json"
    if not config.extra["serving"] or not path.exists():
        return markdown
    failures = json.loads(path.read_text(encoding="utf-8"))
    lines = []
    for line in markdown.splitlines():
        lines.append(line)
        match = examples.INCLUDE.fullmatch(line)
        if match and (said := failures.get(match[1])):
            text = html.escape(said)
            lines += ["", f'<pre class="stale" role="alert">{text}</pre>', ""]
    return "\n".join(lines)
