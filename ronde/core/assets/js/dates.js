// JJ/MM/AAAA typed as digits: the slashes come by themselves. Nothing is ever refused here.
import { on } from "./dom.js";

/** Digits alone, or with the first slash that was put here; other ways of writing stay as typed. */
const BEING_TYPED = /^(\d{3,8}|\d\d\/\d{2,6})$/;

/**
 * @param {string} text
 * @returns {string} the same text, with its slashes when it reads as a date being typed
 */
export function slashed(text) {
  if (!BEING_TYPED.test(text)) return text;
  const digits = text.replace("/", "");
  const [day, month, year] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)];
  if (Number(day) > 31 || Number(month) > 12) return digits; // a year alone, for one
  return [day, month, year].filter(Boolean).join("/");
}

on("input", "[data-ronde-date]", (field, event) => {
  const atEnd = field.selectionStart === field.value.length;
  if (atEnd && !event.inputType?.startsWith("delete")) field.value = slashed(field.value);
});
