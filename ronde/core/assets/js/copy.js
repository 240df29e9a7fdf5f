// Copy a number or an address, and say so.
import { on } from "./dom.js";
import { toast } from "./toasts.js";

on("click", "[data-ronde-copie]", async (button) => {
  const { rondeCopie, rondeCopieDit, rondeCopieEchec } = button.dataset;
  try {
    await navigator.clipboard.writeText(rondeCopie);
    toast(rondeCopieDit, "ok");
  } catch {
    // No clipboard outside https, or refused by the browser.
    toast(`${rondeCopieEchec} ${rondeCopie}`);
  }
});
