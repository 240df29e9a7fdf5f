// The server did not answer: say so, keep the page as it is, offer to try again.
import { on, one } from "./dom.js";
import { raise } from "./overlay.js";

/** The request that failed. @type {any} */
let failed = null;

/** @param {any} ctx */
function show(ctx) {
  const band = raise("reseau");
  if (!band) return;
  failed = ctx ?? failed;
  one("[data-ronde-reessayer]", band).hidden = !failed;
  band.hidden = false;
}

function hide() {
  failed = null;
  const band = one("#reseau");
  if (band) band.hidden = true;
}

document.addEventListener("htmx:error", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx && !ctx.response) show(ctx);
});

// An error page of the server or of a proxy on the way never replaces a part of ours.
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.response.status >= 500) {
    event.preventDefault();
    show(ctx);
  } else if (!failed || failed.sourceElement === ctx.sourceElement) hide();
});

// A form sent by the browser itself would leave the page for the browser's own « no connection ».
window.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (navigator.onLine || form.method === "dialog" || form.hasAttribute("hx-post")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  show(null);
}, true);

window.addEventListener("offline", () => show(null));
window.addEventListener("online", () => failed || hide());

on("click", "[data-ronde-reessayer]", () => {
  const { request, sourceElement, sourceEvent, target, swap } = failed;
  hide();
  window.htmx.ajax(request.method, request.action, { source: sourceElement, event: sourceEvent, target, swap });
});
