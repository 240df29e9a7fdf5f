// One file on its way: sent alone, with its progress; a cut network leaves it here, to be sent again.
import { csrfToken } from "./dom.js";
import { HEADER, termsFirst } from "./terms.js";

const PATIENCE_MS = 180_000;

/**
 * @typedef {object} Answer
 * @property {number} status 0 when nothing came back
 * @property {string} text
 * @property {Record<string, string[]>} fields what is wrong in the form, field by field
 */

/**
 * Send a form with one file.
 * @param {string} address
 * @param {FormData} data
 * @param {(percent: number) => void} progress
 * @returns {Promise<Answer>}
 */
export function send(address, data, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const end = (/** @type {number} */ status, /** @type {any} */ told = {}) =>
      resolve({ status, text: told.texte ?? "", fields: told.champs ?? {} });
    request.open("POST", address);
    request.timeout = PATIENCE_MS;
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", ({ loaded, total }) => progress((100 * loaded) / (total || 1)));
    for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => end(0));
    request.addEventListener("load", () => {
      termsFirst(request.getResponseHeader(HEADER), true);
      try {
        end(request.status, JSON.parse(request.responseText));
      } catch {
        end(request.status);
      }
    });
    request.send(data);
  });
}
