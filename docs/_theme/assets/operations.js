// The filter of the table of operations: by words, and by what surprises in a row.
//
// The page is complete without it. Each row says in `data-is` what kinds it is of,
// and the list above the table says what the kinds are.

import { make } from "./elements.js";
import { section } from "./section.js";

/** Open a row that is named in the address: what it has is why someone links to it. */
function open() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  row?.closest(".operations tbody")?.querySelector("details")?.setAttribute("open", "");
}

function start() {
  const [summary, ...groups] = document.querySelectorAll(".operations-table");
  if (!summary || document.querySelector(".operations-filter")) return;
  const search = make("input", { type: "search" });
  const kinds = [...summary.querySelectorAll("[data-kind]")].map((item) => item.dataset);
  const boxes = kinds.map(({ kind }) => make("input", { type: "checkbox", value: kind }));
  const status = make("p", {});
  status.setAttribute("role", "status");
  const rows = groups.flatMap((group) => [...group.querySelectorAll("tbody")]);
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/);
    const asked = boxes.filter((box) => box.checked).map((box) => box.value);
    for (const row of rows) {
      const is = row.dataset.is.split(" ");
      row.hidden = !words.every((word) => texts.get(row).includes(word))
        || !asked.every((kind) => is.includes(kind));
    }
    for (const group of groups) {
      const empty = !group.querySelector("tbody:not([hidden])");
      section(group).forEach((element) => { element.hidden = empty; });
    }
    const shown = rows.filter((row) => !row.hidden).length;
    status.textContent = `${shown} of ${rows.length} operations`;
  }

  const form = make("form", { className: "operations-filter" },
    make("label", {}, "Filter", search),
    ...boxes.map((box, i) => make("label", {}, box, kinds[i].filter)),
    status);
  form.setAttribute("aria-label", "Filter the operations");
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  summary.append(form);
  filter();
  open();
}

addEventListener("hashchange", open);
document$.subscribe(start);
