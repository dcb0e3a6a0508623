// A form of one line: what is typed is kept in this browser first and sent in its order, with or without a connection.
// The parts of the page are those of components/unsent.html.

import { Queue } from "./queue.js";

const PATIENCE = 8000; // milliseconds until an answer is no longer waited for
const RETRY = 4000;
const one = (id) => document.getElementById(id);
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

class NoLine extends Error {}
class NotOurs extends Error {}

/** What is out of the server's own templates, as a part of the page. */
export function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/**
 * `database` keeps the lines of a `place`. `take` reads the form into an item that has a `line`, `clear` empties it,
 * `restore` fills it with an item again; `body` gives what is sent of an item, `show` draws the server's answer.
 */
export async function outgoing({ form, database, place, take, clear, restore, body, show }) {
  const queue = new Queue(database, "lines", "place");
  let proof = form.elements.csrf_token.value; // of origin, for what is sent
  let sending = null;
  let leaving = false; // the next page may have been drawn before what is under way arrived: it sends it again itself

  // --- the server

  async function ask(item) {
    let answer;
    try {
      answer = await fetch(form.action, {
        method: item ? "POST" : "GET",
        headers: { Accept: "application/json" },
        body: item && new URLSearchParams({ csrf_token: proof, intent: item.id, ...body(item) }),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new NoLine();
    }
    if (answer.ok || answer.status === 422) return { taken: answer.ok, ...(await answer.json()) };
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) throw new NotOurs();
    throw new NoLine(String(answer.status));
  }

  /** Send a line with a proof of origin; one that has grown old is fetched anew, once. */
  async function send(item) {
    try {
      return await ask(item);
    } catch (error) {
      if (error.message !== "400") throw error;
      proof = (await ask()).csrf;
      return ask(item);
    }
  }

  /** Send what waits, one after the other; asked again while it runs, it is the same run. Other windows wait for it. */
  function upload() {
    sending ??= alone(run).finally(() => { sending = null; });
    return sending;
  }

  const alone = (act) => (navigator.locks ? navigator.locks.request(`lines ${place}`, act) : act());

  async function run() {
    try {
      for (;;) {
        const item = (await queue.waiting(place)).find((each) => !each.why);
        if (!item || leaving) break;
        const answer = await send(item);
        if (leaving) return;
        if (answer.taken) {
          show(answer);
          await queue.forget(item.id);
        } else {
          await queue.refuse(item, answer.sentence);
        }
        one("ended").hidden = true;
        await tell();
      }
    } catch (error) {
      one("ended").hidden = !(error instanceof NotOurs);
    }
    await tell();
  }

  // --- the page

  async function tell() {
    const items = await queue.waiting(place);
    const waiting = items.filter((each) => !each.why);
    const refused = items.filter((each) => each.why);
    one("waiting").textContent = waiting.length;
    one("unsent").hidden = waiting.length === 0;
    one("unsent-lines").replaceChildren(...waiting.map((each) => {
      const row = document.createElement("li");
      row.textContent = each.line;
      return row;
    }));
    one("refused").hidden = refused.length === 0;
    one("refused-lines").replaceChildren(...refused.map(refusedRow));
    document.documentElement.dataset.waiting = waiting.length;
  }

  function refusedRow(item) {
    const row = one("refused-row").content.cloneNode(true);
    row.querySelector("[data-words]").textContent = item.line;
    row.querySelector("[data-why]").textContent = item.why;
    row.querySelector("[data-back]").addEventListener("click", async () => {
      restore(item);
      await queue.forget(item.id);
      await tell();
    });
    row.querySelector("[data-drop]").addEventListener("click", async () => {
      await queue.forget(item.id);
      await tell();
    });
    return row;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const item = { id: newId(), place, ...take() };
    if (!item.line.trim()) return;
    clear();
    try {
      await queue.keep(item);
    } catch {
      restore(item); // this browser keeps nothing: the plain form sends it
      form.submit();
      return;
    }
    await tell();
    upload();
  });
  one("send-lines").addEventListener("click", upload);
  addEventListener("online", upload);
  setInterval(async () => {
    if (!document.hidden && (await queue.waiting(place)).some((each) => !each.why)) upload();
  }, RETRY);
  addEventListener("beforeunload", (event) => {
    leaving = true;
    setTimeout(() => { leaving = false; }, PATIENCE); // whoever stays after all
    if (take().line.trim()) event.preventDefault(); // what was sent off is kept; what is being typed is not yet
  });

  await tell().catch(() => {}); // a browser that keeps nothing
  document.documentElement.dataset.ready = "yes";
  upload();
}
