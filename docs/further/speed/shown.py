"""What the page "Speed, measured" shows of a file of measured times.

The notebook beside this folder imports it. Every number in the text of that page comes
from here, and so from the file: another file gives another page.
"""

import io
import json
import math
import re
import statistics
from collections import Counter
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullLocator

LOOP, NUMPY, HAND, VMAP, MAP = "loop", "NumPy", "by hand", "jit(vmap)", "lax.map"
AGAIN, HALF = "jit(vmap), again", "jit(vmap), bfloat16"
# How each form is drawn: its colour, its dashes. Nothing rests on colour alone.
LOOKS = {
    LOOP: ("#808080", ":"),
    NUMPY: ("#b07a1e", "--"),
    HAND: ("#3a87c8", "-"),
    VMAP: ("#c94f7c", (0, (5, 2))),
    MAP: ("#7b6bd6", "-."),
    "Numba": ("#3c9a5f", (0, (1, 1))),
    "torch.func.vmap": ("#c8643a", (0, (6, 2, 1, 2, 1, 2))),
    "torch.compile": ("#8a6d5a", (0, (8, 3))),
}
NEAR = 0.05  # how far from 1.00 a ratio of equals may be

GREY = "#808080"
STYLE = {f"{part}.color": GREY for part in ("text", "xtick", "ytick")}
STYLE |= {"axes.edgecolor": GREY, "axes.labelcolor": GREY, "font.size": 10}
STYLE |= {"axes.spines.top": False, "axes.spines.right": False}
STYLE |= {"font.family": "DejaVu Sans", "svg.fonttype": "none"}

# Why a better program is better, by its name in the file.
WHY = {
    "matrix form": (
        "the distance of two points follows from their lengths and their inner product, "
        "and all inner products are one matrix product, which the processor does best"
    ),
    "norms without gradients": (
        "the gradient of one example is an outer product, so its norm is the product of "
        "two norms, and no gradient of one example is ever stored"
    ),
    "running sum": (
        "a scan adds each clipped gradient to one sum, so that one gradient at a time is "
        "there"
    ),
    "elimination written out": (
        "XLA calls LAPACK once for each matrix; written in JAX operations, elimination "
        "runs over all matrices at once. It does without pivots, which these positive "
        "definite matrices allow"
    ),
    "sorted, some at a time": (
        "a mapped loop runs until its slowest lane is done; sorted, the slow lanes are "
        "together, and each chunk ends when its own lanes do"
    ),
    "one key for all": (
        "one draw from one key replaces a draw from each key. The paths are as random, "
        "but a path no longer has a key of its own"
    ),
    "shifted sums": (
        "a convolution of one channel is not a large product; as a sum of shifted images it "
        "is one fused pass"
    ),
}


# --- reading ----------------------------------------------------------------------------


def newest(folder):
    """Return the file of a folder with the latest date, as a dictionary."""
    return max(all_files(folder), key=lambda data: data["date"])


def all_files(folder):
    """Return all files of measured times of a folder."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(Path(folder).glob("*.json"))
    ]


def medians(data, workload, form):
    """Return the median seconds of a form of a workload, by batch size."""
    return {
        one["size"]: one["median"]
        for one in data["times"]
        if one["workload"] == workload and one["form"] == form
    }


def programs(data, workload):
    """Return what is known of the mapped program of a workload, by batch size."""
    return {p["size"]: p for p in data["programs"] if p["workload"] == workload}


def title(data, workload):
    """Return what a workload is called in a text."""
    return data["workloads"][workload]["title"]


# --- writing ----------------------------------------------------------------------------


def three(number):
    """Return a number to three digits, as people write it."""
    if not number:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(float(f"{number:.3g}")))))
    return f"{float(f'{number:.3g}'):,.{digits}f}"


def duration(seconds):
    """Return a time with a unit that suits it."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{three(seconds / size)} {unit}"
    return f"{three(seconds / 1e-9)} ns"


def factor(number):
    """Return how many times, to two digits below a hundred."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"


def table(head, rows, text=()):
    """Return a table in Markdown.

    Args:
        head: the names of the columns.
        rows: the cells, row by row.
        text: the columns that hold text, besides the first; the others hold numbers.
    """
    kinds = ["---" if name in text else "---:" for name in head[1:]]
    lines = [head, ["---", *kinds], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def listed(names):
    """Return names as a list in a sentence."""
    names = [*names]
    if not names:
        return "none"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def share(part):
    """Return a share in percent, to two digits where it is small."""
    return f"{100 * part:.2g}%" if part < 0.095 else f"{part:.0%}"


def plural(count, one, many=None):
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


# --- the machine ------------------------------------------------------------------------


def provenance(data):
    """Say when, on what and how the times of a file were taken."""
    machine, settings, ceilings = data["machine"], data["settings"], data["ceilings"]
    names = ", ".join(f"{name} {value}" for name, value in data["versions"].items())
    threads = ", ".join(f"{name} {n}" for name, n in machine["threads"].items())
    busy = machine["others"]
    noise = (
        " **The machine was not idle: all times are longer than they could be.**"
        if busy > 0.1
        else ""
    )
    return (
        f"Measured on {data['date']}: {machine['gpu'] or machine['processor']}, "
        f"{plural(machine['cores'], 'core')}, {machine['memory'] / 2**30:.0f} GiB, "
        f"{machine['system']} on {machine['architecture']}. {names}. "
        f"Threads: {threads}. Programs at work in the minute before: {machine['load']:g}; "
        f"other programs took {busy:.0%} of the cores during the run.{noise}\n\n"
        f"A time is the median of up to {settings['rounds']} rounds. A form may need "
        f"{settings['memory'] / 2**30:.3g} GiB, and a call {settings['longest']:g} s; "
        "what needs more is left out. A large copy moves "
        f"**{three(ceilings['copy'] / 1e9)} GB/s** here, and a large product makes "
        f"**{three(ceilings['product']['float32'] / 1e9)} GFLOP/s** in float32: the two "
        "ceilings."
    )


def left_out(data):
    """Return what is not in a file, and why, as a table."""
    rows = []
    for one in data["left_out"]:
        where = title(data, one["workload"]) if "workload" in one else "all"
        size = f"{one['size']:,}" if "size" in one else ""
        rows.append([where, one["what"], size, one["why"].replace("|", "/")])
    return table(["workload", "left out", "from", "why"], rows, {"left out", "why"})


def machines(folder):
    """Return a table of all files of a folder, and say which of them is of a GPU."""
    rows, gpus = [], []
    for data in all_files(folder):
        machine = data["machine"]
        rows.append(
            [
                machine["gpu"] or machine["processor"],
                machine["cores"],
                data["date"],
                data["versions"]["JAX"],
                three(data["ceilings"]["copy"] / 1e9),
                three(data["ceilings"]["product"]["float32"] / 1e9),
            ]
        )
        gpus += [machine["gpu"]] * bool(machine["gpu"])
    head = ["machine", "cores", "date", "JAX", "copy, GB/s", "product, GFLOP/s"]
    says = (
        f"Of a GPU: {listed(gpus)}."
        if gpus
        else f"Of {plural(len(rows), 'file')}, none is of a GPU: this page has no GPU "
        "figures."
    )
    return f"{table(head, rows)}\n\n{says}"


# --- time against batch size ------------------------------------------------------------


def svg(figure, name, says):
    """Return a figure as an SVG that takes the colour and the font of its page.

    Args:
        figure: the figure.
        name: one word, different for each figure of a page.
        says: what a reader who does not see it should know.
    """
    drawn = io.StringIO()
    with rc_context(STYLE | {"svg.hashsalt": name}):
        figure.savefig(
            drawn,
            format="svg",
            transparent=True,
            metadata={"Title": says, "Date": None},
        )
    text = re.sub(
        "(?s)^.*?(?=<svg)|<metadata>.*</metadata>|<style.*?</style>",
        "",
        drawn.getvalue(),
    )
    # Ids that nothing refers to would be there twice on a page with two figures.
    used = {*re.findall(r"#([\w.-]+)", text)}
    text = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", text)
    # A tenth of a point is less than one sees.
    text = re.sub(
        r'(?<==")[^"]*"',
        lambda m: re.sub(r"-?\d+\.\d{2,}", lambda n: f"{float(n[0]):.1f}", m[0]),
        text,
    )
    text = text.replace(GREY, "currentColor").replace("'DejaVu Sans'", "sans-serif")
    label = says.replace('"', "&quot;")
    root = f'<svg role="img" aria-label="{label}" color="{GREY}" '
    return text.replace("<svg ", root, 1)


def times_figure(data):
    """Draw time against batch size: a panel for each workload, a line for each form."""
    workloads = [*data["workloads"]]
    rows = math.ceil(len(workloads) / 2)
    with rc_context(STYLE):
        figure = Figure(figsize=(5.6, 1.75 * rows + 0.9), layout="constrained")
        panels = [*figure.subplots(rows, 2, squeeze=False).flat]
        for panel, workload in zip(panels, workloads, strict=False):
            for form, (colour, dashes) in LOOKS.items():
                if found := medians(data, workload, form):
                    panel.plot(*zip(*found.items(), strict=True), color=colour,
                               linestyle=dashes, label=form, linewidth=1.4)  # fmt: skip
            panel.set(xscale="log", yscale="log")
            panel.set_title(title(data, workload), fontsize=9, loc="left")
            panel.yaxis.set_major_formatter(EngFormatter("s", places=0, sep=""))
            panel.xaxis.set_major_formatter(EngFormatter(places=0, sep=""))
            panel.xaxis.set_minor_locator(NullLocator())
            panel.yaxis.set_minor_locator(NullLocator())
            panel.tick_params(labelsize=8)
        for panel in panels[len(workloads) :]:
            panel.set_axis_off()
        there = {}
        for panel in panels:
            handles, labels = panel.get_legend_handles_labels()
            there |= dict(zip(labels, handles, strict=True))
        figure.legend(
            [*there.values()], [*there], loc="outside upper center", ncols=3,
            frameon=False, fontsize=9, handlelength=3,
        )  # fmt: skip
        figure.supxlabel("lanes in the batch", fontsize=9)
    says = (
        f"Time of one call against batch size, both logarithmic: {len(workloads)} panels, "
        f"one for each workload, with lines for {listed(there)}. The table below has the "
        "numbers."
    )
    return svg(figure, "times", says)


def times_table(data):
    """Return all times that the figure draws, in milliseconds."""
    rows = []
    for workload in data["workloads"]:
        by_form = [medians(data, workload, form) for form in LOOKS]
        sizes = sorted({size for found in by_form for size in found})
        for number, size in enumerate(sizes):
            name = title(data, workload) if not number else ""
            cells = [three(1000 * f[size]) if size in f else "" for f in by_form]
            rows.append([name, f"{size:,}", *cells])
    return table(["ms", "lanes", *LOOKS], rows)


def fastest(data, workload, size, forms):
    """Return the fastest of some forms of a workload at a size."""
    there = {form: medians(data, workload, form).get(size) for form in forms}
    return min((t, form) for form, t in there.items() if t is not None)[1]


def winners(data):
    """Say which form was fastest at the smallest and at the largest batch."""
    lines = []
    for where, pick in (("In a batch of one", min), ("In the largest batch", max)):
        names = Counter(
            fastest(data, workload, pick(medians(data, workload, VMAP)), LOOKS)
            for workload in data["workloads"]
        )
        said = [f"{form} in {count}" for form, count in names.most_common()]
        total = len(data["workloads"])
        lines.append(
            f"{where}, the fastest of all these is, of {total}: {listed(said)}."
        )
    return " ".join(lines)


def guess(data, workload):
    """Answer which of three forms is fastest for one lane, and in the largest batch."""
    forms = (LOOP, NUMPY, VMAP)
    sizes = [
        s for s in medians(data, workload, VMAP) if s in medians(data, workload, NUMPY)
    ]
    lines = []
    for size in (min(sizes), max(sizes)):
        found = {f: medians(data, workload, f).get(size) for f in forms}
        times = [f"{f} {duration(t)}" for f, t in found.items() if t is not None]
        best = fastest(data, workload, size, forms)
        slow = [f for f, t in found.items() if t is None]
        rest = f" ({listed(slow)} would take too long to measure)" if slow else ""
        lines.append(
            f"* {plural(size, 'point')}: **{best}**. {', '.join(times)}{rest}."
        )
    return "\n".join(lines)


# --- vmap against by hand ---------------------------------------------------------------


def ratios(data, workload, other=HAND):
    """Return jit(vmap) / another form, by batch size.

    Forms that were timed directly after each other have a ratio for each round: the
    median of those.
    """
    mapped = medians(data, workload, VMAP)
    return {
        one["size"]: one.get("ratio", mapped[one["size"]] / one["median"])
        for one in data["times"]
        if one["workload"] == workload
        and one["form"] == other
        and one["size"] in mapped
    }


def ratio_figure(data):
    """Draw vmap / by hand for all workloads and sizes, and the same program / itself."""
    workloads = [*data["workloads"]]
    with rc_context(STYLE):
        figure = Figure(
            figsize=(5.6, 0.32 * len(workloads) + 1.1), layout="constrained"
        )
        axes = figure.subplots()
        for row, workload in enumerate(workloads):
            again = [*ratios(data, workload, AGAIN).values()]
            found = [*ratios(data, workload).values()]
            axes.plot(again, [row - 0.2] * len(again), "|", color=GREY, markersize=6,
                      label="the same program / itself" if not row else None)  # fmt: skip
            axes.plot(found, [row + 0.15] * len(found), "o", color="#c94f7c", markersize=4,
                      label="jit(vmap) / by hand" if not row else None)  # fmt: skip
        axes.axvline(1, color=GREY, linewidth=0.8)
        axes.set(xscale="log", ylim=(len(workloads) - 0.4, -0.6))
        axes.set_yticks(range(len(workloads)), [title(data, w) for w in workloads])
        low, high = axes.get_xlim()
        wide = high / low > 6
        marks = (
            (0.1, 0.25, 0.5, 1, 2, 4, 10) if wide else (0.5, 0.7, 0.85, 1, 1.2, 1.5, 2)
        )
        ticks = [t for t in marks if low <= t <= high]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    found = all_ratios(data)
    says = (
        "jit(vmap) divided by the program written by hand, a dot for each batch size of "
        f"each workload, from {min(found):.2f} to {max(found):.2f}; strokes show the same "
        "program divided by itself. The table below has the numbers."
    )
    return svg(figure, "ratios", says)


def all_ratios(data, other=HAND):
    """Return jit(vmap) / another form for all workloads and sizes."""
    return [r for w in data["workloads"] for r in ratios(data, w, other).values()]


def ratio_table(data):
    """Return the ratios of each workload as a table."""
    rows = []
    for workload in data["workloads"]:
        found, again = ratios(data, workload), ratios(data, workload, AGAIN)
        if found:
            same = [p["same"] for p in programs(data, workload).values() if "same" in p]
            spread = f"{min(again.values()):.2f} to {max(again.values()):.2f}"
            cells = [f"{s:,}: {r:.2f}" for s, r in found.items()]
            middle = f"{statistics.median(found.values()):.2f}"
            rows.append(
                [title(data, workload), ", ".join(cells), middle, spread,
                 f"{sum(same)} of {len(same)}"]
            )  # fmt: skip
    head = [
        "vmap / by hand",
        "lanes: ratio",
        "median",
        "program / itself",
        "same program",
    ]
    return table(head, rows, {"lanes: ratio"})


def pairs(data, same):
    """Return jit(vmap) / by hand, of equal compiled programs or of different ones."""
    return [
        ratio
        for workload in data["workloads"]
        for size, ratio in ratios(data, workload).items()
        if bool(programs(data, workload)[size].get("same")) == same
    ]


def equal(data):
    """Return the workloads whose program is at every size that of the one by hand."""
    found = {
        w: [p["same"] for p in programs(data, w).values() if "same" in p]
        for w in data["workloads"]
    }
    return [w for w, same in found.items() if same and all(same)]


def same_says(data):
    """Say in how many workloads the compiler makes one program of vmap and by hand."""
    found, names = equal(data), [*data["workloads"]]
    text = (
        f"In **{len(found)} of {len(names)}** workloads the compiler makes the very same "
        "program of both, instruction for instruction, at every size."
    )
    if others := [title(data, w) for w in names if w not in found]:
        text += f" Elsewhere the two programs differ: in {listed(others)}."
    return text


def ratio_says(data):
    """Say how far jit(vmap) is from a program by hand, beside how far it is from itself."""
    same, differ = pairs(data, same=True), pairs(data, same=False)
    again = all_ratios(data, AGAIN)
    lines = []
    if same:
        lines.append(
            f"Of {plural(len(same) + len(differ), 'pair')}, {len(same)} are **the same "
            f"program**. The median of `vmap` / by hand is {statistics.median(same):.2f} "
            f"there, and {_near(same)} are within {NEAR:g} of 1: any difference is noise."
        )
    if differ:
        start = f"In the other {len(differ)}" if same else f"In all {len(differ)} pairs"
        slower = sum(ratio - 1 > NEAR for ratio in differ)
        lines.append(
            f"{start} **the programs differ**. The median is "
            f"**{statistics.median(differ):.2f}**, and {_near(differ)} are within "
            f"{NEAR:g} of 1. By more than that, `vmap` is slower in {slower} and faster "
            f"in {len(differ) - _near(differ) - slower}; the ratios go from "
            f"{min(differ):.2f} to {max(differ):.2f}."
        )
    lines.append(
        "To know how large noise is, one program was timed as if it were two: that ratio "
        f"is within {NEAR:g} of 1 in {_near(again)} of {len(again)}, and goes from "
        f"{min(again):.2f} to {max(again):.2f}."
    )
    return " ".join(lines)


def _near(found):
    """Return how many ratios are as near to 1 as those of equals may be."""
    return sum(abs(ratio - 1) <= NEAR for ratio in found)


def reason(program):
    """Say how the mapped program differs from the one by hand."""
    if program.get("same"):
        return "the same program: noise"
    parts = [
        f"{listed(plural(n, op, op) for op, n in program[key].items())} {word}"
        for key, word in (("more", "more"), ("fewer", "fewer"))
        if program.get(key)
    ]
    return "; ".join(parts) or "the same operations, in other shapes or another order"


def off(data):
    """Return where the ratio is off by more than it may, with what the compiler made."""
    rows = []
    for workload in data["workloads"]:
        known = programs(data, workload)
        by_reason = {}
        for size, ratio in ratios(data, workload).items():
            if abs(ratio - 1) > NEAR:
                by_reason.setdefault(reason(known[size]), []).append((size, ratio))
        for why, found in by_reason.items():
            values = [ratio for _, ratio in found]
            again = ratios(data, workload, AGAIN)
            own = [again[size] for size, _ in found]
            rows.append(
                [
                    title(data, workload),
                    ", ".join(f"{size:,}" for size, _ in found),
                    _from_to(values),
                    _from_to(own),
                    why,
                ]
            )
    if not rows:
        return f"No pair is off by more than {NEAR:g}."
    head = [
        "off by more",
        "at lanes",
        "ratio",
        "program / itself",
        "in the compiled program",
    ]
    return table(head, rows, {"in the compiled program"})


def _from_to(values):
    """Return the range of some ratios."""
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"


# --- the ceiling ------------------------------------------------------------------------


def reached(data, workload, form=VMAP):
    """Return what a form reaches at the largest size that it was measured at.

    Returns:
        The size, operations for each byte, operations a second, and what the two ceilings
        allow at most.
    """
    size, seconds = max(medians(data, workload, form).items())
    program = programs(data, workload)[size]
    intensity = program["flops"] / program["bytes"]
    roof = min(
        data["ceilings"]["product"]["float32"], intensity * data["ceilings"]["copy"]
    )
    return size, intensity, program["flops"] / seconds, roof


def best_mended(data, workload):
    """Return the better program of a workload that is fastest, or None."""
    there = [
        f for f in data["workloads"][workload]["mended"] if medians(data, workload, f)
    ]
    size = {f: max(medians(data, workload, f)) for f in there}
    return min(
        there,
        key=lambda f: (-size[f], medians(data, workload, f)[size[f]]),
        default=None,
    )


def roof_figure(data):
    """Draw each workload under the two ceilings of the machine."""
    copy, product = data["ceilings"]["copy"], data["ceilings"]["product"]["float32"]
    with rc_context(STYLE):
        figure = Figure(figsize=(5.6, 4.4), layout="constrained")
        axes = figure.subplots()
        points = {w: reached(data, w) for w in data["workloads"]}
        intensities = [point[1] for point in points.values()]
        edge = product / copy
        left, right = min(intensities) / 2, max([*intensities, edge]) * 3
        axes.plot([left, edge, right], [left * copy, product, product], color=GREY)
        letters = "abcdefghijklmnopqrstuvwxyz"
        for letter, (workload, point) in zip(letters, points.items(), strict=False):
            _, intensity, rate, _ = point
            axes.plot([intensity], [rate], "o", color="#c94f7c", markersize=5)
            axes.annotate(
                letter, (intensity, rate), (5, -3), textcoords="offset points"
            )
            if mended := best_mended(data, workload):
                better = reached(data, workload, mended)[2]
                axes.plot([intensity], [better], "^", color="#3a87c8", markersize=5,
                          fillstyle="none")  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="operations for each byte")
        axes.set_ylabel("operations a second")
        axes.yaxis.set_major_formatter(EngFormatter())
        axes.xaxis.set_major_formatter(EngFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
    says = (
        "Operations a second against operations for each byte, both logarithmic. A line "
        f"rises with the bandwidth and is level from {three(edge)} operations a byte on; "
        f"{len(points)} dots, one for each workload under jit(vmap), lie under it or near "
        "it, and open triangles are other programs for the same. The table below has the "
        "numbers."
    )
    return svg(figure, "roof", says)


def roof_table(data):
    """Return what each workload reaches of its ceiling, as a table."""
    rows = []
    for letter, workload in zip("abcdefghijkl", data["workloads"], strict=False):
        size, intensity, rate, roof = reached(data, workload)
        mended = best_mended(data, workload)
        better = share(reached(data, workload, mended)[2] / roof) if mended else ""
        rows.append(
            [f"{letter}: {title(data, workload)}", f"{size:,}", three(intensity),
             three(rate / 1e9), three(roof / 1e9), f"{share(rate / roof)}", better]
        )  # fmt: skip
    head = [
        "workload",
        "lanes",
        "operations a byte",
        "GFLOP/s",
        "ceiling",
        "share",
        "another program",
    ]
    return table(head, rows)


def roof_says(data):
    """Say which workloads come nearest to their ceiling, and which stay farthest."""
    shares = {}
    for workload in data["workloads"]:
        _, _, rate, roof = reached(data, workload)
        shares[workload] = rate / roof
    order = sorted(shares, key=shares.get)
    far = [f"{title(data, w)} ({share(shares[w])})" for w in order[:3]]
    near = [f"{title(data, w)} ({share(shares[w])})" for w in order[::-1][:3]]
    return f"Nearest to the ceiling: {listed(near)}. Farthest: {listed(far)}."


# --- where the loop or NumPy wins -------------------------------------------------------


def ahead(data, workload, other):
    """Return where jit(vmap) is faster than another form.

    Returns:
        A list of pairs, each the first and the last size of a range in which jit(vmap) is
        ahead at every size that was measured, and the largest size of both forms.
    """
    runs, going = [], False
    found = ratios(data, workload, other)
    for size, ratio in sorted(found.items()):
        if ratio < 1 and going:
            runs[-1] = (runs[-1][0], size)
        elif ratio < 1:
            runs.append((size, size))
        going = ratio < 1
    return runs, max(found, default=None)


def where(data, workload, other):
    """Say at which sizes jit(vmap) is faster than another form."""
    runs, largest = ahead(data, workload, other)
    if largest is None:
        return ""
    says = [
        f"from {first:,}"
        if last == largest
        else f"{first:,}"
        if first == last
        else f"{first:,} to {last:,}"
        for first, last in runs
    ]
    return listed(says) if says else "nowhere"


def firsts(data, other):
    """Return the first size at which jit(vmap) is ahead, by the workloads that have one."""
    found = {w: ahead(data, w, other)[0] for w in data["workloads"]}
    return {w: runs[0][0] for w, runs in found.items() if runs}


def behind_again(data, other):
    """Return the workloads in which jit(vmap) is ahead, and not in the largest batch."""
    found = {w: ahead(data, w, other) for w in data["workloads"]}
    return [w for w, (runs, largest) in found.items() if runs and runs[-1][1] < largest]


def for_one_lane(data):
    """Return the workloads in which NumPy is ahead for one lane, and those where vmap is."""
    found = {w: ratios(data, w, NUMPY).get(1, 1) for w in data["workloads"]}
    return [w for w in found if found[w] > 1], [w for w in found if found[w] < 1]


def crossings(data):
    """Return, for each workload, in which batches vmap beats the loop and NumPy."""
    rows = []
    for workload in data["workloads"]:
        first = min(medians(data, workload, VMAP))
        cells = [where(data, workload, other) for other in (LOOP, NUMPY)]
        at_one = [medians(data, workload, f).get(first) for f in (LOOP, NUMPY, VMAP)]
        shown_ = [duration(t) if t else "" for t in at_one]
        rows.append([title(data, workload), *shown_, *cells])
    head = ["workload", "loop, one lane", "NumPy, one lane", "jit(vmap), one lane",
            "lanes: vmap ahead of the loop", "ahead of NumPy"]  # fmt: skip
    return table(head, rows, {*head[-2:]})


def crossings_say(data):
    """Say who is ahead for one lane, and in which batches vmap is ahead or falls behind."""
    total = len(data["workloads"])
    numpy, behind = for_one_lane(data)
    text = (
        f"For one lane, NumPy is ahead in {len(numpy)} of {plural(total, 'workload')}, "
        f"and behind in {len(behind)}"
    )
    at_one = {
        form: {w: min(medians(data, w, form).items())[1] for w in data["workloads"]}
        for form in (NUMPY, VMAP)
    }
    if behind:
        against = [
            f"{title(data, w)} ({duration(at_one[NUMPY][w])} against "
            f"{duration(at_one[VMAP][w])})"
            for w in behind
        ]
        text += f": {listed(against)}"
    middle = {f: duration(statistics.median(t.values())) for f, t in at_one.items()}
    medians_ = (
        f"The medians over all workloads are {middle[NUMPY]} for NumPy and "
        f"{middle[VMAP]} for a call of the compiled program."
    )
    lines = [f"{text}. {medians_}", ""]
    for form, called in ((LOOP, "the Python loop"), (NUMPY, "NumPy")):
        won, lost = firsts(data, form), behind_again(data, form)
        text = (
            f"`vmap` is ahead of {called} at some size in {len(won)} of "
            f"{plural(total, 'workload')}"
        )
        if never := [w for w in data["workloads"] if w not in won]:
            text += f", and not in {listed(title(data, w) for w in never)}"
        if lost:
            names = listed(title(data, w) for w in lost)
            text += (
                f"; in the largest batch of both it is behind again in {len(lost)}: "
                f"{names}"
            )
        lines.append(f"{text}.")
    lines.append("")
    sizes = sorted({one["size"] for one in data["times"]})
    if len(sizes) > 1:
        rest = " and so on" if len(sizes) > 3 else ""
        lines.append(
            f"The sizes are {', '.join(f'{size:,}' for size in sizes[:3])}{rest}: "
            f'"from {sizes[1]:,}" means ahead at {sizes[1]:,}, and not yet at '
            f"{sizes[0]:,}."
        )
    both = all_ratios(data, LOOP) + all_ratios(data, NUMPY)
    lines.append(
        f"In {_near(both)} of the {len(both)} pairs of times the two are within {NEAR:g} of "
        "each other: there, who is ahead may be noise."
    )
    return "\n".join(lines)


# --- the first call ---------------------------------------------------------------------


def middle_size(data, workload, most=1024):
    """Return the largest size up to some, at which a workload was measured."""
    return max(size for size in medians(data, workload, VMAP) if size <= most)


def repaid(data, workload, other, size):
    """Return after how many calls compiling is paid back; None if never."""
    found = medians(data, workload, other)
    if size not in found:
        return None
    saved = found[size] - medians(data, workload, VMAP)[size]
    program = programs(data, workload)[size]
    first = program["trace"] + program["compile"]
    return math.ceil(first / saved) if saved > 0 else math.inf


def investment(data):
    """Return what the first call costs, and when it is paid back, as a table."""
    rows = []
    for workload in data["workloads"]:
        size = middle_size(data, workload)
        program = programs(data, workload)[size]
        cells = []
        for other in (LOOP, NUMPY):
            calls = repaid(data, workload, other, size)
            cells.append(
                "" if calls is None else "never" if calls == math.inf else f"{calls:,}"
            )
        rows.append(
            [title(data, workload), f"{size:,}", duration(program["trace"]),
             duration(program["compile"]), *cells]
        )  # fmt: skip
    head = [
        "workload",
        "lanes",
        "trace",
        "compile",
        "calls against the loop",
        "against NumPy",
    ]
    return table(head, rows)


def investment_says(data):
    """Say what a first call costs over all workloads and sizes."""
    firsts = [p["trace"] + p["compile"] for p in data["programs"]]
    return (
        f"Over all {plural(len(firsts), 'program')}, tracing and compiling took "
        f"{duration(statistics.median(firsts))} in the median, and "
        f"{duration(max(firsts))} at most."
    )


# --- mended -----------------------------------------------------------------------------


def mended_table(data):
    """Return the better programs beside jit(vmap), at the largest size of both."""
    rows = []
    for workload, about in data["workloads"].items():
        for form in [MAP, *about["mended"]]:
            found = ratios(data, workload, form)
            if not found or (form == MAP and max(found.values()) < 1.2):
                continue
            size = max(found)
            if form == MAP:
                (chunk,) = (
                    t["batch_size"]
                    for t in data["times"]
                    if (t["workload"], t["form"], t["size"]) == (workload, MAP, size)
                )
                name = f"lax.map, {plural(chunk, 'lane')} at a time"
            else:
                name = form
            rows.append(
                [title(data, workload), f"{size:,}", name,
                 duration(medians(data, workload, VMAP)[size]),
                 duration(medians(data, workload, form)[size]), factor(found[size])]
            )  # fmt: skip
    head = ["workload", "lanes", "instead", "jit(vmap)", "takes", "times as fast"]
    return table(head, rows, {"instead"})


def mended_says(data):
    """Say of each better program how much better it is, and why."""
    lines = []
    for workload, about in data["workloads"].items():
        for form in about["mended"]:
            found = ratios(data, workload, form)
            if not found:
                continue
            size = max(found)
            gain = found[size]
            if gain >= 1.05:
                says = f"{factor(gain)} times as fast: {WHY[form]}."
            elif gain > 0.95:
                says = "as fast: it does not pay here."
            else:
                says = f"{factor(1 / gain)} times as slow: it does not pay here."
            lines.append(f"* **{title(data, workload)}**, *{form}*, {says}")
    return "\n".join(lines)


# --- half the digits --------------------------------------------------------------------


def half_table(data):
    """Return float32 beside bfloat16, at the largest size of both."""
    rows = []
    for workload in data["workloads"]:
        if found := ratios(data, workload, HALF):
            size = max(found)
            cells = [duration(medians(data, workload, f)[size]) for f in (VMAP, HALF)]
            rows.append(
                [title(data, workload), f"{size:,}", *cells, f"{found[size]:.2f}"]
            )
    product = data["ceilings"]["product"]
    cells = [f"{three(product[t] / 1e9)} GFLOP/s" for t in ("float32", "bfloat16")]
    rows.append(
        [
            "a large product",
            "",
            *cells,
            f"{product['bfloat16'] / product['float32']:.2f}",
        ]
    )
    return table(["workload", "lanes", "float32", "bfloat16", "times as fast"], rows)


def half_says(data):
    """Say how often half the digits are faster."""
    gains = [
        found[max(found)] for w in data["workloads"] if (found := ratios(data, w, HALF))
    ]
    product = data["ceilings"]["product"]
    ratio = product["bfloat16"] / product["float32"]
    return (
        f"Here bfloat16 is faster in {sum(g > 1.05 for g in gains)} of {len(gains)} "
        f"workloads, and its large product makes {ratio:.2f} times as many operations a "
        "second."
    )


# --- several devices --------------------------------------------------------------------


def devices_table(data):
    """Return the times on several devices, as a table."""
    rows = []
    for workload, found in data["devices"].get("scaling", {}).get("times", {}).items():
        times = {int(count): one["median"] for count, one in found.items()}
        first = times[min(times)]
        cells = [f"{duration(t)} ({factor(first / t)})" for t in times.values()]
        rows.append([title(data, workload), *cells])
        counts = [*times]
    if not rows:
        return "This machine has one core: nothing was measured on several devices."
    kind = "devices" if data["machine"]["gpu"] else "simulated devices"
    head = ["workload", *(plural(n, kind[:-1], kind) for n in counts)]
    return table(head, rows)


def devices_say(data):
    """Say what several simulated devices are on the cores that there are."""
    scaling = data["devices"].get("scaling", {}).get("times", {})
    if not scaling:
        return ""
    gains = {
        w: max(found["1"]["median"] / one["median"] for one in found.values())
        for w, found in scaling.items()
    }
    best = max(gains, key=gains.get)
    text = f"The most is {factor(gains[best])} times as fast, for {title(data, best)}."
    if data["machine"]["gpu"]:
        return text
    cores = data["machine"]["cores"]
    text += (
        f" All simulated devices share {plural(cores, 'core')}. A program that already "
        "uses all cores on one device has nothing to gain from more devices; one that "
        f"leaves cores idle can gain those, and be up to {cores} times as fast."
    )
    for workload, found in scaling.items():
        one = found["1"]
        more = {
            count: times
            for count, times in found.items()
            if one["median"] / times["median"] > 1.1 * cores
        }
        if not more:
            continue
        gains_ = [
            f"{factor(one['median'] / times['median'])} times as fast on {count}"
            for count, times in more.items()
        ]
        rounds = [
            f"{duration(times['low'])} to {duration(times['high'])} on {count}"
            for count, times in {"1": one, **more}.items()
        ]
        text += (
            f" That does not explain {title(data, workload)}, which is {listed(gains_)} "
            f"devices. The middle half of the rounds took {listed(rounds)}."
        )
        if any(times["high"] >= one["low"] for times in more.values()):
            text += " These ranges overlap: it may be noise."
        text += " This page has not counted why."
    return text


# --- a rule -----------------------------------------------------------------------------


def gains_of(data, form):
    """Return, by workload, how much faster a form is in the largest batch, where it is."""
    found = {w: ratios(data, w, form) for w in data["workloads"]}
    last = {w: r[max(r)] for w, r in found.items() if r}
    return {w: gain for w, gain in last.items() if gain > 1 + NEAR}


def rules(data):
    """Return the rules that the data support, each with its count."""
    names = [*data["workloads"]]
    total = len(names)
    found = equal(data)
    others = {
        w: statistics.median(r.values())
        for w in names
        if w not in found and (r := ratios(data, w))
    }
    loops, crossing = firsts(data, LOOP), firsts(data, NUMPY)
    numpy, behind = for_one_lane(data)
    large = [
        w for w in names
        if (p := programs(data, w)[max(programs(data, w))])["temporary"] > p["bytes"]
    ]  # fmt: skip
    chunked = [w for w in large if w in gains_of(data, MAP)]
    gains = {
        (w, form): r[max(r)]
        for w in names
        for form in data["workloads"][w]["mended"]
        if (r := ratios(data, w, form))
    }
    first = (
        f"1. **Write one lane and map it.** In {len(found)} of {total} workloads the "
        "compiler makes the same program of it as of the version by hand."
    )
    if others:
        low, high = min(others, key=others.get), max(others, key=others.get)
        first += (
            f" In the other {len(others)} the median of `vmap` / by hand goes from "
            f"{others[low]:.2f} ({title(data, low)}) to {others[high]:.2f} "
            f"({title(data, high)})."
        )
    second = "2. **Loop**: `vmap` is ahead of the Python loop nowhere."
    if loops:
        start = statistics.median_low(loops.values())
        second = (
            f"2. **From {plural(start, 'lane')} on, map instead of looping.** That is the "
            "median of the first size at which `vmap` is ahead of the Python loop over a "
            f"compiled function. It is ahead at some size in {len(loops)} of {total}, and "
            f"behind again in the largest batch in {len(behind_again(data, LOOP))}."
        )
    third = (
        "3. **For a few lanes of few operations, or for a few calls, stay in NumPy.** For "
        f"one lane it is ahead in {len(numpy)} of {total} and behind in {len(behind)}. "
    )
    if crossing:
        start, end = min(crossing.values()), max(crossing.values())
        first_at = f"{start:,} to {plural(end, 'lane')}" if start < end else f"{end:,}"
        third += (
            f"`vmap` is ahead of it at some size in {len(crossing)} of {total}, for the "
            f"first time at {first_at}, and behind again in the largest batch in "
            f"{len(behind_again(data, NUMPY))}."
        )
    else:
        third += "`vmap` is ahead of it nowhere."
    fourth = (
        "4. **Where the compiled program needs more temporary memory than its arguments "
        "and its result, try `lax.map` with a `batch_size`.** At the largest batch that "
        f"is so in {len(large)} of {total}: {listed(title(data, w) for w in large)}. "
        f"`lax.map` is faster in {len(chunked)} of {len(large)}."
    )
    if missed := {w: r for w, r in gains_of(data, MAP).items() if w not in large}:
        fourth += (
            f" The rule misses {listed(title(data, w) for w in missed)}: it is faster "
            f"there too, by up to {factor(max(missed.values()))} times."
        )
    lines = [first, second, third, fourth]
    if gains:
        best = max(gains, key=gains.get)
        most = max(r[max(r)] for w in names if (r := ratios(data, w, MAP)))
        lines.append(
            "5. **Look for another formula before you tune.** At the largest batch, "
            f"{best[1]} makes {title(data, best[0])} {factor(gains[best])} times as fast; "
            f"the most that `lax.map` gains anywhere is {factor(most)} times."
        )
    return "\n".join(lines)
