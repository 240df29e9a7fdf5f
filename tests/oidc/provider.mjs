// Plays Pro Santé Connect on this machine: a certified OpenID Connect provider with its claims,
// its level (acr), its errors and its ways out. Everybody here is invented.
//
//   node tests/oidc/provider.mjs PORT SITE [PEOPLE.json]
//
// PUT /people/NAME adds somebody: {claims, acr, codeLasts (seconds)}. The sign-in page lists them.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, site, file] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const discovery = "/.well-known/wallet-openid-configuration";
const client = { id: "ronde", secret: "not-a-secret-it-only-serves-on-this-machine" };
/** @type {Map<string, {claims: any, acr?: string, codeLasts?: number}>} */
const people = new Map(file ? Object.entries(JSON.parse(await readFile(file, "utf8"))) : []);

const provider = new Provider(issuer, {
  clients: [{
    client_id: client.id,
    client_secret: client.secret,
    redirect_uris: [`${site}/connexion/psc/retour/`],
    post_logout_redirect_uris: [`${site}/deconnexion/psc/`],
    backchannel_logout_uri: `${site}/connexion/psc/fin/`,
    backchannel_logout_session_required: true,
  }],
  acrValues: ["eidas1", "eidas2"],
  scopes: ["openid", "scope_all"],
  claims: {
    openid: ["sub"],
    acr: null,
    auth_time: null,
    sid: null,
    iss: null,
    scope_all: [
      "preferred_username", "SubjectNameID", "given_name", "family_name", "codeCivilite",
      "Secteur_Activite", "SubjectOrganization", "SubjectOrganizationID", "SubjectRole",
      "Palier_Authentification", "otherIds", "SubjectRefPro",
    ],
  },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page("Fermer la session Pro Santé Connect ?",
          `${form}<button form="op.logoutForm" name="logout" value="yes">Fermer la session</button>`);
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page("Session fermée", "<p>Pro Santé Connect (imité) est fermé.</p>");
      },
    },
  },
  // What leaves is for the site under test, on this machine: the provider's guard would refuse it.
  fetch: (url, { dispatcher: _guard, ...options }) => globalThis.fetch(url, options),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => {
      const { sub, ...claims } = people.get(id)?.claims ?? {};
      return { ...claims, sub: id };
    },
  }),
  // The consent is given once for all to this client.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid scope_all");
    await grant.save();
    return grant;
  },
  ttl: {
    AuthorizationCode: (_ctx, code) => people.get(code.accountId)?.codeLasts ?? 60,
    AccessToken: 120, IdToken: 120, Session: 3600, Grant: 3600, Interaction: 600,
  },
  cookies: { keys: ["only-on-this-machine"] },
});
provider.on("backchannel.error", (_ctx, error) => console.error(error));
provider.on("server_error", (_ctx, error) => console.error(error));

/** @param {string} text */
const safe = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param {string} title @param {string} body */
const page = (title, body) =>
  `<!doctype html><html lang="fr"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;

function signInPage() {
  const buttons = [...people.keys()].map((name) => {
    const { given_name: given, family_name: family } = people.get(name).claims;
    return `<p><button name="person" value="${safe(name)}">${safe(`${given} ${family}`)}</button></p>`;
  });
  return page("Pro Santé Connect (imité)",
    `<form method="post">${buttons.join("")}<p><button name="person" value="">Refuser</button></p></form>`);
}

/** @param {import("node:http").IncomingMessage} request */
async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

async function interaction(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    return response.end(signInPage());
  }
  const name = new URLSearchParams(await bodyOf(request)).get("person");
  const result = people.has(name)
    ? { login: { accountId: name, acr: people.get(name).acr ?? "eidas1" } }
    : { error: "access_denied", error_description: "refusé" };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer(async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname.startsWith("/interaction/")) return interaction(request, response);
  if (pathname.startsWith("/people/") && request.method === "PUT") {
    people.set(decodeURIComponent(pathname.slice(8)), JSON.parse(await bodyOf(request)));
    return response.writeHead(204).end();
  }
  if (pathname === discovery) request.url = "/.well-known/openid-configuration";
  return answer(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log(`ready ${issuer}`));
