// A question with answers to choose from: what the quiz and the heads of the pages share.

import { make } from "./elements.js";

/** What a script remembers, as an object under one key; nothing where that is refused. */
export const memory = (storage, key) => ({
  read() {
    try {
      return { ...JSON.parse(storage().getItem(key)) };
    } catch {
      return {};
    }
  },
  write(value) {
    try {
      if (Object.keys(value).length) storage().setItem(key, JSON.stringify(value));
      else storage().removeItem(key);
    } catch { /* it lasts as long as the page */ }
  },
});

/** Make the answers of an element ones to choose; return what is chosen, and its button.
 *
 * `checked` is called with the chosen answer and whether it is right. It returns what is
 * said of it.
 */
export function question(root, name, checked) {
  const status = root.querySelector("[role=status]");
  const say = (kind, ...words) => {
    status.className = kind;
    status.replaceChildren(...words);
  };
  root.querySelectorAll("fieldset li").forEach((item) => {
    const radio = make("input", { type: "radio", name });
    radio.addEventListener("change", () => say(""));
    item.replaceChildren(make("label", {}, radio, ...item.childNodes));
  });
  const button = make("button", { type: "button" }, "Check");
  const check = () => {
    const chosen = root.querySelector("input:checked")?.closest("li");
    if (!chosen) return say("", "Choose one first.");
    const right = "right" in chosen.dataset;
    return say(right ? "right" : "wrong", ...checked(chosen, right));
  };
  button.addEventListener("click", check);
  status.before(button);
  return { button, check, say };
}
