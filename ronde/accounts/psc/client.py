"""Speaking OpenID Connect with Pro Santé Connect; ADR 9 says why with this library."""

import time
from collections.abc import Mapping
from typing import Any

import requests
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App, OAuthError
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from ronde.accounts.psc.refusal import Refusal, Refused

NAME = "psc"
DISCOVERY_LASTS = 3_600  # Seconds.
PATIENCE = 10  # Seconds.
LATE = 60  # Seconds that two clocks may differ by.
LOGOUT_LASTS = 300  # Seconds.
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def _discovery() -> dict[str, Any]:
    """What the provider says of itself, kept for an hour; it must be the one that we know."""
    key = f"accounts.psc:{settings.PSC_DISCOVERY_URL}"[:200]
    found = cache.get(key)
    if found is None:
        answer = requests.get(settings.PSC_DISCOVERY_URL, timeout=PATIENCE)
        answer.raise_for_status()
        found = answer.json()
        if found.get("issuer") != settings.PSC_ISSUER:
            raise Refused(Refusal.DOWN)
        cache.set(key, found, DISCOVERY_LASTS)
    return found


def _certificate() -> tuple[str, str] | str | None:
    """The client certificate of the token endpoint; its key may stand in the same file."""
    if not settings.PSC_CLIENT_CERTIFICATE:
        return None
    if not settings.PSC_CLIENT_KEY:
        return settings.PSC_CLIENT_CERTIFICATE
    return settings.PSC_CLIENT_CERTIFICATE, settings.PSC_CLIENT_KEY


def _app() -> DjangoOAuth2App:
    known = dict(_discovery())
    by_certificate = known.get("mtls_endpoint_aliases", {})
    if settings.PSC_CLIENT_CERTIFICATE and "token_endpoint" in by_certificate:
        known["token_endpoint"] = by_certificate["token_endpoint"]
    return DjangoOAuth2App(
        DjangoIntegration(NAME),
        NAME,
        client_id=settings.PSC_CLIENT_ID,
        client_secret=settings.PSC_CLIENT_SECRET or None,
        client_kwargs={
            "scope": settings.PSC_SCOPE,
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
            "cert": _certificate(),
            "token_endpoint_auth_method": "client_secret_basic"
            if settings.PSC_CLIENT_SECRET
            else "none",
        },
        **known,
    )


def _trouble(error: Exception) -> Refused:
    """Name what went wrong, without a word of what the provider said."""
    if isinstance(error, OAuthError):
        reasons = {
            "access_denied": Refusal.DENIED,
            "mismatching_state": Refusal.STATE,
            "invalid_grant": Refusal.EXPIRED,
            "login_required": Refusal.EXPIRED,
            "server_error": Refusal.DOWN,
            "temporarily_unavailable": Refusal.DOWN,
        }
        return Refused(reasons.get(error.error, Refusal.TOKEN))
    if isinstance(error, JoseError):
        return Refused(Refusal.TOKEN)
    return Refused(Refusal.DOWN)


# ValueError: what came is no JSON; KeyError, RuntimeError: the discovery misses an address.
TROUBLES = (OAuthError, JoseError, requests.RequestException, ValueError, KeyError, RuntimeError)


def start(request: HttpRequest, back: str, *, again: bool = False) -> HttpResponse:
    """Send to the provider; `again`: it must ask for the card even if its session is open."""
    more = {"prompt": "login", "max_age": 0} if again else {}
    try:
        return _app().authorize_redirect(request, back, acr_values=settings.PSC_ACR, **more)
    except TROUBLES as error:
        raise _trouble(error) from error


def finish(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Give the checked identity token, what is said of the person, and the token as it came."""
    try:
        app = _app()
        if not request.GET.get("error") and not request.GET.get("code"):
            raise Refused(Refusal.STATE)
        checked = {
            "iss": {"essential": True, "value": settings.PSC_ISSUER},
            "aud": {"essential": True, "value": settings.PSC_CLIENT_ID},
        }
        token = app.authorize_access_token(request, leeway=LATE, claims_options=checked)
        claims = token.get("userinfo")
        if claims is None:
            raise Refused(Refusal.TOKEN)
        person = app.userinfo(token=token)
    except TROUBLES as error:
        raise _trouble(error) from error
    if not constant_time_compare(claims.get("acr", ""), settings.PSC_ACR):
        raise Refused(Refusal.ACR)
    if person.get("sub") != claims["sub"]:
        raise Refused(Refusal.TOKEN)
    return dict(claims), dict(person), token["id_token"]


def logout_address(id_token: str, back: str) -> tuple[str, str] | None:
    """Where to end the session at the provider, and the state to expect back."""
    try:
        made = _app().create_logout_url(
            post_logout_redirect_uri=back, id_token_hint=id_token, client_id=settings.PSC_CLIENT_ID
        )
    except (*TROUBLES, Refused):
        return None
    return made["url"], made["state"]


def read_logout(token: str) -> dict[str, Any] | None:
    """Check a logout token as the identity token is; None when it cannot be believed."""
    try:
        app = _app()
        keys = KeySet.import_key_set(app.fetch_jwk_set())
        known = app.server_metadata.get("id_token_signing_alg_values_supported")
        registry = JWSRegistry(algorithms=known, strict_check_header=False)
        read = jwt.decode(token, keys, registry=registry)
        JWTClaimsRegistry(
            leeway=LATE,
            iss={"essential": True, "value": settings.PSC_ISSUER},
            aud={"essential": True, "value": settings.PSC_CLIENT_ID},
            iat={"essential": True},
            jti={"essential": True},
        ).validate(read.claims)
    except (*TROUBLES, Refused):
        return None
    if not _is_logout(read.header, read.claims):
        return None
    # A token serves once: replayed, it would end the sessions opened since.
    fresh = cache.add(f"accounts.psc_logout:{read.claims['jti']}"[:200], True, 2 * LOGOUT_LASTS)
    return dict(read.claims) if fresh else None


def _is_logout(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """OpenID Connect Back-Channel Logout 1.0, part 2.6; Keycloak says its type in the claims."""
    typed = header.get("typ") == "logout+jwt" or claims.get("typ") == "Logout"
    told = LOGOUT_EVENT in (claims.get("events") or {}) and "nonce" not in claims
    recent = abs(time.time() - claims["iat"]) <= LOGOUT_LASTS
    return typed and told and recent and bool(claims.get("sid") or claims.get("sub"))
