// A click on an account of the demo fills the form where it stands; without this file the link does the same.
const form = document.getElementById("sign-in");

for (const link of document.querySelectorAll("a[data-email]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    form.elements.email.value = link.dataset.email;
    form.elements.password.value = link.dataset.password;
    form.scrollIntoView({ block: "center" });
    form.querySelector("button[type=submit]").focus({ preventScroll: true });
  });
}
