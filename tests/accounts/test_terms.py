"""The terms of use stand before everything else, and each version is accepted by name."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.accounts.models import TermsAcceptance, User
from ronde.core.db.roles import as_owner
from tests import factories as f

pytestmark = pytest.mark.django_db
TERMS, PROFILE = "/conditions/", "/profil/"


@pytest.fixture
def newcomer() -> User:
    return f.user(terms=False)


@pytest.fixture
def web(client: Client, newcomer) -> Client:
    client.force_login(newcomer)
    return client


def test_nothing_opens_before_they_are_accepted(web):
    for page in (PROFILE, reverse("worklist:list")):
        assert web.get(page).url == f"{TERMS}?next={page}"
    assert web.post(PROFILE, {}).url == f"{TERMS}?next=/"


def test_htmx_is_led_to_them_too(web):
    answer = web.get(
        PROFILE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profil/"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"{TERMS}?next=/profil/"


def test_accepting_them_leads_on_and_keeps_who_and_when(web, newcomer, settings):
    page = force_str(web.get(f"{TERMS}?next={PROFILE}").content)
    assert settings.TERMS_VERSION in page
    assert "J’accepte" in page
    assert 'name="next" value="/profil/"' in page
    assert web.post(TERMS, {"next": PROFILE}).url == PROFILE
    kept = TermsAcceptance.objects.get()
    assert (kept.user_id, kept.version) == (newcomer.pk, settings.TERMS_VERSION)
    assert kept.accepted_at is not None
    assert web.get(PROFILE).status_code == 200


def test_accepting_twice_keeps_the_first(web):
    web.post(TERMS)
    web.post(TERMS)
    assert TermsAcceptance.objects.count() == 1


def test_a_new_version_asks_again_even_in_an_open_session(web, settings):
    web.post(TERMS)
    assert web.get(PROFILE).status_code == 200
    settings.TERMS_VERSION = "2027-01"
    assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"
    web.post(TERMS)
    assert web.get(PROFILE).status_code == 200
    versions = TermsAcceptance.objects.values_list("version", flat=True)
    assert set(versions) == {"2026-11", "2027-01"}


def test_refusing_them_signs_out(web):
    page = force_str(web.get(TERMS).content)
    assert 'id="refus" method="post" action="/deconnexion/"' in page
    web.post("/deconnexion/")
    assert web.get(PROFILE).url.startswith("/connexion/")
    assert not TermsAcceptance.objects.exists()


def test_they_can_be_read_again(web):
    web.post(TERMS)
    page = force_str(web.get(TERMS).content)
    assert "J’accepte" not in page
    assert "Vous l’avez acceptée le" in page


def test_the_page_they_lead_to_is_of_this_site(web):
    assert web.post(TERMS, {"next": "https://ailleurs.example/"}).url == reverse("worklist:list")


def test_an_acceptance_is_not_taken_back(web):
    web.post(TERMS)
    for statement in ("DELETE FROM", "UPDATE"):
        end = " SET version = 'x'" if statement == "UPDATE" else ""
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} accounts_termsacceptance{end}")


def test_an_account_without_entry_is_told_what_to_do(client):
    with as_owner():
        nobody = User.objects.create_user("support@exemple.test", f.PASSWORD, full_name="Support")
    client.force_login(nobody)
    client.post(TERMS)
    answer = client.get(PROFILE)
    assert answer.status_code == 403
    assert "RPPS" in force_str(answer.content)
    assert "Se déconnecter" in force_str(answer.content)
    assert client.post("/identite/", {"identity": "x"}).status_code == 403


def test_the_profile_shows_each_version_accepted_and_a_sheet_to_print(web, newcomer, settings):
    web.post(TERMS)
    with as_owner():
        TermsAcceptance.objects.create(user=newcomer, version="2025-01")
    page = force_str(web.get(PROFILE).content)
    assert 'href="/conditions/2025-01/"' in page
    sheet = force_str(web.get("/profil/conditions/").content)
    for shown in (newcomer.full_name, newcomer.email, "2025-01", settings.TERMS_VERSION):
        assert shown in sheet
    assert "data-ronde-imprimer" in sheet


def test_nobody_reads_the_acceptances_of_another(web):
    other = f.user("ROUX", "Hugo", terms=False)
    with as_owner():
        TermsAcceptance.objects.create(user=other, version="2019-09")
    web.post(TERMS)
    assert "2019-09" not in force_str(web.get("/profil/conditions/").content)


def test_the_text_speaks_of_secrecy_of_traces_and_of_break_glass_abuse(web):
    page = force_str(web.get(TERMS).content)
    for said in ("L. 1110-4", "226-13", "bris de glace sans nécessité", "Traçabilité", "personnel"):
        assert said in page
