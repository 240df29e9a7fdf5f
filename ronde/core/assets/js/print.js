// A button that prints the page.
import { on } from "./dom.js";

on("click", "[data-ronde-imprimer]", () => window.print());
