// Notes quietly that this version was read, once it has been on the screen for some seconds. Without it there is the button.

const place = document.querySelector("[data-read]");
const form = place?.querySelector("form");
const LOOKED = 5000;
let timer = null;

async function note() {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
  if (answer && (answer.ok || answer.type === "opaqueredirect")) place.remove();
}

function watch() {
  clearTimeout(timer);
  if (place.isConnected && document.visibilityState === "visible") timer = setTimeout(note, LOOKED);
}

if (form) {
  document.addEventListener("visibilitychange", watch);
  watch();
}
