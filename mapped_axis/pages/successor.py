"""Build the same sources with the engines that may follow, test the results, compare.

``make successor`` runs this. Material, which carries the published site, reaches its end
of life in May 2027. ProperDocs goes on from MkDocs; Zensical is by the authors of Material.
Each is installed as new as it is, into an environment of its own; builds a copy of the
sources; and the tests of the built site run over what comes out. Then what differs from
the published build is printed, page by page.

It ends with exit status 1 if ProperDocs' site differs in more than the name of its
generator, or Zensical's in what the reader is promised: code blocks and their outputs,
figures, tables, explorers, feet, notebooks, policy.
"""

import filecmp
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from mapped_axis.pages.__main__ import build
from mapped_axis.project import EXAMPLE, HERE

# What is installed, newest. As in pyproject.toml: mkdocs-jupyter 0.27 loads a script from
# another origin.
ENGINES = {
    "properdocs": ["properdocs", "mkdocs-material", "mkdocs-jupyter<0.27"],
    # What the package needs there, and Zensical does not bring.
    "zensical": ["zensical", "packaging", "pyyaml-env-tag"],
}
TESTS = ["tests/pages", "tests/figures", "tests/explorer"]
# Compares with a build by MkDocs, to the byte.
LEFT_OUT = "tests/pages/test_published.py::test_two_builds_are_the_same_to_the_byte"
# Where Zensical is known to be behind, each with the reason; printed with the result.
NOTEBOOK = "further/speed"
NOT_YET = {
    f"the page {NOTEBOOK}": "it ignores mkdocs-jupyter: links lead to the file",
    "the search": "it reads its whole index at each first view, and its dialog brings a "
    "style of its own, which the policy refuses",
    "the look": "its own header and icons",
}
PARTS = {
    "code blocks and outputs": "div.highlight",
    "figures": "figure.array-figure",
    "tables": "article table",
    "explorers and questions": ".axis-explorer, .axis-quiz, .predict-first",
    "feet": "footer.checked p:first-child",
    "headings": "article h1, article h2, article h3",
}
_GENERATOR = re.compile(rb'<meta name="generator" content="[^"]*">')
ADDRESS = EXAMPLE | {"SOURCE_DATE_EPOCH": "1700000000"}


def installed(engine: str) -> str:
    """Install an engine, as new as it is, and return the interpreter that has it."""
    version = ".".join(map(str, sys.version_info[:2]))
    folder = HERE.root / f".venv/{engine}-{version}"
    python = str(folder / "bin/python")
    if not Path(python).exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", *ENGINES[engine]], check=True)
    shown = subprocess.run(
        [python, "-m", "pip", "show", engine],
        check=True,
        capture_output=True,
        text=True,
    )
    print(re.findall(r"^Version: .*$", shown.stdout, re.MULTILINE)[0], "of", engine)
    return python


def other_bytes(one: Path, other: Path) -> Iterator[str]:
    """Yield the files that two sites do not have alike but for the generator's name."""
    files = {
        path.relative_to(root)
        for root in (one, other)
        for path in root.rglob("*")
        if path.is_file()
    }
    for file in sorted(files):
        a, b = one / file, other / file
        if not (a.exists() and b.exists()):
            yield f"{file}: only in one of the two"
        elif not filecmp.cmp(a, b, shallow=False):
            texts = [_GENERATOR.sub(b"", path.read_bytes()) for path in (a, b)]
            if texts[0] != texts[1]:
                yield f"{file}: differs"


def other_parts(one: Path, other: Path) -> Iterator[str]:
    """Yield what a reader is promised and a site does not have as the other has it."""
    for path in sorted(one.rglob("index.html")):
        page = path.relative_to(one)
        if page.parent.as_posix() == NOTEBOOK:
            continue
        if not (other / page).exists():
            yield f"{page}: no such page"
            continue
        soups = [
            BeautifulSoup((root / page).read_text("utf-8"), "html.parser")
            for root in (one, other)
        ]
        for part, selector in PARTS.items():
            texts = [[said(tag) for tag in soup.select(selector)] for soup in soups]
            if texts[0] != texts[1]:
                count = sum(a != b for a, b in zip(*texts, strict=False))
                yield f"{page}: {part}: {len(texts[0])} and {len(texts[1])}, {count} other"
        if not soups[1].select_one("meta[http-equiv=Content-Security-Policy]"):
            yield f"{page}: no policy"
    for pattern in ("*.ipynb", "*.md", "llms.txt"):
        for path in sorted(one.rglob(pattern)):
            file = path.relative_to(one)
            if not (other / file).exists() or not filecmp.cmp(
                path, other / file, shallow=False
            ):
                yield f"{file}: missing or other"


def said(tag: Tag) -> str:
    """Return what an element says: its text, and what its drawings are to the blind."""
    labels = [str(child["aria-label"]) for child in tag.select("[aria-label]")]
    return " ".join([*tag.get_text().split(), *labels])


def failing_tests(site: Path) -> list[str]:
    """Run the tests of the built site over one, and return those that fail."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-rfE", "--no-header"]
    result = subprocess.run(
        [*command, f"--site={site}", "-m", "site", f"--deselect={LEFT_OUT}", *TESTS],
        cwd=HERE.root,
        check=False,
        capture_output=True,
        text=True,
    )
    return re.findall(r"^(?:FAILED|ERROR) (\S+)", result.stdout, re.MULTILINE)


def main() -> int:
    """Build with each engine and print what differs; return the exit status."""
    os.environ |= ADDRESS
    wrong = False
    with tempfile.TemporaryDirectory(prefix="successor-") as name:
        root = Path(name)
        published = root / "published"
        build(HERE, published)
        for engine in ENGINES:
            python = installed(engine)
            site = root / f"{engine}-site"
            # A copy: an engine may clean what it takes for its cache.
            build(HERE.copy_to(root / engine), site, engine, python)
            compare = other_bytes if engine == "properdocs" else other_parts
            differs = list(compare(published, site))
            failing = failing_tests(site)
            wrong |= bool(differs) or (engine == "properdocs" and bool(failing))
            print(f"{engine}: {len(differs)} differences, {len(failing)} failing tests")
            for line in [*differs, *failing]:
                print(f"  {line}")
    for what, why in NOT_YET.items():
        print(f"zensical, not yet: {what}: {why}")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
