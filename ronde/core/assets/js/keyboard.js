// Ctrl K, Ctrl Entrée, and single keys: / filter, J K move, X tick, Entrée opens (a link), and the
// key that an element names by data-ronde-touche.
import { all, one } from "./dom.js";

const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** @param {KeyboardEvent} event */
function openPalette(event) {
  const palette = one("dialog#palette");
  if (!palette) return;
  event.preventDefault();
  if (one("dialog[open]")) return;
  palette.showModal();
  one("input", palette).select();
}

/** @param {KeyboardEvent} event */
function submit(event) {
  const here = /** @type {Element} */ (event.target);
  const form = here.closest("form") ?? here.closest("dialog")?.querySelector("form");
  if (!form) return;
  event.preventDefault();
  const buttons = /** @type {HTMLElement[]} */ ([...form.elements]);
  form.requestSubmit(buttons.find((button) => button.matches("[data-ronde-valider]")));
}

/** @param {number} step */
function move(step) {
  const rows = all("[data-ronde-lignes] [data-ronde-ligne]");
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.max(0, Math.min(rows.length - 1, here + step))];
  one("[data-ronde-principal]", row ?? document)?.focus();
}

/** @type {Record<string, () => void>} */
const keys = {
  "/": () => one("[data-ronde-filtre]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => {
    const row = document.activeElement?.closest("[data-ronde-ligne]");
    if (row) one("[data-ronde-coche]", row)?.click();
  },
};

/**
 * A key of the lists, or the one that an element of the page asks for by data-ronde-touche.
 * @param {KeyboardEvent} event
 * @param {string} key
 */
function press(event, key) {
  const asked = all("[data-ronde-touche]").find((element) => element.dataset.rondeTouche === key);
  if (!keys[key] && !asked) return;
  event.preventDefault();
  if (asked) asked.click();
  else keys[key]();
}

/** @param {KeyboardEvent} event */
function alone(event) {
  return (
    !(event.ctrlKey || event.metaKey || event.altKey) &&
    document.body.dataset.rondeRaccourcis !== "non" &&
    !one("dialog[open], :popover-open") &&
    !(event.target instanceof Element && event.target.closest(TYPED))
  );
}

document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (control && key === "k") openPalette(event);
  else if (control && key === "enter") submit(event);
  else if (alone(event)) press(event, key);
});
