// Scans on their way: each is kept in the phone before it is sent, and forgotten when the server has judged it, so
// that neither a lost line nor a reload loses one.

const NAME = "hufu-door";
const STORE = "scans";

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const store = asked.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
      store.createIndex("event", "event");
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

/** Keep a scan of an event; it is safe when this resolves. */
export const keep = (scan) => run("readwrite", (store) => store.add(scan));

/** The scans of an event that have no verdict, in the order in which they were made. */
export const waiting = (event, most) => run("readonly", (store) => store.index("event").getAll(event, most));

export const count = (event) => run("readonly", (store) => store.index("event").count(event));

/** Whether this code waits here already. */
export async function has(event, code) {
  return (await waiting(event)).some((scan) => scan.code === code);
}

/** The server has judged it. */
export const forget = (id) =>
  run("readwrite", (store) => {
    const asked = store.index("id").getKey(id);
    asked.onsuccess = () => { if (asked.result !== undefined) store.delete(asked.result); };
  });
