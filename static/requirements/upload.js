// A file that is too large is told before it is sent: of a request far beyond the limit the server reads nothing.

const MEGABYTE = 1024 * 1024;

function tell(input) {
  const most = Number(input.dataset.mostMb);
  const tooLarge = [...input.files].some((file) => file.size > most * MEGABYTE);
  input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
  const beside = input.parentElement.querySelector(".too-large") ?? input.parentElement.appendChild(line());
  beside.textContent = input.validationMessage;
  return tooLarge;
}

function line() {
  const said = document.createElement("p");
  said.className = "wrong too-large";
  said.setAttribute("role", "alert");
  return said;
}

for (const input of document.querySelectorAll("input[type=file][data-most-mb]")) {
  input.addEventListener("change", () => tell(input));
  input.form.addEventListener("submit", (event) => {
    if (!tell(input)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  }, true);
}
