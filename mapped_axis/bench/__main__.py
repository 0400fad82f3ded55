"""Measure on this machine, and write the file that the pages show.

    make bench            everything, about ten minutes on two cores
    make bench QUICK=yes    a small part, under a minute, to see that it works

Run it on a machine that does nothing else. An interrupted run keeps what it measured: the
next one goes on there.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mapped_axis.bench import devices, machine, store
from mapped_axis.bench.forms import AGAIN, HAND, VMAP, Different, Maker, in_gib
from mapped_axis.bench.timing import interleaved
from mapped_axis.bench.workloads import WORKLOADS, Workload
from mapped_axis.project import HERE, shown

SIZES = tuple(8**power for power in range(10))  # 1 to 134,217,728
QUICK_SIZES = (1, 16)
ROUNDS = 15
MEMORY = 2.0  # GiB that one form may need
SHARE = 8  # of the memory that is left, the part that one form may need
LONGEST = 0.5  # seconds that one call may take
BUDGET = 1.5  # seconds for all rounds of all forms of a workload at a size
_MODULES = {"numba": "Numba", "torch": "PyTorch"}


def main(arguments: list[str] | None = None) -> int:
    """Read the options, measure, write the file. Return 1 if nothing may be published."""
    options = _options(arguments)
    # What is compiled is timed: nothing of it comes from a run before.
    jax.config.update("jax_enable_compilation_cache", False)
    folder = HERE.cache / "bench"
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder / "numba"))
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder / "torch"))
    # A thread that waits for work in a loop takes the core of whoever is measured next.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Its helpers would be counted as other programs at work.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    console = Console(stderr=True)
    name = "quick" if options.quick else machine.name()
    output = options.output or (
        folder / "quick.json"
        if options.quick
        else HERE.docs / "further" / "speed" / f"{name}.json"
    )
    beside = options.output.with_suffix(".unfinished") if options.output else None
    run = Run(options, beside or folder / f"{name}.unfinished", console)
    try:
        data = run.measure()
    except (Different, subprocess.CalledProcessError) as error:
        console.print(f"{error}", style="bold", markup=False, soft_wrap=True)
        if isinstance(error, subprocess.CalledProcessError):
            console.print(error.stderr[-2000:], markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted: the next run goes on from here")
        return 130
    if not data["times"]:
        console.print("nothing was measured: allow more memory, --memory GIB")
        return 1
    store.write(output, data)
    run.unfinished.done()
    for line in summary(data):
        print(line)
    print(f"written to {shown(output)}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m mapped_axis.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--quick", action="store_true", help="a small part, for a look")
    parser.add_argument("--output", type=Path, help="the file to write")
    parser.add_argument(
        "--memory",
        type=float,
        default=MEMORY,
        metavar="GIB",
        help=f"memory that one form may need (default: {MEMORY:g})",
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="WORKLOAD",
        help=f"of these: {', '.join(names)}",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, help=f"(default: {ROUNDS}; quick: 2)")
    options = parser.parse_args(arguments)
    if not options.memory > 0:
        parser.error(
            f"--memory: {options.memory:g} GiB is no memory; give more than 0."
        )
    if options.rounds is None:
        options.rounds = 2 if options.quick else ROUNDS
    if options.rounds < 1:
        parser.error(
            f"--rounds: {options.rounds} rounds measure nothing; give 1 or more."
        )
    return options


class Run:
    """One run: what it measures, and what it leaves out.

    Args:
        options: those of the command line.
        unfinished: the file of what an interrupted run has measured.
        console: where it says how far it is.
    """

    def __init__(
        self, options: argparse.Namespace, unfinished: Path, console: Console
    ) -> None:
        """Look at the machine."""
        self.options, self.console = options, console
        self.left_out: list[dict[str, Any]] = []
        self.machine, self.versions = machine.machine(), machine.versions()
        for module, title in _MODULES.items():
            if module not in machine.installed():
                self.leave_out(title, "not installed")
        if self.machine["device"] == "cpu" and self.machine["cores"] == 1:
            self.leave_out("devices", "one core, on which devices would take turns")
        self.memory = self._memory()
        self.settings = {
            "rounds": options.rounds,
            "memory": self.memory,
            # What two sizes far apart say of a third is wrong.
            "longest": 60 if options.quick else LONGEST,
            "quick": options.quick,
            "sizes": [*(QUICK_SIZES if options.quick else SIZES)],
        }
        identity = {
            "schema": store.SCHEMA,
            "machine": self.machine,
            "versions": self.versions,
            "settings": self.settings,
            "only": options.only,
        }
        self.unfinished = store.Unfinished(unfinished, identity)

    def _memory(self) -> int:
        """Return the bytes that one form may need: fewer than asked on a small machine."""
        asked = int(self.options.memory * 2**30)
        # In steps, so that a run that goes on finds the same.
        there = machine.memory_left() // SHARE // 2**26 * 2**26
        if there and asked > there:
            self.leave_out(
                "memory",
                f"{in_gib(asked)} asked, {in_gib(there)} taken: an eighth of what is left",
            )
            return there
        return asked

    def leave_out(self, what: str, why: str, **where: Any) -> None:
        """Record that something is left out, and say so."""
        self.left_out.append({"what": what, **where, "why": why})

    def measure(self) -> dict[str, Any]:
        """Return what the file of this machine holds.

        Raises:
            Different: two forms of a workload do not compute the same.
        """
        load, work = machine.load(), machine.Work()
        if load > 0.5 * self.machine["cores"]:
            self.console.print(
                f"other programs are at work (load {load}): the times will be longer "
                "than they could be, and the file will say so"
            )
        if self.unfinished.refused:
            self.console.print("an interrupted run had other settings: beginning anew")
        if self.unfinished.taken_over:
            self.console.print(f"going on after {self.unfinished.taken_over} parts")
        sizes = self.settings["sizes"]
        chosen = [w for w in WORKLOADS if w.name in self.options.only]
        times: list[dict[str, Any]] = []
        programs: list[dict[str, Any]] = []
        about: dict[str, Any] = {}
        columns = (
            TextColumn("{task.description:32}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("ceilings", total=len(chosen) * len(sizes) + 2)
            ceilings = self._part("ceilings", self._ceilings)
            progress.advance(task)
            for workload in chosen:
                about[workload.name] = _about(workload)
                longest = self.settings["longest"]
                maker = Maker(workload, self.memory, longest, self.options.quick)
                said: set[str] = set()
                for number, size in enumerate(sizes):
                    progress.update(task, description=f"{workload.name}, {size}")
                    found = self._part(
                        f"{workload.name}, {size}",
                        lambda maker=maker, size=size: _group(
                            maker, size, self.options.rounds
                        ),
                    )
                    if found["ends"]:
                        self.leave_out(
                            "sizes", found["ends"], workload=workload.name, size=size
                        )
                        progress.advance(task, len(sizes) - number)
                        break
                    maker.note(size, found["times"])
                    where = {"workload": workload.name, "size": size}
                    programs.append(where | found["program"])
                    for form, time_ in found["times"].items():
                        one = {"workload": workload.name, "form": form, "size": size}
                        times.append(one | time_ | found["notes"].get(form, {}))
                    for form, why in found["left_out"].items():
                        if form not in said:
                            said.add(form)
                            self.leave_out(form, why, **where)
                    progress.advance(task)
            progress.update(task, description="devices")
            on_devices = self._part("devices", self._devices)
            progress.advance(task)
        return {
            "schema": store.SCHEMA,
            "date": datetime.date.today().isoformat(),
            "machine": {
                **self.machine,
                "threads": machine.threads(),
                # Programs at work in the minute before; and during the run, the share of
                # the cores that others took.
                "load": load,
                "others": work.of_others(),
            },
            "versions": self.versions,
            "ceilings": ceilings,
            "settings": self.settings,
            "workloads": about,
            "times": times,
            "programs": programs,
            "devices": on_devices,
            "left_out": self.left_out,
        }

    def _part(self, name: str, measure: Any) -> Any:
        """Return a part: of the interrupted run, or measured now."""
        if name not in self.unfinished.parts:
            self.unfinished.add(name, measure())
        return self.unfinished.parts[name]

    def _ceilings(self) -> dict[str, Any]:
        """Measure the ceilings of this machine."""
        return machine.ceilings(self.options.rounds, self.options.quick)

    def _devices(self) -> dict[str, Any]:
        """Measure on several devices, in a process that has them."""
        if self.machine["device"] == "cpu" and self.machine["cores"] == 1:
            return {}  # several devices would take turns on it
        environment = os.environ | {
            "JAX_NUM_CPU_DEVICES": str(max(devices.DEVICES)),
            "PYTHONPATH": str(HERE.root),
        }
        options = ["--rounds", str(self.options.rounds)]
        if self.options.quick:
            options += ["--quick", "--turns", "20"]
        ran = subprocess.run(
            [sys.executable, "-m", "mapped_axis.bench.devices", *options],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return found


def _group(maker: Maker, size: int, rounds: int) -> dict[str, Any]:
    """Return what was found of a workload at a size."""
    if ends := maker.ends(size):
        return {"ends": ends}
    made = maker.forms(size)
    return {
        "ends": "",
        "times": interleaved(made.calls, rounds, BUDGET, (VMAP, AGAIN, HAND)),
        "notes": made.notes,
        "program": made.program,
        "left_out": made.left_out,
    }


def _about(workload: Workload) -> dict[str, Any]:
    """Return what the file says of a workload, besides its times."""
    return {
        "title": workload.title,
        "lane": workload.lane,
        "mended": [*workload.mended],
    }


def summary(data: dict[str, Any]) -> list[str]:
    """Return what a run found, in lines for a terminal: the largest size of each workload."""
    what, ceilings = data["machine"], data["ceilings"]
    first = (
        f"{what['gpu'] or what['processor']}, {what['cores']} cores, "
        f"load {what['load']}, others {what['others']:.0%}: copies {ceilings['copy'] / 1e9:.3g} GB/s, "
        f"multiplies {ceilings['product']['float32'] / 1e9:.3g} GFLOP/s"
    )
    lines = [first]
    largest: dict[str, int] = {}
    for time_ in data["times"]:
        largest[time_["workload"]] = max(
            time_["size"], largest.get(time_["workload"], 0)
        )
    for workload, size in largest.items():
        rows = {
            t["form"]: t["median"]
            for t in data["times"]
            if (t["workload"], t["size"]) == (workload, size)
        }
        cells = [f"{form} {1000 * t:.3g}" for form, t in rows.items()]
        lines.append(f"{workload}, {size} lanes, ms: {', '.join(cells)}")
    for one in data["left_out"]:
        where = [str(one[key]) for key in ("workload", "size") if key in one]
        lines.append(f"left out: {', '.join([*where, one['what']])}: {one['why']}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
