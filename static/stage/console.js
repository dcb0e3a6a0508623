// The console: each mark is kept in this browser before it is sent, so that a lost connection loses none; what makes sense
// only at this moment (the screen, a reveal) is not kept, and says so when there is no line.

import { Queue } from "../base/queue.js";

const PATIENCE = 8000; // milliseconds until an answer is no longer waited for
const LOOK = 2000;
const one = (id) => document.getElementById(id);
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
const board = one("console");
const place = board.dataset.place;
const words = board.dataset;
const queue = new Queue("hufu-stage", "marks", "place");
const ask = one("ask");

class NoLine extends Error {}
class NotOurs extends Error {}

let sending = null;
let tag = "";
let busy = false; // a mark was pressed since the state was asked for: the answer is older than what is shown

const proof = () => document.querySelector("input[name=csrf_token]")?.value ?? "";

// --- the server

async function talk(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch {
    throw new NoLine();
  }
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) throw new NotOurs();
  return answer;
}

const post = (url, fields) => talk(url, {
  method: "POST",
  headers: { Accept: "application/json" },
  body: new URLSearchParams({ csrf_token: proof(), ...fields }),
});

async function send(item) {
  const fields = { ...item.fields, intent: item.id, entry: item.id, at: item.at, sent: Date.now() };
  let answer = await post(item.url, fields);
  if (answer.status === 400) { // the proof of origin has grown old
    await look(true);
    answer = await post(item.url, fields);
  }
  if (answer.ok || answer.status === 422) return answer.ok ? {} : answer.json();
  throw new NoLine(String(answer.status));
}

/** Send what waits, one after the other; asked again while it runs, it is the same run. Other windows wait for it. */
function upload() {
  sending ??= alone(run).finally(() => { sending = null; });
  return sending;
}

const alone = (act) => (navigator.locks ? navigator.locks.request(`marks ${place}`, act) : act());

async function run() {
  try {
    for (;;) {
      const item = (await queue.waiting(place)).find((each) => !each.why);
      if (!item) break;
      const answer = await send(item);
      if (answer.sentence) await queue.refuse(item, answer.sentence);
      else await queue.forget(item.id);
      line(true);
      one("ended").hidden = true;
      await tell();
    }
  } catch (error) {
    if (error instanceof NotOurs) one("ended").hidden = false;
    else line(false);
  }
  await tell();
  await look(true);
}

function line(there) {
  one("offline").hidden = there;
  document.documentElement.dataset.line = there ? "yes" : "no";
}

// --- what waits

async function tell() {
  const items = await queue.waiting(place).catch(() => []);
  const waiting = items.filter((each) => !each.why);
  one("waiting").textContent = waiting.length;
  one("unsent").hidden = waiting.length === 0;
  one("refused").hidden = items.length === waiting.length;
  one("refused-marks").replaceChildren(...items.filter((each) => each.why).map(refusedRow));
  document.documentElement.dataset.waiting = waiting.length;
  return waiting;
}

function refusedRow(item) {
  const row = one("refused-row").content.cloneNode(true);
  row.querySelector("[data-words]").textContent = item.words;
  row.querySelector("[data-why]").textContent = item.why;
  row.querySelector("[data-drop]").addEventListener("click", async () => {
    await queue.forget(item.id);
    await tell();
  });
  return row;
}

/** The row as it will be: so that the operator goes on without a line. */
function foresee(item) {
  const row = one(`cue-${item.cue}`);
  const status = { called: "called", done: "done", skipped: "skipped", back: "planned" }[item.fields.kind];
  if (!row || !status) return;
  const said = (each, to) => {
    each.dataset.status = to;
    each.querySelector("[data-state]").textContent = `${words[to]} (${words.kept})`;
  };
  if (status === "called") {
    for (const other of document.querySelectorAll('tr[data-status="called"]')) if (other !== row) said(other, "done");
  }
  said(row, status);
  for (const button of row.querySelectorAll("button[name=kind]")) {
    button.hidden = { called: status !== "planned" && status !== "skipped", done: status !== "called", back: status === "planned" }[button.value] ?? false;
  }
  if (!row.querySelector("button[value=done]") && status === "called") {
    const done = row.querySelector("button[name=kind]").cloneNode(false);
    done.value = "done";
    done.textContent = words.done;
    done.hidden = false;
    row.querySelector("form").prepend(done);
  }
}

async function keep(form, fields) {
  const item = { id: newId(), place, url: form.action, cue: form.dataset.cue, words: form.dataset.title, at: Date.now(), fields };
  busy = true;
  try {
    await queue.keep(item);
  } catch {
    await post(item.url, { ...fields, entry: item.id, intent: item.id, at: item.at, sent: Date.now() });
    return look(true);
  }
  foresee(item);
  await tell();
  return upload();
}

// --- what is pressed

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!board.contains(form)) return;
  const button = event.submitter;
  const direct = form.hasAttribute("data-direct") || button?.hasAttribute("data-direct");
  if (!direct && !form.hasAttribute("data-mark")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!direct) return keep(form, { kind: button.value, run: form.elements.run.value });
  const question = button?.dataset.ask;
  if (question && !(await sure(question, button.textContent.trim()))) return;
  now(button?.getAttribute("formaction") ? button.formAction : form.action, form.elements.intent.value);
}, { capture: true });

/** What makes sense only now. */
async function now(url, intent) {
  const said = one("not-done");
  said.hidden = true;
  let sentence = "";
  try {
    const answer = await post(url, { intent });
    if (!answer.ok) sentence = (await answer.json().catch(() => ({}))).sentence ?? words.noLine;
  } catch (error) {
    sentence = words.noLine;
    if (error instanceof NotOurs) one("ended").hidden = one("unsent").hidden = false;
    else line(false);
  }
  said.hidden = !sentence;
  said.querySelector("p").textContent = sentence;
  await look(true);
}

function sure(question, yes) {
  return new Promise((resolve) => {
    ask.querySelector("p").textContent = question;
    ask.querySelector("[data-yes]").textContent = yes;
    ask.returnValue = "no";
    ask.addEventListener("close", () => resolve(ask.returnValue === "yes"), { once: true });
    ask.showModal();
  });
}

// Skipping asks for the reason here, so that it works without a line; correcting has its own page.
board.addEventListener("click", (event) => {
  const link = event.target.closest("[data-skip]");
  const dialog = one("skip");
  if (!link || !dialog || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const form = link.closest("form");
  const reason = dialog.querySelector("[name=reason]");
  dialog.querySelector("[data-title]").textContent = form.dataset.title;
  reason.value = "";
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") keep(form, { kind: "skipped", run: form.elements.run.value, reason: reason.value });
  }, { once: true });
  dialog.showModal();
  reason.focus();
});

// --- what others have pressed

async function look(anew = false) {
  let answer;
  busy = false;
  try {
    answer = await talk(board.dataset.stateUrl, { headers: !tag || anew ? {} : { "If-None-Match": tag }, cache: "no-store" });
  } catch (error) {
    if (error instanceof NotOurs) one("ended").hidden = one("unsent").hidden = false;
    else line(false);
    return;
  }
  if (answer.status !== 200) {
    line(answer.status === 304);
    return;
  }
  line(true);
  const html = await answer.text();
  const waiting = await tell();
  if (waiting.length || busy || document.querySelector("dialog[open]")) return; // what is shown is newer
  tag = answer.headers.get("ETag");
  draw(html);
}

/** New content in place; the focus stays on the same act of the same cue. */
function draw(html) {
  const held = document.activeElement;
  const form = held?.closest("#console form");
  const where = form && { cue: form.dataset.cue, big: form.classList.contains("big"), words: held.textContent };
  const open = [...board.querySelectorAll("details[open] > summary")].map((each) => each.textContent);
  board.innerHTML = html;
  for (const each of board.querySelectorAll("details > summary")) each.parentElement.open = open.includes(each.textContent);
  if (where) {
    const same = [...board.querySelectorAll("form")].find(
      (each) => each.dataset.cue === where.cue && each.classList.contains("big") === where.big,
    );
    [...(same?.querySelectorAll("button, a") ?? [])].find((each) => each.textContent === where.words)?.focus();
  }
}

one("send-marks").addEventListener("click", upload);
addEventListener("online", upload);
addEventListener("beforeunload", (event) => {
  if (document.documentElement.dataset.line === "no") event.preventDefault(); // without a line the table would be gone
});
setInterval(async () => {
  if (document.hidden) return;
  if ((await tell()).length) upload();
  else look();
}, LOOK);

await tell();
document.documentElement.dataset.ready = "yes";
if ((await tell()).length) upload();
