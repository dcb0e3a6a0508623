// An exhortation and a context demand nothing: the fields of the requirement are put away while one of them is chosen.
const kind = document.getElementById("kind");
const demand = document.querySelector("[data-demand]");

function show() {
  demand.hidden = ["exhortation", "context"].includes(kind.value);
}

if (kind && demand) {
  kind.addEventListener("change", show);
  show();
}
