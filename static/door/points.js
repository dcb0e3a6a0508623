// The numbers of the points count by themselves.

const table = document.querySelector("[data-counts]");

async function recount() {
  if (document.hidden) return;
  try {
    const answer = await fetch(table.dataset.counts, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return;
    for (const { ref, people, inside } of (await answer.json()).points) {
      const row = table.querySelector(`[data-point="${CSS.escape(ref)}"]`);
      if (!row) continue;
      row.querySelector("[data-people]").textContent = people;
      const now = row.querySelector("[data-inside]");
      if (now) now.textContent = inside;
    }
  } catch {
    // The line is down; the numbers stay as they were and are asked for again.
  }
}
if (table) setInterval(recount, 10_000);
