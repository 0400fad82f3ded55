// The quiz: the options of a question can be chosen and checked, and its folded answer opens
// with the figure that explains it. What was right is kept for the session.

import { explorer, loaded } from "./axis-explorer.js";
import { answer, parse } from "./axis-table.js";
import { make } from "./elements.js";

const KEY = "axis-quiz";
const kept = () => JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
const keep = (results) => sessionStorage.setItem(KEY, JSON.stringify(results));

/** Say how many questions were answered, and rightly; offer to begin again. */
function score(first, total) {
  const line = make("span", { role: "status" });
  const clear = make("button", { type: "button" }, "Start again");
  const show = () => {
    const results = Object.values(kept());
    line.textContent = `${results.filter(Boolean).length} right, ${results.length} of `
      + `${total} answered. `;
    clear.hidden = !results.length;
  };
  clear.addEventListener("click", () => {
    keep({});
    show();
  });
  first.before(make("p", { className: "axis-score" }, line, clear));
  show();
  return show;
}

function question(root, number, show) {
  const status = root.querySelector("[role=status]");
  const details = root.querySelector("details");
  const choice = parse(root.dataset);
  root.querySelectorAll("li").forEach((item) => {
    const radio = make("input", { type: "radio", name: `question-${number}` });
    const right = "right" in item.dataset;
    radio.addEventListener("change", () => { status.textContent = ""; });
    item.replaceChildren(make("label", {}, radio, ...item.childNodes));
  });
  const check = make("button", { type: "button" }, "Check");
  check.addEventListener("click", () => {
    const chosen = root.querySelector("input:checked")?.closest("li");
    if (!chosen) {
      status.textContent = "Choose one first.";
      status.className = "";
      return;
    }
    const right = "right" in chosen.dataset;
    status.textContent = right ? "Right." : `No. ${chosen.dataset.why}`;
    status.className = right ? "right" : "wrong";
    details.open = right || details.open;
    keep({ ...kept(), [number]: right });
    show();
  });
  status.before(check);
  if (Array.isArray(answer(choice))) {
    details.append(...explorer(choice, { choose: "none" }));
  }
}

async function start() {
  const roots = [...document.querySelectorAll(".axis-quiz:not(.alive)")];
  if (!roots.length || !await loaded(roots, start)) return;
  const show = score(roots[0], roots.length);
  roots.forEach((root, number) => {
    root.classList.add("alive");
    question(root, number, show);
  });
}

document$.subscribe(start);
