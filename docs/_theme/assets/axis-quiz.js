// The quiz: the options of a question can be chosen and checked, and its folded answer opens
// with the figure that explains it. What was right is kept for the session.

import { explorer, loaded } from "./axis-explorer.js";
import { answer, parse } from "./axis-table.js";
import { make } from "./elements.js";
import { memory, question } from "./question.js";

const kept = memory(() => sessionStorage, "axis-quiz");

/** Say how many questions were answered, and rightly; offer to begin again. */
function score(first, total) {
  const line = make("span", { role: "status" });
  const clear = make("button", { type: "button" }, "Start again");
  const show = () => {
    const results = Object.values(kept.read());
    line.textContent = `${results.filter(Boolean).length} right, ${results.length} of `
      + `${total} answered. `;
    clear.hidden = !results.length;
  };
  clear.addEventListener("click", () => {
    kept.write({});
    show();
  });
  first.before(make("p", { className: "axis-score" }, line, clear));
  show();
  return show;
}

function begin(root, number, show) {
  const details = root.querySelector("details");
  const choice = parse(root.dataset);
  question(root, `question-${number}`, (chosen, right) => {
    details.open = right || details.open;
    kept.write({ ...kept.read(), [number]: right });
    show();
    return [right ? "Right." : `No. ${chosen.dataset.why}`];
  });
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
    begin(root, number, show);
  });
}

document$.subscribe(start);
