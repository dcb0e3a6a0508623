// The scanner: a code or a name goes in, one large word comes out, with a line or without.

import { Queue } from "../base/queue.js";
import { Camera } from "./camera.js";
import { signal, wake } from "./signals.js";

const page = document.getElementById("scanner").dataset;
const queue = new Queue("hufu-door", "scans", "event");
const one = (id) => document.getElementById(id);
const PATIENCE = 5000; // milliseconds until an answer is no longer waited for
const AT_ONCE = 50;
const RETRY = 4000;
const TONES = ["kept", "risk", "late", "unsure"];

class NoLine extends Error {}
class NotOurs extends Error {}

let proof = null; // of origin, for what is sent
let shown = 0; // the scan whose answer is on the page
let undoing = null;
let sending = null;
let ended = false;

// --- the server

async function ask(path, sent) {
  let answer;
  try {
    answer = await fetch(`${page.url}/${path}`, {
      method: sent ? "POST" : "GET",
      headers: { Accept: "application/json", ...(sent && { "Content-Type": "application/json", "X-CSRFToken": proof ?? "" }) },
      body: sent && JSON.stringify(sent),
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new NoLine();
  }
  if (answer.ok) return answer.json();
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) throw new NotOurs();
  throw new NoLine(String(answer.status));
}

/** Send with a proof of origin; one that has grown old is fetched anew, once. */
async function send(path, sent) {
  if (!proof) await refresh();
  try {
    return await ask(path, sent);
  } catch (error) {
    if (error.message !== "400") throw error;
    await refresh();
    return ask(path, sent);
  }
}

async function refresh() {
  const now = await ask("state");
  proof = now.csrf;
  tellEnded(false);
  tellPoints(now.points);
  one("expected").textContent = now.expected;
  tellDoubles(now.doubles);
}

function tellPoints(points) {
  if (!points.length) return;
  const select = one("point");
  const chosen = select.value;
  select.replaceChildren(...points.map((each) => {
    const option = new Option(each.name, each.ref, false, each.ref === chosen);
    Object.assign(option.dataset, { out: each.out ? "yes" : "", walkIns: each.walkIns ? "yes" : "" });
    return option;
  }));
  const here = points.find((each) => each.ref === select.value);
  one("people").textContent = here ? (here.out ? here.inside : here.people) : "–";
  tellWays();
}

function tellDoubles(doubles) {
  one("doubles").hidden = !doubles.length;
  one("doubles").querySelector("ul").replaceChildren(...doubles.map((each) => {
    const row = document.createElement("li");
    row.append(line("h3", each.name || each.title), line("p", [each.name && each.title, each.detail].filter(Boolean).join(" · ")));
    return row;
  }));
}

function line(kind, words) {
  const made = document.createElement(kind);
  made.textContent = words;
  return made;
}

function tellEnded(is) {
  ended = is;
  if (is) tell({ tone: "late", title: "", name: page.ended, detail: "" });
}

// --- one scan

function tell({ tone, title, name, detail, undo = null }) {
  const result = one("result");
  result.classList.remove(...TONES);
  if (tone) result.classList.add(tone);
  result.dataset.tone = tone;
  one("result-name").textContent = name || title;
  one("result-title").textContent = name ? title : "";
  one("result-detail").textContent = detail ?? "";
  undoing = undo;
  one("undo").hidden = !undo;
  if (tone) signal(tone);
}

function way() {
  return one("ways").hidden ? "in" : document.querySelector("[name=way]:checked").value;
}

/** A code that was scanned or typed, or `who`: somebody found by name. Resolves when its answer is on the page. */
export async function scan(code, who = "") {
  const mine = ++shown;
  const made = { id: crypto.randomUUID(), event: page.event, point: one("point").value, code, who, at: Date.now(), direction: way() };
  const before = Boolean(code) && (await queue.waiting(page.event)).some((each) => each.code === code);
  await queue.keep(made);
  tell({ tone: "", title: page.checking, name: "", detail: "" });
  let verdict;
  try {
    if (navigator.onLine === false) throw new NoLine();
    verdict = (await send("scans", packed([made], false))).verdicts[0];
    await queue.forget(made.id);
  } catch (error) {
    if (error instanceof NotOurs) tellEnded(true);
    verdict = before
      ? { tone: "risk", title: page.again, name: "", detail: page.againDetail }
      : { tone: "unsure", title: page.unsure, name: "", detail: page.unsureDetail };
  }
  await tellLine();
  if (mine === shown && !ended) tell(verdict);
  if (verdict.outcome) upload();
}

function packed(scans, late) {
  const told = scans.map(({ id, point, code, who, at, direction }) => ({ id, point, code, who, at, direction, late }));
  return { sent: Date.now(), scans: told };
}

// --- what could not be sent

async function tellLine() {
  const waiting = await queue.count(page.event);
  one("waiting").textContent = waiting;
  one("line").hidden = waiting === 0;
  document.documentElement.dataset.waiting = waiting;
}

/** Send what waits, fifty at a time, in its order; asked again while it runs, it is the same run. */
function upload() {
  sending ??= run().finally(() => { sending = null; });
  return sending;
}

async function run() {
  let judged = 0;
  try {
    for (;;) {
      const scans = await queue.waiting(page.event, AT_ONCE);
      if (!scans.length) break;
      const { verdicts } = await send("scans", packed(scans, true));
      if (!verdicts.length) break;
      for (const each of verdicts) await queue.forget(each.id);
      judged += verdicts.length;
      await tellLine();
    }
    await refresh();
  } catch (error) {
    if (error instanceof NotOurs) tellEnded(true);
  }
  await tellLine();
  if (judged && one("result").dataset.tone === "unsure" && one("line").hidden) {
    tell({ tone: "", title: page.sent, name: "", detail: "" });
  }
}

// --- by name

async function find(event) {
  event.preventDefault();
  const words = one("words").value.trim();
  if (!words) return;
  const asked = new URLSearchParams({ q: words, point: one("point").value });
  try {
    const { people, others } = await ask(`people?${asked}`);
    const rows = [...people.map(personRow), ...others.map(otherRow)];
    one("found").hidden = false;
    one("found").querySelector("ul").replaceChildren(...(rows.length ? rows : [line("li", page.nobody)]));
  } catch (error) {
    if (error instanceof NotOurs) tellEnded(true);
    else tell({ tone: "unsure", title: page.unsure, name: "", detail: "" });
  }
}

function personRow(each) {
  const words = each.since ? (each.inside ? page.since : page.left).replace("{time}", each.since) : each.state;
  const row = rowOf(each.name, words);
  if (each.has_place) row.append(button(way() === "out" ? page.out : page.in, () => scan("", each.ref)));
  return row;
}

function otherRow(each) {
  const row = rowOf(each.name, [each.department, page.walkIn].filter(Boolean).join(" · "));
  row.append(button(page.register, () => walkIn(each.ref)));
  return row;
}

function rowOf(name, words) {
  const row = document.createElement("li");
  const told = document.createElement("div");
  told.append(line("h3", name), line("p", words));
  row.append(told);
  return row;
}

function button(words, act) {
  const made = line("button", words);
  made.type = "button";
  made.className = "btn primary";
  made.addEventListener("click", async () => {
    made.disabled = true;
    one("found").hidden = true;
    one("words").value = "";
    await act();
    one("result").scrollIntoView({ block: "center" });
  });
  return made;
}

async function walkIn(person) {
  tell({ tone: "", title: page.checking, name: "", detail: "" });
  try {
    tell(await send("walk-ins", { id: crypto.randomUUID(), point: one("point").value, who: person }));
    await refresh();
  } catch (error) {
    if (error instanceof NotOurs) tellEnded(true);
    else tell({ tone: "late", title: page.unsure, name: "", detail: "" });
  }
}

one("search")?.addEventListener("submit", find);

one("undo").addEventListener("click", async () => {
  try {
    tell(await send("undoing", { check_in: undoing }));
    await refresh();
  } catch {
    one("undo").hidden = false;
  }
});

// --- typing and hand scanners

one("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = one("code").value.trim();
  one("code").value = "";
  if (code) scan(code);
});

// A hand scanner types: what it types must land in the field, wherever the last tap was.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (event.target.closest("input, select, textarea, button, a, summary")) return;
  one("code").focus();
});

// --- camera

const camera = new Camera(one("camera"), { reader: page.reader, wasm: page.wasm }, (code) => scan(code));

function tellCamera() {
  const on = camera.stream !== null;
  one("eye").hidden = one("stop").hidden = !on;
  one("start").hidden = on;
  one("torch").hidden = !on || !camera.hasTorch;
  one("turn").hidden = !on || camera.cameras.length < 2;
}

async function withCamera(act) {
  try {
    await act();
  } catch {
    camera.stop();
    tell({ tone: "late", title: page.refusedCamera, name: "", detail: "" });
  }
  tellCamera();
}

one("start").addEventListener("click", () => withCamera(() => camera.start()));
one("turn").addEventListener("click", () => withCamera(() => camera.turn()));
one("stop").addEventListener("click", () => withCamera(() => camera.stop()));
one("torch").addEventListener("click", (event) => withCamera(async () => {
  const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
  await camera.light(on);
  one("torch").setAttribute("aria-pressed", String(on));
}));
if (!navigator.mediaDevices?.getUserMedia) one("start").hidden = true;

// --- where, and which way

function tellWays() {
  one("ways").hidden = one("point").selectedOptions[0]?.dataset.out !== "yes";
}

const REMEMBERED = `hufu-door-point-${page.event}`;
one("point").addEventListener("change", () => {
  localStorage.setItem(REMEMBERED, one("point").value);
  tellWays();
  refresh().catch(() => {});
});
const remembered = localStorage.getItem(REMEMBERED);
if (!one("point").disabled && [...one("point").options].some((each) => each.value === remembered)) one("point").value = remembered;

// --- beginning

document.addEventListener("pointerdown", wake, { passive: true });
document.addEventListener("keydown", wake);
one("send").addEventListener("click", upload);
window.addEventListener("online", upload);
setInterval(async () => { if (!document.hidden && (await queue.count(page.event))) upload(); }, RETRY);
setInterval(() => { if (!document.hidden && !sending) refresh().catch(() => {}); }, 15_000);

tellWays();
navigator.serviceWorker?.register(page.worker, { scope: page.scope }).catch(() => {});
await tellLine();
await upload();
document.documentElement.dataset.ready = "yes";
