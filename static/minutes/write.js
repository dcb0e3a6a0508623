// The editor of one section: EasyMDE over the field, a preview of the server beside it, saved every few seconds, kept in
// this browser until that has happened, and both texts on the page when somebody else was faster. Without this file the
// field and its buttons do the same, one press at a time.

import { completing } from "../base/complete.js";
import { forget, keep, kept } from "./kept.js";

const form = document.getElementById("write");
const one = (id) => document.getElementById(id);
const { section, who } = form.dataset;
const { source: area, heading, clearance, version } = form.elements;
const status = one("saved");
const words = one("tools").dataset;
const PAUSE = 2000; // milliseconds without typing until it is saved
const LONGEST = 8000; // or of typing without a pause
const PATIENCE = 8000; // until an answer is no longer waited for
const RETRY = 4000;

// --- the editor

const icon = (name) => `<svg class="icon" aria-hidden="true"><use href="${form.dataset.icons}#${name}"></use></svg>`;
const tool = (name, action, drawn, title) => ({ name, action, icon: icon(drawn), title, className: `tool-${name}` });
const E = globalThis.EasyMDE;
const editor = new E({
  element: area,
  autoDownloadFontAwesome: false, // nothing is loaded from elsewhere
  spellChecker: false, // it would fetch a dictionary
  nativeSpellcheck: true,
  inputStyle: "contenteditable",
  forceSync: true,
  status: false,
  minHeight: "24rem",
  indentWithTabs: false,
  previewRender: () => "", // the server draws it beside the text, and cleans it
  shortcuts: { togglePreview: null, toggleSideBySide: null, toggleFullScreen: null, drawImage: null },
  toolbar: [
    tool("bold", E.toggleBold, "bold", words.bold),
    tool("italic", E.toggleItalic, "italic", words.italic),
    tool("heading-3", E.toggleHeading3, "heading", words.heading),
    "|",
    tool("unordered-list", E.toggleUnorderedList, "list", words.unordered),
    tool("ordered-list", E.toggleOrderedList, "list-numbers", words.ordered),
    tool("quote", E.toggleBlockquote, "quote", words.quote),
    tool("table", E.drawTable, "table", words.table),
    tool("link", E.drawLink, "link", words.link),
    "|",
    tool("undo", E.undo, "arrow-back-up", words.undo),
    tool("redo", E.redo, "arrow-forward-up", words.redo),
  ],
});
const mirror = editor.codemirror;
const label = form.querySelector(`label[for="${area.id}"]`);
const typing = mirror.getInputField();
typing.setAttribute("aria-label", label.textContent.trim());
typing.setAttribute("aria-multiline", "true");
typing.setAttribute("role", "textbox");
typing.setAttribute("aria-describedby", area.getAttribute("aria-describedby") ?? "");
label.addEventListener("click", () => mirror.focus());
const tools = form.querySelector(".editor-toolbar");
tools.setAttribute("role", "toolbar");
tools.setAttribute("aria-label", words.toolbar);
for (const button of tools.querySelectorAll("button")) {
  button.type = "button";
  button.tabIndex = 0;
}
mirror.setOption("extraKeys", { ...mirror.getOption("extraKeys"), Tab: false, "Shift-Tab": false }); // Tab goes on

// --- names and days

const completion = completing({
  list: one("completions"),
  names: form.dataset.names,
  dayNames: words.days.split("|"),
  today: new Date(form.dataset.today || Date.now()),
  before() {
    const at = mirror.getCursor();
    return mirror.getLine(at.line).slice(0, at.ch);
  },
  put(length, text) {
    const at = mirror.getCursor();
    mirror.replaceRange(text, { line: at.line, ch: at.ch - length }, at);
  },
  focus: () => mirror.focus(),
});
mirror.on("keydown", (_mirror, event) => completion.key(event));
mirror.on("blur", () => setTimeout(completion.close, 150));

function placeSuggestions() {
  const list = one("completions");
  const at = mirror.cursorCoords(true, "window");
  const box = list.parentElement.getBoundingClientRect();
  list.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - 240))}px`;
  list.style.top = `${at.bottom - box.top + 4}px`;
}

// --- records

for (const button of form.querySelectorAll("[data-mark]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    mirror.replaceSelection(`{{${button.dataset.mark}}}`);
    mirror.focus();
  });
}

// A mark shows the sentence that it stands for; deleted, it goes as a whole.
const MARK = /\{\{([a-z_]+(?: [0-9a-z]{16})?)\}\}/g;
const sentences = new Map([...form.querySelectorAll("[data-mark]")].map((each) => [each.dataset.mark, each.dataset.says]));

function dress() {
  mirror.eachLine((line) => {
    const number = mirror.getLineNumber(line);
    for (const found of line.text.matchAll(MARK)) {
      const [from, to] = [found.index, found.index + found[0].length].map((ch) => ({ line: number, ch }));
      if (mirror.findMarks(from, to).some((each) => each.className === "record")) continue;
      const chip = document.createElement("span");
      chip.className = "record-chip";
      chip.textContent = sentences.get(found[1]) ?? words.unknown;
      mirror.markText(from, to, { replacedWith: chip, atomic: true, className: "record" });
    }
  });
}

mirror.operation(dress);

// --- how it will look

let drawing = 0;
let drawn = 0;

async function draw() {
  const mine = ++drawn;
  const body = new URLSearchParams({ csrf_token: proof, text: area.value, clearance: clearance.value });
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body });
    if (answer.ok && mine === drawn) one("shown").innerHTML = await answer.text(); // clean: out of the server's allow-list
  } catch {
    // The line is down: what was shown stays.
  }
}

// --- saved every few seconds

let proof = form.elements.csrf_token.value; // of origin, for what is sent
let dirty = false; // something is typed that the server has not
let waiting = 0;
let since = 0; // of the oldest that is not saved
let saving = null;
let lost = kept(who, section)?.lost ?? null; // what was sent and not answered: to meet it again is no collision
let stopped = false; // two texts stand on the page, and a person decides

const state = () => ({ source: area.value, heading: heading.value, clearance: clearance.value });
const same = (one, other) => one && other && ["source", "heading", "clearance"].every((each) => tidied(one[each]) === tidied(other[each]));
const tidied = (text) => String(text).normalize("NFC").replaceAll("\r\n", "\n").trim();
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

function changed() {
  dirty = true;
  keep(who, section, { ...state(), version: version.value, lost });
  clearTimeout(drawing);
  drawing = setTimeout(draw, 500);
  if (stopped) return;
  since ||= Date.now();
  clearTimeout(waiting);
  waiting = setTimeout(save, Date.now() - since > LONGEST ? 0 : PAUSE);
}

function tell(sentence, wrong = false) {
  status.textContent = sentence;
  status.classList.toggle("wrong", wrong);
}

async function post(sent, intent) {
  const body = new URLSearchParams({ csrf_token: proof, intent, version: version.value, ...sent });
  return fetch(location.pathname, {
    method: "POST", headers: { Accept: "application/json" }, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE),
  });
}

async function fresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.ok) proof = form.elements.csrf_token.value = (await answer.json()).csrf;
}

function save() {
  if (!dirty || stopped) return saving;
  saving ??= run().finally(() => { saving = null; });
  return saving;
}

async function run() {
  const sent = state();
  const intent = newId();
  clearTimeout(waiting);
  tell(status.dataset.saving);
  let answer;
  try {
    answer = await post(sent, intent);
    if (answer.status === 400) {
      await fresh();
      answer = await post(sent, intent);
    }
  } catch {
    lost = sent; // perhaps it has arrived, and only its answer has not
    return later(status.dataset.offline);
  }
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return later(status.dataset.out);
  if (answer.ok) return stored(sent, (await answer.json()).version);
  if (answer.status !== 409 && answer.status !== 422) return later(status.dataset.offline);
  return refused(await answer.json());
}

function later(sentence) {
  tell(sentence, true);
  waiting = setTimeout(save, RETRY);
}

function stored(sent, number) {
  version.value = number;
  lost = null;
  since = 0;
  document.documentElement.dataset.stored = number;
  const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  tell(status.dataset.saved.replace("{time}", clock));
  if (same(sent, state())) {
    dirty = false;
    forget(who, section);
  } else {
    changed();
  }
}

function refused(answer) {
  if (answer.kind === "stale" && same(answer, lost)) {
    lost = null;
    return stored(answer, answer.version);
  }
  if (answer.kind === "stale") {
    stopped = true;
    version.value = answer.version; // “Save” replaces what is stored, which is put aside
    one("collision").innerHTML = answer.html; // out of the server's own templates
    one("collision").scrollIntoView({ block: "nearest" });
    tell(status.dataset.stale, true);
  } else {
    tell(answer.sentence, true);
    if (answer.kind === "taken") waiting = setTimeout(save, RETRY);
  }
  keep(who, section, { ...state(), version: version.value, lost });
  document.documentElement.dataset.refused = answer.kind;
}

// --- what an earlier page could not send

const before = kept(who, section);
if ("unsaved" in form.dataset) { // this page came back with what was typed
  stopped = one("collision").childElementCount > 0;
  changed();
} else if (before && !same(before, state())) {
  one("kept").hidden = false;
  one("kept-at").textContent = new Date(before.at).toLocaleString(document.documentElement.lang);
  one("kept-text").textContent = before.source;
  one("kept-take").addEventListener("click", () => {
    mirror.setValue(before.source);
    heading.value = before.heading;
    clearance.value = before.clearance;
    one("kept").hidden = true;
    changed();
    mirror.focus();
  });
  one("kept-drop").addEventListener("click", () => {
    forget(who, section);
    one("kept").hidden = true;
  });
} else {
  forget(who, section);
}

mirror.on("change", () => {
  mirror.save();
  mirror.operation(dress);
  completion.look().then(placeSuggestions);
  changed();
});
heading.addEventListener("input", changed);
clearance.addEventListener("change", changed);
addEventListener("online", save);
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });

form.querySelector("[name=preview]").hidden = true;
let leaving = false;
form.addEventListener("submit", () => {
  mirror.save();
  leaving = true;
  if (dirty) keep(who, section, { ...state(), version: version.value, lost, sent: true }); // until it is known to be stored
});
addEventListener("beforeunload", (event) => { if (dirty && !leaving) event.preventDefault(); });
addEventListener("pagehide", () => {
  if (dirty || leaving) return;
  navigator.sendBeacon(form.dataset.release, new URLSearchParams({ csrf_token: proof, intent: newId() }));
});
document.documentElement.dataset.ready = "yes";
