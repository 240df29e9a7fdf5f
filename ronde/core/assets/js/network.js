// The server did not answer: say so, keep the page as it is, offer to try again.
import { on, one } from "./dom.js";
import { lastTyped } from "./confirm.js";
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

// A form sent by the browser itself would leave the page for the browser's own « no connection »,
// and what was typed would be gone: of a form where much is typed, first ask whether anybody answers.
const LONG = "form[data-ronde-garde], form[data-ronde-brouillon]";
const PATIENCE_MS = 6_000;
/** Forms that wait for that answer. @type {WeakSet<HTMLFormElement>} */
const waiting = new WeakSet();
/** Forms that got it: the browser may send them. @type {WeakSet<HTMLFormElement>} */
const heard = new WeakSet();

// As nobody: a session that has just ended is told by the form itself, which leads back here.
async function serverAnswers() {
  if (!navigator.onLine) return false;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const asked = { method: "HEAD", credentials: "omit", cache: "no-store", redirect: "manual", signal: patience };
  return fetch("/", /** @type {RequestInit} */ (asked)).then(({ status }) => status < 500, () => false);
}

/**
 * Send the form once somebody answers; otherwise say so and leave it as it was typed.
 * @param {HTMLFormElement} form
 * @param {() => void} send
 */
export async function whenHeard(form, send) {
  if (waiting.has(form)) return;
  waiting.add(form);
  const answered = await serverAnswers();
  waiting.delete(form);
  if (answered) {
    hide();
    send();
  } else {
    lastTyped.add(form);
    show(null);
  }
}

window.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method === "dialog" || form.hasAttribute("hx-post") || heard.delete(form)) return;
  if (navigator.onLine && !form.matches(LONG)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  whenHeard(form, () => {
    heard.add(form);
    form.requestSubmit(submitter?.isConnected ? submitter : null);
  });
}, true);

window.addEventListener("offline", () => show(null));
window.addEventListener("online", () => failed || hide());

on("click", "[data-ronde-reessayer]", () => {
  const { request, sourceElement, sourceEvent, target, swap } = failed;
  hide();
  window.htmx.ajax(request.method, request.action, { source: sourceElement, event: sourceEvent, target, swap });
});
