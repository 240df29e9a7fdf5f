"""Asking for help, reading the small print, and speaking English."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from ronde.accounts.models import SupportRequest
from tests.e2e.axe import check
from tests.e2e.gestures import tab_to

PAGES = ("Mentions légales", "Données personnelles", "Conditions d’utilisation", "Sécurité")
INS = "2 55 08 14 168 025 38"


def footer(page: Page, name: str | re.Pattern[str]):
    return page.get_by_role("contentinfo").get_by_role("link", name=name)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_visitor_reads_the_pages_under_the_door(visit, phone):
    page = visit(phone=phone).page
    page.goto("/connexion/")
    check(page, "sign-in page")
    for name in PAGES:
        footer(page, name).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        check(page, name)
    footer(page, re.compile("Accessibilité : non conforme")).click()
    expect(page.get_by_role("heading", name="Déclaration d’accessibilité")).to_be_visible()
    check(page, "accessibility statement")
    page.get_by_role("link", name="Contacter l’assistance").first.click()
    expect(page.get_by_label("Sujet")).to_have_value("accessibility")


def test_a_visitor_speaks_english_and_writes_to_the_support(visit, post):
    page = visit(phone=True).page
    page.goto("/connexion/")
    page.get_by_role("button", name=re.compile("^FR")).click()
    check(page, "menu of languages")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    footer(page, "Contact support").click()
    page.get_by_role("textbox", name="Your request").fill("I never received the code.")
    page.get_by_label("Your name").fill("Ann Smith")
    page.get_by_label("Your e-mail address").fill("ann.smith@exemple.fr")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("One point to correct")).to_be_visible()
    check(page, "support form with an error")
    expect(page.get_by_role("textbox", name="Your request")).to_have_value(
        "I never received the code."
    )
    page.get_by_label("Subject").select_option(label="Signing in, my account")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Request saved")).to_be_visible()
    check(page, "reference of a request")
    reference = page.locator("strong.nb").inner_text()
    assert reference in post.last("ann.smith@exemple.fr").get_content()
    assert "Ann Smith" in post.last(settings.SUPPORT_EMAIL).get_content()


def test_a_coordinator_asks_for_help_from_a_record_without_its_patient(visit, sophie, record, post):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    opener = footer(page, "Contacter l’assistance")
    tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Contacter l’assistance")
    expect(dialog.get_by_label("Sujet")).to_be_focused()
    expect(dialog.get_by_text("/dossiers/…/cercle/")).to_be_visible()
    check(page, "support dialog")
    dialog.get_by_label("Sujet").select_option(label="Une page ne fonctionne pas")
    dialog.get_by_role("textbox", name="Votre demande").fill(f"Le retrait échoue pour {INS}")
    dialog.get_by_role("button", name="Envoyer").click()
    expect(dialog.get_by_text("L’assistance n’en a pas besoin").first).to_be_visible()
    check(page, "support dialog with a patient's number")
    dialog.get_by_role("textbox", name="Votre demande").fill(
        "Le retrait d'un membre échoue à 14 h."
    )
    dialog.get_by_role("button", name="Envoyer").click()
    thanks = page.get_by_role("dialog", name="Demande enregistrée")
    expect(thanks).to_be_visible()
    expect(thanks).to_contain_text(SupportRequest.objects.get().reference)
    letter = post.last(settings.SUPPORT_EMAIL).get_content()
    assert "/dossiers/…/cercle/" in letter
    assert str(record.pk) not in letter
    assert "MARCHETTI" not in letter
    thanks.get_by_role("link", name="Fermer").click()
    expect(thanks).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_professional_changes_language_where_they_are_and_reads_what_they_accepted(visit, sophie):
    page = visit(sophie).page
    page.goto("/profil/")
    page.get_by_role("button", name=re.compile("^FR")).click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="My profile")).to_be_visible()
    check(page, "profile in English")
    page.get_by_role("link", name="Certificate").click()
    expect(page.get_by_role("heading", name="Accepted terms of use")).to_be_visible()
    check(page, "certificate of the terms")
    page.get_by_role("link", name=settings.TERMS_VERSION).click()
    expect(page.get_by_role("heading", name="3. Professional secrecy")).to_be_visible()
