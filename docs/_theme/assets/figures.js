// Figures, code and outputs, linked: a lane of a figure that is pointed at, tapped or chosen
// by the slider lights its slices, its result, the call in the program and the values in
// the output; a printed value that is pointed at lights its lane.
//
// The drawing is complete without this. It says in `data-o` and `data-i` which lane a cell
// belongs to, in `data-at` where its value was printed and how, in `data-code` where the call
// stands in the program: what does not stand there to the letter is not linked.

import { make } from "./elements.js";

/** Split "12:text". */
function place(written) {
  const [at] = written.split(":", 1);
  return { start: Number(at), text: written.slice(at.length + 1) };
}

/** Whether a place of a text is in a block. */
function stands(block, { start, text }) {
  return block.textContent.startsWith(text, start);
}

/** A range over some characters of an element. */
function range(element, { start, text }) {
  const found = new Range();
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const next = at + node.length;
    if (start >= at && start < next) found.setStart(node, start - at);
    if (start + text.length <= next) {
      found.setEnd(node, start + text.length - at);
      return found;
    }
    at = next;
  }
  return found;
}

/** Whether a pointer is over a place in an element. */
function over(element, at, { clientX, clientY }) {
  return [...range(element, at).getClientRects()].some((box) =>
    clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom);
}

/** Where an argument of a call stands, as the program writes it; undefined if it does not. */
function argument(code, name) {
  const at = code.text.indexOf(`${name}=`);
  if (at < 0) return undefined;
  let depth = 0;
  let end = at;
  for (; end < code.text.length; end += 1) {
    const letter = code.text[end];
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    if (depth < 0 || (letter === "," && !depth)) break;
  }
  return { start: code.start + at, text: code.text.slice(at, end) };
}

/** Link one figure. */
function link(figure) {
  const svg = figure.querySelector("[role=img]");
  const sizes = svg.dataset.lanes.split(" ").map(Number);
  // The smallest groups of cells that a lane has or has not, and the frames of devices.
  const cells = [...new Set([...svg.querySelectorAll("text[font-size], .frame")]
    .map((part) => part.parentElement))];
  const slots = figure.querySelectorAll("[data-slot]");
  const outputs = [...svg.querySelectorAll("[data-at]")].map((cell) =>
    ({ cell, places: cell.dataset.at.split(" ").map(place) }));
  // The blocks before the figure, the nearest first: its example is one of them.
  const before = (kind) => [...document.querySelectorAll(kind)].reverse().filter((block) =>
    block.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING);
  const printed = before(".language-text code").find((block) =>
    outputs.every(({ places }) => places.every((at) => stands(block, at))));
  const code = place(svg.dataset.code);
  const program = before(".language-python code").find((block) => stands(block, code));
  for (const block of [printed, program]) block?.classList.add("linked");

  /** The index of a lane along each map. */
  const index = (lane) => sizes.length > 1
    ? { o: Math.floor(lane / sizes[1]), i: lane % sizes[1] } : { o: lane };
  /** The lane of a cell; what it does not say stays as it is. */
  const laneOf = (cell) => {
    const now = index(Number(slider.value));
    for (let up = cell; up && up !== svg; up = up.parentElement) {
      for (const key of Object.keys(now)) {
        if (up.dataset[key] !== undefined) now[key] = Number(up.dataset[key]);
      }
    }
    return sizes.length > 1 ? now.o * sizes[1] + now.i : now.o;
  };
  const belongs = (cell, now) => Object.entries(now).every(([key, at]) => {
    const own = cell.closest(`[data-${key}]`);
    return !own || Number(own.dataset[key]) === at;
  });

  const caption = figure.querySelector("figcaption");
  const slider = make("input", {
    type: "range", min: 0, max: sizes.reduce((a, b) => a * b) - 1, value: 0,
    "aria-label": caption.textContent.startsWith("Lane") ? "Lane" : "Device",
  });

  function show(lane, light = true) {
    slider.value = lane;
    const now = index(lane);
    for (const slot of slots) slot.textContent = now[slot.dataset.slot];
    slider.setAttribute("aria-valuetext", caption.textContent);
    for (const cell of cells) cell.classList.toggle("here", belongs(cell, now));
    if (!light || !window.Highlight) return;
    const values = outputs.filter(({ cell }) => printed && belongs(cell, now))
      .flatMap(({ places }) => places.map((at) => range(printed, at)));
    CSS.highlights.set("lane", new Highlight(...values));
    CSS.highlights.set("call", new Highlight(...(program ? [range(program, code)] : [])));
  }

  slider.addEventListener("input", () => show(Number(slider.value)));
  slider.addEventListener("focus", () => show(Number(slider.value)));
  for (const kind of ["pointerover", "click"]) {
    svg.addEventListener(kind, ({ target }) => {
      if (target.closest("[data-o], [data-i]")) show(laneOf(target));
    });
  }
  printed?.addEventListener("pointermove", (event) => {
    const found = outputs.find(({ places }) => places.some((at) => over(printed, at, event)));
    if (found) show(laneOf(found.cell));
  });
  // The call that is pointed at shows which axes it maps; `in_axes` or `out_axes` in it, its own.
  const turns = [...svg.querySelectorAll("text")].find((text) => text.textContent === "→");
  const axes = [...svg.querySelectorAll("path[stroke-width]")].map((arrow) => ({
    arrow,
    of: turns && turns.compareDocumentPosition(arrow) & Node.DOCUMENT_POSITION_FOLLOWING
      ? "out_axes" : "in_axes",
  }));
  const named = ["in_axes", "out_axes"].map((name) => ({ name, at: argument(code, name) }))
    .filter(({ at }) => at);
  for (const kind of ["pointermove", "pointerleave"]) {
    program?.addEventListener(kind, (event) => {
      const inside = kind === "pointermove" && over(program, code, event);
      const one = inside && named.find(({ at }) => over(program, at, event));
      for (const { arrow, of } of axes) {
        arrow.classList.toggle("called", inside && (!one || one.name === of));
      }
    });
  }
  caption.before(slider);
  figure.classList.add("alive");
  show(0, false);
}

document$.subscribe(() => {
  window.CSS?.highlights?.clear();
  document.querySelectorAll(".array-figure:not(.alive)").forEach(link);
});
