// Machines: what the devices hold, one step at a time, forwards and backwards.
//
// The page holds all steps as text. They stand once more, for this script, in an
// attribute: it shows what JAX answered and computes none of it.

import { make } from "./elements.js";

/** Text in which what stands between backquotes is code. */
const words = (text) =>
  text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));

/** The tile of a device in a step. */
function tile(step, device) {
  const rows = step.tiles[device].split("\n").map((row) => row.split(" "));
  const changed = new Set(step.new?.[device]);
  const cells = rows.flat().map((value, i) =>
    make("span", { className: changed.has(i) ? "new" : "" }, value));
  const block = make("div", { className: "machine-block" },
    // Spaces, for those who hear it or copy it.
    ...cells.flatMap((cell) => [cell, " "]));
  block.dataset.columns = Math.min(rows[0].length, 4);
  return make("div", { className: "machine-tile" },
    make("p", {}, make("b", {}, `${device}`), ` ${step.notes?.[device] ?? ""}`), block);
}

/** Let what a tile got come from the tile that sent it. */
function move(tiles, from) {
  if (!from || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const places = tiles.map((tile) => tile.getBoundingClientRect());
  tiles.forEach((tile, device) => {
    const x = places[from[device]].left - places[device].left;
    const y = places[from[device]].top - places[device].top;
    for (const cell of tile.querySelectorAll(".new")) {
      cell.animate({ transform: [`translate(${x}px, ${y}px)`, "none"] },
        { duration: 600, easing: "ease-in-out" });
    }
  });
}

function machine(scene) {
  let at = 0;
  const says = make("p", { className: "machine-says", role: "status" });
  const tiles = make("div", { className: "machine-tiles" });
  const slider = make("input", { type: "range", min: 0, step: 1 });
  const count = make("span");
  const back = make("button", { type: "button" }, "Back");
  const next = make("button", { type: "button" }, "Next");

  const selects = scene.fields.map(({ options }) => {
    const choices = options.map((option) => make("option", {}, option));
    return make("select", { onchange: () => go(0) }, ...choices);
  });
  const steps = () => scene.shows[scene.fields.reduce(
    (place, { options }, i) => place * options.length + selects[i].selectedIndex, 0)];

  function go(to) {
    const shown = steps();
    const forwards = to === at + 1;
    at = Math.max(0, Math.min(to, shown.length - 1));
    const step = shown[at];
    const drawn = step.tiles.map((_, device) => tile(step, device));
    tiles.replaceChildren(...drawn);
    tiles.dataset.devices = drawn.length;
    says.replaceChildren(...words(step.says));
    slider.max = shown.length - 1;
    slider.value = at;
    count.textContent = `Step ${at + 1} of ${shown.length}`;
    // Not disabled: that would take the focus away from whoever presses it.
    back.setAttribute("aria-disabled", at === 0);
    next.setAttribute("aria-disabled", at === shown.length - 1);
    if (forwards && to === at) move(drawn, step.from);
  }

  back.addEventListener("click", () => go(at - 1));
  next.addEventListener("click", () => go(at + 1));
  slider.addEventListener("input", () => go(Number(slider.value)));

  let touched = null;
  tiles.addEventListener("touchstart", ({ touches: [first] }) => { touched = first; },
    { passive: true });
  tiles.addEventListener("touchend", ({ changedTouches: [last] }) => {
    const x = last.clientX - touched.clientX;
    const y = last.clientY - touched.clientY;
    if (Math.abs(x) > 40 && Math.abs(x) > 2 * Math.abs(y)) go(at - Math.sign(x));
  });

  const root = make("div", { role: "group", "aria-label": scene.label },
    make("p", { className: "machine-label" }, scene.label),
    make("div", { className: "machine-choose" }, ...scene.fields.map(({ label }, i) =>
      make("label", {}, make("span", {}, label), selects[i]))),
    tiles,
    make("div", { className: "machine-steps" }, back,
      make("label", {}, count, slider), next),
    says);
  root.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // A slider and a select have keys of their own.
    if (!by || event.target.matches("input, select")) return;
    event.preventDefault();
    go(at + by);
  });
  go(0);
  return root;
}

function start() {
  for (const root of document.querySelectorAll(".device-machine:not(.alive)")) {
    const still = root.querySelector(".machine-still");
    root.prepend(machine(JSON.parse(still.dataset.machine)));
    root.classList.add("alive");
  }
}

// Emits now, and after each instant navigation to another page.
document$.subscribe(start);
