// Corrections to what Material makes of a page, for those who use no mouse.

/** Whatever scrolls can be scrolled with the keyboard, and nothing else is a tab stop. */
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

// Once for each page, also where instant navigation shows it. Material's own code for a page
// has run by then, and its observers are called before this one.
document$.subscribe(() => {
  scrollers.disconnect();
  document.querySelectorAll("pre > code, .md-typeset__scrollwrap, .array-figure")
    .forEach((element) => scrollers.observe(element));
  // A landmark for each copy button would leave none to find one's way by.
  document.querySelectorAll(".md-code__nav")
    .forEach((element) => element.setAttribute("role", "presentation"));
});
