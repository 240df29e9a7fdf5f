"""The legal pages: for anybody, true, and complete before a service opens."""

import json
import re

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import legal
from ronde.accounts.checks import REQUIRED
from tests import factories as f
from tests.factories import published_terms
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
PAGES = [
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/securite/",
    "/conditions/2026-11/",
]
UNDER_EVERY_PAGE = [*PAGES[:-1], "/conditions/en-vigueur/"]
OPERATOR = {
    "region": "Région Exemple",
    "name": "GRADeS Exemple",
    "address": "1 rue du Port, 99999 Ville",
    "number": "732829320",
    "phone": "01 99 00 12 34",
    "email": "contact@grades-exemple.test",
    "director": "Camille EXEMPLE",
    "hosting": "Hébergeur Exemple",
    "hosting_address": "2 rue du Port, 99999 Ville",
    "hosting_phone": "01 99 00 56 78",
    "hosting_certificate": "HDS-0001",
    "processor": "",
    "dpo": "dpo@grades-exemple.test",
    "security": "securite@grades-exemple.test",
}


def text(answer) -> str:
    return re.sub(r"\s+", " ", force_str(answer.content))


@pytest.mark.parametrize("page", PAGES)
def test_anybody_reads_them_signed_in_or_not(client, page):
    assert client.get(page).status_code == 200
    client.force_login(f.user())
    assert client.get(page).status_code == 200


def test_they_stand_under_every_page_even_in_error(client, monkeypatch):
    def broken(*args: object) -> None:
        raise RuntimeError

    client.raise_request_exception = False
    pages = [client.get("/connexion/"), client.get("/nulle-part/")]
    client.force_login(f.user())
    pages += [client.get("/profil/"), client.get("/nulle-part/")]
    monkeypatch.setattr("ronde.accounts.queries.identities", broken)
    pages.append(client.get("/profil/"))
    assert [one.status_code for one in pages] == [200, 404, 200, 404, 500]
    for one in pages:
        for address in UNDER_EVERY_PAGE:
            assert f'<a href="{address}">' in text(one)


def test_they_name_the_operator(client, settings):
    settings.OPERATOR = OPERATOR
    notice, privacy = text(client.get(PAGES[0])), text(client.get(PAGES[1]))
    for key in ("name", "address", "number", "director", "hosting", "hosting_certificate"):
        assert OPERATOR[key] in notice
    assert "GRADeS Exemple" in privacy
    assert 'href="mailto:dpo@grades-exemple.test"' in privacy
    assert "non renseigné" not in notice + privacy
    assert "Région de démonstration" not in notice


def test_a_demonstration_says_that_it_is_one(client, settings):
    settings.DEMONSTRATION = True
    for page in PAGES:
        assert "Région de démonstration." in text(client.get(page))


def test_what_an_operator_did_not_say_is_not_invented(client):
    assert "non renseigné" in text(client.get(PAGES[0]))


def test_the_check_before_opening_names_each_missing_setting(settings):
    found = run_checks(tags=["legal"], include_deployment_checks=True)
    said = " ".join(one.msg for one in found)
    for name in (*REQUIRED.values(), "SUPPORT_EMAIL"):
        assert f"{name} is not set" in said
    settings.OPERATOR = OPERATOR
    settings.SUPPORT_EMAIL = settings.DIRECTORY_SERVICE_EMAIL = "aide@grades-exemple.test"
    settings.DEFAULT_FROM_EMAIL = "Ronde <aide@grades-exemple.test>"
    assert run_checks(tags=["legal"], include_deployment_checks=True) == []
    settings.DEMONSTRATION = True
    assert [one.id for one in run_checks(tags=["legal"], include_deployment_checks=True)] == [
        "accounts.E002"
    ]


def test_terms_without_a_text_stop_the_start(settings):
    assert run_checks(tags=["legal"]) == []
    settings.TERMS_VERSION = "2031-01"
    assert [one.id for one in run_checks(tags=["legal"])] == ["accounts.E003"]


def test_the_foot_of_the_pages_leads_to_the_terms_in_force(client):
    assert client.get("/conditions/en-vigueur/").url == "/conditions/2026-11/"
    published_terms("2027-01")
    assert client.get("/conditions/en-vigueur/").url == "/conditions/2027-01/"


def test_a_former_version_of_the_terms_can_be_read_and_says_that_it_is_former(client):
    assert "plus récente" not in text(client.get("/conditions/2026-11/"))
    published_terms("2027-01", text="Le **secret** <b>professionnel</b>.")
    page = text(client.get("/conditions/2026-11/"))
    assert "plus récente" in page
    assert "L. 1110-4" in page
    page = text(client.get("/conditions/2027-01/"))
    assert "<strong>secret</strong> &lt;b&gt;" in page
    assert "plus récente" not in page
    assert client.get("/conditions/1999-01/").status_code == 404


def test_the_statement_says_what_was_measured_and_what_was_not(client):
    data = json.loads(legal.STATEMENT.read_text(encoding="utf-8"))
    page = text(client.get("/accessibilite/"))
    for one in [*data["measured"], *data["not_tested"], *data["non_conformities"]]:
        assert one["fr"] in page
    client.cookies["ronde_langue"] = "en"
    page = text(client.get("/accessibilite/"))
    for one in [*data["measured"], *data["not_tested"], *data["non_conformities"]]:
        assert one["en"] in page


@pytest.mark.parametrize(
    ("share", "state"),
    [
        (None, "non conforme"),
        (49, "non conforme"),
        (50, "partiellement conforme"),
        (100, "totalement conforme"),
    ],
)
def test_the_state_is_that_of_an_audit_and_not_conformant_without_one(
    client, monkeypatch, share, state
):
    audit = share and {"share": share, "day": "01/12/2026", "author": "Cabinet Exemple"}
    monkeypatch.setattr(
        legal, "_data", lambda: {**json.loads(legal.STATEMENT.read_text()), "audit": audit}
    )
    page = text(client.get("/accessibilite/"))
    assert f"<strong>{state}</strong>" in page
    assert f"Accessibilité : {state}</a>" in page
    assert ("Aucun audit complet" in page) == (share is None)
    assert (f"trouve {share} % des critères" in page) == (share is not None)


def test_the_privacy_page_says_the_delays_that_the_settings_hold(client, settings):
    settings.RECORD_RETENTION_YEARS = 25
    page = text(client.get("/donnees-personnelles/"))
    assert "puis 25 ans" in page
    assert "12 mois" in page


def test_the_english_pages_say_that_the_french_binds(client):
    client.cookies["ronde_langue"] = "en"
    for page in PAGES:
        assert "The French text alone is binding." in text(client.get(page))


def test_a_legal_page_asks_the_database_for_nothing(client):
    with budget("legal"):
        Client().get("/mentions-legales/")
