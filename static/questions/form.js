// Shows and hides questions while they are answered. Without this file all of them are shown, and the server ignores
// what does not apply.

import { visible } from "./conditions.js";

for (const root of document.querySelectorAll("[data-questions]")) {
  const asked = JSON.parse(root.dataset.questions);
  const update = () => {
    const answers = Object.fromEntries(asked.map((each) => [each.key, answerTo(root, each)]));
    const shown = new Set(visible(asked, answers));
    for (const each of root.querySelectorAll("[data-question]")) each.hidden = !shown.has(each.dataset.question);
    for (const section of root.querySelectorAll("[data-section]")) {
      section.hidden = [...section.querySelectorAll("[data-question]")].every((each) => each.hidden);
    }
  };
  root.addEventListener("input", update);
  root.addEventListener("change", update);
  update();
}

// What stands in the fields of a question, as the server reads it.
function answerTo(root, { key, kind }) {
  const fields = [...root.querySelectorAll(`[name="${CSS.escape(`q_${key}`)}"]`)];
  const words = root.querySelector(`[name="${CSS.escape(`w_${key}`)}"]`)?.value.trim() ?? "";
  const chosen = fields.filter((each) => each.checked).map((each) => each.value);
  const text = (fields[0]?.value ?? "").trim();
  switch (kind) {
    case "several":
    case "nights":
      return chosen;
    case "diet":
    case "accessibility":
      return { choices: chosen, text: words };
    case "yes_no":
      return { yes: true, no: false }[fields[0]?.type === "radio" ? chosen[0] : text];
    case "choice":
      return fields[0]?.type === "radio" ? chosen[0] : text;
    case "consent":
      return chosen.length ? "1" : null;
    case "file":
    case "photo":
      return fields[0]?.files.length || fields[0]?.closest("[data-question]").querySelector("[data-kept]") ? "there" : null;
    case "number":
      return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
    default:
      return text;
  }
}
