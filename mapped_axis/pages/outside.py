"""Ask for each page of another site that a page links to: ``make links``.

Others move their pages, and a server may be down for a minute. So this is no part of the
tests: it runs weekly, tries three times, and names each link with its file and line.
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from mapped_axis.pages.api import ADDRESS, meanings
from mapped_axis.project import HERE, Project, shown

TRIES = 3
# In seconds, before the second try; each later pause is twice as long.
PAUSE = 20.0
_LINK = re.compile(r"https?://[^\s\"'<>`\\]*[^\s\"'<>`\\.,;:!?]")
# A server that answers so has the page, but not for programs.
_THERE = (401, 403, 405, 406, 429)


def links(project: Project) -> dict[str, list[str]]:
    """Return each address outside the site with the places that name it."""
    found: dict[str, list[str]] = {}
    files = [*project.pages, *project.notebooks, *project.root.glob("*.md")]
    for path in files:
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":
            # What its cells drew names more: namespaces, which are no links.
            cells = json.loads(text)["cells"]
            text = "".join(line for cell in cells for line in cell["source"])
        for number, line in enumerate(text.splitlines(), start=1):
            for link in _LINK.findall(line):
                # A link in Markdown ends at the bracket that it did not open.
                address = link.partition("#")[0]
                while address.count(")") > address.count("("):
                    address = address.rpartition(")")[0]
                found.setdefault(address, []).append(f"{shown(path)}:{number}")
    for name in {*meanings().values()}:
        found.setdefault(ADDRESS.format(name), []).append("mapped_axis/pages/api.py")
    return {a: places for a, places in found.items() if "127.0.0.1" not in a}


def fault(address: str, pause: float = PAUSE) -> str:
    """Return why a page cannot be had, after all tries; "" if it can."""
    said = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0"})
        try:
            with urllib.request.urlopen(request, timeout=30):
                return ""
        except urllib.error.HTTPError as error:
            if error.code in _THERE:
                return ""
            said = str(error)
        except (OSError, ValueError) as error:
            said = str(error)
    return said


def dead(found: dict[str, list[str]], pause: float = PAUSE) -> Iterator[str]:
    """Yield a line for each place that names a page which cannot be had."""
    with ThreadPoolExecutor(8) as workers:
        says = workers.map(lambda address: fault(address, pause), found)
        for (address, places), said in zip(found.items(), says, strict=True):
            if said:
                yield from (f"{place}: {address}: {said}" for place in places)


def main() -> int:
    """Ask for all, print what is dead, and return the exit status."""
    found = links(HERE)
    lines = list(dead(found))
    print("\n".join([*lines, f"{len(found)} links asked for, {len(lines)} dead"]))
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
