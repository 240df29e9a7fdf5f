// Show what is typed in a password; make « Renvoyer le code » usable after a while.
import { all, on, one, onContent } from "./dom.js";

on("click", "[data-ronde-voir]", (button) => {
  const field = one("input", button.parentElement);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});
on("submit", "form", (form) => all("[data-ronde-voir][aria-pressed=true]", form).forEach((button) => button.click()));

onContent((root) => {
  for (const button of all("[data-ronde-renvoi]:disabled", root)) {
    setTimeout(() => (button.disabled = false), Number(button.dataset.rondeRenvoi) * 1000);
  }
});
