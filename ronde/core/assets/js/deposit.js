// Files for a record: chosen, dropped or photographed, checked before anything is sent, sent one by
// one. Without this script the same form is sent by the browser, all its files together.
// A form whose list is «seul» takes one file, under the name of its field, and leads to its page.
import { all, counted, on, one, onContent } from "./dom.js";
import { send } from "./sending.js";

/**
 * @typedef {{file: File, id: string, state: string, row: HTMLElement}} Item
 * state: "pret", "envoi", "fait", "refus" or "coupe".
 */

/** What is chosen in each form. @type {WeakMap<HTMLFormElement, Item[]>} */
const chosen = new WeakMap();
/** Dropped on the page while its form was not open yet. @type {File[]} */
let dropped = [];

/** The list of a form, and what it says. @param {HTMLFormElement} form */
const listOf = (form) => one("[data-ronde-envois]", form);
const itemsOf = (/** @type {HTMLFormElement} */ form) => chosen.get(form) ?? [];
const weight = (/** @type {number} */ size) =>
  size >= 1_048_576 ? `${(size / 1_048_576).toFixed(1).replace(".", ",")} Mo` : `${Math.max(Math.ceil(size / 1024), 1)} Ko`;

/**
 * @param {HTMLFormElement} form
 * @param {Item} item
 * @param {string} state
 * @param {string} [text]
 */
function say(form, item, state, text) {
  item.state = state;
  item.row.className = `envoi ${state}`;
  const { rondeAttente, rondeFait, rondeCoupe } = listOf(form).dataset;
  const words = { pret: rondeAttente, fait: rondeFait, coupe: rondeCoupe };
  one("[data-ronde-etat]", item.row).textContent = text || words[/** @type {"pret"} */ (state)] || "";
  one("progress", item.row).hidden = state !== "envoi";
  one("[data-ronde-renvoyer]", item.row).hidden = state !== "coupe";
  one("[data-ronde-retirer]", item.row).hidden = state === "envoi" || state === "fait";
}

/**
 * What is wrong with a file, said before it is sent; nothing when it may go.
 * @param {HTMLFormElement} form
 * @param {File} file
 */
function fault(form, file) {
  const { rondePlafond, rondeExtensions = "", rondeTrop, rondeAutre } = listOf(form).dataset;
  if (file.size > Number(rondePlafond)) return rondeTrop;
  const extension = file.name.includes(".") ? file.name.split(".").at(-1)?.toLowerCase() : "";
  return !extension || rondeExtensions.split(" ").includes(extension) ? "" : rondeAutre;
}

/**
 * @param {HTMLFormElement} form
 * @param {Iterable<File>} files
 */
function add(form, files) {
  const list = listOf(form);
  const alone = "rondeSeul" in list.dataset;
  if (alone) for (const former of itemsOf(form)) remove(form, former);
  for (const file of alone ? [...files].slice(0, 1) : files) {
    const row = one("[data-ronde-envoi]", form).content.firstElementChild.cloneNode(true);
    const item = { file, id: crypto.randomUUID(), state: "pret", row };
    one("[data-ronde-nom]", row).textContent = file.name;
    one("[data-ronde-poids]", row).textContent = weight(file.size);
    one("progress", row).setAttribute("aria-label", file.name);
    list.append(row);
    chosen.set(form, [...itemsOf(form), item]);
    const wrong = fault(form, file);
    say(form, item, wrong ? "refus" : "pret", wrong);
  }
  refresh(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {Item} item
 */
function remove(form, item) {
  chosen.set(form, itemsOf(form).filter((other) => other !== item));
  item.row.remove();
  refresh(form);
}

/** @param {HTMLFormElement} form */
function refresh(form) {
  const items = itemsOf(form);
  listOf(form).hidden = !items.length;
  one("[data-ronde-sans-fichier]", form).hidden = true;
  // Several files keep their own names.
  for (const title of all("[data-ronde-titre]", form)) title.hidden = items.length > 1;
}

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} fields
 */
function showErrors(form, fields) {
  for (const old of all("[data-ronde-erreur]", form)) old.remove();
  for (const control of all("[aria-invalid]", form)) control.removeAttribute("aria-invalid");
  for (const [name, sentences] of Object.entries(fields)) {
    const control = one(`[name="${CSS.escape(name)}"]`, form);
    const message = document.createElement("p");
    message.className = "msg-erreur";
    message.dataset.rondeErreur = "";
    message.id = `erreur-${name}`;
    message.textContent = sentences.join(" ");
    (control?.closest(".champ") ?? one(".dlg-corps", form)).append(message);
    control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", message.id);
  }
  one("[aria-invalid]", form)?.focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {Item} item
 * @returns {Promise<boolean>} whether the next file may follow
 */
async function sendOne(form, item) {
  const data = new FormData(form);
  for (const name of ["files", "file", "photo"]) data.delete(name);
  if (itemsOf(form).length > 1) data.delete("title");
  data.set("sending", item.id);
  data.append("rondeSeul" in listOf(form).dataset ? "file" : "files", item.file);
  say(form, item, "envoi");
  const gauge = one("progress", item.row);
  const { status, text, fields } = await send(form.action, data, (percent) => (gauge.value = percent));
  if (status === 201) say(form, item, "fait");
  else if (Object.keys(fields).length) {
    say(form, item, "pret");
    showErrors(form, fields);
    return false;
  } else if (status && status < 500 && text) say(form, item, "refus", text);
  else say(form, item, "coupe");
  return item.state !== "coupe";
}

/** Forms whose files are on their way. @type {WeakSet<HTMLFormElement>} */
const busy = new WeakSet();

/** @param {HTMLFormElement} form */
async function sendAll(form) {
  if (busy.has(form)) return;
  busy.add(form);
  const button = one("[type=submit].pri", form);
  button.disabled = true;
  showErrors(form, {});
  try {
    for (const item of itemsOf(form)) {
      if (["pret", "coupe"].includes(item.state) && !(await sendOne(form, item))) break;
    }
  } finally {
    busy.delete(form);
    button.disabled = false;
  }
  finish(form);
}

/** @param {HTMLFormElement} form */
function finish(form) {
  const items = itemsOf(form);
  const kept = items.filter((item) => item.state === "fait").length;
  if (!kept) return;
  if (items.some((item) => item.state !== "fait")) return void fire("documents:changed");
  const list = listOf(form);
  const texte = counted(list, kept);
  if ("rondeSeul" in list.dataset || form.closest("[data-ronde-page]")) return void location.assign(one("a[data-ronde-ferme]", form).href);
  for (const name of ["ronde:fermer", "documents:changed", "feed:changed"]) fire(name);
  fire("ronde:annonce", { texte, genre: "ok" });
}

/**
 * @param {string} name
 * @param {object} [detail]
 */
const fire = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

// On the window, so as to come before what guards ordinary forms: this one never leaves the page.
window.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-ronde-depot]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (itemsOf(form).some((item) => item.state !== "refus")) return void sendAll(form);
  const message = one("[data-ronde-sans-fichier]", form);
  message.textContent = listOf(form).dataset.rondeVide ?? "";
  message.hidden = false;
  one("[data-ronde-fichiers]", form).focus();
}, true);

on("change", "[data-ronde-depot] [data-ronde-fichiers]", (input) => {
  add(input.form, [...input.files]);
  input.value = ""; // the same file may be chosen again; what was chosen is kept here
});

on("click", "[data-ronde-retirer], [data-ronde-renvoyer]", (button) => {
  const form = button.closest("form");
  const item = itemsOf(form).find(({ row }) => row.contains(button));
  if (!item) return;
  if ("rondeRenvoyer" in button.dataset) return void sendAll(form);
  remove(form, item);
});

// The network is back: what was cut goes again by itself.
window.addEventListener("online", () => {
  for (const form of all("[data-ronde-depot]")) {
    if (itemsOf(form).some((item) => item.state === "coupe")) sendAll(form);
  }
});

const zoneOf = (/** @type {DragEvent} */ event) =>
  event.dataTransfer?.types.includes("Files") && event.target instanceof Element
    ? event.target.closest("[data-ronde-depot-zone], .depot")
    : null;

document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  for (const lit of all(".survol")) if (lit !== zone) lit.classList.remove("survol");
  if (!zone) return;
  zone.classList.add("survol");
  if (!zone.matches(".depot")) event.preventDefault();
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) for (const lit of all(".survol")) lit.classList.remove("survol");
});
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  for (const lit of all(".survol")) lit.classList.remove("survol");
  const opener = zone && one("[data-ronde-depot-ouvre]", zone);
  if (!opener) return;
  event.preventDefault();
  dropped = [...(event.dataTransfer?.files ?? [])];
  opener.click();
});

onContent((root) => {
  const form = one("[data-ronde-depot]", root);
  if (!form || !dropped.length) return;
  add(form, dropped);
  dropped = [];
});
