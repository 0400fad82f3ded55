// The filter of the phrasebook: a word that a reader knows leaves the pairs that have it.
//
// The page is complete without it.

import { make } from "./elements.js";
import { section } from "./section.js";

function start() {
  const [summary, ...rest] = document.querySelectorAll(".phrase-pairs");
  if (!summary || document.querySelector(".phrase-filter")) return;
  const groups = rest.filter((element) => element.dataset.group);
  const pairs = groups.flatMap((group) => [...group.querySelectorAll(".phrase")]);
  const texts = new Map(pairs.map((pair) => [pair, pair.textContent.toLowerCase()]));
  const search = make("input", { type: "search" });
  const status = make("p", { role: "status" });

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const pair of pairs) {
      pair.hidden = !words.every((word) => texts.get(pair).includes(word));
    }
    for (const group of groups) {
      const empty = !group.querySelector(".phrase:not([hidden])");
      section(group).forEach((element) => { element.hidden = empty; });
    }
    const shown = pairs.filter((pair) => !pair.hidden).length;
    status.textContent = `${shown} of ${pairs.length} pairs`;
  }

  const form = make("form", { className: "phrase-filter", "aria-label": "Filter the pairs" },
    make("label", {}, "Filter", search), status);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  summary.append(form);
  filter();
}

document$.subscribe(start);
