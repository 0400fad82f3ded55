// The axis explorer: choose a function, shapes and axes; step through the lanes of vmap
// and see which slices meet in each, what the function makes of them, and what JAX says.

import {
  answer, argumentsOf, at, complete, entryOf, load, pairing, parse, placeOf, program, python, range,
  same, table, take, texts, tuple,
} from "./axis-table.js";
import { make } from "./elements.js";

/** An array as NumPy prints it, on one line. */
function text(array) {
  if (!array.shape.length) return `${array.data[0]}`;
  return `[${range(array.shape[0]).map((i) => text(take(array, 0, i))).join(" ")}]`;
}

/** How Python writes one lane of an array. */
const sliced = (name, axis, lane) => `${name}[${":, ".repeat(axis)}${lane}]`;

/** Draw an array: a cell for each element, with its value and, below it, its index. */
function figure(array, kind, axis, lane, name, says) {
  const draw = (index) => {
    const left = array.shape.length - index.length;
    if (left) {
      const rows = range(array.shape[index.length]).map((i) => draw([...index, i]));
      return make("div", { className: `axis-${["row", "pane", "panes"][left - 1]}` }, ...rows);
    }
    const label = index.flatMap((i, k) =>
      [k ? "," : "", k === axis ? make("b", {}, `${i}`) : `${i}`]);
    const cell = make("span", { className: "axis-cell" }, `${at(array, index)}`,
      make("small", {}, ...label));
    if (axis !== null) cell.dataset.lane = index[axis];
    // Each lane sees the whole of a held argument.
    const seen = axis === null ? kind === "held" && lane !== null : index[axis] === lane;
    cell.classList.toggle("here", seen);
    return cell;
  };
  return make("figure", { className: `axis-array ${kind}` },
    make("figcaption", {}, make("strong", {}, name), ` ${tuple(array.shape)} `,
      make("span", {}, says)),
    make("div", { role: "img", "aria-label": `${name} is ${text(array)}` }, draw([])));
}

/** Write to a live region only what is new: it speaks whenever it is written to. */
function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** A labelled select: `set` gives it a name, options and which of them is chosen. */
function field(choose) {
  const name = make("span");
  const select = make("select", { onchange: () => choose(select.selectedIndex) });
  const label = make("label", {}, name, select);
  const set = (words, options, chosen) => {
    label.hidden = !options;
    if (!options) return;
    say(name, words);
    if (!same(range(select.length).map((i) => select.options[i].text), options)) {
      select.replaceChildren(...options.map((option) => make("option", {}, option)));
    }
    select.selectedIndex = chosen;
  };
  return { label, set };
}

/**
 * Make the elements of an explorer.
 *
 * `choose` says what the reader may choose: "all", only "in_axes", or "none".
 * `changed` is called with the choice and the lane after each step of the reader.
 */
export function explorer(choice, { choose, lane = 0, changed = () => {} }) {
  const drawing = make("div", { className: "axis-drawing" });
  const result = make("p");
  const step = make("p");
  const status = make("div",
    { className: "axis-status", role: "status", "aria-atomic": "false" }, result, step);

  function change(values) {
    choice = { ...choice, ...values };
    go(0);
  }

  function go(to) {
    lane = to;
    show();
    changed(choice, lane);
  }

  // --- what the reader chooses

  const offered = (i) => table.in_axes[choice.shapes[i].length];
  const functions = field((k) => {
    const { name, shapes, start } = table.functions[k];
    const first = shapes.map(([shape]) => shape);
    change({ function: name, shapes: first, in_axes: start, out_axes: 0 });
  });
  const shapes = [0, 1].map((i) => field((k) => {
    const shape = entryOf(choice).shapes[i][k];
    const axis = choice.in_axes[i];
    const kept = table.in_axes[shape.length].includes(axis) ? axis : 0;
    change({
      shapes: choice.shapes.with(i, shape),
      in_axes: choice.in_axes.with(i, kept),
    });
  }));
  const axes = [0, 1].map((i) => field((k) => {
    change({ in_axes: choice.in_axes.with(i, offered(i)[k]) });
  }));
  const out = field((k) => change({ out_axes: table.out_axes[k] }));

  function controls() {
    const entry = entryOf(choice);
    functions.set("Function", table.functions.map(({ label }) => label),
      table.functions.indexOf(entry));
    for (const i of [0, 1]) {
      const [name, given] = [entry.operands[i], entry.shapes[i]];
      shapes[i].set(`Shape of ${name}`, given?.map(tuple),
        given && placeOf(given, choice.shapes[i]));
      axes[i].set(`in_axes of ${name}`, given && offered(i).map(python),
        given && offered(i).indexOf(choice.in_axes[i]));
    }
    out.set("out_axes", table.out_axes.map(python),
      table.out_axes.indexOf(choice.out_axes));
  }

  const group = (legend, ...fields) =>
    make("fieldset", {}, make("legend", {}, legend), ...fields.map(({ label }) => label));
  const form = make("form", { className: "axis-choose" });
  if (choose === "all") form.append(group("Function and shapes", functions, ...shapes));
  form.append(group("Axes", ...axes, ...(choose === "all" ? [out] : [])));

  const code = make("code");
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(complete(choice));
      copy.textContent = "Copied";
    } catch {
      // Not allowed, or no secure address: then what the reader's own key copies.
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });

  // --- how the reader steps

  const slider = make("input", { type: "range", min: 0 });
  const back = make("button", { type: "button" }, "Previous");
  const next = make("button", { type: "button" }, "Next");
  const steps = make("div",
    { className: "axis-steps", role: "group", "aria-label": "Lanes" },
    back, make("label", {}, "Lane ", slider), next);
  const turn = (by) => {
    const count = Number(slider.max) + 1;
    go((lane + by + count) % count);
  };
  back.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  slider.addEventListener("input", () => go(Number(slider.value)));
  steps.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.target === slider) return; // the slider has keys of its own
    event.preventDefault();
    turn(by);
  });
  drawing.addEventListener("click", ({ target }) => {
    const cell = target.closest("[data-lane]");
    if (cell && !steps.hidden) go(Number(cell.dataset.lane));
  });

  // --- what the reader sees

  function operand(array, i, here) {
    const name = entryOf(choice).operands[i];
    const axis = choice.in_axes[i];
    if (axis === null) return figure(array, "held", null, here, name, "held");
    const rank = array.shape.length;
    // An axis that the argument has not cannot be drawn in it.
    const real = axis < rank && rank ? (axis + rank) % rank : null;
    return figure(array, "mapped", real, here, name, `mapped along axis ${axis}`);
  }

  function show() {
    const given = answer(choice);
    const { label, operands } = entryOf(choice);
    const refused = !Array.isArray(given);
    status.classList.toggle("refused", refused);
    steps.hidden = refused;
    say(code, program(choice));
    controls();
    if (refused) {
      drawing.replaceChildren(
        ...argumentsOf(choice).map((array, i) => operand(array, i, null)));
      say(result, `JAX refuses:\n${given}`);
      say(step, "");
      return;
    }
    const { lanes, place, result: array } = pairing(choice);
    lane = Math.min(lane, lanes.length - 1);
    slider.max = lanes.length - 1;
    slider.value = lane;
    const stacked = place === null ? "one for all lanes" : `stacked along axis ${place}`;
    drawing.replaceChildren(
      ...argumentsOf(choice).map((given, i) => operand(given, i, lane)),
      // Together, so that the arrow points at the result where that goes below.
      make("div", { className: "axis-outcome" },
        make("span", { className: "axis-apply" }, `${label} →`),
        figure(array, "result", place, lane, "result", stacked)));
    say(result, `The result has the shape ${tuple(array.shape)}: ${text(array)}`);
    const { sees, returns } = lanes[lane];
    const slices = operands.map((name, i) => {
      const [axis, rank] = [choice.in_axes[i], choice.shapes[i].length];
      const written = axis === null ? name : sliced(name, (axis + rank) % rank, lane);
      return `${written} is ${text(sees[i])}`;
    });
    const goes = place === null ? "as in every lane" :
      `which is ${sliced("result", place, lane)}`;
    say(step, `Lane ${lane}: ${slices.join(", ")}. ` +
      `The function returns ${text(returns)}, ${goes}.`);
  }

  show();
  const seen = [drawing, steps, status];
  if (choose === "none") return seen;
  return [form, make("div", { className: "axis-program" }, code, copy), ...seen];
}

// --- The explorers of a page -----------------------------------------------------------

/** Load the table, or say that it did not come, and offer to try again. */
export async function loaded(roots, start) {
  roots.forEach((root) => root.querySelector(":scope > .axis-missing")?.remove());
  try {
    await load();
    return true;
  } catch {
    roots.forEach((root) => {
      const again = make("button", { type: "button", onclick: start }, "Try again");
      root.append(make("p", { className: "axis-missing", role: "alert" },
        "What moves here needs JAX's answers, and they did not load. ", again));
    });
    return false;
  }
}

async function start() {
  const roots = [...document.querySelectorAll(".axis-explorer:not(.alive)")];
  if (!roots.length || !await loaded(roots, start)) return;
  for (const root of roots) {
    root.classList.add("alive");
    const { choose } = root.dataset;
    const options = { choose };
    let choice = parse(root.dataset);
    if (root.id) {
      // The address holds the state, so that a link shares it.
      const given = Object.fromEntries(new URLSearchParams(location.search));
      choice = parse(given) ?? choice;
      options.lane = Math.max(parseInt(given.lane, 10) || 0, 0);
      options.changed = (chosen, lane) => {
        const query = Object.entries({ ...texts(chosen), lane });
        const search = query.map((pair) => pair.join("=")).join("&");
        // Material keeps the scroll position in the state.
        history.replaceState(history.state, "", `?${search}#${root.id}`);
      };
    }
    root.querySelector(":scope > p")?.remove(); // what it says is true of the start only
    root.prepend(...explorer(choice, options));
  }
}

// One that is a screen or more away costs nothing until the reader comes near.
const near = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  near.disconnect(); // once: while the table loads, the reader may pass again
  start();
}, { rootMargin: "100% 0px" });

// Emits now, and after each instant navigation to another page.
document$.subscribe(() => {
  near.disconnect();
  document.querySelectorAll(".axis-explorer").forEach((root) => near.observe(root));
});
