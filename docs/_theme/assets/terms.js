// A term says its sentence when it is pointed at, reached by keyboard, or tapped once; the
// link leads to the glossary. Without this it is a link.

import { make } from "./elements.js";

const tip = make("span", { id: "term-tip", className: "term-tip", role: "tooltip" });
let shown = null;

function hide() {
  shown?.removeAttribute("aria-describedby");
  shown = null;
  tip.remove();
}

function show(term) {
  if (shown === term) return;
  hide();
  shown = term;
  tip.textContent = term.dataset.says;
  term.setAttribute("aria-describedby", tip.id);
  term.after(tip);
  // Below the term, and inside the page.
  const { left } = term.getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const over = Math.max(0, left - Math.max(8, room));
  tip.style.setProperty("left", `${term.offsetLeft - over}px`);
  tip.style.setProperty("top", `${term.offsetTop + term.offsetHeight + 4}px`);
}

const term = ({ target }) => target.closest?.(".term");

let touched = false;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
  if (!term(event)) hide();
});
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "touch" && term(event)) show(term(event));
});
document.addEventListener("pointerout", (event) => {
  if (event.pointerType !== "touch" && term(event) !== document.activeElement) hide();
});
document.addEventListener("focusin", (event) => {
  if (term(event) && !touched) show(term(event));
});
document.addEventListener("focusout", (event) => {
  if (term(event)) hide();
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") hide();
});
// The first tap says the sentence, the second follows the link.
document.addEventListener("click", (event) => {
  const tapped = term(event);
  if (!tapped || !touched || shown === tapped) return;
  event.preventDefault();
  event.stopPropagation();
  show(tapped);
}, true);
