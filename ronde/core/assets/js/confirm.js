// One question box for the whole application, and the memory of what was typed but not sent.
import { on, one } from "./dom.js";

/** Forms typed in since they were shown. @type {WeakSet<HTMLFormElement>} */
export const lastTyped = new WeakSet();

/** Forms that change something; a search is not lost, it is done again. */
const WATCHED = "form:is([method=post], [hx-post]):not([role=search])";

on("input", WATCHED, (form, event) => {
  if (event.isTrusted) lastTyped.add(form);
});
on("submit", "form", (form) => lastTyped.delete(form));

// Sent, but refused or never received: still only here.
document.addEventListener("htmx:finally:request", (event) => {
  const { request, response } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (request.form?.matches(WATCHED) && !(response?.status < 400)) lastTyped.add(request.form);
});
document.addEventListener("htmx:after:settle", (event) => {
  const form = event.target instanceof Element && one(`${WATCHED}:has([aria-invalid=true])`, event.target);
  if (form) lastTyped.add(form);
});

/**
 * Ask, in our own dialog.
 * @param {string | undefined} question
 * @param {string | undefined} verb label of the button that goes on; empty keeps the usual one
 * @returns {Promise<boolean>}
 */
export function ask(question, verb) {
  const dialog = one("dialog#confirmation");
  if (!dialog) return Promise.resolve(window.confirm(question));
  const go = one("[value=oui]", dialog);
  go.dataset.rondeVerbe ??= go.textContent;
  go.textContent = verb || go.dataset.rondeVerbe;
  one("[data-ronde-question]", dialog).textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "oui"), { once: true });
  });
}

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = /** @type {CustomEvent} */ (event).detail;
  event.preventDefault();
  (await ask(ctx.confirm, ctx.sourceElement.dataset.rondeConfirmer)) ? issueRequest() : dropRequest();
});
