"""Pro Santé Connect: who comes back is believed only as far as it was checked."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ronde.accounts.models import ProSanteLink
from ronde.accounts.psc import client as psc_client
from ronde.accounts.psc import views
from ronde.accounts.psc.claims import professional
from ronde.accounts.psc.refusal import Refusal, Refused
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import LOGIN, run_jobs
from tests.accounts.pro_sante import (
    BACK,
    PLACE,
    PROFILE,
    SECURITY,
    SITE,
    START,
    go,
    refusals,
    signed_in,
    text,
)
from tests.oidc.playing import WITH_WORKPLACES, WITHOUT_WORKPLACE, claims_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("declared")]


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


def test_v7_2_4_the_key_of_the_session_changes(client, provider, marc):
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


def test_v6_8_4_another_level_than_the_one_asked_for(client, provider, marc):
    provider.add("marc", claims_of(f"8{marc.person.rpps}"), acr="eidas2")
    refused(go(client, provider, "marc"), "acr", "Niveau de connexion insuffisant")


def test_v10_2_1_an_answer_to_nothing_that_was_asked(client, provider, marc):
    client.get(START)
    refused(client.get(f"{BACK}?code=x&state=y"), "state", "Connexion à recommencer")


def test_an_answer_without_anything(client):
    refused(client.get(BACK), "state", "Connexion à recommencer")


def test_v10_1_2_an_answer_given_to_another_browser(client, provider, marc):
    back = provider.visit(client.get(START).url, "marc")
    thief = Client()
    refused(thief.get(back.removeprefix(SITE)), "state", "Connexion à recommencer")


def test_v10_1_2_an_answer_serves_once(client, provider, marc):
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    client.get(back)
    client.post("/deconnexion/")
    refused(client.get(back), "state", "Connexion à recommencer")


def test_v10_5_1_an_identity_token_made_for_another_sign_in(client, provider, marc):
    """The nonce of the session is not the one of the token."""
    back = provider.visit(client.get(START).url, "marc").removeprefix(SITE)
    change_what_was_begun(client, nonce="another")
    refused(client.get(back), "token", "Réponse refusée")


def test_v10_2_1_a_code_without_the_secret_of_its_start(client, provider, marc):
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


def test_v10_5_3_a_provider_that_says_it_is_another(client, settings):
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


def test_the_sign_up_proposes_the_card_which_leads_back_with_the_identity(
    client, provider, settings
):
    page = text(client.get(reverse("accounts:sign_up")))
    assert f'href="{START}"' in page
    assert "Avec Pro Santé Connect" in page
    provider.add("alix", WITHOUT_WORKPLACE)
    answer = go(client, provider, "alix")
    assert answer.url == reverse("accounts:sign_up")
    assert client.get(answer.url).url == reverse("accounts:sign_up_identity")
    identity = text(client.get(reverse("accounts:sign_up_identity")))
    assert "votre compte s’ouvrira sans validation" in identity
    settings.PSC_ISSUER = ""
    assert "Pro Santé Connect" not in text(Client().get(reverse("accounts:sign_up")))


def test_a_closed_account(client, provider, marc):
    with as_owner():
        marc.is_active = False
        marc.save()
    refused(go(client, provider, "marc"), "inactive", "n'est plus ouvert".replace("'", "&#39;"))


def test_v10_5_2_another_card_that_claims_the_same_number(client, provider, marc):
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


def test_v6_8_4_a_provider_session_left_open_is_no_proof(client, provider, marc, monkeypatch):
    """Whoever takes «prompt=login» out of the address does not show the card again."""
    at = requests.Session()
    go(client, provider, "marc", at=at)
    time.sleep(3.1)
    asked = client.get(f"{START}?pour=preuve").url
    silent = asked.replace("prompt=login", "prompt=none").replace("max_age=0", "max_age=99999")
    with monkeypatch.context() as patch:
        patch.setattr(views, "PROOF_LASTS", 2)
        answer = client.get(provider.visit(silent, "marc", at).removeprefix(SITE))
    assert "Connexion expirée" in text(answer)
    assert client.get("/profil/securite/application/").status_code == 302
    assert go(client, provider, "marc", f"{START}?pour=preuve", at=at).url == SECURITY


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
