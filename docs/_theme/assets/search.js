// Stands in for Material's search worker until the first word is typed: the index of the
// search weighs more than a page, and most readers never search. The page names the real
// worker after "#"; what is said between the two is Material's own.

const [SETUP, READY, RESULT] = [0, 1, 3];

let setup;
// One after the other: the first takes long, and a later answer must not be an older one.
let asked = Promise.resolve();

onmessage = ({ data: message }) => {
  if (message.type === SETUP) {
    setup = message;
    postMessage({ type: READY });
  } else if (message.data || self.ask) {
    if (!self.ask) importScripts("search-asked.js");
    asked = asked.catch(() => {}).then(() => ask(message));
  } else {
    postMessage({ type: RESULT, data: { items: [] } }); // nothing was asked for yet
  }
};
