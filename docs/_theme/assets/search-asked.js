// What search.js loads when the first word is typed. It asks in two ways. To a word or a
// question, a page is the answer that has it in a title. A pasted message has many common
// words: any of them in a title, somewhere, would outweigh the row that has them all. So a
// message is asked of a worker of its own, to which titles are worth little, and the pages of
// messages more than others. What it does not define is of search.js.

const MESSAGES = /^reference\/(tracing-)?errors\//;
// A text that shares so many words in a row with these pages was pasted from a message.
const ROW = 4;
const TITLE = 3;
const BOOST = 4;

let texts;
let last; // the worker that was asked last: an older answer comes too late
const workers = {};

const wordsOf = (text) => text.toLowerCase().match(/\w+/g) ?? [];
const plain = (text) => ` ${wordsOf(text.replace(/<[^>]*>/g, " ")).join(" ")} `;

async function load() {
  const response = await fetch(new URL("../search/docs.json", location));
  const docs = await response.json();
  const messages = docs.filter((doc) => MESSAGES.test(doc.location));
  return { docs, messages: messages.map((doc) => plain(doc.text)).join("") };
}

/** Whether a query is a message, or a part of one: the name of an error, words in a row. */
function isMessage(query, messages) {
  const words = wordsOf(query);
  if (words.some((word) => /^\w+(error|exhausted|exceeded)$/.test(word))) return true;
  return words.some((_, i) => i + ROW <= words.length
    && messages.includes(` ${words.slice(i, i + ROW).join(" ")} `));
}

/** The setup of a worker to which titles are worth little, and pages of messages much. */
function forMessages(data) {
  const fields = { ...data.config.fields, title: { boost: TITLE } };
  const docs = data.docs.map((doc) =>
    MESSAGES.test(doc.location) ? { ...doc, boost: BOOST } : doc);
  return { ...data, config: { ...data.config, fields }, docs };
}

function start(data) {
  const worker = new Worker(new URL(location.hash.slice(1), location));
  return new Promise((resolve) => {
    worker.onmessage = ({ data: message }) => {
      if (message.type === READY) resolve(worker);
      else if (worker === last) postMessage(message);
    };
    worker.postMessage({ ...setup, data });
  });
}

async function ask(message) {
  if (!message.data) {
    last = null;
    return postMessage({ type: RESULT, data: { items: [] } });
  }
  // Where they cannot be had, the next letter asks for them again.
  texts ??= load().catch((error) => {
    texts = undefined;
    throw error;
  });
  const { docs, messages } = await texts;
  const kind = isMessage(message.data, messages) ? "message" : "words";
  const data = { ...setup.data, docs };
  workers[kind] ??= start(kind === "message" ? forMessages(data) : data);
  last = await workers[kind];
  return last.postMessage(message);
}
