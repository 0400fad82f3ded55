// What JAX answers to a choice of function, shapes and axes, and which slices meet.
//
// Whether a choice is valid, the shape of its result and the text of an error come from
// axis-table.json, which JAX wrote. The values come from `pairing`: a test compares them
// to JAX's for every row of that table.
//
// A choice is { function, shapes, in_axes, out_axes }; null is Python's None.

export let table;
let loading;

/** Fetch the table, once; everything below needs it. */
export function load() {
  loading ??= fetch(new URL("axis-table.json", import.meta.url))
    .then((response) => response.json())
    .then((content) => { table = content; })
    .catch((error) => {
      loading = undefined;  // it may be there the next time
      throw error;
    });
  return loading;
}

// --- Arrays: { shape, data }, the elements in row-major order --------------------------

export const range = (count) => [...Array(count).keys()];
const without = (list, place) => list.toSpliced(place, 1);
const insert = (list, place, item) => list.toSpliced(place, 0, item);
const product = (lists) =>
  lists.reduce(
    (found, list) => found.flatMap((one) => list.map((item) => [...one, item])),
    [[]],
  );

const build = (shape, element) =>
  ({ shape, data: product(shape.map(range)).map(element) });
export const at = ({ shape, data }, index) =>
  data[index.reduce((offset, i, axis) => offset * shape[axis] + i, 0)];

/** Slice `lane` of an array along an axis, which the slice no longer has. */
export const take = (array, axis, lane) =>
  build(without(array.shape, axis), (index) => at(array, insert(index, axis, lane)));

/** Join equal shapes along a new axis. */
const stack = (arrays, axis) =>
  build(insert(arrays[0].shape, axis, arrays.length), (index) =>
    at(arrays[index[axis]], without(index, axis)));

function broadcast(a, b, combine) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const pad = ({ shape }) => [...Array(rank - shape.length).fill(1), ...shape];
  const fit = (array, index) =>
    at(array, index.slice(rank - array.shape.length).map((i, k) => i % array.shape[k]));
  const shape = pad(a).map((size, axis) => (size === 1 ? pad(b)[axis] : size));
  return build(shape, (index) => combine(fit(a, index), fit(b, index)));
}

/** Sum over the last axis of `a` and the last but one of `b`, or its only one. */
function dot(a, b) {
  if (!a.shape.length || !b.shape.length) return broadcast(a, b, (x, y) => x * y);
  const place = Math.max(b.shape.length - 2, 0);
  const rest = a.shape.slice(0, -1);
  return build([...rest, ...without(b.shape, place)], (index) => {
    const [row, column] = [index.slice(0, rest.length), index.slice(rest.length)];
    return range(a.shape.at(-1)).reduce(
      (sum, k) => sum + at(a, [...row, k]) * at(b, insert(column, place, k)),
      0,
    );
  });
}

const FUNCTIONS = {
  identity: (x) => x,
  sum: (a) => build([], () => a.data.reduce((sum, element) => sum + element)),
  dot,
  matvec: dot, // `@`: the table offers no shapes for which the two differ
  outer: (a, b) =>
    build([a.data.length, b.data.length], ([i, j]) => a.data[i] * b.data[j]),
  add: (x, y) => broadcast(x, y, (a, b) => a + b),
  second: (x, y) => y,
};

// --- Choices ---------------------------------------------------------------------------

export const entryOf = (choice) =>
  table.functions.find(({ name }) => name === choice.function);
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
export const placeOf = (list, item) => list.findIndex((one) => same(one, item));
export const tuple = (list) => `(${list.join(", ")}${list.length === 1 ? "," : ""})`;
export const python = (axis) => `${axis ?? "None"}`;

/** Every choice, in the order of the table. */
export function choices() {
  return table.functions.flatMap(({ name, shapes: offered }) =>
    product(offered).flatMap((shapes) =>
      product(shapes.map(({ length }) => table.in_axes[length])).flatMap((in_axes) =>
        table.out_axes.map((out_axes) =>
          ({ function: name, shapes, in_axes, out_axes })))));
}

/** What JAX answers: a shape, or the text of an error; undefined for what is no row. */
export function answer({ function: name, shapes, in_axes, out_axes }) {
  const entry = entryOf({ function: name });
  if (shapes.length !== entry?.operands.length || in_axes.length !== shapes.length) {
    return undefined;
  }
  // The place of each item in the list that offers it, as one number.
  const number = (lists, items) =>
    items.reduce((found, item, i) => {
      const place = lists[i] ? placeOf(lists[i], item) : -1;
      return place < 0 ? NaN : found * lists[i].length + place;
    }, 0);
  const axes = shapes.map(({ length }) => table.in_axes[length]);
  const row = entry.rows[number(entry.shapes, shapes)];
  return table.answers[
    row?.[number([...axes, table.out_axes], [...in_axes, out_axes])]
  ];
}

/** The arguments of a choice: each element tells which one it is. */
export const argumentsOf = ({ shapes }) =>
  shapes.map((shape, i) => {
    let count = 0;
    return build(shape, () => ++count * (i ? 10 : 1));
  });

/** The lines of code that ask JAX: the arguments, then the one call. */
export function program({ shapes, in_axes, out_axes, ...choice }) {
  const { code, operands } = entryOf(choice);
  const lines = shapes.map((shape, i) => {
    if (!shape.length) return `${operands[i]} = jnp.array(${i ? 10 : 1})`;
    const end = shape.reduce((size, next) => size * next) + 1;
    const reshape = shape.length > 1 ? `.reshape${tuple(shape)}` : "";
    return `${operands[i]} = ${i ? "10 * " : ""}jnp.arange(1, ${end})${reshape}`;
  });
  const axes = in_axes.map(python);
  const inAxes = axes.length > 1 ? tuple(axes) : axes[0];
  const call = `jax.vmap(${code}, in_axes=${inAxes}, out_axes=${python(out_axes)})`;
  return [...lines, `${call}(${operands.join(", ")})`].join("\n");
}

/** The same as a program that one can paste and run. */
export function complete(choice) {
  const lines = program(choice).split("\n");
  const call = lines.pop();
  return [
    "import jax", "import jax.numpy as jnp", "", ...lines, `print(${call})`, "",
  ].join("\n");
}

/**
 * Pair the slices of a valid choice.
 *
 * Returns `lanes`: for each, what the function sees and what it returns; `result`: the
 * array that they make; `place`: the axis along which they are stacked, or null.
 */
export function pairing(choice) {
  const operands = argumentsOf(choice);
  const axes = choice.in_axes.map((axis, i) =>
    axis === null ? null : (axis + choice.shapes[i].length) % choice.shapes[i].length);
  const mapped = axes.findIndex((axis) => axis !== null);
  const lanes = range(choice.shapes[mapped][axes[mapped]]).map((lane) => {
    const sees = operands.map((array, i) =>
      axes[i] === null ? array : take(array, axes[i], lane));
    return { sees, returns: FUNCTIONS[choice.function](...sees) };
  });
  const [{ returns }] = lanes;
  if (choice.out_axes === null) return { lanes, place: null, result: returns };
  const rank = returns.shape.length + 1;
  const place = (choice.out_axes + rank) % rank;
  return { lanes, place, result: stack(lanes.map((lane) => lane.returns), place) };
}

// --- A choice as text, in attributes and in the address of the page --------------------

export const texts = ({ function: name, shapes, in_axes, out_axes }) => ({
  function: name,
  shapes: shapes.map((shape) => shape.join("x")).join(","),
  in: in_axes.map(python).join(","),
  out: python(out_axes),
});

/** Read a choice from an object with the keys of `texts`; null if it is no row. */
export function parse(given) {
  const list = (text) => (text ?? "").split(",");
  const axis = (text) => (text === "None" ? null : parseInt(text, 10));
  const choice = {
    function: given.function,
    shapes: list(given.shapes).map((shape) => shape.split("x").filter(Boolean).map(Number)),
    in_axes: list(given.in).map(axis),
    out_axes: axis(given.out),
  };
  return answer(choice) === undefined ? null : choice;
}
