// Nothing typed is lost by a click elsewhere, nothing is sent twice by a double click.
import { all, on } from "./dom.js";
import { ask, lastTyped } from "./confirm.js";

/** @param {ParentNode} root */
const guarded = (root) => all("form[data-ronde-garde]", root).filter((form) => lastTyped.has(form));

window.addEventListener("beforeunload", (event) => {
  if (guarded(document).length) event.preventDefault();
});

// A part of the page that would be replaced over a form still being typed: ask first.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const lost = ctx.target instanceof Element && guarded(ctx.target).some((form) => !form.contains(ctx.sourceElement));
  if (lost) ctx.confirm ||= document.body.dataset.rondeAbandon;
});

// « Back » to what a filter showed before would bring in that page over what is being typed.
document.addEventListener("htmx:before:history:restore", async (event) => {
  const typed = guarded(document);
  if (!typed.length) return;
  event.preventDefault();
  if (!(await ask(document.body.dataset.rondeAbandon, ""))) return;
  typed.forEach((form) => lastTyped.delete(form));
  location.reload();
});

const AGAIN_MS = 4_000; // a form that answers by a file leaves the page as it is
/** Forms just sent by the browser itself. @type {WeakSet<HTMLFormElement>} */
const sent = new WeakSet();

on("submit", "form[method=post], form[hx-post]", (form, event) => {
  const twice = sent.has(form) || form.matches(".htmx-request");
  if (twice) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (!form.hasAttribute("hx-post")) {
    sent.add(form);
    setTimeout(() => sent.delete(form), AGAIN_MS);
  }
}, true);
on("click", "button[hx-post].htmx-request", (_button, event) => event.stopImmediatePropagation(), true);
