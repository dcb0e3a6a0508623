// The door stays ready for the next code, and its number counts by itself. Everything also works without this.

const code = document.querySelector("#door-code input[name=code]");
const present = document.querySelector("[data-present]");
const expected = document.querySelector("[data-expected]");

// A hand scanner types: what it types must land in the field, wherever the last tap was.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (event.target.closest("input, textarea, select, button, a, summary, [contenteditable]")) return;
  code.focus();
});

async function recount() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`${location.pathname}/count`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const now = await answer.json();
    present.textContent = now.present;
    expected.textContent = now.expected;
  } catch {
    // The line is down; the number stays as it was and is asked for again.
  }
}
if (present && expected) setInterval(recount, 10_000);
