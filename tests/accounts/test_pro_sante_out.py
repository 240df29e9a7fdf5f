"""Pro Santé Connect: the ways out, and the client certificate."""

import ipaddress
import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from ronde.accounts.models import Device
from ronde.accounts.psc import client as psc_client
from tests.accounts.conftest import LOGIN, Person
from tests.accounts.pro_sante import BACK, PROFILE, SITE, START, go, signed_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("declared")]
LEFT, ENDED = "/deconnexion/psc/", "/connexion/psc/fin/"


# Out.


def test_v7_6_1_signing_out_leaves_the_provider_too(client, provider, marc):
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


def test_v7_6_1_the_provider_ends_the_session(inside, forger):
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
def test_v10_5_5_a_logout_token_that_is_not_right_ends_nothing(inside, forger, changed):
    answer = Client().post(ENDED, {"logout_token": forger.token(**changed)})
    assert answer.status_code == 400
    assert inside.get(PROFILE).status_code == 200


def test_v6_8_2_a_logout_token_signed_by_another_ends_nothing(inside, forger):
    other = RSAKey.generate_key(2048, {"kid": "k", "alg": "RS256"})
    answer = Client().post(ENDED, {"logout_token": forger.token(key=other)})
    assert answer.status_code == 400
    for nonsense in ("", "x", "a.b.c"):
        assert Client().post(ENDED, {"logout_token": nonsense}).status_code == 400
    assert inside.get(PROFILE).status_code == 200


def test_v10_5_5_a_logout_token_serves_once(inside, forger, provider):
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
