// A session lasts 8 hours. Five minutes before, every tab says so and what is typed goes to the
// server, which gives it back after the next sign-in. Tabs tell one another when it was renewed.
import { all, csrfToken, minutesTo, now, on, one } from "./dom.js";
import { lastTyped } from "./confirm.js";

const WARNED_MIN = 5;
const body = document.body;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("ronde-session") : null;
let postponed = false;

/** What a form holds, secrets and files apart. @param {HTMLFormElement} form */
function typedValues(form) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const secret = one(`[type=password][name="${CSS.escape(name)}"]`, form);
    if (typeof value === "string" && !secret && name !== "csrfmiddlewaretoken") values.append(name, value);
  }
  return values;
}

/** Keep on the server what is typed and not sent. */
export function keepDrafts() {
  for (const form of all("form[data-ronde-brouillon]").filter((form) => lastTyped.has(form))) {
    const headers = { "X-CSRFToken": csrfToken() };
    fetch(form.dataset.rondeBrouillon, { method: "POST", body: typedValues(form), headers, keepalive: true }).catch(() => {});
  }
}

function warn() {
  const dialog = one("dialog#session");
  const left = minutesTo(body.dataset.rondeSessionFin);
  if (!dialog || !(left <= WARNED_MIN) || (postponed && left > 0)) return;
  const ended = left <= 0;
  one("[data-ronde-bientot]", dialog).hidden = ended;
  one("[data-ronde-finie]", dialog).hidden = !ended;
  one("[data-ronde-plus-tard]", dialog).hidden = ended;
  one("[data-ronde-minutes]", dialog).textContent = String(Math.max(left, 1));
  dialog.classList.toggle("voile", ended);
  if (dialog.open) return;
  if (!ended) keepDrafts();
  dialog.showModal();
}

function end() {
  body.dataset.rondeSessionFin = new Date(now()).toISOString();
  warn();
}

/** Another tab signed in again: same person, same identity, so go on here; otherwise start afresh. */
function renewed({ fin, jeton, qui }) {
  if (!(Date.parse(fin) > Date.parse(body.dataset.rondeSessionFin ?? ""))) return;
  if (qui !== body.dataset.rondeQui) return location.reload();
  body.dataset.rondeSessionFin = fin;
  body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": jeton }));
  all("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = jeton));
  postponed = false;
  one("dialog#session")?.close();
}

tabs?.addEventListener("message", ({ data }) => {
  if (data === "plus-tard") {
    postponed = true;
    one("dialog#session")?.close();
  } else renewed(data);
});

on("click", "[data-ronde-plus-tard]", (button) => {
  postponed = true;
  button.closest("dialog").close();
  tabs?.postMessage("plus-tard");
});

// An ended session cannot be dismissed: what stands behind belongs to someone.
document.addEventListener("cancel", (event) => {
  if (event.target instanceof Element && event.target.matches("dialog#session.voile")) event.preventDefault();
}, true);

document.addEventListener("htmx:before:response", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.ctx.response.status !== 401) return;
  event.preventDefault();
  end();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) keepDrafts();
  else warn();
});

if (body.dataset.rondeSessionFin) {
  tabs?.postMessage({ fin: body.dataset.rondeSessionFin, jeton: csrfToken(), qui: body.dataset.rondeQui });
  setInterval(warn, 5_000);
  setInterval(() => minutesTo(body.dataset.rondeSessionFin) <= WARNED_MIN && keepDrafts(), 20_000);
  warn();
}
