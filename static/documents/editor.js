// Shows beside the text how it will look, a moment after the typing stops; the server renders and sanitises it.
// Without this file the button “Preview” does the same.

for (const editing of document.querySelectorAll("[data-preview]")) {
  const form = editing.closest("form");
  const area = editing.querySelector("textarea");
  const shown = editing.querySelector("[data-shown]");
  let waiting = 0;
  let asked = 0;

  const show = async () => {
    const mine = ++asked;
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("text", area.value);
    try {
      const answer = await fetch(editing.dataset.preview, { method: "POST", body });
      if (answer.ok && mine === asked) shown.innerHTML = await answer.text(); // clean: out of the server's allow-list
    } catch {
      // The line is down: what was shown stays, and nothing typed is touched.
    }
  };
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
  show();

  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}
