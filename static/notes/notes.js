// Live notes: one line, Enter, next, agenda item by agenda item.

import { completingField } from "../base/complete.js";
import { made, outgoing } from "../base/outgoing.js";

const form = document.querySelector("form[data-notes]");
const { line: input, item_ref: item, clearance } = form.elements;

completingField(input, {
  list: document.getElementById("completions"),
  names: form.dataset.names,
  dayNames: form.dataset.days.split("|"),
});

outgoing({
  form,
  database: "hufu-notes",
  place: `${form.dataset.session} ${form.dataset.who}`,
  take: () => ({ line: input.value, item_ref: item.value, clearance: clearance.value, noted: Date.now() }),
  clear() {
    input.value = "";
    input.focus();
  },
  restore(kept) {
    input.value = kept.line;
    item.value = kept.item_ref;
    clearance.value = kept.clearance;
    input.focus();
  },
  body: (kept) => ({ entry: kept.id, line: kept.line, item_ref: kept.item_ref, clearance: kept.clearance, noted: kept.noted }),
  show(answer) {
    if (!answer.html || document.getElementById(`n-${answer.ref}`)) return;
    document.querySelector(`[data-page="${CSS.escape(answer.page)}"]`)?.append(made(answer.html));
  },
});
