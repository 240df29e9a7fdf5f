"""Who is in the circle of a patient, and what the patient refuses."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.gestures import box


@pytest.fixture
def circle(record) -> str:
    """The address of the circle of Jeanne MARCHETTI."""
    return f"/dossiers/{record.pk}/cercle/"


def row(page: Page, name: str) -> Locator:
    return page.locator("tr[data-ronde-ligne]", has_text=name)


def act(page: Page, name: str, action: str) -> Locator:
    """Take an action in the menu of a member; the dialog that opens."""
    row(page, name).get_by_role("button", name=f"Actions pour {name}").click()
    page.locator("[popover]:popover-open").get_by_text(action).click()
    dialog = page.locator("dialog#dialogue")
    expect(dialog).to_be_visible()
    return dialog


def by_hand(page: Page, whom: str) -> None:
    page.get_by_role("button", name=f"Autres façons : ajouter {whom}").click()
    page.locator("[popover]:popover-open").get_by_text("Manuellement").click()


def test_a_patient_refuses_then_accepts_to_share_with_a_member(visit, sophie, marc, record, circle):
    f.member(f.actor(sophie), record, marc.person.party)
    page = visit(sophie).page
    page.goto(circle)
    stale = page.context.new_page()
    stale.goto(circle)
    habilitating = act(stale, "LEBLANC Marc", "Habiliter…")

    dialog = act(page, "LEBLANC Marc", "Noter un refus du patient…")
    expect(dialog).to_contain_text("même en bris de glace")
    check(page, "refusal dialog")
    dialog.get_by_role("button", name="Noter le refus").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "LEBLANC Marc")).to_contain_text("Partage refusé")
    check(page, "circle")

    habilitating.get_by_role("button", name="Habiliter").click()
    expect(habilitating.get_by_role("alert")).to_contain_text("refus")
    stale.close()

    doctor = visit(marc).page
    doctor.goto(f"/dossiers/{record.pk}/bris-de-glace/")
    doctor.get_by_label("Urgence : la vie ou la santé est menacée").check()
    doctor.get_by_label("Précisez la situation").fill("Appelé au domicile, confusion.")
    doctor.get_by_role("button", name="Accès bris de glace").click()
    expect(doctor.get_by_role("heading", name="Page introuvable")).to_be_visible()
    doctor.goto(f"/dossiers/{record.pk}/")
    expect(doctor.get_by_role("heading", name="Page introuvable")).to_be_visible()
    expect(doctor.get_by_text("MARCHETTI")).to_have_count(0)

    dialog = act(page, "LEBLANC Marc", "Lever le refus du patient…")
    dialog.get_by_role("button", name="Lever le refus").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "LEBLANC Marc")).to_contain_text("Sans accès")
    dialog = act(page, "LEBLANC Marc", "Habiliter…")
    dialog.get_by_role("button", name="Habiliter").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "LEBLANC Marc")).not_to_contain_text("Sans accès")
    doctor.goto(f"/dossiers/{record.pk}/")
    expect(doctor.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()


def test_a_relative_and_a_professional_outside_the_directory_are_added_by_hand(
    visit, post, sophie, circle
):
    page = visit(sophie).page
    page.goto(circle)
    by_hand(page, "un professionnel ou un aidant")
    dialog = page.get_by_role("dialog", name="Ajout manuel de personne")
    dialog.get_by_role("button", name="Ajouter la personne au cercle de soins").click()
    expect(dialog.get_by_text(re.compile("points? à corriger"))).to_be_visible()
    dialog.get_by_role("group", name=re.compile("S’agit-il d’un professionnel")).get_by_label(
        "Non"
    ).check()
    box(dialog, "Nom").fill("MARCHETTI")
    box(dialog, "Prénom").fill("Claire")
    dialog.get_by_label("Numéro de mobile").fill("06 12 34 56 78")
    dialog.get_by_label("Lien avec le patient").select_option(label="Fille")
    dialog.get_by_role("checkbox", name="Personne de confiance").check()
    check(page, "manual addition of a relative")
    dialog.get_by_role("button", name="Ajouter la personne au cercle de soins").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "MARCHETTI Claire")).to_contain_text("Personne de confiance")
    phone = row(page, "MARCHETTI Claire").get_by_role("link", name=re.compile("Appeler"))
    expect(phone.first).to_have_attribute("href", "tel:+33612345678")

    by_hand(page, "un professionnel ou un aidant")
    dialog.get_by_role("group", name=re.compile("S’agit-il d’un professionnel")).get_by_label(
        "Oui"
    ).check()
    nothing_sent = dialog.get_by_text("aucun message envoyé")
    expect(nothing_sent).to_be_visible()
    informed = dialog.get_by_role("group", name=re.compile("est-il informé"))
    informed.get_by_label("Oui").check()
    expect(nothing_sent).to_be_hidden()
    expect(dialog.get_by_text("Le service de l’annuaire reçoit la demande")).to_be_visible()
    informed.get_by_label("Non").check()
    expect(nothing_sent).to_be_visible()
    dialog.get_by_role("group", name=re.compile("doit-il pouvoir accéder")).get_by_label(
        "Oui"
    ).check()
    expect(nothing_sent).to_be_hidden()
    box(page, "Nom").fill("GARCIN")
    dialog.get_by_role("button", name="Ajouter la personne au cercle de soins").click()
    expect(dialog.get_by_text("3 points à corriger")).to_be_visible()
    expect(box(page, "Nom")).to_have_value("GARCIN")
    box(page, "Prénom").fill("Luc")
    box(page, "Ville").fill("Toulon")
    dialog.get_by_label("Profession", exact=True).select_option(label="Assistant de service social")
    check(page, "manual addition of a professional")
    dialog.get_by_role("button", name="Ajouter la personne au cercle de soins").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "GARCIN Luc")).to_contain_text("Sans accès")
    asked = post.last(settings.DIRECTORY_SERVICE_EMAIL)
    assert "GARCIN" in asked.get_content()
    assert "Toulon" in asked.get_content()
    assert "MARCHETTI" not in asked.get_content()


def test_a_structure_is_added_by_hand_once_its_numbers_are_right(visit, sophie, circle):
    page = visit(sophie).page
    page.goto(f"{circle}ajouter/structure/")
    box(page, "Libellé").fill("Portage de repas du Faron")
    box(page, "Numéro FINESS").fill("830100999")
    box(page, "Numéro SIRET").fill("12345678901234")
    page.get_by_role("button", name="Ajouter la structure au cercle de soins").click()
    expect(page.get_by_text("2 points à corriger")).to_be_visible()
    expect(box(page, "Libellé")).to_have_value("Portage de repas du Faron")
    box(page, "Numéro FINESS").fill("830100566")
    box(page, "Numéro SIRET").fill("732 829 320 00074")
    page.get_by_role("button", name="Ajouter la structure au cercle de soins").click()
    expect(row(page, "Portage de repas du Faron")).to_contain_text("Sans accès")
