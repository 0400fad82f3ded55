"""What is run over faults, from the cheapest on, and which of them it refuses.

A fault is refused by a run that ends red *and* names the file that holds it, or its page.
So many can stand in one copy, if each has a page of its own. A run that is red without any
fault refuses nothing.
"""

import importlib.util
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mapped_axis.attack.faults import Fault
from mapped_axis.attack.plant import Copy
from mapped_axis.examples.invoke import run_pytest
from mapped_axis.pages.check import every_problem
from mapped_axis.pages.site import address_of
from mapped_axis.project import EXAMPLE, HERE, Project

TESTS = {
    # Not what builds once more, and not what runs all notebooks.
    "site": [
        *("tests/pages", "tests/figures", "tests/machines", "tests/exercises"),
        *("-m", "site"),
        *("-k", "not two_builds and not notebook"),
    ],
    # Every view of every page, as before publishing.
    "browser": ["tests/browser/test_pages.py", "-k", "eye_sees", "--thorough"],
}
# Every difference of a comparison, not the first few: each names another fault.
# With -q beside it, -vv would count as one v, and a comparison would be cut.
QUIET = ["-vv", "--tb=short", "-p", "no:cacheprovider"]
TIME_LIMIT = 25  # seconds for one changed example
RUNS = 2  # side by side

Said = tuple[int, str]  # an exit status, and all that was said
Run = Callable[[Copy, Fault | None], Said]  # of None: over the copy as it is


def names(fault: Fault) -> list[str]:
    """Return the words of which a message must have one to mean this fault."""
    if fault.says:
        return fault.says.split("|")
    found = []
    for edit in fault.edits:
        path = Path(edit.file)
        found.append(edit.file)
        if path.suffix in (".md", ".ipynb") and path.parts[0] == "docs":
            found.append(address_of(path.relative_to("docs").as_posix()) or "index")
        elif path.parts[0] != "snippets":
            found.append(path.stem)
    return found


def refuses(fault: Fault, said: Said) -> bool:
    """Return whether a run that said this refuses a fault."""
    status, text = said
    if not status or (fault.lines and len(text.strip().splitlines()) > fault.lines):
        return False
    return any(name.lower() in text.lower() for name in names(fault))


# --- one fault at a time ----------------------------------------------------------------


def check(copy: Copy, _: Fault | None) -> Said:
    """Look for faults of pages and examples, in this process."""
    try:
        problems = every_problem(copy.project)
    except (ValueError, OSError) as error:
        return 1, f"{type(error).__name__}: {error}"
    return int(bool(problems)), "\n".join(map(str, problems))


def ruff(copy: Copy, _: Fault | None) -> Said:
    """Look for what is not formatted."""
    return copy.run("-m", "ruff", "format", "--check")


def tests(copy: Copy, fault: Fault | None, every: Sequence[str] = ()) -> Said:
    """Run the tests of a fault, or all those in the copy without one."""
    named = fault.tests if fault else every
    return copy.run("-m", "pytest", *QUIET, *named)


def build(copy: Copy, fault: Fault | None) -> Said:
    """Build the site."""
    with tempfile.TemporaryDirectory(dir=copy.environment.get("TMPDIR")) as folder:
        return _build(copy, Path(folder, "site"), fault.address if fault else "")


def one_by_one(run: Run, copies: Sequence[Copy], faults: Sequence[Fault]) -> set[str]:
    """Plant each fault alone, and return the names of those that are refused."""
    shares = [faults[i :: len(copies)] for i in range(len(copies))]
    # Not a fork: whoever calls this may have started JAX, and its threads.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(copies), spawn) as pool:
        found = pool.map(_share, [run] * len(copies), copies, shares)
        return {name for names_ in found for name in names_}


def _share(run: Run, copy: Copy, faults: Sequence[Fault]) -> list[str]:
    """Return which of some faults are refused, in one copy."""
    refused = []
    for fault in faults:
        try:
            copy.plant([fault])
            if refuses(fault, run(copy, fault)):
                refused.append(fault.name)
        finally:
            copy.restore()
    return refused


# --- many examples at once --------------------------------------------------------------


def examples(copy: Copy, faults: Sequence[Fault]) -> set[str]:
    """Run changed examples as the tests do, and return which of them fail."""
    return _changed_examples(copy, faults, _as_tests_do)


def elsewhere(copy: Copy, faults: Sequence[Fault]) -> set[str]:
    """Run changed examples as a reader may, and return which of them fail."""
    if importlib.util.find_spec("mapped_axis.examples.elsewhere") is None:
        return set()
    return _changed_examples(copy, faults, _as_a_reader_does)


def _changed_examples(
    copy: Copy, faults: Sequence[Fault], run: Callable[[Copy, Project], list[str]]
) -> set[str]:
    """Lay out each changed example, and as it was; return the faults that are refused."""
    with tempfile.TemporaryDirectory(dir=copy.environment.get("TMPDIR")) as folder:
        project = Project(Path(folder))
        for number, fault in enumerate(faults):
            source = copy.project.root / fault.edits[0].file
            for changed in (False, True):
                if changed:
                    copy.plant([fault])
                path = (
                    project.snippets / f"{'changed' if changed else 'was'}/{number}.md"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read_bytes())
            copy.restore()
        red = run(copy, project)
    return {
        fault.name
        for number, fault in enumerate(faults)
        if f"snippets/changed/{number}.md" in red
        and f"snippets/was/{number}.md" not in red
    }


def _as_tests_do(copy: Copy, project: Project) -> list[str]:
    """Return which examples fail under pytest, relative to the root of their project."""
    environment = copy.environment | {"PYTHONPATH": str(HERE.root)}
    limit = f"--time-limit={TIME_LIMIT}"
    return [*run_pytest(project, "--tb=no", limit, environment=environment).failed]


def _as_a_reader_does(copy: Copy, project: Project) -> list[str]:
    """Return which examples print another thing elsewhere."""
    folder = str(project.snippets)
    said = copy.run("-m", "mapped_axis.examples.elsewhere", folder)[1]
    files = project.snippets.rglob("*.md")
    return [
        path.relative_to(project.root).as_posix()
        for path in files
        if f"{path}:" in said
    ]


# --- many pages at once -----------------------------------------------------------------


def site(copy: Copy, faults: Sequence[Fault], stage: str) -> set[str]:
    """Build with several faults in place, and test what was built.

    What is named is taken out, and the rest is built and tested again, until all that is
    left passes or nothing more is named.

    Returns:
        The names of the faults that are refused.
    """
    refused: set[str] = set()
    left = list(faults)
    while left:
        try:
            copy.plant(left)
            said = built_and_tested(copy, stage, left[0].address)
        finally:
            copy.restore()
        named = {fault.name for fault in left if refuses(fault, said)}
        if not named:
            break
        refused |= named
        left = [fault for fault in left if fault.name not in named]
    return refused


def built_and_tested(copy: Copy, stage: str, address: str) -> Said:
    """Build a site and run what tests a site."""
    with tempfile.TemporaryDirectory(dir=copy.environment.get("TMPDIR")) as name:
        folder = Path(name, "site")
        said = _build(copy, folder, address)
        if said[0]:
            return said
        return copy.run("-m", "pytest", *QUIET, f"--site={folder}", *TESTS[stage])


def _build(copy: Copy, folder: Path, address: str) -> Said:
    """Check, build and finish the site into a folder."""
    told = EXAMPLE | {"SITE_URL": address} if address else EXAMPLE
    return copy.run(
        *("-m", "mapped_axis.pages", "build", f"--site-dir={folder}"),
        **told,
        SOURCE_DATE_EPOCH="1700000000",
    )


def batches(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Yield faults that can stand in one site: each is named by words of its own."""
    left = list(faults)
    while left:
        batch: list[Fault] = []
        taken: set[str] = set()
        for fault in left:
            if not taken & set(names(fault)):
                batch.append(fault)
                taken |= set(names(fault))
        yield batch
        left = [fault for fault in left if fault not in batch]
