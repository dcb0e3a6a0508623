// The builder shows what belongs to the chosen kind of answer. Without this file everything is shown.

const kind = document.getElementById("kind");
if (kind) {
  const update = () => {
    for (const each of document.querySelectorAll("[data-kinds]")) each.hidden = !each.dataset.kinds.split(" ").includes(kind.value);
  };
  kind.addEventListener("change", update);
  update();
}
