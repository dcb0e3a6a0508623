// The screen in the hall: asks every second whether the picture has changed, and shows the last one while there is no line.

const EVERY = 1000;
const PATIENCE = 8000;
const picture = document.getElementById("picture");
const drawn = () => picture.firstElementChild;
const SMALLEST = 0.4;
let tag = `"${picture.dataset.tag}"`;

/** A picture that is higher or wider than the screen is drawn smaller, until all of it is seen. */
function fit() {
  const section = drawn();
  if (!section?.matches(".hall-picture")) return;
  const room = getComputedStyle(picture.parentElement);
  const high = innerHeight - parseFloat(room.paddingTop) - parseFloat(room.paddingBottom);
  for (let size = 1; size >= SMALLEST; size -= 0.05) {
    section.style.zoom = size;
    if (section.getBoundingClientRect().height <= high + 1 && picture.scrollWidth <= picture.clientWidth + 1) return;
  }
}

async function look() {
  try {
    const answer = await fetch(picture.dataset.url, {
      headers: { "If-None-Match": tag },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 200) {
      const words = await answer.text();
      if (words !== picture.dataset.last) picture.innerHTML = words;
      fit();
      picture.dataset.last = words;
      tag = answer.headers.get("ETag");
      document.documentElement.dataset.pictures = Number(document.documentElement.dataset.pictures ?? 0) + 1;
    } else if (answer.status === 404) {
      const words = document.createElement("p");
      words.className = "screen-line";
      words.textContent = picture.dataset.ended;
      if (drawn()?.localName !== "p") picture.replaceChildren(words);
      tag = "";
    }
    document.body.classList.toggle("lost", answer.status >= 500);
  } catch {
    document.body.classList.add("lost");
  }
  setTimeout(look, EVERY);
}

// The pointer rests with the picture, the screen does not sleep, and a double click fills it.
let still;
addEventListener("pointermove", () => {
  document.body.classList.add("moving");
  clearTimeout(still);
  still = setTimeout(() => document.body.classList.remove("moving"), 2000);
});
addEventListener("dblclick", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
});
const awake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
awake();

addEventListener("resize", fit);
addEventListener("load", fit, { capture: true }); // a photograph has its height when it is there
document.fonts.ready.then(fit);
fit();
document.documentElement.dataset.ready = "yes";
setTimeout(look, EVERY);
