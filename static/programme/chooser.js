// A long list to choose several from: a field that narrows it, and the chosen ones in words. The list itself stays a
// plain <select multiple>, which is what is sent and what works without this script.
for (const list of document.querySelectorAll("select[data-chooser]")) {
  const words = document.createElement("input");
  words.type = "search";
  words.className = "chooser-words";
  words.setAttribute("aria-label", list.dataset.narrow || "");
  words.placeholder = list.dataset.narrow || "";
  const chosen = document.createElement("p");
  chosen.className = "chooser-chosen small";
  chosen.setAttribute("aria-live", "polite");
  list.before(words);
  list.after(chosen);

  const tell = () => {
    chosen.textContent = [...list.selectedOptions].map((option) => option.label).join(" · ");
  };
  const narrow = () => {
    const sought = words.value.trim().toLocaleLowerCase();
    for (const option of list.options) {
      option.hidden = !option.selected && !option.label.toLocaleLowerCase().includes(sought);
    }
  };
  // A press adds or takes away, without a key held down: losing all others to a slip of the mouse helps nobody.
  list.addEventListener("mousedown", (press) => {
    if (!(press.target instanceof HTMLOptionElement)) return;
    press.preventDefault();
    const top = list.scrollTop;
    press.target.selected = !press.target.selected;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    requestAnimationFrame(() => { list.scrollTop = top; });
  });
  list.addEventListener("change", tell);
  words.addEventListener("input", narrow);
  words.addEventListener("keydown", (press) => {
    if (press.key === "Enter") press.preventDefault();
  });
  tell();
}
