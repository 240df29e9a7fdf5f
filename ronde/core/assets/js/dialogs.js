// Native dialogs. What htmx puts in #dialogue opens by itself; the browser keeps the focus inside,
// closes on Escape and gives the focus back to the button that opened it.
import { all, on, one } from "./dom.js";
import { ask, lastTyped } from "./confirm.js";
import { whenHeard } from "./network.js";

const FIRST = ":is(input, select, textarea):not([type=hidden], :disabled)";
const host = () => one("dialog#dialogue");
/** @type {HTMLElement | null} What opened the dialog, until the focus has gone elsewhere. */
let opener = null;

// The browser gives the focus back, unless the opener was swapped meanwhile: then its successor has it.
function giveBack() {
  if (!opener || host()?.open || document.activeElement !== document.body) return;
  const href = opener.getAttribute("href");
  const found = opener.isConnected ? opener : href && one(`a[href="${CSS.escape(href)}"]`);
  if (found) found.focus();
}

document.addEventListener("focusin", () => {
  if (!host()?.open && document.activeElement !== document.body) opener = null;
});

/** @param {HTMLDialogElement} dialog */
const typedIn = (dialog) => all("form", dialog).some((form) => lastTyped.has(form));

/**
 * Close, after asking when something typed would be lost.
 * @param {HTMLDialogElement} dialog
 */
async function leave(dialog) {
  if (typedIn(dialog) && !(await ask(document.body.dataset.rondeAbandon, ""))) return;
  dialog.close();
}

document.addEventListener("htmx:after:settle", (event) => {
  const dialog = host();
  if (event.target !== dialog || !dialog.firstElementChild) return giveBack();
  const opens = !dialog.open;
  if (opens) opener = /** @type {HTMLElement} */ (document.activeElement);
  if (opens) dialog.showModal();
  const asked = one("[autofocus]", dialog); // the list of errors, when a form comes back
  (asked ?? (opens ? one(FIRST, dialog) : null))?.focus();
});

document.addEventListener("ronde:fermer", () => host()?.close());

// `close` does not bubble: listen while it goes down. The content goes, so that ids stay unique.
document.addEventListener("close", (event) => {
  if (event.target !== host()) return;
  host().replaceChildren();
  setTimeout(giveBack);
}, true);

document.addEventListener("cancel", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !typedIn(dialog)) return;
  event.preventDefault();
  leave(dialog);
}, true);

// The same form opened as a page of its own is sent by the browser, as without JavaScript.
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, target, request } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (target !== host() || !sourceElement.matches("[data-ronde-page] form[method=post]")) return;
  event.preventDefault();
  whenHeard(sourceElement, () => {
    const { name, value } = request.submitter ?? {};
    if (name) sourceElement.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    HTMLFormElement.prototype.submit.call(sourceElement);
  });
});

on("click", "[data-ronde-ouvre]", (button) => one(`#${button.dataset.rondeOuvre}`)?.showModal());

on("click", "[data-ronde-ferme]", (button, event) => {
  const dialog = button.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  leave(dialog);
});

// A form that answers by a file leaves the page as it is: its dialog goes once it is sent.
on("submit", "dialog form", (form, event) => {
  if (event.submitter?.matches("[data-ronde-ferme-apres]")) setTimeout(() => form.closest("dialog")?.close());
});
