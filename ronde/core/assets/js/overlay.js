// Outside an open modal dialog everything is inert: bands and messages follow the topmost dialog.
import { all, one } from "./dom.js";

/** @type {Map<string, HTMLElement>} */
const kept = new Map();

/**
 * Put the element `id` where it can be seen and used now.
 * @param {string} id
 * @returns {any} the element
 */
export function raise(id) {
  const element = one(`#${id}`) ?? kept.get(id);
  if (!element) return null;
  kept.set(id, element);
  const home = all("dialog:modal").at(-1) ?? document.body;
  if (element.parentElement !== home) home.append(element);
  return element;
}

const again = () => [...kept.keys()].forEach(raise);
document.addEventListener("close", again, true);
document.addEventListener("htmx:after:settle", again);
