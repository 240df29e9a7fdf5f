// The star answers at once; it goes back when the server did not take it.

/** @param {Event} event */
function flip(event) {
  const star = event.target instanceof Element && event.target.closest("[data-ronde-favori]");
  if (star) star.setAttribute("aria-pressed", String(star.getAttribute("aria-pressed") !== "true"));
}

document.addEventListener("htmx:before:request", flip);
document.addEventListener("htmx:finally:request", (event) => {
  const { response } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (!(response?.status < 400)) flip(event);
});
