"""A patient who exists already, followed by others: the duplicate is stopped, the glass broken."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from ronde.careteam.models import BreakGlass, Grant
from ronde.core.db.roles import as_owner
from ronde.patients.models import Patient
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.gestures import type_identity

NOTE = "Chute cette nuit, sans gravité. Fille prévenue."
WHY = "Trouvée au sol par sa voisine, antécédents inconnus."


@pytest.fixture
def followed(sophie, marc, record):
    """The record, followed by Sophie and by the GP."""
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    return record


def search_with_a_typing_mistake(page: Page) -> None:
    page.goto("/file-active/")
    page.get_by_role("link", name="Créer un nouveau patient").click()
    type_identity(page, **{"1er prénom de naissance": "Jeane"})
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Identités proches", level=1)).to_be_visible()


def break_the_glass(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Accès bris de glace")).click()
    dialog = page.get_by_role("dialog", name="Accès bris de glace")
    dialog.get_by_label("Urgence : la vie ou la santé est menacée").check()
    dialog.get_by_label("Précisez la situation").fill(WHY)
    dialog.get_by_role("button", name="Accès bris de glace").click()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()


def let_the_access_end(patient: Patient, *, left: timedelta) -> None:
    """Move the access into the past, as the clock does: no trigger runs when time passes."""
    until = timezone.now() + left
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE careteam_breakglass DISABLE TRIGGER USER")
        BreakGlass.objects.filter(patient=patient, ended_at=None).update(
            opened_at=until - timedelta(hours=2), until=until
        )
        Grant.objects.filter(patient=patient).exclude(until=None).update(until=until)
        cursor.execute("ALTER TABLE careteam_breakglass ENABLE TRIGGER USER")


def test_a_probable_duplicate_stops_the_creation_and_opens_by_breaking_the_glass(
    visit, post, followed, sophie, marc
):
    page = visit(f.user("NGUYEN", "Paul", profession="I60")).page
    search_with_a_typing_mistake(page)
    near = page.get_by_role("article", name="MARCHETTI Jeanne")
    expect(near).to_contain_text("Doublon probable")
    expect(near).not_to_contain_text("LAMBERT")
    check(page, "near identities")

    page.get_by_role("button", name="Créer un nouveau patient").click()
    expect(page.get_by_text("2 points à corriger")).to_be_visible()
    expect(page.locator(".recap-err")).to_be_focused()
    expect(near).to_be_visible()

    page.get_by_role("button", name=re.compile("Accès bris de glace")).click()
    dialog = page.get_by_role("dialog", name="Accès bris de glace")
    expect(dialog).to_contain_text("12/03/1942")
    dialog.get_by_role("button", name="Accès bris de glace").click()
    expect(dialog).to_contain_text("Choisissez le motif.")
    check(page, "break-glass dialog")
    dialog.get_by_label("Urgence : la vie ou la santé est menacée").check()
    dialog.get_by_label("Précisez la situation").fill(WHY)
    dialog.get_by_role("button", name="Accès bris de glace").click()

    band = page.locator(".bandeau", has_text="Accès bris de glace")
    expect(band).to_contain_text(re.compile(r"encore (120|119)\smin"))
    expect(page.get_by_role("link", name="Ajouter au cercle")).to_have_count(0)
    check(page, "record under break-glass")

    page.keyboard.press("n")
    note = page.get_by_role("dialog", name="Nouvelle note")
    note.get_by_label("Texte de la note").fill(NOTE)
    page.keyboard.press("Control+Enter")
    expect(note).to_be_hidden()
    expect(page.locator("#place-feed")).to_contain_text(NOTE)

    for follower in (sophie, marc):
        letters = post.letters(follower.email)
        assert any("Accès bris de glace" in letter["Subject"] for letter in letters)
        for letter in letters:
            assert "MARCHETTI" not in letter.as_string() + letter.get_content()

    page.get_by_role("button", name="Mettre fin à l’accès").click()
    expect(page.get_by_text("Vous avez mis fin à votre accès bris de glace.")).to_be_visible()
    expect(page.get_by_text("MARCHETTI Jeanne")).to_have_count(0)
    page.goto(f"/dossiers/{followed.pk}/")
    expect(page.get_by_role("heading", name="Page introuvable")).to_be_visible()

    reader = visit(sophie).page
    reader.goto(f"/dossiers/{followed.pk}/tracabilite/")
    opening = reader.get_by_role("row", name=re.compile("NGUYEN|Paul"))
    expect(opening).to_contain_text("bris de glace", ignore_case=True)
    reader.goto(f"/dossiers/{followed.pk}/")
    expect(reader.locator("#place-feed, #place-since").get_by_text(NOTE).first).to_be_visible()


def test_after_two_hours_the_page_closes_by_itself_and_what_is_sent_too_late_is_refused(
    visit, followed
):
    visitor = visit(f.user("NGUYEN", "Paul", profession="I60"))
    page = visitor.page
    search_with_a_typing_mistake(page)
    break_the_glass(page)
    ended = page.get_by_text("votre accès a pris fin")

    page.keyboard.press("n")
    page.get_by_label("Texte de la note").fill(NOTE)
    let_the_access_end(followed, left=timedelta(0))
    page.get_by_role("button", name="Ajouter la note").click()
    expect(ended).to_be_visible()
    expect(page).to_have_url(re.compile("/file-active/"))
    expect(page.get_by_text("MARCHETTI")).to_have_count(0)

    search_with_a_typing_mistake(page)
    break_the_glass(page)
    let_the_access_end(followed, left=timedelta(seconds=8))
    page.reload()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    expect(ended).to_be_visible()
    expect(page).to_have_url(re.compile("/file-active/"))
