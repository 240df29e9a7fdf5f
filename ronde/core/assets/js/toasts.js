// Short messages in the corner; the region is a role=status, so that they are read aloud.
import { all, on, one, onContent } from "./dom.js";
import { raise } from "./overlay.js";

const SHOWN_MS = 6_000;
const UNDO_MS = 10_000; // time to undo

/** @param {HTMLElement} toast */
function expire(toast) {
  if (toast.matches(".erreur") || "rondeVu" in toast.dataset) return;
  toast.dataset.rondeVu = "";
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2_000);
    else toast.remove();
  };
  setTimeout(leave, one("[data-ronde-annuler]", toast) ? UNDO_MS : SHOWN_MS);
}

/**
 * Show a message.
 * @param {string} text
 * @param {string} [kind] "", "ok" or "erreur" (stays until closed)
 * @param {string} [undo] address that takes the action back
 */
export function toast(text, kind = "", undo = "") {
  const item = one("#modele-annonce").content.firstElementChild.cloneNode(true);
  one("[data-ronde-texte]", item).textContent = text;
  if (kind) item.classList.add(kind);
  const button = one("[data-ronde-annuler]", item);
  if (undo) button.setAttribute("hx-post", undo);
  else button.remove();
  raise("annonces").append(item);
  window.htmx?.process(item);
  expire(item);
}

document.addEventListener("ronde:annonce", (event) => {
  const { texte, genre, annuler } = /** @type {CustomEvent} */ (event).detail;
  toast(texte, genre, annuler);
});

on("click", "[data-ronde-toast] [data-ronde-oter]", (button) => button.closest("[data-ronde-toast]").remove());
document.addEventListener("htmx:after:request", (event) => {
  if (event.target instanceof Element) event.target.closest("[data-ronde-toast]")?.remove();
});

onContent((root) => all("[data-ronde-toast]", root).forEach(expire));
