"""Marc signs in with Pro Santé Connect, says where he works, and leaves both."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.e2e import axe
from tests.oidc.playing import (
    WITH_WORKPLACES,
    WITHOUT_WORKPLACE,
    ProSante,
    claims_of,
    declare,
    playing,
)

BUTTON = "Se connecter avec Pro Santé Connect"
ALIX = "alix.exemple@cabinet.example"


@pytest.fixture
def provider(site, settings) -> Iterator[ProSante]:
    with playing(site) as started:
        declare(settings, started)
        yield started


@pytest.fixture
def hospital(marc, provider):
    """Marc works at his practice and at the hospital, which he may act for."""
    place = f.structure("CH DES ESSAIS")
    with as_owner():
        place.finess = "990000001"
        place.save()
        marc.attachments.create(structure=place)
    claims = claims_of(f"8{marc.person.rpps}", WITH_WORKPLACES)
    provider.add("marc", {**claims, "given_name": "Marc", "family_name": "LEBLANC"})
    return place


def through_the_provider(page: Page, name: str) -> None:
    page.goto("/connexion/")
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("phone", [False, True])
def test_marc_chooses_the_hospital_and_acts_for_it(visit, marc, hospital, provider, phone):
    page = visit(phone=phone).page
    page.goto("/connexion/")
    axe.check(page, "sign-in with Pro Santé Connect")
    through_the_provider(page, "Marc LEBLANC")
    expect(page.get_by_role("heading", name="Où exercez-vous maintenant ?")).to_be_visible()
    axe.check(page, "workplaces")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Choisissez le lieu où vous exercez maintenant.")).to_be_visible()
    page.get_by_label(re.compile("CENTRE HOSPITALIER DES ESSAIS")).check()
    page.get_by_role("button", name="Continuer").click()
    expect(page).to_have_url(re.compile("/file-active/"))
    page.goto("/profil/")
    expect(page.get_by_text("CENTRE HOSPITALIER DES ESSAIS")).to_be_visible()
    menu = page.get_by_role("button", name=re.compile("Changer de compte"))
    expect(menu).to_contain_text("CH DES ESSAIS" if not phone else "")


def test_signing_out_here_signs_out_there(visit, marc, hospital, provider):
    page = visit().page
    through_the_provider(page, "Marc LEBLANC")
    page.goto("/file-active/")
    page.get_by_role("button", name="Se déconnecter").first.click()
    asked = page.get_by_role("heading", name="Fermer la session Pro Santé Connect ?")
    expect(asked).to_be_visible()
    page.get_by_role("button", name="Fermer la session").click()
    expect(page.get_by_text("Vous êtes déconnecté, ici et de Pro Santé Connect.")).to_be_visible()
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_role("button", name="Marc LEBLANC")).to_be_visible()


def test_signing_out_there_signs_out_here(visit, marc, hospital, provider):
    page = visit().page
    through_the_provider(page, "Marc LEBLANC")
    page.goto("/profil/")
    expect(page.get_by_role("heading", name="Mon profil")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{provider.url}/session/end")
    other.get_by_role("button", name="Fermer la session").click()
    expect(other.get_by_text("est fermé")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()


def test_giving_up_there_is_told_here(visit, provider):
    page = visit().page
    through_the_provider(page, "Refuser")
    expect(page.get_by_role("heading", name="Connexion abandonnée")).to_be_visible()
    axe.check(page, "refused by Pro Santé Connect")
    page.get_by_role("link", name="Se connecter autrement").click()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()


def test_somebody_without_account_signs_up_by_card_and_waits_for_nobody(visit, post, provider):
    provider.add("alix", WITHOUT_WORKPLACE)
    page = visit().page
    page.goto("/connexion/")
    page.get_by_role("link", name="Demande d’inscription").click()
    axe.check(page, "sign-up with Pro Santé Connect")
    page.get_by_role("link", name="Avec Pro Santé Connect").click()
    page.get_by_role("button", name="Alix EXEMPLE").click()
    expect(page.get_by_text("votre compte s’ouvrira sans validation")).to_be_visible()
    axe.check(page, "sign-up, identity verified")
    page.get_by_label("Madame").check()
    page.get_by_label("Adresse e-mail professionnelle").fill(ALIX)
    page.get_by_label("Téléphone").fill("06 39 98 12 34")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", name="Vérifiez votre messagerie")).to_be_visible()
    page.goto(post.link(ALIX))
    page.get_by_role("button", name="Confirmer mon adresse").click()
    page.get_by_label("Nouveau mot de passe").fill(f.PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(f.PASSWORD)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_label("Nouveau mot de passe")).to_have_count(0)
    page.goto("/connexion/")
    page.get_by_role("link", name=BUTTON).click()  # The card is still known there.
    page.get_by_role("button", name="J’accepte").click()
    expect(page).to_have_url(re.compile("/file-active/"))
