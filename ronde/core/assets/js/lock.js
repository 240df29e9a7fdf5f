// The lock: after some minutes without a gesture in any tab, or at once by «Verrouiller», every tab is
// covered and the server refuses. Nothing typed is lost: the page stays, and its drafts are kept before.
import { csrfToken, on, one } from "./dom.js";
import { keepDrafts } from "./session.js";

const { rondeVerrou, rondeVerrouPose, rondeVerrouPresence } = document.body.dataset;
const cover = one("dialog#verrou");
const IDLE_MS = Number(rondeVerrou) * 60_000; // 0: by hand only.
const TOLD_EVERY_MS = 30_000;
const GESTURES = ["pointerdown", "keydown", "input", "wheel", "touchstart"];
const tabs = cover && "BroadcastChannel" in window ? new BroadcastChannel("ronde-verrou") : null;
let lastGesture = Date.now();
let lastTold = Date.now();
let asking = false;

/** @param {string} url */
const tell = (url) =>
  fetch(url, { method: "POST", headers: { "HX-Request": "true", "X-CSRFToken": csrfToken() }, keepalive: true }).catch(() => {});

function gesture() {
  if (cover.open) return;
  lastGesture = Date.now();
  if (lastGesture - lastTold < TOLD_EVERY_MS) return;
  lastTold = lastGesture;
  tabs?.postMessage({ geste: lastGesture });
  tell(rondeVerrouPresence);
}

/** Put the cover on, and what opens it. @param {boolean} [told] the server knows already */
function lock(told = false) {
  if (cover.open) return;
  keepDrafts();
  cover.showModal();
  if (!told) {
    tell(rondeVerrouPose).then(ask);
    tabs?.postMessage("pose");
  } else ask();
}

/** @param {string} html */
function show(html) {
  one("#preuves", cover).outerHTML = html;
  window.htmx.process(one("#preuves", cover));
  one("input:not([type=hidden])", cover)?.focus();
}

/** Bring in what opens the cover; tried again while it has not come (the computer has just woken). */
async function ask() {
  if (asking || one("#preuves", cover).childElementCount) return;
  asking = true;
  try {
    const answer = await fetch(cover.dataset.rondeOuvrir, { headers: { "HX-Request": "true" } });
    if (answer.status === 204) await tell(rondeVerrouPose); // it does not know yet
    else if (answer.ok) show(await answer.text());
  } catch {
    // The next check tries again.
  } finally {
    asking = false;
  }
}

function unlock() {
  if (!cover.open) return;
  lastGesture = lastTold = Date.now();
  one("#preuves", cover).replaceChildren();
  cover.close();
}

function check() {
  if (cover.open) ask();
  else if (IDLE_MS && Date.now() - lastGesture >= IDLE_MS) lock();
}

if (cover) {
  if (IDLE_MS) GESTURES.forEach((type) => document.addEventListener(type, gesture, { capture: true, passive: true }));
  document.addEventListener("visibilitychange", () => document.hidden || check());
  setInterval(check, 2_000);

  tabs?.addEventListener("message", ({ data }) => {
    if (data === "pose") lock(true);
    else if (data === "ote") unlock();
    else lastGesture = lastTold = Math.max(lastGesture, data.geste);
  });

  document.addEventListener("ronde:decouvert", () => {
    unlock();
    tabs?.postMessage("ote");
  });

  on("click", "[data-ronde-verrouiller] button", (_button, event) => {
    event.preventDefault();
    lock();
  });

  // The server covered this session before the page did: what was asked is refused, the page stays.
  document.addEventListener("htmx:before:response", (event) => {
    const { response } = /** @type {CustomEvent} */ (event).detail.ctx;
    if (response.status !== 401 || !response.headers.get("X-Ronde-Verrou")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    lock(true);
  }, true);

  // The cover cannot be dismissed: what stands behind belongs to someone.
  cover.addEventListener("cancel", (event) => event.preventDefault());
  cover.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
}
