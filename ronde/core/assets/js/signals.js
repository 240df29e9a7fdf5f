// What waits in the header is asked for every minute, except by a tab that nobody looks at.
import { all } from "./dom.js";

const POLLED = "[data-ronde-veille]";

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (document.hidden && sourceElement?.matches?.(POLLED)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) all(POLLED).forEach((element) => window.htmx.trigger(element, "ronde:reveil"));
});
