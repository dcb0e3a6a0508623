// The timetable: rooms and hours as a grid. The page's list by room says and does the same where this never runs.
//
// `items` holds what the server has told; `wanted` what was moved here and is not confirmed yet, with the version it was
// based on. What is shown is the one laid over the other. Times are wall-clock times of the event's zone, as text.

const box = document.getElementById("timetable");
const list = document.getElementById("timetable-list");
const wide = matchMedia("(min-width: 768px)");
const words = JSON.parse(box.dataset.words);
const fixed = box.dataset.fixed === "yes";
const SLOT = { minutes: 15, height: 20, snap: 5 };
const POLL = 15_000;
const TOGETHER = 500; // keystrokes within this time are one move

const part = (name, from = box) => from.querySelector(`[data-${name}]`);
const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const live = part("live");
const saving = part("saving", document);
const days = part("days", document);
const beside = part("beside");
const detail = part("detail");

// --- wall-clock times, reckoned as if they were UTC: no change of any clock comes between -----------------------

const minutesOf = (wall) => Date.parse(`${wall}:00Z`) / 60_000;
const wallOf = (minutes) => new Date(minutes * 60_000).toISOString().slice(0, 16);
const plus = (wall, minutes) => wall && wallOf(minutesOf(wall) + minutes);
const clock = (wall) => wall.slice(11);
const dayOf = (wall) => wall.slice(0, 10);

// --- what is known ------------------------------------------------------------------------------------------------

const items = new Map();
const wanted = new Map();
const known = { rooms: [], sessions: [], clashes: [], undo: null, redo: null, revision: 0, tag: "" };
let day = box.dataset.day;
let calendar = null;
let dragged = false; // while something is in the hand, nothing moves under it
let focused = null;

function shown(ref) {
  const item = items.get(ref);
  const want = wanted.get(ref);
  return item && want ? { ...item, starts_at: want.starts_at, ends_at: want.ends_at, room: want.room, pending: true } : item;
}

const roomAt = (ref) => known.rooms.findIndex((room) => room.ref === ref);
const roomName = (ref) => known.rooms[roomAt(ref)]?.name ?? words.noRoom;
const isPlaced = (item) => Boolean(item.starts_at && roomAt(item.room) >= 0);
const lengthOf = (item) => (item.starts_at && item.ends_at ? minutesOf(item.ends_at) - minutesOf(item.starts_at) : null);
const clashesOf = (ref) => known.clashes.filter((clash) => clash.refs.includes(ref));
const drawnEnd = (item) => item.ends_at ?? plus(item.starts_at, item.minutes ?? 15);

// --- drawing ------------------------------------------------------------------------------------------------------

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function trackLabel(item) {
  return element("span", `track track-${item.track.colour}`, item.track.name);
}

function markOf(ref) {
  const clashes = clashesOf(ref);
  if (!clashes.length) return null;
  return element("span", `clash-mark ${clashes.some((each) => each.level === "error") ? "late" : "risk"}`, "⚠");
}

function eventOf(item) {
  const clashes = clashesOf(item.ref);
  const classNames = ["item", `kind-${item.kind}`, item.track ? `track-${item.track.colour}` : "track-none"];
  if (item.cancelled) classNames.push("is-cancelled");
  if (item.pending) classNames.push("is-pending");
  if (clashes.length) classNames.push(clashes.some((each) => each.level === "error") ? "clash-late" : "clash-risk");
  return {
    id: item.ref,
    resourceIds: [item.room],
    start: item.starts_at,
    end: drawnEnd(item),
    title: item.title,
    editable: !fixed && !item.cancelled,
    classNames,
    extendedProps: { ref: item.ref },
  };
}

function framesOf(session) {
  if (!session.starts_at) return [];
  const own = new Set([...items.keys()].map(shown).filter((item) => item.session === session.ref && isPlaced(item)).map((item) => item.room));
  const rooms = session.room && roomAt(session.room) >= 0 ? [session.room] : [...own];
  if (!rooms.length) return [];
  return [{
    id: `frame-${session.ref}`,
    resourceIds: rooms,
    start: session.starts_at,
    end: session.ends_at ?? plus(session.starts_at, 60),
    display: "background",
    title: session.title,
    classNames: ["frame"],
    extendedProps: { frame: session.title },
  }];
}

function contentOf({ event }) {
  if (event.extendedProps.frame) return { domNodes: [element("span", "frame-title", event.extendedProps.frame)] };
  const item = shown(event.extendedProps.ref);
  if (!item) return { domNodes: [] };
  const start = `${String(event.start.getHours()).padStart(2, "0")}:${String(event.start.getMinutes()).padStart(2, "0")}`;
  const first = element("span", "item-line");
  const mark = markOf(item.ref);
  if (mark) first.append(mark, " ");
  first.append(element("time", "", start), " ", element("b", "", item.title));
  const nodes = [first];
  const more = [];
  if (item.track) more.push(trackLabel(item));
  if (item.speakers) more.push(element("span", "", item.speakers));
  if (more.length) {
    const second = element("span", "item-more");
    more.forEach((node, at) => second.append(...(at ? [" ", node] : [node])));
    nodes.push(second);
  }
  return { domNodes: nodes };
}

// All of an item in one sentence, for ears.
function labelOf(item) {
  const told = [];
  if (item.starts_at) told.push(item.ends_at ? `${clock(item.starts_at)}–${clock(item.ends_at)}` : clock(item.starts_at));
  told.push(item.title, roomName(item.room));
  if (item.track) told.push(item.track.name);
  if (item.speakers) told.push(item.speakers);
  if (item.cancelled) told.push(words.cancelled);
  if (item.internal) told.push(words.internal);
  const clashes = clashesOf(item.ref).map((each) => each.words);
  if (clashes.length) told.push(say(words.clashes, { sentences: clashes.join(" ") }));
  return told.join(", ");
}

const nodeOf = (ref) => box.querySelector(`[data-ref="${CSS.escape(ref)}"]`);

function label(node, item) {
  node.dataset.ref = item.ref;
  node.setAttribute("aria-label", labelOf(item));
}

function hours() {
  let [from, to] = [7 * 60, 21 * 60];
  for (const ref of items.keys()) {
    const item = shown(ref);
    if (!isPlaced(item)) continue;
    const [start, end] = [item.starts_at, drawnEnd(item)];
    if (dayOf(start) <= day && dayOf(end) >= day) {
      const midnight = minutesOf(`${day}T00:00`);
      from = Math.min(from, Math.max(0, minutesOf(start) - midnight));
      to = Math.max(to, Math.min(24 * 60, minutesOf(end) - midnight));
    }
  }
  return [Math.floor(from / 60) * 60, Math.ceil(to / 60) * 60];
}

const duration = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
let from = 0;
let until = 0;

function fitHours() {
  const [first, last] = hours();
  if (first !== from) calendar.setOption("slotMinTime", duration(first));
  if (last !== until) calendar.setOption("slotMaxTime", duration(last));
  [from, until] = [first, last];
}

function drawAll() {
  if (!calendar) return;
  fitHours();
  const placed = [...items.keys()].map(shown).filter(isPlaced).sort((a, b) => a.starts_at.localeCompare(b.starts_at) || roomAt(a.room) - roomAt(b.room));
  calendar.setOption("events", [...known.sessions.flatMap(framesOf), ...placed.map(eventOf)]);
  drawTray();
  drawDetail();
}

function draw(ref) {
  if (!calendar) return;
  const item = shown(ref);
  const there = calendar.getEventById(ref);
  if (item && isPlaced(item)) {
    if (there) calendar.updateEvent(eventOf(item));
    else calendar.addEvent(eventOf(item));
    fitHours();
  } else if (there) {
    calendar.removeEventById(ref);
  }
  drawTray();
  if (focused === ref) drawDetail();
}

function drawTray() {
  const tray = part("tray");
  const waiting = [...items.keys()].map(shown).filter((item) => !isPlaced(item));
  const rows = waiting.map((item) => {
    const row = element("li");
    const button = element("button", `tray-item ${item.track ? `track-${item.track.colour}` : "track-none"}${item.pending ? " is-pending" : ""}`);
    button.type = "button";
    label(button, item);
    const grip = element("span", "grip", "⠿");
    grip.setAttribute("aria-hidden", "true");
    const text = element("span");
    text.append(element("b", "", item.title));
    const length = lengthOf(item) ?? item.minutes;
    const told = [item.starts_at && `${item.starts_at.slice(5).replace("T", " ")}`, length && say(words.minutes, { n: length })].filter(Boolean).join(" · ");
    if (told) text.append(element("small", "", told));
    if (item.track) text.append(trackLabel(item));
    button.append(grip, text);
    row.append(button);
    return row;
  });
  const had = tray.contains(document.activeElement) ? document.activeElement.dataset.ref : null;
  part("tray").querySelector("ul").replaceChildren(...rows);
  if (had) nodeOf(had)?.focus({ preventScroll: true });
  part("tray-count", tray).textContent = waiting.length || "";
  part("tray-empty", tray).hidden = waiting.length > 0;
}

function drawDetail() {
  const item = focused && shown(focused);
  detail.hidden = !item;
  if (!item) return;
  part("detail-title").textContent = item.title;
  const place = [item.starts_at ? `${clock(item.starts_at)}${item.ends_at ? `–${clock(item.ends_at)}` : ""}` : "", roomName(item.room), item.track?.name, item.speakers];
  const session = known.sessions.find((each) => each.ref === item.session);
  if (session) place.push(say(words.session, { title: session.title }));
  part("detail-place").textContent = place.filter(Boolean).join(" · ");
  part("detail-clashes").replaceChildren(...clashesOf(item.ref).map((clash) => {
    const row = element("li", `clash-words ${clash.level === "error" ? "late" : "risk"}`, `⚠ ${clash.words}`);
    return row;
  }));
  part("detail-edit").href = `${box.dataset.event}/items/${item.ref}`;
  part("detail-move").hidden = fixed || item.cancelled;
}

function drawClashes() {
  const holder = part("clashes", document);
  const number = known.clashes.length;
  holder.hidden = number === 0;
  part("clash-count", document).textContent = number === 1 ? words.clash_one : say(words.clash_many, { n: number });
  holder.querySelector("ul").replaceChildren(...known.clashes.map((clash) => {
    const row = element("li");
    const button = element("button", "text", clash.words);
    button.type = "button";
    button.addEventListener("click", () => {
      holder.open = false;
      const ref = clash.refs.find((each) => items.has(each));
      if (ref) goTo(ref);
    });
    row.append(button);
    return row;
  }));
}

function drawSteps() {
  for (const name of ["undo", "redo"]) {
    const holder = part(name, document);
    const step = known[name];
    holder.hidden = !step;
    holder.querySelector("[name=step]").value = step?.step ?? "";
    holder.querySelector("button:not([type=button])").title = step?.title ?? "";
  }
}

function tell(sentence) {
  live.textContent = sentence;
}

// A refusal stands beside the item that it is about.
function tellBeside(ref, sentence) {
  beside.textContent = sentence;
  beside.hidden = false;
  const around = beside.parentElement.getBoundingClientRect();
  const at = nodeOf(ref)?.getBoundingClientRect() ?? around;
  beside.style.top = `${Math.max(8, Math.min(at.bottom - around.top + 4, around.height - 60))}px`;
  beside.style.left = `${Math.max(8, Math.min(at.left - around.left, around.width - 300))}px`;
}

function hush() {
  beside.hidden = true;
}

// --- what the server says -----------------------------------------------------------------------------------------

async function ask(path, method = "GET", body = undefined, more = {}) {
  const headers = { Accept: "application/json", ...(more.headers ?? {}) };
  if (body) {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = box.dataset.proof;
  }
  let answer;
  try {
    answer = await fetch(box.dataset.url + path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", keepalive: more.keepalive });
  } catch {
    return { status: 0, told: {} };
  }
  const isTold = answer.headers.get("Content-Type")?.startsWith("application/json");
  const told = isTold ? await answer.json() : {};
  const status = answer.redirected && !isTold ? 401 : answer.status; // led to the sign-in page
  return { status, told, tag: answer.headers.get("ETag") };
}

function adoptClashes(clashes) {
  const before = new Map([...items.keys()].map((ref) => [ref, clashesOf(ref).map((each) => each.words).join()]));
  known.clashes = clashes;
  drawClashes();
  for (const [ref, told] of before) {
    if (clashesOf(ref).map((each) => each.words).join() !== told) draw(ref);
  }
}

function adoptPulse(told) {
  known.undo = told.undo;
  known.redo = told.redo;
  part("others", document).textContent = told.others;
  drawSteps();
}

// The whole of it; what was moved here and is not confirmed stays on top.
function adoptAll(told, tag) {
  Object.assign(known, { rooms: told.rooms, sessions: told.sessions, clashes: told.clashes, revision: told.revision, tag });
  items.clear();
  for (const item of told.items) items.set(item.ref, item);
  for (const ref of wanted.keys()) if (!items.has(ref)) wanted.delete(ref);
  adoptPulse(told);
  drawClashes();
  if (calendar) {
    calendar.setOption("resources", known.rooms.map((room) => ({ id: room.ref, title: room.name })));
    drawAll();
  }
}

// One's own step; whether others have been at work in between, the revision tells.
function adoptOne(answer) {
  const { told, tag } = answer;
  items.set(told.item.ref, told.item);
  adoptPulse(told);
  draw(told.item.ref);
  adoptClashes(told.clashes);
  if (told.revision <= known.revision + 1) Object.assign(known, { revision: told.revision, tag });
  else refresh();
}

async function refresh() {
  const answer = await ask("/state", "GET", undefined, known.tag ? { headers: { "If-None-Match": known.tag } } : {});
  if (answer.status === 200 && !dragged) adoptAll(answer.told, answer.tag);
  if (answer.status === 401) saving.textContent = words.signIn;
  return answer.status;
}

// --- moving -------------------------------------------------------------------------------------------------------

const timers = new Map();
const flying = new Map(); // ref → the promise of its request

function want(ref, place, { wait = 0 } = {}) {
  const item = shown(ref);
  if (!item || fixed || item.cancelled) return;
  hush();
  const version = wanted.get(ref)?.version ?? items.get(ref).version;
  wanted.set(ref, { starts_at: item.starts_at, ends_at: item.ends_at, room: item.room, ...place, version });
  saving.textContent = words.saving;
  performance.mark("move-made");
  clearTimeout(timers.get(ref));
  if (wait) timers.set(ref, setTimeout(() => send(ref), wait));
  else send(ref); // on its way while it is drawn
  draw(ref);
}

function send(ref, keepalive = false) {
  clearTimeout(timers.get(ref));
  timers.delete(ref);
  const before = flying.get(ref);
  const now = (before ? before.then(() => sendNow(ref, keepalive)) : sendNow(ref, keepalive)).finally(() => {
    if (flying.get(ref) === now) flying.delete(ref);
  });
  flying.set(ref, now);
  return now;
}

async function sendNow(ref, keepalive) {
  const move = wanted.get(ref);
  if (!move) return;
  const answer = await ask(`/items/${ref}`, "PATCH", move, { keepalive });
  const { status, told } = answer;
  const later = wanted.get(ref) !== move ? wanted.get(ref) : null; // moved on meanwhile
  if (status === 200) {
    if (later) later.version = told.item.version;
    else wanted.delete(ref);
    saving.textContent = wanted.size ? words.saving : words.saved;
    adoptOne(answer);
    tell(told.said);
    if (held === ref) nodeOf(ref)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    performance.mark("move-saved");
  } else if (status === 409 && told.item) {
    items.set(ref, told.item);
    await settle(ref, wanted.get(ref), told);
  } else if (status === 0 || status >= 500 || status === 401) {
    saving.textContent = status === 401 ? words.signIn : words.offline;
    timers.set(ref, setTimeout(() => send(ref), status === 503 || status === 0 ? 1_500 : 5_000));
  } else {
    wanted.delete(ref);
    draw(ref);
    if (isPlaced(items.get(ref))) showDay(dayOf(items.get(ref).starts_at));
    saving.textContent = "";
    await new Promise(requestAnimationFrame); // so that it stands where it was before the sentence is put beside it
    tellBeside(ref, told.sentence ?? (status === 404 || status === 403 ? words.gone : words.broken));
    if (status !== 422) refresh();
  }
}

// Two versions, in words, and a choice.
function settle(ref, move, told) {
  const dialog = document.getElementById("conflict");
  dialog.querySelector("h2").textContent = told.item.title;
  part("theirs", dialog).textContent = told.theirs;
  part("mine", dialog).textContent = told.mine;
  dialog.returnValue = "theirs";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "mine") {
        move.version = told.item.version;
        timers.set(ref, setTimeout(() => send(ref), 0));
      } else {
        wanted.delete(ref);
        saving.textContent = "";
      }
      refresh();
      draw(ref);
      focusOn(ref);
      done();
    }, { once: true });
  });
}

async function flush() {
  for (const ref of [...timers.keys()]) send(ref);
  await Promise.all(flying.values());
}

async function step(name) {
  await flush();
  const next = known[name];
  if (!next) return tell(words.nothing);
  hush();
  const answer = await ask(`/${name}`, "POST", { step: next.step });
  if (answer.status === 200) {
    adoptOne(answer);
    goTo(answer.told.item.ref);
    tell(answer.told.said);
  } else {
    await refresh();
    const sentence = answer.told.sentence ?? (answer.status === 401 ? words.signIn : words.broken);
    saving.textContent = sentence;
    tell(sentence);
  }
}

// --- the grid -----------------------------------------------------------------------------------------------------

function begin() {
  calendar = EventCalendar.create(part("grid"), {
    view: "resourceTimeGridDay",
    date: day,
    resources: known.rooms.map((room) => ({ id: room.ref, title: room.name })),
    headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false,
    slotDuration: duration(SLOT.minutes),
    slotLabelInterval: "01:00",
    snapDuration: duration(SLOT.snap),
    slotHeight: SLOT.height,
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    slotEventOverlap: false,
    scrollTime: "07:30",
    columnWidth: "minmax(9rem, 1fr)",
    locale: box.dataset.language,
    nowIndicator: false,
    editable: !fixed,
    selectable: !fixed,
    longPressDelay: 400,
    eventContent: contentOf,
    eventDidMount: ({ event, el }) => {
      const item = event.extendedProps.ref && shown(event.extendedProps.ref);
      if (item && el.getAttribute("role") === "button") label(el, item);
    },
    eventClick: ({ event, jsEvent, el }) => {
      if (!event.extendedProps.ref) return;
      jsEvent.preventDefault(); // or the same key would send the form that it has just opened
      if (jsEvent.type === "keydown" || jsEvent.detail === 2) openPlace(event.extendedProps.ref);
      else el.focus();
    },
    eventAllUpdated: relabel,
    eventDragStart: take,
    eventResizeStart: take,
    eventDragStop: ({ event, jsEvent }) => {
      dragged = false;
      if (over(part("tray"), jsEvent)) {
        const ref = event.id;
        unplacing = ref;
        setTimeout(() => {
          unplacing = null;
          want(ref, { starts_at: null, ends_at: null, room: null });
        });
      }
    },
    eventResizeStop: () => { dragged = false; },
    eventDrop: ({ event, delta, newResource, revert }) => {
      if (unplacing === event.id) return revert();
      const item = shown(event.id);
      const by = delta.days * 24 * 60 + delta.seconds / 60;
      want(event.id, { starts_at: plus(item.starts_at, by), ends_at: plus(item.ends_at, by), room: newResource?.id ?? item.room });
    },
    eventResize: ({ event, endDelta }) => {
      const item = shown(event.id);
      want(event.id, { ends_at: plus(drawnEnd(item), endDelta.days * 24 * 60 + endDelta.seconds / 60) });
    },
    select: ({ startStr, endStr, resource }) => openNew(startStr.slice(0, 16), endStr.slice(0, 16), resource.id),
  });
  new MutationObserver(unrole).observe(part("grid"), { childList: true, subtree: true });
  unrole();
}

// The calendar says that it is a table whose items belong to no cell. It is a group of buttons, each of which says where
// and when it is.
function unrole() {
  for (const node of part("grid").querySelectorAll(":is([role=table], [role=rowgroup], [role=row], [role=columnheader], [role=cell])")) {
    node.removeAttribute("role");
    node.removeAttribute("aria-colindex");
  }
  const main = part("grid").querySelector(".ec-main");
  if (main && main.tabIndex < 0) {
    main.tabIndex = 0; // it scrolls, also where nothing stands on it
    main.setAttribute("role", "group");
    main.setAttribute("aria-label", box.getAttribute("aria-label"));
  }
}

let unplacing = null;

function take({ event }) {
  dragged = true;
  hush();
  focused = event.id;
}

const over = (node, { clientX: x, clientY: y }) => {
  const around = node.getBoundingClientRect();
  return x >= around.left && x <= around.right && y >= around.top && y <= around.bottom;
};

function relabel() {
  for (const node of box.querySelectorAll(".ec-event[data-ref]")) {
    const item = shown(node.dataset.ref);
    if (item) label(node, item);
  }
  if (focused && document.activeElement === document.body) nodeOf(focused)?.focus({ preventScroll: true });
}

function showDay(next) {
  if (next === day) return;
  day = next;
  for (const link of days.querySelectorAll("[data-day]")) {
    if (link.dataset.day === day) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  history.replaceState(null, "", `?day=${day}`);
  if (calendar) {
    calendar.setOption("date", day);
    fitHours();
  }
}

function focusOn(ref) {
  focused = ref;
  requestAnimationFrame(() => {
    const node = nodeOf(ref);
    node?.focus();
    node?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

function goTo(ref) {
  const item = shown(ref);
  if (item && isPlaced(item)) showDay(dayOf(item.starts_at));
  focusOn(ref);
}

// --- keys ---------------------------------------------------------------------------------------------------------

// An item that goes to another room is drawn anew, and for a moment nothing has the focus: keys are still meant for it.
let held = null;

function press(event) {
  const ref = event.target.closest("[data-ref]")?.dataset.ref ?? (event.target === document.body ? held : null);
  const item = ref && shown(ref);
  if (!item || box.hidden || document.querySelector("dialog[open]")) return;
  const { key } = event;
  if (key === "Escape") {
    send(item.ref);
    focused = held = null;
    drawDetail();
    part("grid").focus();
    tell(say(words.let_go, { title: item.title }));
    return;
  }
  const across = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const along = { ArrowUp: -SLOT.snap, ArrowDown: SLOT.snap }[key];
  if ((!across && !along) || event.altKey || fixed || item.cancelled || !isPlaced(item)) return;
  if (across && !event.shiftKey) return;
  event.preventDefault();
  if (across) {
    const room = known.rooms[roomAt(item.room) + across];
    if (!room) return tell(words.edge);
    nudge(item, { room: room.ref });
  } else if (event.ctrlKey || event.metaKey) {
    const end = plus(drawnEnd(item), along);
    if (end > item.starts_at) nudge(item, { ends_at: end });
  } else {
    nudge(item, { starts_at: plus(item.starts_at, along), ends_at: plus(item.ends_at, along) });
  }
}

function nudge(item, place) {
  held = item.ref;
  want(item.ref, place, { wait: TOGETHER });
  const now = shown(item.ref);
  showDay(dayOf(now.starts_at));
  const where = say(words.to, { time: clock(now.starts_at), room: roomName(now.room) });
  tell(place.ends_at && !place.starts_at ? `${where}, ${say(words.length, { time: clock(now.ends_at) })}` : where);
  requestAnimationFrame(() => {
    const node = nodeOf(item.ref);
    if (node && document.activeElement !== node) node.focus({ preventScroll: true });
    node?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

// --- forms --------------------------------------------------------------------------------------------------------

const placeDialog = document.getElementById("place-item");
const newDialog = document.getElementById("new-item");
const field = (id) => document.getElementById(id);

function openPlace(ref) {
  const item = shown(ref);
  if (!item || fixed || item.cancelled) {
    location.href = `${box.dataset.event}/items/${ref}`;
    return;
  }
  send(ref);
  placeDialog.querySelector("h2").textContent = item.title;
  field("place-start").value = item.starts_at ?? "";
  field("place-minutes").value = lengthOf(item) ?? item.minutes ?? "";
  field("place-room").value = item.room ?? "";
  part("edit", placeDialog).href = `${box.dataset.event}/items/${ref}`;
  placeDialog.returnValue = "";
  placeDialog.showModal();
  placeDialog.addEventListener("close", () => {
    const start = field("place-start").value.slice(0, 16);
    const minutes = Number(field("place-minutes").value) || null;
    if (placeDialog.returnValue === "move") {
      const room = field("place-room").value || null;
      if (start) want(ref, { starts_at: start, ends_at: minutes ? plus(start, minutes) : null, room });
      else want(ref, { starts_at: null, ends_at: null, room, minutes });
      if (start) showDay(dayOf(start));
    } else if (placeDialog.returnValue === "unplace") {
      want(ref, { starts_at: null, ends_at: null, room: null });
    }
    focusOn(ref);
  }, { once: true });
}

function openNew(starts_at, ends_at, room) {
  const intent = crypto.randomUUID();
  const place = { starts_at, ends_at, room };
  const refusal = part("refusal", newDialog);
  refusal.hidden = true;
  part("where", newDialog).textContent = `${clock(starts_at)}–${clock(ends_at)} · ${roomName(room)}`;
  field("new-name").value = "";
  const around = known.sessions.find((each) => each.starts_at && each.starts_at <= starts_at && (each.ends_at ?? "") >= ends_at && [room, null].includes(each.room));
  field("new-session").value = around?.ref ?? "";
  newDialog.onclose = async () => {
    if (newDialog.returnValue !== "add") return calendar.unselect();
    const answer = await ask("/items", "POST", {
      intent, ...place, title: field("new-name").value, kind: field("new-kind").value, session: field("new-session").value || null,
    });
    if (answer.status === 201) {
      calendar.unselect();
      adoptOne(answer);
      goTo(answer.told.item.ref);
      tell(answer.told.said);
      return;
    }
    refusal.textContent = answer.told.sentence ?? (answer.status === 0 ? words.offline : answer.status === 401 ? words.signIn : words.broken);
    refusal.hidden = false;
    newDialog.returnValue = "";
    newDialog.showModal(); // what was typed is still there
  };
  newDialog.returnValue = "";
  newDialog.showModal();
}

// --- from the tray ------------------------------------------------------------------------------------------------

function pickUp(event) {
  const button = event.target.closest(".tray-item");
  if (!button || event.button !== 0 || fixed || (event.pointerType !== "mouse" && !event.target.closest(".grip"))) return;
  const ref = button.dataset.ref;
  const [x, y] = [event.clientX, event.clientY];
  let ghost = null;

  const slotUnder = (at) => {
    const main = box.querySelector(".ec-main");
    const found = main && over(main, at) && calendar.dateFromPoint(at.clientX, at.clientY);
    if (!found?.resource) return null;
    const minutes = Math.floor((at.clientY - found.dayEl.getBoundingClientRect().top) / (SLOT.height / (SLOT.minutes / SLOT.snap))) * SLOT.snap;
    return { starts_at: plus(`${day}T00:00`, from + Math.max(0, minutes)), room: found.resource.id };
  };
  const move = (at) => {
    if (!ghost && Math.hypot(at.clientX - x, at.clientY - y) < 5) return;
    if (!ghost) {
          ghost = element("div", "tray-ghost");
      document.body.append(ghost);
      dragged = true;
    }
    const slot = slotUnder(at);
    ghost.textContent = slot ? `${clock(slot.starts_at)} ${roomName(slot.room)} · ${shown(ref).title}` : shown(ref).title;
    ghost.style.left = `${at.clientX + 8}px`;
    ghost.style.top = `${at.clientY + 8}px`;
    const main = box.querySelector(".ec-main");
    const around = main.getBoundingClientRect();
    if (slot && at.clientX > around.right - 32) main.scrollLeft += 12;
    if (slot && at.clientX < around.left + 80) main.scrollLeft -= 12;
    if (slot && at.clientY > around.bottom - 32) main.scrollTop += 8;
    if (slot && at.clientY < around.top + 56) main.scrollTop -= 8;
  };
  const stop = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", drop);
    removeEventListener("pointercancel", stop);
    removeEventListener("keydown", letGo, true);
    ghost?.remove();
    dragged = false;
  };
  const drop = (at) => {
    const slot = ghost && slotUnder(at);
    const moved = Boolean(ghost);
    stop();
    if (slot) {
      const item = shown(ref);
      want(ref, { ...slot, ends_at: plus(slot.starts_at, lengthOf(item) ?? item.minutes ?? 30) });
      focusOn(ref);
    }
    if (moved) button.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
  };
  const letGo = (key) => { if (key.key === "Escape") stop(); };
  addEventListener("pointermove", move);
  addEventListener("pointerup", drop);
  addEventListener("pointercancel", stop);
  addEventListener("keydown", letGo, true);
}

// --- beginning ----------------------------------------------------------------------------------------------------

function fit() {
  const grid = wide.matches && known.rooms.length > 0;
  box.hidden = !grid;
  list.hidden = grid;
  document.documentElement.classList.toggle("has-grid", grid);
  if (grid && !calendar) {
    begin();
    drawAll();
  }
}

document.addEventListener("keydown", press);
addEventListener("pointerdown", () => { held = null; });
part("tray").addEventListener("pointerdown", pickUp);
part("tray").addEventListener("click", (event) => {
  const button = event.target.closest(".tray-item");
  if (button) openPlace(button.dataset.ref);
});
part("detail-move").addEventListener("click", () => focused && openPlace(focused));
document.addEventListener("focusin", (event) => {
  const node = event.target.closest("[data-ref]");
  if (node?.dataset.ref !== held) held = null;
  if (!node) return;
  if (focused !== node.dataset.ref) {
    const before = focused;
    focused = node.dataset.ref;
    if (before && timers.has(before)) send(before);
  }
  drawDetail();
});
days.addEventListener("click", (event) => {
  const link = event.target.closest("[data-day]");
  if (!link || box.hidden || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  hush();
  focused = null;
  drawDetail();
  showDay(link.dataset.day);
});
for (const name of ["undo", "redo"]) {
  part(name, document).querySelector("form").addEventListener("submit", (event) => {
    if (box.hidden) return;
    event.preventDefault();
    step(name);
  });
}
document.addEventListener("keydown", (event) => {
  if (box.hidden || !(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea")) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  step(key === "y" || event.shiftKey ? "redo" : "undo");
});
addEventListener("pagehide", () => { for (const ref of [...timers.keys()]) send(ref, true); });
wide.addEventListener("change", fit);
const keys = document.querySelector("#keys .keys");
keys?.append(document.getElementById("timetable-keys").content.cloneNode(true));

await refresh();
fit();
setInterval(() => { if (!document.hidden && !dragged && !wanted.size) refresh(); }, POLL);
document.addEventListener("visibilitychange", () => { if (!document.hidden && !dragged && !wanted.size) refresh(); });
