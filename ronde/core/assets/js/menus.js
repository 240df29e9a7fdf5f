// Menus are popovers: the browser opens them, Escape or a click elsewhere closes them.
import { all, on, one } from "./dom.js";

on("click", "[data-ronde-menu] :is(a, button)", (item) => item.closest("[popover]").hidePopover());

/** Put a menu under its button, or above where there is no room. @param {HTMLElement} menu */
function place(menu) {
  const button = one(`[popovertarget="${menu.id}"]`)?.getBoundingClientRect();
  if (!button) return;
  const below = button.bottom + 4 + menu.offsetHeight <= innerHeight;
  const top = below ? button.bottom + 4 : Math.max(button.top - 4 - menu.offsetHeight, 8);
  const left = Math.max(button.right - menu.offsetWidth, 8);
  Object.assign(menu.style, { inset: `${top}px auto auto ${left}px`, margin: "0" });
}

// Firefox before 147 does not tie a popover to its button; the style goes when it closes.
if (!CSS.supports("position-area", "bottom")) {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches("[data-ronde-menu]")) return;
    if (/** @type {any} */ (event).newState === "open") place(menu);
    else menu.removeAttribute("style");
  }, true);
}

// Where a menu or tabs are one line that scrolls, the page that is open is in sight. Sideways alone:
// the address may name a line further down.
for (const here of all("[data-ronde-defile] [aria-current]")) {
  const line = here.closest("[data-ronde-defile]");
  const [inside, outside] = [here.getBoundingClientRect(), line.getBoundingClientRect()];
  line.scrollLeft += inside.left - outside.left - (outside.width - inside.width) / 2;
}
