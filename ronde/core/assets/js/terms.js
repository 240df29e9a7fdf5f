// New terms of use came in force while this page was open: the server asks for them before anything
// else. Nothing typed: go and read them. Something typed: the page stays, they open in another tab.
import { all, on, one } from "./dom.js";
import { lastTyped } from "./confirm.js";
import { keepDrafts } from "./session.js";

export const HEADER = "X-Ronde-Conditions";

/**
 * @param {string | null} address where to accept them, when the answer of the server says so
 * @param {boolean} [held] a form was being sent: it is still to be sent
 */
export function termsFirst(address, held = false) {
  const dialog = one("dialog#nouvelles-conditions");
  if (!address || !dialog) return false;
  if (!held && !all("form").some((form) => lastTyped.has(form))) location.assign(address);
  else if (!dialog.open) {
    keepDrafts();
    dialog.showModal();
  }
  return true;
}

document.addEventListener("htmx:before:response", (event) => {
  const { response, request } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (!termsFirst(response.headers.get(HEADER), request.form?.method === "post")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

on("click", "[data-ronde-revenir]", (button) => button.closest("dialog").close());
