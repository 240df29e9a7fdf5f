"""The terms of use stand before everything else, and each version is accepted by name."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str

from ronde.accounts import legal, terms
from ronde.accounts.models import TermsAcceptance, User
from ronde.accounts.terms_page import READ
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.factories import published_terms as published

pytestmark = pytest.mark.django_db
TERMS, PROFILE = "/conditions/", "/profil/"


def accept(web: Client, version: str = "2026-11", **values: str):
    """Choose «J'accepte» under that version."""
    return web.post(TERMS, {READ: version, **values})


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


def test_a_page_that_asks_by_script_stays_and_says_where_they_are(web):
    answer = web.get(
        PROFILE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profil/"}
    )
    assert answer.status_code == 401
    assert answer.headers["X-Ronde-Conditions"] == f"{TERMS}?next=/profil/"
    by_script = {"Accept": "application/json", "Referer": "http://testserver/profil/"}
    answer = web.post(PROFILE, {}, headers=by_script)
    assert answer.status_code == 401
    assert answer.headers["X-Ronde-Conditions"] == f"{TERMS}?next=/profil/"


def test_what_a_page_asks_by_itself_is_passed_over(web):
    answer = web.get(reverse("notifications:signals"), headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "X-Ronde-Conditions" not in answer.headers


def test_a_form_on_its_way_is_sent_again_with_the_acceptance(web, newcomer):
    answer = web.post(f"{PROFILE}?onglet=1", {"single_key_shortcuts": "", "mot": ['<"a">', "b"]})
    assert answer.status_code == 409
    page = force_str(answer.content)
    assert f'action="{PROFILE}?onglet=1"' in page
    assert "n’est pas encore enregistré" in page
    assert 'name="mot" value="&lt;&#34;a&#34;&gt;"' in page
    assert 'name="mot" value="b"' in page
    assert User.objects.get(pk=newcomer.pk).single_key_shortcuts
    answer = web.post(PROFILE, {"single_key_shortcuts": "", READ: "2026-11"})
    assert answer.url == PROFILE
    assert not User.objects.get(pk=newcomer.pk).single_key_shortcuts
    assert TermsAcceptance.objects.get().version == "2026-11"


def test_a_form_sent_again_with_another_version_waits_for_the_right_one(web, newcomer):
    for forged in ("", "2019-01", "../x", "2026-11\0"):
        assert web.post(PROFILE, {"single_key_shortcuts": "", READ: forged}).status_code == 409
    assert not TermsAcceptance.objects.exists()
    published("2026-12")
    answer = web.post(PROFILE, {"single_key_shortcuts": "", READ: "2026-11"})
    assert answer.status_code == 409
    assert f'name="{READ}" value="2026-12"' in answer.text
    assert [one.version for one in TermsAcceptance.objects.all()] == ["2026-11"]
    assert User.objects.get(pk=newcomer.pk).single_key_shortcuts


def test_accepting_them_leads_on_and_keeps_who_and_when(web, newcomer, settings):
    page = force_str(web.get(f"{TERMS}?next={PROFILE}").content)
    assert settings.TERMS_VERSION in page
    assert "J’accepte" in page
    assert 'name="next" value="/profil/"' in page
    assert accept(web, next=PROFILE).url == PROFILE
    kept = TermsAcceptance.objects.get()
    assert (kept.user_id, kept.version) == (newcomer.pk, settings.TERMS_VERSION)
    assert kept.accepted_at is not None
    assert web.get(PROFILE).status_code == 200


def test_accepting_twice_keeps_the_first(web):
    accept(web)
    accept(web)
    assert TermsAcceptance.objects.count() == 1


def test_a_new_version_asks_again_even_in_an_open_session(web):
    accept(web)
    assert web.get(PROFILE).status_code == 200
    published("2027-01")
    assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"
    accept(web, "2027-01")
    assert web.get(PROFILE).status_code == 200
    versions = TermsAcceptance.objects.values_list("version", flat=True)
    assert set(versions) == {"2026-11", "2027-01"}


def test_another_text_that_comes_with_ronde_asks_again_too(web, settings, monkeypatch):
    accept(web)
    monkeypatch.setitem(legal.TERMS, "2027-01", legal.TERMS["2026-11"])
    settings.TERMS_VERSION = "2027-01"
    assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"


def test_the_click_accepts_the_version_that_was_read_and_the_newer_one_is_asked_next(web):
    page = web.get(TERMS).text
    assert f'name="{READ}" value="2026-11"' in page
    published("2027-01")
    assert accept(web, next=PROFILE).url == PROFILE
    assert [one.version for one in TermsAcceptance.objects.all()] == ["2026-11"]
    assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"
    assert f'name="{READ}" value="2027-01"' in web.get(TERMS).text


@pytest.mark.parametrize("forged", [None, "", "1999-01", "2031-05", "../secret", "x" * 300, "a\0"])
def test_a_version_that_is_not_one_is_refused(web, forged):
    published("2031-05", since=timezone.now() + timedelta(days=3))
    answer = web.post(TERMS, {} if forged is None else {READ: forged})
    assert answer.status_code == 422
    assert "Rien n&#39;est accepté" in answer.text
    assert not TermsAcceptance.objects.exists()


def test_a_version_published_for_later_is_asked_from_its_date_only(web):
    accept(web)
    later = timezone.now() + timedelta(hours=2)
    published("2031-05", since=later)
    assert web.get(PROFILE).status_code == 200
    assert web.get("/conditions/2031-05/").status_code == 404
    with time_machine.travel(later + timedelta(seconds=1)):
        assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"
        assert web.get("/conditions/2031-05/").status_code == 200


def test_what_changed_since_the_last_version_accepted_is_said_and_to_nobody_else(web):
    published("2027-01", summary="Les exports.")
    assert "Ce qui change" not in web.get(TERMS).text
    accept(web, "2027-01")
    published("2027-02", summary="La messagerie.")
    published("2027-02-2", summary="Les photos.")
    page = web.get(TERMS).text
    assert "Les exports." not in page
    assert page.index("Les photos.") < page.index("La messagerie.")
    accept(web, "2027-02-2")
    assert "Les photos." not in web.get(TERMS).text


def test_who_reads_english_has_the_english_text_or_is_told_that_there_is_none(web):
    web.cookies["ronde_langue"] = "en"
    published("2027-01", text="Le **secret**.")
    page = web.get(TERMS).text
    assert "This text exists in French only." in page
    assert "<strong>secret</strong>" in page
    assert 'lang="fr" tabindex' in page
    assert '<div lang="fr"><p>Le' in web.get("/conditions/2027-01/").text
    published("2027-02", text="Le **secret**.", text_en="The **secrecy**.")
    page = web.get(TERMS).text
    assert "<strong>secrecy</strong>" in page
    assert "French only" not in page


def test_another_process_hears_of_a_publication_within_a_minute(web, monkeypatch):
    accept(web)
    assert web.get(PROFILE).status_code == 200
    published("2027-01", heard=False)
    assert web.get(PROFILE).status_code == 200
    monkeypatch.setattr(terms, "FRESH_FOR", 0)
    assert web.get(PROFILE).url == f"{TERMS}?next={PROFILE}"


def test_knowing_the_version_in_force_costs_no_query(web, django_assert_num_queries):
    terms.in_force()
    with django_assert_num_queries(0):
        assert terms.in_force() == "2026-11"
        assert terms.is_known("2026-11")


def test_refusing_them_signs_out(web):
    page = force_str(web.get(TERMS).content)
    assert 'id="refus" method="post" action="/deconnexion/"' in page
    web.post("/deconnexion/")
    assert web.get(PROFILE).url.startswith("/connexion/")
    assert not TermsAcceptance.objects.exists()


def test_they_can_be_read_again(web):
    accept(web)
    page = force_str(web.get(TERMS).content)
    assert "J’accepte" not in page
    assert "Vous l’avez acceptée le" in page


def test_the_page_they_lead_to_is_of_this_site(web):
    assert accept(web, next="https://ailleurs.example/").url == reverse("worklist:list")


def test_an_acceptance_is_not_taken_back(web):
    accept(web)
    for statement in ("DELETE FROM", "UPDATE"):
        end = " SET version = 'x'" if statement == "UPDATE" else ""
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} accounts_termsacceptance{end}")


def test_an_account_without_entry_is_told_what_to_do(client):
    with as_owner():
        nobody = User.objects.create_user("support@exemple.test", f.PASSWORD, full_name="Support")
    client.force_login(nobody)
    accept(client)
    answer = client.get(PROFILE)
    assert answer.status_code == 403
    assert "RPPS" in force_str(answer.content)
    assert "Se déconnecter" in force_str(answer.content)
    assert client.post("/identite/", {"identity": "x"}).status_code == 403


def test_the_profile_shows_each_version_accepted_and_a_sheet_to_print(web, newcomer, settings):
    accept(web)
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
    accept(web)
    assert "2019-09" not in force_str(web.get("/profil/conditions/").content)


def test_the_text_speaks_of_secrecy_of_traces_and_of_break_glass_abuse(web):
    page = force_str(web.get(TERMS).content)
    for said in ("L. 1110-4", "226-13", "bris de glace sans nécessité", "Traçabilité", "personnel"):
        assert said in page
