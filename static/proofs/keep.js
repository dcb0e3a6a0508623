// Adds a passkey: asks the server, then the device, then sends the form. Without this file the page says what else serves.
import { ask, canUsePasskeys, make } from "./passkeys.js";

const place = document.getElementById("keep");
const form = document.getElementById("passkey-form");
const trouble = document.getElementById("keep-trouble");

function say(words) {
  trouble.querySelector("span").textContent = words || place.dataset.trouble;
  trouble.hidden = false;
}

async function keep(event) {
  event.preventDefault();
  trouble.hidden = true;
  if (!form.elements.name.value.trim()) {
    form.submit(); // the server says what is missing
    return;
  }
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const { challenge, options } = await ask(place.dataset.question, form);
    form.elements.credential.value = await make(options);
    form.elements.challenge.value = challenge;
    form.submit();
  } catch (error) {
    say(error instanceof DOMException ? "" : error.message);
    button.disabled = false;
  }
}

if (place && canUsePasskeys()) {
  place.hidden = false;
  form.addEventListener("submit", keep);
}
