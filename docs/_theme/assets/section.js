// What the filters share: a group of rows goes with its heading.

/** What stands before an element up to its heading, and that. */
export function section(element) {
  const found = [element];
  while (found.at(-1).tagName !== "H2") found.push(found.at(-1).previousElementSibling);
  return found;
}
