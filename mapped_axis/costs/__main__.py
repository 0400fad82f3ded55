"""What building, serving and testing this site costs: ``make bench-site``.

It measures on the machine that it runs on, writes `DATA`, and from it the table in
CONTRIBUTING.md, which a test compares with the data. A part that was not asked for keeps
what it measured before, with its date.
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapped_axis.costs.tools import compare
from mapped_axis.examples.data import read_json
from mapped_axis.project import EXAMPLE, HERE, replace_text, shown

DATA = HERE.root / ".github/bench-site.json"
DOCUMENT = HERE.root / "CONTRIBUTING.md"
BEGIN, END = "<!-- bench-site -->\n\n", "\n\n<!-- end of bench-site -->"

ROUNDS = 3
EDITS = 5
# What the run of an example writes down is shown by two pages, made anew with the next edit.
EDITED = ("edited page", "edited example", "edited page, after an example has run")
REST = 6  # seconds: the run of the edited example has ended too
# All programs of one part of the navigation: with every tool, all of them take long.
COMPARED = HERE.snippets / "learn"
# What `tests/browser/test_pages.py` writes: by page, what its first view sends in bytes.
WEIGHTS = HERE.cache / "weights.json"


def _seconds(command: list[str], folder: Path, log: Path) -> float:
    """Run a command with what it says in a file, and return how long it took.

    Raises:
        SystemExit: it failed, so its time says nothing.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with log.open("w") as file:
        ran = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | EXAMPLE,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ran.returncode:
        raise SystemExit(
            f"{' '.join(command)}: failed (exit status {ran.returncode}); it said:\n"
            f"{log.read_text(errors='replace')[-3000:]}"
        )
    return time.perf_counter() - start


@contextlib.contextmanager
def _copy() -> Iterator[Path]:
    """Yield a copy of the project, with the records of its runs, that may be edited."""
    with tempfile.TemporaryDirectory(prefix="bench-site-") as folder:
        yield HERE.copy_to(Path(folder, "project")).root


def builds() -> dict[str, float]:
    """Return seconds of a clean build and of one with what a build keeps."""
    build = [sys.executable, "-m", "mapped_axis.pages", "build"]
    clean, again = [], []
    for _ in range(ROUNDS):
        with _copy() as copy:
            log = copy.parent / "log"
            clean.append(_seconds(build, copy, log))
            again.append(_seconds(build, copy, log))
    return {
        "clean build": statistics.median(clean),
        "build again": statistics.median(again),
    }


def edits() -> dict[str, float]:
    """Return seconds from an edit to the page that shows it, under `make serve`."""
    with _copy() as copy, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        page = f"http://127.0.0.1:{port}/learn/axes/"
        server = subprocess.Popen(
            [sys.executable, "-m", "mapped_axis.serve", f"--port={port}"],
            cwd=copy,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def wait_for(text: str, limit: float = 120.0) -> float:
            """Return the seconds until the page holds a text."""
            start = time.perf_counter()
            while time.perf_counter() < start + limit:
                with (
                    contextlib.suppress(OSError),  # not up yet
                    urllib.request.urlopen(page, timeout=limit) as answer,
                ):
                    if text in answer.read().decode():
                        return time.perf_counter() - start
                time.sleep(0.01)
            raise SystemExit(f"{page} did not show {text!r} within {limit:g} s")

        try:
            wait_for("<article")
            prose, example = (
                copy / "docs/learn/axes.md",
                min((copy / "snippets/learn/axes").glob("[!ep]*.md")),
            )
            took: dict[str, list[float]] = {name: [] for name in EDITED}

            def edit_prose(name: str, text: str) -> None:
                time.sleep(REST)
                before = prose.read_text("utf-8")
                prose.write_text(f"{before}\n{text}\n", "utf-8")
                took[name].append(wait_for(text))

            for number in range(EDITS):
                edit_prose(EDITED[0], f"An edit, number {number}.")
                time.sleep(REST)
                text = example.read_text("utf-8")
                mark = "# edited " + "abcdefgh"[number]
                example.write_text(
                    text.replace("```python\n", f"```python\n{mark}\n", 1), "utf-8"
                )
                took[EDITED[1]].append(wait_for(mark))
                edit_prose(EDITED[2], f"An edit after a run, number {number}.")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    return {name: statistics.median(times) for name, times in took.items()}


def tools() -> dict[str, float]:
    """Return seconds of each tool over the examples of `COMPARED`."""
    return dict(compare(COMPARED))


def steps() -> dict[str, float]:
    """Return seconds of each step of `make test`, in order."""
    make = ["make", "--dry-run", "--no-print-directory", f"PYTHON={sys.executable}"]
    recipe = subprocess.run(
        [*make, "test"], cwd=HERE.root, capture_output=True, text=True, check=True
    ).stdout
    took = {}
    for line in recipe.splitlines():
        _, module, step = line.partition(" -m ")
        if module:
            log = HERE.cache / "bench-site.log"
            took[step.split(" --")[0]] = _seconds(["sh", "-c", line], HERE.root, log)
    return took


def weights() -> dict[str, float]:
    """Return kilobytes of the first views that the tests saw last.

    Raises:
        SystemExit: they saw none.
    """
    if not WEIGHTS.exists():
        raise SystemExit(f"{shown(WEIGHTS)} is missing: `make publish` writes it")
    pages: dict[str, int] = read_json(WEIGHTS)
    heaviest = max(pages, key=lambda page: pages[page])
    return {
        "median page": statistics.median(pages.values()) / 1000,
        f"heaviest page, {heaviest}": pages[heaviest] / 1000,
    }


PARTS = {
    "builds": builds,
    "edits": edits,
    "tools": tools,
    "steps": steps,
    "weights": weights,
}
TITLES = {
    "builds": "The site",
    "edits": "From an edit to the page that shows it",
    "tools": f"The examples of `{COMPARED.relative_to(HERE.root)}`, nothing compiled",
    "steps": "`make test`",
    "weights": "The first view of a page",
}


def table(data: Mapping[str, Any]) -> str:
    """Return measured costs as a Markdown table."""
    lines = ["| | | |", "|---|---:|---|"]
    for part, title in TITLES.items():
        if part not in data:
            continue
        values, where = data[part]["values"], data[part]
        load = f"load {where['load']:.1f}"
        machine = f"{where['date']}, {where['cores']} cores, {load}"
        lines.append(f"| **{title}** | | {machine} |")
        for name, value in values.items():
            unit = "kB" if part == "weights" else "s"
            beside = ""
            if part == "tools":
                beside = f"{value / values['bare']:.2f} of a bare process"
            lines.append(f"| {name} | {value:.1f} {unit} | {beside} |")
        if part == "steps":
            lines.append(f"| in all | {sum(values.values()):.1f} s | |")
    return "\n".join(lines)


def write_table(document: str, data: Mapping[str, Any]) -> str:
    """Return a document with the table of measured costs put in.

    Raises:
        SystemExit: it has no place for it.
    """
    before, begins, rest = document.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not (begins and ends):
        raise SystemExit(
            f"{shown(DOCUMENT)}: no place for the table; put {BEGIN.strip()} and "
            f"{END.strip()} on lines of their own, with an empty line between"
        )
    return f"{before}{begins}{table(data)}{ends}{after}"


def main() -> None:
    """Measure the parts that were asked for, and write data and table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*PARTS], help=", ".join(PARTS))
    parts = parser.parse_args().parts
    if unknown := {*parts} - {*PARTS}:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    data = read_json(DATA) if DATA.exists() else {}
    for part in parts:
        load = os.getloadavg()[0]
        print(f"{part} …", flush=True)
        data[part] = {
            "date": datetime.date.today().isoformat(),
            "cores": os.cpu_count(),
            "load": round(load, 1),
            "python": platform.python_version(),
            "values": {name: round(value, 2) for name, value in PARTS[part]().items()},
        }
        # What was measured stays, whatever happens to the next part, and the table says it:
        # one of the parts is the tests, which compare the two.
        document = write_table(DOCUMENT.read_text("utf-8"), data)
        replace_text(DATA, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
        replace_text(DOCUMENT, document)
        for name, value in data[part]["values"].items():
            print(f"  {name:50} {value:8.2f}")


if __name__ == "__main__":
    main()
