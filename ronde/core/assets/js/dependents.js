// Fields that only mean something after an answer: data-ronde-si="name", "name=a|b" or "name!=a".
// Hidden ones are disabled, so that they are not sent.
import { all, on, onContent } from "./dom.js";

/**
 * @param {HTMLFormElement} form
 * @param {string} rule
 */
function holds(form, rule) {
  const [, name, sign, wanted = ""] = /^([^=!]+)(!?=)?(.*)$/.exec(rule) ?? [];
  const values = new FormData(form).getAll(name).filter((value) => value !== "");
  if (!sign) return values.length > 0;
  return values.some((value) => wanted.split("|").includes(String(value))) === (sign === "=");
}

/** @param {HTMLElement} part */
function apply(part) {
  const form = part.closest("form");
  if (!form) return;
  const shown = holds(form, part.dataset.rondeSi ?? "");
  part.hidden = !shown;
  for (const control of all("input, select, textarea, button", part)) {
    if (!shown && !control.disabled) control.dataset.rondeEteint = "";
    if ("rondeEteint" in control.dataset) control.disabled = !shown;
    if (shown) delete control.dataset.rondeEteint;
  }
}

/** @param {ParentNode} root */
const refresh = (root) => all("[data-ronde-si]", root).forEach(apply);

on("change", "form", refresh);
onContent(refresh);
