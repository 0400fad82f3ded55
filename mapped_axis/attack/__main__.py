"""Plant faults, one way or another, and say which of them nothing refuses.

``make attack`` runs this. Each fault of the list in ``faults.py`` is put into a copy of the
project, and what should refuse it is run there. It must end red and name the file or the
page. A survivor is printed with what should have refused it; one that rightly cannot be
refused stands in ``accepted.toml`` with the reason. Any other survivor, and an entry there
that is refused after all, end the run with exit status 1.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mapped_axis.attack import stages
from mapped_axis.attack.faults import FAULTS, KINDS, STAGES, Fault
from mapped_axis.attack.plant import Copy
from mapped_axis.examples.data import read_toml

ACCEPTED = Path(__file__).with_name("accepted.toml")


def survivors(faults: Sequence[Fault]) -> list[Fault]:
    """Plant faults in copies of the project, and return those that nothing refuses."""
    with tempfile.TemporaryDirectory(prefix="attack-") as name:
        folder = Path(name)
        # What programs leave in these folders goes with the copies.
        own = {
            "TMPDIR": folder / "tmp",
            "JAX_COMPILATION_CACHE_DIR": folder / "compiled",
        }
        for place in own.values():
            place.mkdir()
        environment = {variable: str(place) for variable, place in own.items()}
        copies = [Copy(folder / str(i), environment) for i in range(stages.RUNS)]
        left = list(faults)
        for stage in STAGES:
            tried = [f for f in left if stage in ("check", f.stage)]
            if tried:
                print(f"{stage}: {len(tried)} faults", flush=True)
                began = time.monotonic()
                refused = _refused(stage, copies, tried)
                left = [fault for fault in left if fault.name not in refused]
                print(
                    f"  {len(refused)} of {len(tried)} refused, "
                    f"{time.monotonic() - began:.0f} s",
                    flush=True,
                )
                # Said at once: a later stage takes minutes.
                for fault in left:
                    if fault in tried and fault.stage == stage:
                        print(f"  not: {fault.kind}: {fault.name}", flush=True)
    return left


def _refused(stage: str, copies: Sequence[Copy], faults: Sequence[Fault]) -> set[str]:
    """Return the names of the faults that a stage refuses."""
    if stage == "examples":
        return stages.examples(copies[0], faults)
    if stage == "elsewhere":
        return stages.elsewhere(copies[0], faults)
    if stage in ("site", "browser"):
        return {
            name
            for address in sorted({fault.address for fault in faults})
            for name in _refused_there(stage, copies[0], address, faults)
        }
    alone: dict[str, stages.Run] = {
        "check": stages.check,
        "ruff": stages.ruff,
        "tests": stages.tests,
        "build": stages.build,
    }
    run = alone[stage]
    refused = stages.one_by_one(run, copies, faults)
    # Those of the refused alone: a test that is red for others says nothing of these.
    every = {test for f in faults if f.name in refused for test in f.tests}
    if stage == "tests":
        run = partial(stages.tests, every=sorted(every))
    return set() if refused and _is_red(stage, run(copies[0], None)) else refused


def _refused_there(
    stage: str, copy: Copy, address: str, faults: Sequence[Fault]
) -> set[str]:
    """Return those that are refused in a site that is built for an address."""
    there = [fault for fault in faults if fault.address == address]
    refused: set[str] = set()
    for batch in stages.batches(there):
        refused |= stages.site(copy, batch, stage)
    if refused and _is_red(stage, stages.built_and_tested(copy, stage, address)):
        return set()
    return refused


def _is_red(stage: str, said: stages.Said) -> bool:
    """Say that a stage is red without any fault, if it is."""
    status, text = said
    if status:
        print(f"{stage}: red without any fault, so it refuses nothing:\n{text[-3000:]}")
    return bool(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults of some kinds, or of all, and print the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=KINDS, action="append", help="one kind")
    parser.add_argument("--list", action="store_true", help="print the list and end")
    options = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if fault.kind in (options.only or KINDS)]
    if options.list:
        for fault in faults:
            print(f"{fault.kind:10} {fault.stage:9} {fault.name}")
        return 0
    accepted = read_toml(ACCEPTED)
    left = survivors(faults)
    return report(faults, left, accepted)


def report(
    faults: Sequence[Fault], left: Sequence[Fault], accepted: dict[str, str]
) -> int:
    """Print the score of each kind and each survivor, and return the exit status.

    Args:
        faults: all that were planted.
        left: those that nothing refused.
        accepted: the reasons why nothing can, by the name of a fault.
    """
    for kind, means in KINDS.items():
        some = [fault for fault in faults if fault.kind == kind]
        lived = [fault for fault in left if fault.kind == kind]
        if some:
            print(f"{kind}: refused {len(some) - len(lived)} of {len(some)} ({means})")
        for fault in lived:
            by = " ".join([fault.stage, *fault.tests])
            reason = accepted.get(fault.name)
            how = f"accepted: {reason}" if reason else f"not refused by: {by}"
            print(f"  survived: {fault.name} in {fault.edits[0].file}; {how}")
    print(f"in all: refused {len(faults) - len(left)} of {len(faults)}")
    names = {fault.name for fault in left}
    gone = [f.name for f in faults if f.name in accepted and f.name not in names]
    for name in gone:
        print(f"  accepted, and refused after all: {name}")
    return 1 if gone or names - {*accepted} else 0


if __name__ == "__main__":
    sys.exit(main())
