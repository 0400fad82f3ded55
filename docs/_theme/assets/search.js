// Stands in for Material's search worker until the first word is typed: the index of the
// search weighs more than a page, and most readers never search. The page names the real
// worker after "#"; what is said between the two is Material's own.

const [SETUP, READY, RESULT] = [0, 1, 3];
let setup;
let started;

async function start() {
  const response = await fetch(new URL("../search/docs.json", location));
  setup.data.docs = await response.json();
  const worker = new Worker(new URL(location.hash.slice(1), location));
  return new Promise((resolve) => {
    worker.onmessage = ({ data: message }) => {
      if (message.type === READY) resolve(worker);
      else postMessage(message);
    };
    worker.postMessage(setup);
  });
}

onmessage = async ({ data: message }) => {
  if (message.type === SETUP) {
    setup = message;
    postMessage({ type: READY });
  } else if (message.data || started) {
    started ??= start();
    (await started).postMessage(message);
  } else {
    postMessage({ type: RESULT, data: { items: [] } }); // nothing was asked for yet
  }
};
