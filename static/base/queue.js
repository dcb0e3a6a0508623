// What is on its way: each item is kept in this browser before it is sent, and forgotten when the server has taken it, so
// that neither a lost connection nor a reload loses one.

export class Queue {
  #opened;

  /** `database` and `store` say where it is kept; by the field `place` of an item its own are found again. */
  constructor(database, store, place) {
    Object.assign(this, { database, store, place });
  }

  /** Keep an item, which has an `id` of its own; it is safe when this resolves. */
  keep(item) {
    return this.#run("readwrite", (store) => store.add(item));
  }

  /** What waits at a place, in the order in which it was kept. */
  waiting(place, most) {
    return this.#run("readonly", (store) => store.index(this.place).getAll(place, most));
  }

  count(place) {
    return this.#run("readonly", (store) => store.index(this.place).count(place));
  }

  /** The server refused it, in these words. It stays here until somebody mends it or throws it away. */
  refuse(item, why) {
    return this.#run("readwrite", (store) => { store.put({ ...item, why }); });
  }

  /** The server has it. */
  forget(id) {
    return this.#run("readwrite", (store) => {
      const asked = store.index("id").getKey(id);
      asked.onsuccess = () => { if (asked.result !== undefined) store.delete(asked.result); };
    });
  }

  #open() {
    this.#opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(this.database, 1);
      asked.onupgradeneeded = () => {
        const store = asked.result.createObjectStore(this.store, { keyPath: "number", autoIncrement: true });
        store.createIndex(this.place, this.place);
        store.createIndex("id", "id", { unique: true });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return this.#opened;
  }

  async #run(mode, act) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(this.store, mode);
      let result;
      const asked = act(transaction.objectStore(this.store));
      if (asked) asked.onsuccess = () => { result = asked.result; };
      transaction.oncomplete = () => resolve(result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}
