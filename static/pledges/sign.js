// The signing room with a script: passkeys, a drawn mark, and only the field of the chosen proof. Without it time codes and
// passwords do.
import { ask, canUsePasskeys, use } from "../proofs/passkeys.js";

const form = document.getElementById("sign-form");
const place = document.getElementById("signing");

function chosen() {
  return new FormData(form).get("means");
}

function show() {
  const means = chosen();
  for (const each of place.querySelectorAll("[data-means]")) each.hidden = each.dataset.means !== means;
}

function offerPasskey() {
  const offered = place.querySelector("[data-passkey]");
  if (!offered || !canUsePasskeys()) return;
  offered.hidden = false;
  const wrong = place.querySelector("[data-means] .wrong"); // what was tried last stays chosen
  if (!wrong) offered.querySelector("input").checked = true;
}

function say(words) {
  const trouble = document.getElementById("sign-trouble");
  trouble.querySelector("span").textContent = words;
  trouble.hidden = !words;
}

async function sign(event) {
  if (chosen() !== "passkey" || form.elements.assertion.value) return;
  event.preventDefault();
  say("");
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const { challenge, options } = await ask(place.dataset.question, form);
    form.elements.assertion.value = await use(options);
    form.elements.challenge.value = challenge;
    form.submit();
  } catch (error) {
    say(error instanceof DOMException || !error.message ? place.dataset.trouble : error.message);
    button.disabled = false;
  }
}

/** Strokes in thousandths of the width of the field: x and y by turns. */
function strokes(pad, canvas) {
  const width = canvas.clientWidth || 1;
  const part = (value) => Math.min(1000, Math.max(0, Math.round((1000 * value) / width)));
  return pad
    .toData()
    .map((stroke) => stroke.points.flatMap((point) => [part(point.x), part(point.y)]))
    .filter((stroke) => stroke.length > 0);
}

async function offerDrawing() {
  const drawn = document.getElementById("drawn");
  const canvas = drawn?.querySelector("canvas");
  const details = drawn?.closest("details");
  if (!canvas) return;
  const { default: SignaturePad } = await import("../vendor/signature-pad/signature_pad.min.js");
  drawn.hidden = false;
  let pad;
  const begin = () => {
    if (pad || !details.open) return;
    const scale = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    canvas.getContext("2d").scale(scale, scale);
    pad = new SignaturePad(canvas, { penColor: "#1d1b18" });
    pad.addEventListener("endStroke", () => (form.elements.strokes.value = JSON.stringify(strokes(pad, canvas))));
    drawn.querySelector("button").addEventListener("click", () => {
      pad.clear();
      form.elements.strokes.value = "";
    });
  };
  details.addEventListener("toggle", begin);
  begin();
}

if (form && place) {
  offerPasskey();
  show();
  form.addEventListener("change", show);
  form.addEventListener("submit", sign);
  offerDrawing();
}
