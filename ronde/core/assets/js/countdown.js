// The minutes left of a break-glass access; at the end, the record is left by itself.
import { all, counted, minutesTo, one } from "./dom.js";

const SAID = [10, 5, 1]; // minutes left that are read aloud

/** @param {HTMLElement} band */
function tick(band) {
  const { rondeCompteFin, rondeVers } = band.dataset;
  const left = minutesTo(rondeCompteFin);
  if (left <= 0 && rondeVers) return location.replace(rondeVers);
  const shown = one("[data-ronde-minutes]", band);
  if (shown.textContent === String(left)) return;
  shown.textContent = String(left);
  const spoken = one("[data-ronde-dire]", band);
  if (spoken && SAID.includes(left)) spoken.textContent = counted(spoken, left);
}

const refresh = () => all("[data-ronde-compte-fin]").forEach(tick);
setInterval(refresh, 5_000);
document.addEventListener("visibilitychange", refresh);
