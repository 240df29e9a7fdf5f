// Passkeys: what the server asks is given to the browser, what the browser signs goes back by the form.
import { all, on, one, onContent } from "./dom.js";

const possible = "PublicKeyCredential" in window && window.isSecureContext;
onContent((root) => possible && all("[data-ronde-cle]", root).forEach((button) => (button.disabled = false)));

/** @param {string} text */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {any} list */
const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

/** @param {any} options */
function toCreate(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...options, user, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) };
}

/** @param {any} options */
const toGet = (options) =>
  ({ ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) });

/** What was signed, as the server reads it. @param {any} credential */
function signed(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const written = parts.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(written),
  });
}

/** @param {string} url */
async function asked(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** @param {HTMLButtonElement} button */
async function credential(button) {
  const { rondeCle, rondeUrl, rondeOptions } = button.dataset;
  if (rondeCle === "creer") {
    return navigator.credentials.create({ publicKey: toCreate(JSON.parse(rondeOptions).publicKey) });
  }
  return navigator.credentials.get({ publicKey: toGet((await asked(rondeUrl)).publicKey) });
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} [why]
 */
function say(button, why) {
  const line = one("[data-ronde-cle-dit]", button.form);
  line.hidden = !why;
  one("[data-ronde-texte]", line).textContent = why ?? "";
}

/** The reason in the user's words. @param {DOMStringMap} words @param {any} error */
function reason(words, error) {
  if (error.name === "InvalidStateError") return words.rondeDeja;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return words.rondeRenonce;
  return error instanceof DOMException ? words.rondeImpossible : words.rondePanne;
}

on("click", "[data-ronde-cle]", async (button) => {
  say(button);
  button.disabled = true;
  try {
    one("[name=credential]", button.form).value = signed(await credential(button));
    button.form.requestSubmit();
  } catch (error) {
    say(button, reason(button.dataset, error));
  } finally {
    button.disabled = false;
  }
});
