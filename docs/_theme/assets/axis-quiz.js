// The quiz: the options of a question become buttons, and its folded answer opens with
// the figure that explains it.

import { explorer, make } from "./axis-explorer.js";
import { answer, load, parse } from "./axis-table.js";

function question(root, number) {
  const status = root.querySelector("[role=status]");
  const details = root.querySelector("details");
  const choice = parse(root.dataset);
  root.querySelectorAll("li").forEach((item) => {
    const radio = make("input", { type: "radio", name: `question-${number}` });
    const right = "right" in item.dataset;
    radio.addEventListener("change", () => {
      status.textContent = right ? "Right." : "No. The answer below says why.";
      status.className = right ? "right" : "wrong";
      details.open = true;
    });
    item.replaceChildren(make("label", {}, radio, ...item.childNodes));
  });
  if (Array.isArray(answer(choice))) {
    details.append(...explorer(choice, { choose: "none" }));
  }
}

async function start() {
  const roots = [...document.querySelectorAll(".axis-quiz:not(.alive)")];
  if (!roots.length) return;
  await load();
  roots.forEach((root, number) => {
    root.classList.add("alive");
    question(root, number);
  });
}

document$.subscribe(start);
