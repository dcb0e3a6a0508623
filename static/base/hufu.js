// What every page may do beyond plain HTML. Each act also works when this file never arrives.

const field = "input, select, textarea, [contenteditable]";
const ask = document.getElementById("ask");
const keys = document.getElementById("keys");

// `/` goes to the search, `?` shows the keys, Escape closes open menus.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(field)) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search], input[type=search]");
    if (!search) return;
    event.preventDefault();
    if (search.checkVisibility()) search.focus();
    else search.form?.requestSubmit();
  } else if (event.key === "?" && keys && !keys.open) {
    event.preventDefault();
    keys.showModal();
  }
});

// A menu closes when the next thing happens elsewhere.
function closeMenus(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (inside && menu.contains(inside)) continue;
    if (menu.contains(document.activeElement) && !inside) menu.querySelector("summary").focus();
    menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target));

// A form with data-confirm asks first; the question is text, never markup.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.dataset.confirm;
  if (!question || form.dataset.confirmed || !ask) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  const yes = ask.querySelector("[data-yes]");
  ask.querySelector("p").textContent = question;
  if (button) {
    yes.textContent = button.textContent.trim();
    yes.classList.toggle("seal", button.classList.contains("seal"));
    yes.classList.toggle("primary", !button.classList.contains("seal"));
  }
  ask.returnValue = "no";
  ask.addEventListener("close", () => {
    if (ask.returnValue !== "yes") return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(button ?? undefined);
  }, { once: true });
  ask.showModal();
}, { capture: true });

// One press, one act: the buttons of a form rest after the first submit. The name and value of the pressed button
// still travel, because the form has been read by the time the timer runs. `data-again` is for posts that download.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
  });
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent], form[data-confirmed]")) {
    delete form.dataset.sent;
    delete form.dataset.confirmed;
    for (const button of form.querySelectorAll("[aria-busy=true]")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
});

// Long texts grow with what is written, where the browser cannot do it alone.
if (!CSS.supports("field-sizing", "content")) {
  const fit = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  for (const area of document.querySelectorAll("textarea[data-autosize]")) {
    fit(area);
    area.addEventListener("input", () => fit(area));
  }
}

// The bulk bar counts its rows and can choose all of them.
for (const form of document.querySelectorAll("form[data-bulk]")) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${CSS.escape(form.id)}"]`)];
  const all = form.querySelector("[data-choose-all]");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-count]").textContent = chosen;
    form.dataset.chosen = chosen;
    if (!all) return;
    all.checked = chosen === boxes.length && chosen > 0;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all?.closest("[hidden]")?.removeAttribute("hidden");
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}

// What scrolls sideways can be reached with the keyboard, and the current place of a rail or of tabs is in sight.
const sizes = new ResizeObserver(() => {
  for (const box of document.querySelectorAll(".scroll:not([tabindex])")) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  }
});
for (const box of document.querySelectorAll(".scroll, .scroll > *")) sizes.observe(box);
for (const here of document.querySelectorAll(":is(.rail, .tabs ul) [aria-current]")) {
  const strip = here.closest(".rail, .tabs ul");
  if (strip.scrollWidth > strip.clientWidth) {
    strip.scrollLeft += here.getBoundingClientRect().left - strip.getBoundingClientRect().left - strip.clientWidth / 3;
  }
}

// Whoever was turned away because many came at once sends the same again, not all in the same moment.
for (const form of document.querySelectorAll("form[data-sends-itself]")) {
  setTimeout(() => form.requestSubmit(), 1000 * Number(form.dataset.sendsItself) * (1 + Math.random()));
}
