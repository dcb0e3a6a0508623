// One line, Enter, next: what is said.

import { made, outgoing } from "../base/outgoing.js";

const form = document.querySelector("form[data-lines]");
const one = (id) => document.getElementById(id);
const { line: input, kind } = form.elements;

outgoing({
  form,
  database: "hufu-speeches",
  place: `${form.dataset.speech} ${form.dataset.who}`,
  take: () => ({ line: input.value, kind: kind.value }),
  clear() {
    input.value = "";
    kind.selectedIndex = 0;
    input.focus();
  },
  restore(item) {
    input.value = item.line;
    kind.value = item.kind;
    input.focus();
  },
  body: (item) => ({ line_id: item.id, line: item.line, kind: item.kind }),
  show(answer) {
    document.querySelector("[data-count]").innerHTML = answer.count; // out of the server's own templates, as the rest
    if (answer.whole) one(`r-${answer.whole}`)?.replaceWith(made(answer.gloss));
    if (!answer.html || one(`p-${answer.ref}`)) return;
    document.querySelector("[data-spoken]").append(made(answer.html));
  },
});
