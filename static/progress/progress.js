// Asks how far long work is, and goes on when it has ended. Without this file the page loads itself anew.

const box = document.querySelector("[data-progress]");

async function ask() {
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const state = await answer.json();
    if (state.is_made) {
      goOn();
      return;
    }
    if (!state.is_under_way) {
      location.reload();
      return;
    }
    const step = box.querySelector("[data-step]");
    if (step.textContent !== state.step) step.textContent = state.step;
    fill(state.done / state.total);
  } catch {
    // The connection dropped: ask again, more slowly.
    setTimeout(ask, 5000);
    return;
  }
  setTimeout(ask, 1000);
}

function fill(share) {
  box.querySelector("rect").setAttribute("width", `${Math.round(100 * share)}%`);
}

// A file is kept by the browser while this page stays, so it says that the file is there.
function goOn() {
  fill(1);
  box.querySelector("[data-step]").textContent = "";
  box.querySelector("[data-waiting]").hidden = true;
  box.querySelector("[data-ready]").hidden = false;
  location.assign(box.dataset.then);
}

if (box) setTimeout(ask, 500);
