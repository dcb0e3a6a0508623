// One line, Enter, next: what is said is kept here first and sent in its order, with or without a connection.

import { Queue } from "../base/queue.js";

const form = document.querySelector("form[data-lines]");
const one = (id) => document.getElementById(id);
const queue = new Queue("hufu-speeches", "lines", "place");
const place = `${form.dataset.speech} ${form.dataset.who}`;
const input = form.elements.line;
const kind = form.elements.kind;
const PATIENCE = 8000; // milliseconds until an answer is no longer waited for
const RETRY = 4000;

class NoLine extends Error {}
class NotOurs extends Error {}

let proof = form.elements.csrf_token.value; // of origin, for what is sent
let sending = null;

// --- writing

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = input.value;
  if (!words.trim()) return;
  const line = { id: newId(), place, line: words, kind: kind.value };
  input.value = "";
  kind.selectedIndex = 0;
  input.focus();
  try {
    await queue.keep(line);
  } catch {
    input.value = words; // this browser keeps nothing: the plain form sends it
    kind.value = line.kind;
    form.submit();
    return;
  }
  await tell();
  upload();
});

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

// --- the server

async function ask(sent) {
  let answer;
  try {
    answer = await fetch(form.action, {
      method: sent ? "POST" : "GET",
      headers: { Accept: "application/json" },
      body: sent && new URLSearchParams({ csrf_token: proof, intent: sent.id, line_id: sent.id, line: sent.line, kind: sent.kind }),
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
async function send(line) {
  try {
    return await ask(line);
  } catch (error) {
    if (error.message !== "400") throw error;
    proof = (await ask()).csrf;
    return ask(line);
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
      const line = (await queue.waiting(place)).find((each) => !each.why);
      if (!line) break;
      const answer = await send(line);
      if (answer.taken) {
        show(answer);
        await queue.forget(line.id);
      } else {
        await queue.refuse(line, answer.sentence);
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

function show(answer) {
  document.querySelector("[data-count]").innerHTML = answer.count; // out of the server's own templates, as the rest
  if (answer.whole) one(`r-${answer.whole}`)?.replaceWith(made(answer.gloss));
  if (!answer.html || one(`p-${answer.ref}`)) return;
  document.querySelector("[data-spoken]").append(made(answer.html));
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

async function tell() {
  const lines = await queue.waiting(place);
  const waiting = lines.filter((each) => !each.why);
  const refused = lines.filter((each) => each.why);
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

function refusedRow(line) {
  const row = one("refused-row").content.cloneNode(true);
  row.querySelector("[data-words]").textContent = line.line;
  row.querySelector("[data-why]").textContent = line.why;
  row.querySelector("[data-back]").addEventListener("click", async () => {
    input.value = line.line;
    kind.value = line.kind;
    input.focus();
    await queue.forget(line.id);
    await tell();
  });
  row.querySelector("[data-drop]").addEventListener("click", async () => {
    await queue.forget(line.id);
    await tell();
  });
  return row;
}

one("send-lines").addEventListener("click", upload);
addEventListener("online", upload);
setInterval(async () => {
  if (!document.hidden && (await queue.waiting(place)).some((each) => !each.why)) upload();
}, RETRY);
addEventListener("beforeunload", (event) => {
  if (input.value.trim()) event.preventDefault(); // what was sent off is kept; what is being typed is not yet
});

await tell().catch(() => {}); // a browser that keeps nothing
document.documentElement.dataset.ready = "yes";
upload();
