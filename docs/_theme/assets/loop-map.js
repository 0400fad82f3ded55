// A loop beside its map, moved by the reader: each number is one of the table that the page
// holds. Where motion is welcome the loop takes its turns, and the map its one.

import { make } from "./elements.js";

const STEP = 450;  // milliseconds for one turn of the loop
const SIZES = 3;  // lanes that are drawn each

function begin(root) {
  const rows = [...root.querySelectorAll("tbody tr")]
    .map((row) => [...row.cells].map((cell) => cell.textContent));
  const stages = [...root.querySelectorAll(".lam-stage")];
  const more = stages.map((stage) => {
    const stripes = make("span", { className: "lam-more", hidden: true });
    stage.querySelector("ol").after(stripes);
    return stripes;
  });
  const slider = make("input", { type: "range", min: 0, max: rows.length - 1, value: 0 });
  const said = make("output", {});
  const play = make("button", { type: "button", textContent: "Run both" });
  const label = make("label", {}, "Places", slider, said);
  root.append(make("div", { className: "lam-controls" }, label, play));
  let turns = [];

  function show() {
    const [size, ...counts] = rows[slider.value];
    said.textContent = size;
    slider.setAttribute("aria-valuetext", `${size} places: the loop dispatches ${counts[0]}`
      + ` operations, the map ${counts[1]}`);
    stages.forEach((stage, i) => {
      stage.querySelector("b").textContent = counts[i];
      more[i].hidden = slider.value === "0";
      more[i].style.setProperty("--lanes", Number(size.replace(",", "")) - SIZES);
    });
  }

  function light(stage, lanes) {
    stage.querySelectorAll("li").forEach((lane, i) => lane.classList.toggle("lit", lanes(i)));
  }

  /** Light the loop's lanes in turn; join the map's, and light them at once. */
  function run() {
    turns.forEach(clearTimeout);
    const [loop, map] = stages;
    map.classList.add("apart");
    const lanes = loop.querySelectorAll("li").length;
    turns = Array.from({ length: lanes + 2 }, (_, turn) => setTimeout(() => {
      map.classList.toggle("apart", turn === 0);
      light(loop, (lane) => lane === turn - 1);
      light(map, () => turn === 1);
    }, turn * STEP));
  }

  slider.addEventListener("input", show);
  play.addEventListener("click", run);
  show();
  root.classList.add("alive");
  if (!matchMedia("(prefers-reduced-motion)").matches) run();
}

document$.subscribe(() =>
  document.querySelectorAll(".loop-map:not(.alive)").forEach(begin));
