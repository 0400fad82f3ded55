// The box of the page of error messages: it takes some words, or a whole traceback, and
// leaves the rows that fit. Without it the page is complete.

import { make } from "./elements.js";

const plain = (text) => text.toLowerCase().replaceAll(/\s+/g, " ").trim();

/** Whether a text has the parts of a message, between its ellipses, in their order. */
function quotes(text, message) {
  let at = 0;
  return message.split("…").map(plain).every((part) => {
    const found = text.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
}

/** Whether a row says what was typed: all words of it, in any order. */
const has = (row, text) =>
  text.split(" ").every((word) => plain(row.textContent).includes(word));

function start() {
  const place = document.querySelector(".message-filter:not(.alive)");
  if (!place) return;
  place.classList.add("alive");
  const rows = [...document.querySelectorAll("table.messages tbody tr")];
  // What is quoted is code and nothing else; the link to the row stands behind it.
  const message = ({ cells: [{ firstChild, childNodes }] }) =>
    firstChild.tagName === "CODE" && childNodes.length === 2 ? firstChild.textContent : "";
  const box = make("textarea", { id: "message-box", spellcheck: false });
  const label = make("label", { htmlFor: box.id }, "Paste a traceback, or some words of it");
  const said = make("p", { role: "status" });
  const clear = make("button", { type: "button", hidden: true }, "Show all");

  function filter() {
    const text = plain(box.value);
    // What a traceback quotes counts; words that are in no message are looked for in rows.
    let found = rows.filter((row) => message(row) && quotes(text, message(row)));
    if (!found.length) found = rows.filter((row) => has(row, text));
    rows.forEach((row) => { row.hidden = Boolean(text) && !found.includes(row); });
    document.querySelectorAll("table.messages").forEach((table) => {
      const empty = [...table.tBodies[0].rows].every((row) => row.hidden);
      table.closest(".md-typeset__scrollwrap, table").hidden = empty;
    });
    clear.hidden = !text;
    said.textContent = text
      ? `${found.length} of ${rows.length} rows${found.length ? "" : ": try fewer words"}` : "";
  }

  box.addEventListener("input", filter);
  clear.addEventListener("click", () => {
    box.value = "";
    filter();
    box.focus();
  });
  place.append(make("div", { className: "message-box" }, label, box, clear, said));
}

document$.subscribe(start);
