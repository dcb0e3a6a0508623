// Says on the page of all sections which of them have text in this browser that did not reach us.

import { forget, kept } from "./kept.js";

const note = document.getElementById("unsent-texts");
for (const section of document.querySelectorAll("[data-section]")) {
  const text = kept(note.dataset.who, section.dataset.section);
  if (!text) continue;
  if (text.sent && Number(section.dataset.version) > Number(text.version)) {
    forget(note.dataset.who, section.dataset.section); // the press of “Save” has stored it
    continue;
  }
  const link = document.createElement("a");
  link.href = `${location.pathname}/${section.dataset.section}`;
  link.textContent = section.querySelector("h2").textContent.trim();
  const row = document.createElement("li");
  row.append(link);
  note.querySelector("ul").append(row);
  note.hidden = false;
}
