"""Pro Santé Connect: who comes back is believed only as far as it was checked."""

import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.encoding import force_str
from joserfc import jwt
from joserfc.jwk import RSAKey

from ronde.accounts.models import Device, ProSanteLink, User
from ronde.accounts.psc import client as psc_client
from ronde.accounts.psc import views
from ronde.accounts.psc.claims import professional
from ronde.accounts.psc.refusal import Refusal, Refused
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.conftest import LOGIN, Person, run_jobs
from tests.oidc.playing import (
    WITH_WORKPLACES,
    WITHOUT_WORKPLACE,
    ProSante,
    claims_of,
    declare,
    playing,
)

pytestmark = pytest.mark.django_db
SITE = "https://ronde.example"
START, BACK, LEFT, ENDED = (
    "/connexion/psc/", "/connexion/psc/retour/", "/deconnexion/psc/", "/connexion/psc/fin/",
)  # fmt: skip
PLACE, PROFILE, SECURITY = "/profil/lieu/", "/profil/", "/profil/securite/"


@pytest.fixture(scope="module")
def provider() -> Iterator[ProSante]:
    with playing(SITE) as started:
        yield started


@pytest.fixture(autouse=True)
def _declared(settings, provider) -> None:
    settings.SITE_URL = SITE
    declare(settings, provider)


@pytest.fixture
def marc(provider) -> User:
    """A GP with an account, known to the provider under the name «marc»."""
    account = f.user("LEBLANC", "Marc")
    provider.add("marc", claims_of(f"8{account.person.rpps}"))
    return account


def go(web: Client, provider: ProSante, who: str, start: str = START, at=None):
    """Press the button, go through the provider as `who`, come back."""
    back = provider.visit(web.get(start).url, who, at)
    assert back.startswith(SITE + BACK), back
    return web.get(back.removeprefix(SITE))


def signed_in(web: Client) -> bool:
    return "_auth_user_id" in web.session


def refusals() -> list[str]:
    with as_owner():
        rows = JournalEntry.objects.filter(event="ProSanteRefused").order_by("at")
        return [row.payload["reason"] for row in rows]


def text(answer) -> str:
    return force_str(answer.content)


# In.


def test_the_button_is_there_only_when_it_leads_somewhere(client, settings):
    assert "Se connecter avec Pro Santé Connect" in text(client.get(LOGIN))
    settings.PSC_ISSUER = ""
    assert "Pro Santé Connect" not in text(client.get(LOGIN))
    assert client.get(START).status_code == 404
    assert client.get(BACK).status_code == 404


def test_what_is_asked_of_the_provider(client, provider):
    asked = urlsplit(client.get(START).url)
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{provider.url}/auth"
    assert query["response_type"] == "code"
    assert query["scope"] == "openid scope_all"
    assert query["acr_values"] == "eidas1"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == SITE + BACK
    assert len(query["state"]) >= 20
    assert len(query["nonce"]) >= 20


def test_the_card_opens_the_account_of_its_number(client, provider, marc):
    answer = go(client, provider, "marc", f"{START}?next=/profil/")
    assert answer.url == PROFILE
    assert client.get(PROFILE).wsgi_request.user == marc
    assert refusals() == []


def test_neither_password_nor_code_is_asked_for(client, provider, marc):
    go(client, provider, "marc")
    run_jobs()
    assert [message.subject for message in mail.outbox] == ["Compte Ronde : Pro Sante Connect"]
    assert signed_in(client)


def test_the_account_is_linked_the_first_time_only(client, provider, marc):
    for _time in range(2):
        web = Client()
        go(web, provider, "marc")
        assert signed_in(web)
    link = ProSanteLink.objects.get()
    assert (link.user, link.issuer, link.subject) == (marc, provider.url, "marc")
    run_jobs()
    assert len(mail.outbox) == 1


def test_an_adeli_number_is_known_too(client, provider):
    account = f.user("PSY", "Anne")
    with as_owner():
        account.person.rpps, account.person.adeli = "", "839300012"
        account.person.save()
    provider.add("anne", claims_of("0839300012"))
    go(client, provider, "anne")
    assert client.get(PROFILE).wsgi_request.user == account


def test_the_key_of_the_session_changes(client, provider, marc):
    start = client.get(START)
    before = client.session.session_key
    client.get(provider.visit(start.url, "marc").removeprefix(SITE))
    assert signed_in(client)
    assert client.session.session_key != before


def test_the_page_asked_for_is_of_this_site(client, provider, marc):
    answer = go(client, provider, "marc", f"{START}?next=https://ailleurs.example/")
    assert "ailleurs" not in answer.url


# Where one works.


def elsewhere(number: str, finess: str = "990000001") -> dict:
    claims = claims_of(number, WITH_WORKPLACES)
    for exercise in claims["SubjectRefPro"]["exercices"]:
        exercise["activities"][1]["numeroFinessSite"] = finess
    return claims


@pytest.fixture
def hospital(marc, provider):
    """Marc works in two places, and is attached to the hospital, which is «personne morale»."""
    place = f.structure("CH DES ESSAIS")
    with as_owner():
        place.finess = "990000001"
        place.save()
        marc.attachments.create(structure=place)
    provider.add("marc", elsewhere(f"8{marc.person.rpps}"))
    return place


def test_of_several_workplaces_one_chooses(client, provider, marc, hospital):
    assert go(client, provider, "marc", f"{START}?next=/profil/").url == f"{PLACE}?next=/profil/"
    page = text(client.get(PLACE))
    assert "CABINET DU DR ALIX EXEMPLE, MARSEILLE" in page
    assert page.count("Vous agirez au nom de cette structure.") == 1
    answer = client.post(PLACE, {"lieu": "1", "next": "/profil/"})
    assert answer.url == PROFILE
    page = client.get(PROFILE)
    assert page.wsgi_request.actor.party_id == hospital.pk
    assert "CENTRE HOSPITALIER DES ESSAIS" in text(page)


def test_at_a_workplace_of_nobody_one_acts_in_one_s_own_name(client, provider, marc, hospital):
    go(client, provider, "marc")
    client.post(PLACE, {"lieu": "1"})
    client.post(PLACE, {"lieu": "0"})
    assert client.get(PROFILE).wsgi_request.actor.party_id == marc.person_id


def test_a_workplace_gives_no_right_that_one_has_not(client, provider, marc):
    other = f.structure("CH DES ESSAIS")
    with as_owner():
        other.finess = "990000001"
        other.save()
    provider.add("marc", elsewhere(f"8{marc.person.rpps}"))
    go(client, provider, "marc")
    client.post(PLACE, {"lieu": "1"})
    assert client.get(PROFILE).wsgi_request.actor.party_id == marc.person_id


@pytest.mark.parametrize("sent", ["", "2", "-1", "x", "²"])
def test_a_workplace_that_is_not_in_the_list_is_refused(client, provider, marc, hospital, sent):
    go(client, provider, "marc")
    answer = client.post(PLACE, {"lieu": sent})
    assert answer.status_code == 422
    assert "Choisissez le lieu" in text(answer)


def test_without_pro_sante_there_is_no_workplace_to_choose(client, marc):
    client.force_login(marc)
    assert client.get(PLACE).status_code == 404


def test_one_workplace_alone_is_taken_at_once(client, provider, marc, hospital):
    claims = elsewhere(f"8{marc.person.rpps}")
    del claims["SubjectRefPro"]["exercices"][0]["activities"][0]
    provider.add("marc", claims)
    assert go(client, provider, "marc").url != PLACE
    assert client.get(PROFILE).wsgi_request.actor.party_id == hospital.pk


# What is refused: a page in French, a line of audit, nothing of the provider.


def change_what_was_begun(web: Client, **changed: str) -> None:
    kept = web.session
    (name,) = [one for one in list(kept.keys()) if one.startswith("_state_psc_")]
    kept[name] = {**kept[name], "data": {**kept[name]["data"], **changed}}
    kept.save()


def refused(answer, reason: str, said: str) -> None:
    assert said in text(answer)
    assert not signed_in(answer.client)
    assert refusals() == [reason]


def test_giving_up_at_the_provider(client, provider):
    answer = go(client, provider, "")
    assert answer.status_code == 403
    refused(answer, "denied", "Connexion abandonnée")


def test_another_level_than_the_one_asked_for(client, provider, marc):
    provider.add("marc", claims_of(f"8{marc.person.rpps}"), acr="eidas2")
    refused(go(client, provider, "marc"), "acr", "Niveau de connexion insuffisant")


def test_an_answer_to_nothing_that_was_asked(client, provider, marc):
    client.get(START)
    refused(client.get(f"{BACK}?code=x&state=y"), "state", "Connexion à recommencer")


def test_an_answer_without_anything(client):
    refused(client.get(BACK), "state", "Connexion à recommencer")


def test_an_answer_given_to_another_browser(client, provider, marc):
    back = provider.visit(client.get(START).url, "marc")
    thief = Client()
    refused(thief.get(back.removeprefix(SITE)), "state", "Connexion à recommencer")


def test_an_answer_serves_once(client, provider, marc):
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    client.get(back)
    client.post("/deconnexion/")
    refused(client.get(back), "state", "Connexion à recommencer")


def test_an_identity_token_made_for_another_sign_in(client, provider, marc):
    """The nonce of the session is not the one of the token."""
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    change_what_was_begun(client, nonce="another")
    refused(client.get(back), "token", "Réponse refusée")


def test_a_code_without_the_secret_of_its_start(client, provider, marc):
    """PKCE: whoever stole the code has not the verifier."""
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    change_what_was_begun(client, code_verifier="x" * 48)
    refused(client.get(back), "expired", "Connexion expirée")


def test_a_code_that_came_too_late(client, provider, marc):
    provider.add("marc", claims_of(f"8{marc.person.rpps}"), codeLasts=1)
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    time.sleep(2.1)
    refused(client.get(back), "expired", "Connexion expirée")


def test_a_provider_that_is_down(client, settings):
    settings.PSC_DISCOVERY_URL = "http://127.0.0.1:9/none"
    answer = client.get(START)
    assert answer.status_code == 502
    refused(answer, "down", "ne répond pas")


def test_a_provider_that_says_it_is_another(client, settings):
    settings.PSC_ISSUER = "https://elsewhere.example"
    cache.clear()
    refused(client.get(START), "down", "ne répond pas")


def test_a_card_without_number(client, provider):
    provider.add("staff", claims_of("399900000001/00001"))
    refused(go(client, provider, "staff"), "no_number", "sans numéro RPPS")


def test_somebody_without_account_is_handed_over_to_the_sign_up(client, provider):
    provider.add("alix", WITHOUT_WORKPLACE)
    answer = go(client, provider, "alix")
    kept = client.session["psc_identity"]
    assert kept.pop("at")
    assert kept == {
        "rpps": "99000000010", "adeli": "", "given_name": "Alix", "family_name": "EXEMPLE",
        "subject": "alix",
    }  # fmt: skip
    assert answer.status_code in {302, 403}
    assert refusals() == ["unknown"]
    assert not signed_in(client)


def test_a_closed_account(client, provider, marc):
    with as_owner():
        marc.is_active = False
        marc.save()
    refused(go(client, provider, "marc"), "inactive", "n'est plus ouvert".replace("'", "&#39;"))


def test_another_card_that_claims_the_same_number(client, provider, marc):
    go(client, provider, "marc")
    provider.add("mallory", claims_of(f"8{marc.person.rpps}"))
    web = Client()
    answer = go(web, provider, "mallory")
    assert "autre identité" in text(answer)
    assert not signed_in(web)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"SubjectNameID": ""},
        {"SubjectNameID": "8"},
        {"SubjectNameID": "899000000010; DROP"},
        {"SubjectNameID": ["899000000010"]},
        {"preferred_username": "5990000001/12"},
        {"SubjectNameID": "0899000000010"},
    ],
)
def test_a_number_is_read_whole_or_not_at_all(claims):
    with pytest.raises(Refused) as raised:
        professional(claims)
    assert raised.value.reason == Refusal.NO_NUMBER


def test_two_numbers_that_differ_are_no_identity():
    with pytest.raises(Refused) as raised:
        professional({"SubjectNameID": "899000000010", "preferred_username": "899000000011"})
    assert raised.value.reason == Refusal.TOKEN


@pytest.mark.parametrize(
    "about", [None, [], "x", {"exercices": None}, {"exercices": [None, {"activities": [1, {}]}]}]
)
def test_what_is_said_of_the_work_may_be_anything(about):
    found = professional({"SubjectNameID": "899000000010", "SubjectRefPro": about})
    assert found.rpps == "99000000010"
    assert len(found.workplaces) <= 1


# A proof, by the card.


def test_the_card_is_a_proof_for_whom_has_linked_it(client, provider, marc):
    at = requests.Session()
    go(client, provider, "marc", at=at)
    page = "/profil/securite/application/"
    assert client.get(page).status_code == 302
    answer = go(client, provider, "marc", f"{START}?pour=preuve&next={page}", at=at)
    assert answer.url == page
    assert client.get(page).status_code == 200


def test_the_card_of_another_is_no_proof(client, provider, marc):
    hugo = f.user("ROUX", "Hugo")
    provider.add("hugo", claims_of(f"8{hugo.person.rpps}"))
    go(Client(), provider, "hugo")
    go(client, provider, "marc")
    answer = go(client, provider, "hugo", f"{START}?pour=preuve")
    assert "pas la même personne" in text(answer)
    assert client.get(SECURITY).wsgi_request.user == marc
    assert client.get("/profil/securite/application/").status_code == 302


def test_a_provider_session_left_open_is_no_proof(client, provider, marc, monkeypatch):
    """Whoever takes «prompt=login» out of the address does not show the card again."""
    monkeypatch.setattr(views, "PROOF_LASTS", 2)
    at = requests.Session()
    go(client, provider, "marc", at=at)
    time.sleep(3.1)
    asked = client.get(f"{START}?pour=preuve").url
    silent = asked.replace("prompt=login", "prompt=none").replace("max_age=0", "max_age=99999")
    answer = client.get(provider.visit(silent, "marc", at).removeprefix(SITE))
    assert "Connexion expirée" in text(answer)
    assert client.get("/profil/securite/application/").status_code == 302
    assert go(client, provider, "marc", f"{START}?pour=preuve", at=at).url == SECURITY


# Out.


def test_signing_out_leaves_the_provider_too(client, provider, marc):
    at = requests.Session()
    go(client, provider, "marc", at=at)
    answer = client.post("/deconnexion/")
    assert not signed_in(client)
    address = answer.headers["Refresh"].partition("url=")[2]
    query = parse_qs(urlsplit(address).query)
    assert query["post_logout_redirect_uri"] == [SITE + LEFT]
    assert query["id_token_hint"]
    back = provider.leave(address, at)
    assert back == f"{SITE}{LEFT}?state={query['state'][0]}"
    answer = client.get(back.removeprefix(SITE), follow=True)
    assert "ici et de Pro Santé Connect" in text(answer)


def test_a_return_that_nobody_began_says_nothing(client):
    answer = client.get(f"{LEFT}?state=x", follow=True)
    assert "Pro Santé Connect." not in text(answer)


def test_signing_out_works_when_the_provider_is_down(client, provider, marc, settings):
    go(client, provider, "marc")
    settings.PSC_DISCOVERY_URL = "http://127.0.0.1:9/none"
    assert client.post("/deconnexion/").url == LOGIN
    assert not signed_in(client)


def test_who_signed_in_by_password_leaves_only_this_site(person):
    person.sign_in()
    assert person.web.post("/deconnexion/").url == LOGIN


class Forger:
    """Makes logout tokens with a key of its own, and a discovery that names that key."""

    def __init__(self, settings, monkeypatch) -> None:
        self.settings = settings
        self.key = RSAKey.generate_key(2048, {"kid": "k", "alg": "RS256", "use": "sig"})
        known = {
            "issuer": settings.PSC_ISSUER,
            "jwks": {"keys": [self.key.as_dict(private=False)]},
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        monkeypatch.setattr(psc_client, "_discovery", lambda: known)

    def token(self, header=None, key=None, **changed) -> str:
        claims = {
            "iss": self.settings.PSC_ISSUER, "aud": "ronde", "iat": int(time.time()),
            "jti": str(time.time_ns()), "sub": "marc",
            "events": {psc_client.LOGOUT_EVENT: {}}, **changed,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "RS256", "kid": "k", "typ": "logout+jwt", **(header or {})}
        return jwt.encode(head, claims, key or self.key)


@pytest.fixture
def forger(settings, monkeypatch, provider) -> Forger:
    return Forger(settings, monkeypatch)


@pytest.fixture
def inside(client, provider, marc) -> Client:
    go(client, provider, "marc")
    return client


def test_the_provider_ends_the_session(inside, forger):
    answer = Client().post(ENDED, {"logout_token": forger.token()})
    assert answer.status_code == 200
    assert inside.get(PROFILE).url.startswith(LOGIN)
    assert not Device.objects.exists()


def test_the_provider_ends_one_session_by_its_name(inside, forger):
    Client().post(ENDED, {"logout_token": forger.token(sid="another")})
    assert inside.get(PROFILE).status_code == 200
    named = Device.objects.get().provider_session
    assert len(named) > 5
    Client().post(ENDED, {"logout_token": forger.token(sid=named)})
    assert inside.get(PROFILE).status_code == 302


def test_a_session_opened_by_password_is_not_the_provider_s(inside, forger, marc):
    other = Person(marc)
    other.sign_in()
    Client().post(ENDED, {"logout_token": forger.token()})
    assert other.web.get(PROFILE).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"nonce": "x"},
        {"events": {}},
        {"events": None},
        {"sub": None},
        {"jti": None},
        {"iat": int(time.time()) - 4000},
        {"header": {"typ": "JWT"}},
    ],
    ids=str,
)
def test_a_logout_token_that_is_not_right_ends_nothing(inside, forger, changed):
    answer = Client().post(ENDED, {"logout_token": forger.token(**changed)})
    assert answer.status_code == 400
    assert inside.get(PROFILE).status_code == 200


def test_a_logout_token_signed_by_another_ends_nothing(inside, forger):
    other = RSAKey.generate_key(2048, {"kid": "k", "alg": "RS256"})
    answer = Client().post(ENDED, {"logout_token": forger.token(key=other)})
    assert answer.status_code == 400
    for nonsense in ("", "x", "a.b.c"):
        assert Client().post(ENDED, {"logout_token": nonsense}).status_code == 400
    assert inside.get(PROFILE).status_code == 200


def test_a_logout_token_serves_once(inside, forger, provider):
    token = forger.token(sub="somebody-else")
    assert Client().post(ENDED, {"logout_token": token}).status_code == 200
    assert Client().post(ENDED, {"logout_token": token}).status_code == 400


# The client certificate.


@pytest.fixture
def authority(tmp_path) -> dict[str, str]:
    """A certificate for this machine, which also serves as the client's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "client.pem", tmp_path / "client.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {"certificate": str(certificate), "key": str(private)}


def test_the_token_is_asked_for_with_the_client_certificate(
    client, authority, settings, monkeypatch
):
    """A real TLS server that demands it, and says who came."""
    seen = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = parse_qs(self.rfile.read(length).decode())
            seen.append((self.connection.getpeercert()["subject"], body))
            self.send_response(400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"error": "invalid_grant"}).encode())

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority["certificate"], authority["key"])
    tls.load_verify_locations(authority["certificate"])
    tls.verify_mode = ssl.CERT_REQUIRED
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"https://127.0.0.1:{server.server_port}"
    settings.PSC_CLIENT_SECRET = ""
    settings.PSC_CLIENT_CERTIFICATE = authority["certificate"]
    settings.PSC_CLIENT_KEY = authority["key"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority["certificate"])
    known = {
        "issuer": settings.PSC_ISSUER,
        "authorization_endpoint": f"{address}/auth",
        "token_endpoint": "http://127.0.0.1:9/without-certificate",
        "mtls_endpoint_aliases": {"token_endpoint": f"{address}/token"},
    }
    monkeypatch.setattr(psc_client, "_discovery", lambda: known)
    asked = parse_qs(urlsplit(client.get(START).url).query)
    answer = client.get(f"{BACK}?code=abc&state={asked['state'][0]}")
    server.shutdown()
    server.server_close()
    assert "Connexion expirée" in text(answer)
    ((subject, body),) = seen
    assert subject == ((("commonName", "127.0.0.1"),),)
    assert body["client_id"] == ["ronde"]
    assert body["code_verifier"]
    assert "client_secret" not in body


def test_the_discovery_is_asked_for_once_an_hour(client, provider, monkeypatch):
    asked = []
    real = requests.get
    monkeypatch.setattr(
        psc_client.requests, "get", lambda url, **kw: asked.append(url) or real(url, **kw)
    )
    cache.clear()
    client.get(START)
    Client().get(START)
    assert len(asked) == 1
