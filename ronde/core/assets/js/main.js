// What HTML cannot do. Every file listens on the document, once, and hooks on data-ronde-* only:
// parts swapped in later need no wiring of their own.
import "./choice.js";
import "./confirm.js";
import "./copy.js";
import "./countdown.js";
import "./dates.js";
import "./dependents.js";
import "./deposit.js";
import "./dialogs.js";
import "./favorite.js";
import "./guard.js";
import "./keyboard.js";
import "./lock.js";
import "./menus.js";
import "./network.js";
import "./passkeys.js";
import "./password.js";
import "./print.js";
import "./reduce.js";
import "./selection.js";
import "./session.js";
import "./signals.js";
import "./terms.js";
import "./toasts.js";

// htmx starts on a timer: a key pressed meanwhile would open a form as a page of its own.
window.htmx.initialize();
