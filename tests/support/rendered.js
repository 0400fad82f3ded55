// What a reader sees of the code blocks of a page: [[text, ...], [fault, ...]].
const [selector, elsewhere] = arguments;
const faults = [];

// The blocks, outermost alone, as the tests of the HTML choose them.
const all = [...document.querySelectorAll(selector)].filter((block) =>
  !block.parentElement.closest(selector) && !block.closest("h1, h2, h3, nav, label")
  && !block.closest(elsewhere));

// --- what a style sheet writes ---------------------------------------------------------

const WRITES_NOTHING = new Set(["none", "normal", '""']);
// The one word that the style sheet writes: over an output.
const label = (element, pseudo, content) => content === '"prints"'
  && pseudo === "::before" && element.matches(".language-text.highlight");
const written = (element) => ["::before", "::after", "::marker"].forEach((pseudo) => {
  const { content, display } = getComputedStyle(element, pseudo);
  if (!WRITES_NOTHING.has(content) && display !== "none" && !label(element, pseudo, content))
    faults.push(`${element.tagName}.${element.className}${pseudo} writes ${content}`);
});
// Only what some rule with a text chooses is looked at: pages have thousands of elements.
const chosen = new Set();
const choose = (rule) => {
  [...rule.cssRules ?? []].forEach(choose);
  if (WRITES_NOTHING.has(rule.style?.content || "none")) return;
  const selector = rule.selectorText?.replace(/::?(before|after|marker)\b/g, "");
  let found;
  try {
    if (/&/.test(selector)) throw selector;  // inside another rule
    found = document.querySelectorAll(selector);
  } catch {
    found = document.querySelectorAll("article, article *");
  }
  found.forEach((element) => element.closest("article") && chosen.add(element));
};
[...document.styleSheets, ...document.adoptedStyleSheets]
  .forEach((sheet) => [...sheet.cssRules].forEach(choose));
for (const element of chosen)
  if (!element.closest(`svg, ${elsewhere}`)) written(element);

// --- what hides a text ------------------------------------------------------------------

const numbers = (color) => {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const luminance = (color) => numbers(color).slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const backgrounds = new Map();
const background = (element) => {
  if (!element) return "rgb(255, 255, 255)";
  if (!backgrounds.has(element)) {
    const color = getComputedStyle(element).backgroundColor;
    const own = numbers(color)[3] > 0.5;
    backgrounds.set(element, own ? color : background(element.parentElement));
  }
  return backgrounds.get(element);
};

// What each element around a text must have, so that the text is seen as it is.
const SEEN = {
  opacity: "1", filter: "none", maskImage: "none", clipPath: "none", mixBlendMode: "normal",
  backgroundImage: "none", transform: "none", direction: "ltr", writingMode: "horizontal-tb",
};
const OWN = { webkitTextSecurity: "none", letterSpacing: "normal", wordSpacing: "0px" };
const checked = new Set();
const wrong = (element, wanted) => {
  const style = getComputedStyle(element);
  for (const [name, value] of Object.entries(wanted))
    if (style[name] !== value)
      faults.push(`${element.tagName}.${element.className}: ${name} is ${style[name]}`);
};

const seen = (element, block) => {
  if (checked.has(element)) return;
  checked.add(element);
  wrong(element, SEEN);
  if (!block.contains(element)) return;
  const style = getComputedStyle(element);
  wrong(element, OWN);
  if (!["normal", "isolate"].includes(style.unicodeBidi))
    faults.push(`${element.className}: unicode-bidi is ${style.unicodeBidi}`);
  if (parseFloat(style.fontSize) < 8)
    faults.push(`${element.className}: font-size is ${style.fontSize}`);
};

// --- each block -------------------------------------------------------------------------

let above = -Infinity;
const texts = all.map((block) => {
  const code = block.querySelector("code") ?? block;
  const { top: here } = block.getBoundingClientRect();
  if (here < above)
    faults.push(`${code.textContent.slice(0, 40)}: lies above the block before it`);
  above = here;
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let last = -Infinity;
  let begins = true;  // a line
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    for (let up = parent; up && !checked.has(up); up = up.parentElement) seen(up, block);
    if (node.data.trim()) {
      const fill = getComputedStyle(parent).webkitTextFillColor;
      if (numbers(fill)[3] < 0.5 || contrast(fill, background(parent)) < 2)
        faults.push(`${node.data.trim()}: ${fill} on ${background(parent)}`);
    }
    for (const { 0: word, index } of node.data.matchAll(/\n|[^\s]+/g)) {
      if (word === "\n") { begins = true; continue; }
      if (!begins) continue;
      begins = false;
      // The first letter of each line lies below the line before, and under nothing.
      range.setStart(node, index);
      range.setEnd(node, index + 1);
      const { left, top, width, height } = range.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      if (!width || !height || top < last + height / 2 || !at || !code.contains(at))
        faults.push(`${word} at ${Math.round(left)}, ${Math.round(top)} is not seen`
          + (at ? `: ${at.tagName}.${at.className} is` : ""));
      last = top;
    }
  }
  // `innerText` is what is rendered: without what is hidden, in the case that is shown.
  return code.innerText.replace(/\n+$/, "");
});
return [texts, faults];
