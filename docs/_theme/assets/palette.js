// The button for the colours: as the system has them, light, dark.
//
// Material's own script leaves a first page light where the system is dark until its bundle
// has run, and its component restyles each page twice as a whole. This one runs before the
// first paint, and does what that component did.

{
  const buttons = [...document.querySelectorAll(".palette button")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const meta = (name) => document.querySelector(`meta[name=${name}]`);
  let index = 0;
  try {
    const kept = __md_get("__palette").index;
    if (kept in buttons) index = kept;
  } catch {} // nothing is stored, or nothing may be
  const paint = () => {
    const { scheme } = buttons[index || 1 + dark.matches].dataset;
    document.body.dataset.mdColorScheme = scheme;
    meta("color-scheme").content = scheme === "slate" ? "dark" : "light";
    buttons.forEach((button, i) => { button.hidden = i !== index; });
    requestAnimationFrame(() => {
      const header = getComputedStyle(document.querySelector(".md-header"));
      meta("theme-color").content = header.backgroundColor;
    });
  };
  buttons.forEach((button) => button.addEventListener("click", () => {
    index = (index + 1) % buttons.length;
    paint();
    buttons[index].focus();
    __md_set("__palette", { index }); // last: it fails where nothing may be stored
  }));
  dark.addEventListener("change", paint);
  paint();
}
