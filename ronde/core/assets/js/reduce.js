// A long list of boxes, reduced to what is typed. What is hidden stays ticked, and is sent.
import { all, counted, on, one, onContent } from "./dom.js";

const folded = (/** @type {string} */ text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[-'’]/g, " ");

onContent((root) => {
  for (const field of all("[data-ronde-reduit]", root)) field.hidden = false;
});

on("input", "[data-ronde-reduit] input", (input) => {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const words = folded(input.value).split(/\s+/).filter(Boolean);
  let left = 0;
  for (const row of all("label", list)) {
    row.hidden = !words.every((word) => folded(row.textContent).includes(word));
    left += row.hidden ? 0 : 1;
  }
  const said = one("[data-ronde-reste]", list.parentElement);
  said.textContent = words.length ? counted(said, left) : "";
});

// Enter looks for nothing more: it must not send the form.
on("keydown", "[data-ronde-reduit] input", (_input, event) => {
  if (event.key === "Enter") event.preventDefault();
});
