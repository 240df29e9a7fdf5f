// Tick rows, see how many, act on them together. Shift extends from the last ticked row.
import { all, counted, on, one, onContent } from "./dom.js";

const BOX = "[data-ronde-lignes] [data-ronde-coche]";
/** @type {HTMLInputElement | null} */
let last = null;

/**
 * Offer to take the whole search once the page is ticked; answers how many records that makes.
 * @param {HTMLElement} bar
 * @param {boolean} offered
 */
function wholeSearch(bar, offered) {
  const label = one("[data-ronde-recherche]", bar);
  if (!label) return 0;
  const box = one("input", label);
  label.hidden = !offered;
  if (!offered) box.checked = false;
  return box.checked ? Number(box.dataset.rondeTotal) : 0;
}

function refresh() {
  const boxes = all(BOX);
  const ticked = boxes.filter((box) => box.checked).length;
  const bar = one("[data-ronde-masse]");
  if (bar) {
    bar.hidden = !ticked;
    const count = one("[data-ronde-nombre]", bar);
    const whole = wholeSearch(bar, ticked > 0 && ticked === boxes.length);
    if (ticked) count.textContent = counted(count, whole || ticked);
  }
  for (const box of all("[data-ronde-tout]")) {
    box.checked = ticked > 0 && ticked === boxes.length;
    box.indeterminate = ticked > 0 && ticked < boxes.length;
  }
}

/** @param {boolean} checked */
const tickAll = (checked) => all(BOX).forEach((box) => (box.checked = checked));

on("click", BOX, (box, event) => {
  const boxes = all(BOX);
  const from = last ? boxes.indexOf(last) : -1;
  if (event.shiftKey && from >= 0) {
    const [low, high] = [from, boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(low, high + 1).forEach((other) => (other.checked = box.checked));
  }
  last = box;
  refresh();
});
on("change", "[data-ronde-tout]", (box) => {
  tickAll(box.checked);
  refresh();
});
on("change", "[data-ronde-recherche]", refresh);
on("click", "[data-ronde-deselection]", () => {
  tickAll(false);
  refresh();
  one("[data-ronde-tout]")?.focus();
});
onContent(refresh);
