"""New terms of use: written and published in the console, asked of whoever is at work."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ronde.accounts.models import TermsAcceptance, User
from ronde.core.db.roles import as_owner
from ronde.documents.models import Document
from tests import factories as f
from tests.e2e.axe import check

CHANGES = "Les exports de listes sont encadrés."


@pytest.fixture
def agnes(site: str) -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


def test_an_administrator_publishes_and_a_nurse_at_work_is_asked(visit, agnes, sophie, record):
    nurse = visit(sophie).page
    circle = f"/dossiers/{record.pk}/cercle/"
    nurse.goto(circle)

    page = visit(agnes).page
    page.goto("/console/conditions/")
    check(page, "versions of the terms")
    page.get_by_role("link", name="Écrire une nouvelle version").click()
    check(page, "draft of the terms")
    page.get_by_role("button", name="Enregistrer et relire").click()
    expect(page.get_by_text("Un point à corriger")).to_be_visible()
    page.get_by_label("Ce qui change", exact=False).first.fill(CHANGES)
    text = page.get_by_label("Texte en français")
    text.fill("## Exports\n\nUn export reste **sous secret**.\n\n" + text.input_value())
    page.get_by_role("button", name="Enregistrer et relire").click()
    expect(page.get_by_role("heading", name="Relire avant de publier")).to_be_visible()
    expect(page.get_by_role("heading", name="Exports")).to_be_visible()
    check(page, "preview of the terms")
    page.get_by_role("link", name="En anglais").click()
    expect(page.get_by_role("heading", name="3. Professional secrecy")).to_be_visible()
    page.get_by_role("link", name="Publier…").click()
    dialog = page.get_by_role("dialog")
    check(page, "publication of the terms")
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog.get_by_text("dès maintenant, les 2 comptes ouverts devront")).to_be_visible()
    check(page, "what the publication will do")
    dialog.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", name="Conditions d’utilisation")).to_be_visible()
    page.get_by_role("button", name="J’accepte").click()
    expect(page.get_by_role("table")).to_contain_text("1 sur 2")

    nurse.get_by_role("link", name="Identité").first.click()
    expect(nurse.get_by_role("heading", name="Ce qui change")).to_be_visible()
    expect(nurse.get_by_text(CHANGES)).to_be_visible()
    expect(nurse.get_by_role("heading", name="Exports")).to_be_visible()
    check(nurse, "terms asked again")
    nurse.get_by_role("button", name="J’accepte").click()
    expect(nurse).to_have_url(re.compile("/dossiers/.*/identite/"))
    nurse.goto("/profil/conditions/")
    expect(nurse.get_by_role("row")).to_have_count(3)
    nurse.get_by_role("table").get_by_role("link").first.click()
    expect(nurse.get_by_text("sous secret")).to_be_visible()
    check(nurse, "text of a published version")


def test_a_publication_is_planned_then_withdrawn(visit, agnes):
    page = visit(agnes, phone=True).page
    page.goto("/console/conditions/brouillon/")
    page.get_by_label("Ce qui change").first.fill(CHANGES)
    page.get_by_role("button", name="Enregistrer et relire").click()
    page.get_by_role("link", name="Publier…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("À partir d'une date").check()
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog.get_by_text("Indiquez la date.").first).to_be_visible()
    day = timezone.localdate() + timedelta(days=40)
    dialog.get_by_label("Date", exact=True).fill(f"{day:%Y-%m-%d}")
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog.get_by_text(f"à partir du {day:%d/%m/%Y} à 0 h")).to_be_visible()
    dialog.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", name=f"Version {day:%Y-%m}, à venir")).to_be_visible()
    check(page, "publication to come")
    page.get_by_role("link", name="Lire", exact=True).click()
    page.get_by_role("link", name="Retirer la publication").click()
    check(page, "withdrawal of a publication")
    dialog.get_by_role("button", name="Retirer la publication").click()
    expect(page.get_by_role("heading", name="Brouillon")).to_be_visible()


def test_what_is_being_typed_when_new_terms_come_is_not_lost(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/")
    page.get_by_role("link", name="Nouveau mémo").click()
    dialog = page.locator("dialog#dialogue")
    dialog.get_by_label("Contenu").fill("Clés chez la voisine.")
    f.published_terms("2031-01", text="Le **secret**.", summary=CHANGES)
    dialog.get_by_role("button", name="Créer").click()
    asked = page.get_by_role("alertdialog", name="Nouvelles conditions d’utilisation")
    expect(asked).to_be_visible()
    check(page, "new terms while typing")
    with page.context.expect_page() as opened:
        asked.get_by_role("link", name="Les lire").click()
    opened.value.get_by_role("button", name="J’accepte").click()
    expect(opened.value.get_by_role("heading", name="File active")).to_be_visible()
    opened.value.close()
    asked.get_by_role("button", name="Revenir à ma page").click()
    expect(dialog.get_by_label("Contenu")).to_have_value("Clés chez la voisine.")
    dialog.get_by_role("button", name="Créer").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Clés chez la voisine.")).to_be_visible()
    assert TermsAcceptance.objects.filter(version="2031-01").count() == 1


def test_a_click_on_a_page_where_nothing_is_typed_leads_to_them_and_back(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/")
    f.published_terms("2031-01", summary=CHANGES)
    page.get_by_role("link", name="Nouveau mémo").click()
    expect(page.get_by_text(CHANGES)).to_be_visible()
    page.get_by_role("button", name="J’accepte").click()
    expect(page).to_have_url(re.compile("/dossiers/.*/memos/"))


def test_a_form_on_its_way_is_saved_with_the_acceptance(visit, sophie, record):
    page = visit(sophie, phone=True).page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/ajouter/")
    page.get_by_label("Contenu").fill("Clés chez la voisine.")
    f.published_terms("2031-01", summary=CHANGES)
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_text("n’est pas encore enregistré")).to_be_visible()
    check(page, "terms before a form that is on its way")
    page.get_by_role("button", name="J’accepte").click()
    expect(page.get_by_text("Clés chez la voisine.").first).to_be_visible()


def test_files_being_sent_when_new_terms_come_are_sent_afterwards(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/documents/")
    page.get_by_role("link", name="Ajouter des documents").click()
    dialog = page.locator("dialog#dialogue")
    one = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": f.one_page("JPEG")}
    dialog.locator("input[type=file]").first.set_input_files([one])
    dialog.get_by_label("Catégorie et type").select_option(label="Courrier")
    f.published_terms("2031-01", summary=CHANGES)
    dialog.get_by_role("button", name="Ajouter au dossier").click()
    asked = page.get_by_role("alertdialog", name="Nouvelles conditions d’utilisation")
    expect(asked).to_be_visible()
    f.TermsAcceptance.objects.create(user=sophie, version="2031-01")
    asked.get_by_role("button", name="Revenir à ma page").click()
    dialog.get_by_role("button", name="Réessayer").click()
    expect(dialog).to_be_hidden()
    with as_owner():
        assert Document.objects.count() == 1
