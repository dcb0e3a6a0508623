// Lines on their way: each is kept in this browser before it is sent, and forgotten when the server has taken it, so
// that neither a lost connection nor a reload loses one.

const NAME = "hufu-speeches";
const STORE = "lines";

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const store = asked.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
      store.createIndex("place", "place");
      store.createIndex("id", "id", { unique: true });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    let result;
    const asked = act(transaction.objectStore(STORE));
    if (asked) asked.onsuccess = () => { result = asked.result; };
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep a line; it is safe when this resolves. `place` says of which speech it is, and who wrote it. */
export const keep = (line) => run("readwrite", (store) => store.add(line));

/** The lines of a speech that were not taken yet, in the order in which they were written. */
export const all = (place) => run("readonly", (store) => store.index("place").getAll(place));

/** The server refused it, in these words. It stays here until somebody mends it or throws it away. */
export const refuse = (line, why) => run("readwrite", (store) => { store.put({ ...line, why }); });

/** The server has it. */
export const forget = (id) =>
  run("readwrite", (store) => {
    const asked = store.index("id").getKey(id);
    asked.onsuccess = () => { if (asked.result !== undefined) store.delete(asked.result); };
  });
