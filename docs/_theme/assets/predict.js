// The question at the head of a page: one answer, then the output. What was answered is
// remembered on this machine, by page and by the words of the answer.

import { make } from "./elements.js";
import { memory, question } from "./question.js";

const kept = memory(() => localStorage, "predict-first");

function begin(root) {
  root.classList.add("alive");
  const details = root.querySelector("details");
  const fields = root.querySelector("fieldset");
  const reasons = [...details.querySelectorAll("ul > li")];
  const answers = [...root.querySelectorAll("fieldset li")];
  const texts = answers.map((item) => item.textContent);
  const before = kept.read()[root.dataset.question];
  const again = make("button", { type: "button", hidden: true }, "Answer again");
  const note = make("small", { hidden: true }, "Your answer stays in this browser.");

  function answered(chosen, right) {
    const wrong = answers.filter((item) => !("right" in item.dataset));
    const reason = reasons[wrong.indexOf(chosen)];
    reasons.forEach((other) => { other.hidden = other === reason; });
    answers.forEach((item) => {
      item.classList.toggle("right", "right" in item.dataset);
      item.classList.toggle("wrong", item === chosen && !right);
    });
    show(true);
    kept.write({ ...kept.read(), [root.dataset.question]: texts[answers.indexOf(chosen)] });
    return right ? ["Right."]
      : ["No. ", ...reason.querySelector("span").cloneNode(true).childNodes];
  }

  /** Show the answer, or the question alone. The button that has the focus changes. */
  function show(done) {
    details.open = done;
    fields.disabled = done;
    const [gone, here] = done ? [button, again] : [again, button];
    const focus = document.activeElement === gone;
    here.hidden = false;
    gone.hidden = true;
    note.hidden = !done;
    if (focus) here.focus();
  }

  const { button, check, say } = question(root, "predict-first", answered);
  button.after(again, note);
  again.addEventListener("click", () => {
    const { [root.dataset.question]: _, ...rest } = kept.read();
    kept.write(rest);
    answers.forEach((item) => { item.className = ""; });
    root.querySelectorAll("input").forEach((radio) => { radio.checked = false; });
    reasons.forEach((reason) => { reason.hidden = false; });
    say("");
    show(false);
  });
  const chosen = answers[texts.indexOf(before)];
  if (chosen) {
    chosen.querySelector("input").checked = true;
    check();
  }
}

document$.subscribe(() =>
  document.querySelectorAll(".predict-first:not(.alive)").forEach(begin));
