/**
 * The first element that matches.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {any} typed by the caller
 */
export const one = (selector, root = document) => root.querySelector(selector);

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {any[]}
 */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/**
 * Listen once on the document for events that come from elements matching `selector`.
 * @param {string} type
 * @param {string} selector
 * @param {(element: any, event: any) => void} handler
 * @param {boolean} [capture]
 */
export function on(type, selector, handler, capture = false) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element && event.target.closest(selector);
      if (element) handler(element, event);
    },
    capture,
  );
}

/**
 * Run now, then again for each part that htmx brings in.
 * @param {(root: ParentNode) => void} setUp
 */
export function onContent(setUp) {
  setUp(document);
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target instanceof Element) setUp(event.target.parentNode ?? event.target);
  });
}

/**
 * The sentence for a count, from data-ronde-aucun, data-ronde-un and data-ronde-plusieurs.
 * @param {HTMLElement} element
 * @param {number} n
 */
export function counted(element, n) {
  const { rondeAucun = "", rondeUn = "", rondePlusieurs = "" } = element.dataset;
  const sentence = n > 1 ? rondePlusieurs : n === 1 || !rondeAucun ? rondeUn : rondeAucun;
  return sentence.replace("{n}", String(n));
}

/** The token that proves that a request comes from our page, as htmx sends it. */
export const csrfToken = () =>
  JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["X-CSRFToken"] ?? "";

const pageOpened = Date.now();
const serverAhead = Date.parse(document.body.dataset.rondeMaintenant ?? "") - pageOpened || 0;

/** The server's clock, so that a computer set wrong does not end a session early. */
export const now = () => Date.now() + serverAhead;

/**
 * Minutes from now to an ISO moment, rounded up; NaN without a moment.
 * @param {string | undefined} iso
 */
export const minutesTo = (iso) => Math.ceil((Date.parse(iso ?? "") - now()) / 60_000);
