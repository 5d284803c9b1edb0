// What the head and foot of every page do better with a script; without it menus stay open until they are pressed again.
"use strict";
const menus = () => document.querySelectorAll("details.flyout[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.firstElementChild.focus();
  }
});
// Colours change at once; the form still goes to the server, which remembers them.
for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    const body = new URLSearchParams(new FormData(form, pressed));
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => form.submit());
    if (pressed.dataset.name) document.documentElement.dataset.theme = pressed.dataset.name;
    else delete document.documentElement.dataset.theme;
    for (const button of form.querySelectorAll("button")) {
      const on = button === pressed;
      button.setAttribute("aria-pressed", String(on));
      button.classList.toggle("btn-primary", on);
      button.classList.toggle("btn-ghost", !on);
    }
  });
}
