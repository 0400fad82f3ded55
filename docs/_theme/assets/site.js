// Corrections to what Material makes of a page, for those who use no mouse.

/** Let what scrolls be scrolled with the keyboard, and make nothing else a tab stop. */
function reach(entries) {
  // All are read before any is changed: to read after a change would lay out the page anew.
  const wide = entries.map(({ target }) => target.scrollWidth > target.clientWidth);
  entries.forEach(({ target }, i) => {
    if (wide[i]) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  });
}

/** Name what Material leaves without a name, and let the keyboard reach its menus. */
function name() {
  document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");
  for (const [target, text] of [["__drawer", "Menu"], ["__search", "Search"]]) {
    const label = document.querySelector(`.md-header__button[for=${target}]`);
    if (!label || label.tabIndex === 0) continue;
    label.tabIndex = 0;
    const words = document.createElement("span");
    words.className = "unseen";
    words.textContent = text;
    label.prepend(words);
  }
}

// A button copies the whole program, not the part beside it. Material's own listener comes
// after this one, and takes this text before that of the block.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".md-code__button");
  const name = button?.closest("[data-example]")?.dataset.example;
  if (!name) return;
  const parts = document.querySelectorAll(
    `[data-example="${name}"]:not(.language-text) code`);
  button.dataset.clipboardText = [...parts].map((part) => part.textContent).join("").trimEnd();
}, true);

/** Fold the imports that a program above has shown. */
function fold(imports) {
  const block = imports.closest(".highlight");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "imports-fold";
  button.textContent = "imports as above";
  const show = (shown) => {
    button.setAttribute("aria-expanded", shown);
    block.classList.toggle("folded", !shown);
  };
  button.addEventListener("click", () => show(block.classList.contains("folded")));
  show(false);
  block.prepend(button);
}

// The search reads its field when a key is let go; text that is pasted or dropped by mouse
// has none.
document.addEventListener("input", ({ target, inputType }) => {
  if (target.matches?.(".md-search__input") && /^insertFrom/.test(inputType)) {
    target.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  }
});

let scrollers;

// A program far from the screen is not laid out, and so has nothing to scroll.
document.addEventListener("contentvisibilityautostatechange", (change) => {
  if (!change.skipped) reach([change]);
}, true);

// Once for each page, also where instant navigation shows it; Material is done with the page
// by then. It takes the tab stop from code where nothing hovers: this observer is made after
// Material's, so it is called after it and has the last word.
document$.subscribe(() => {
  name();
  document.querySelectorAll(".highlight:not(:has(> .imports-fold)) .imports").forEach(fold);
  scrollers?.disconnect();
  scrollers = new ResizeObserver(reach);
  document.querySelectorAll("pre > code, .md-typeset__scrollwrap, .array-figure")
    .forEach((element) => scrollers.observe(element));
  // Instant navigation would scroll to the content and leave the focus behind.
  document.querySelector(".md-skip")?.setAttribute("target", "_self");
  // A landmark for each copy button would leave none to find one's way by.
  document.querySelectorAll(".md-code__nav")
    .forEach((element) => element.setAttribute("role", "presentation"));
});
