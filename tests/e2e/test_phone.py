"""At a patient's home, on a phone: read, call, write a note."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories as f
from tests.e2e.axe import overflow
from tests.e2e.gestures import box, sign_in, type_identity

TARGET = 44  # Pixels: what a thumb needs.


@pytest.fixture
def followed(sophie, marc, record):
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    return record


def fits(page: Page) -> None:
    assert overflow(page) == []


def test_a_visit_at_home_is_prepared_and_noted_on_a_phone(visit, post, marc, followed):
    page = visit(phone=True).page
    page.goto("/file-active/")
    fits(page)
    sign_in(page, marc, post)
    expect(page.get_by_role("heading", name="File active", level=1)).to_be_visible()
    fits(page)
    page.get_by_role("link", name="MARCHETTI Jeanne", exact=True).tap()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    fits(page)
    call = page.locator("#place-circle").get_by_role("link", name=re.compile("Appeler"))
    expect(call.first).to_have_attribute("href", re.compile(r"^tel:\+33"))
    small = call.first.bounding_box()
    assert min(small["width"], small["height"]) >= TARGET

    page.get_by_role("link", name="Noter", exact=True).filter(visible=True).tap()
    note = page.get_by_role("dialog", name="Nouvelle note")
    fits(page)
    note.get_by_label("Texte de la note").fill("Tension stable, pansement refait.")
    note.get_by_role("button", name="Ajouter la note").tap()
    expect(note).to_be_hidden()
    written = page.locator("#place-feed, #place-since").get_by_text("Tension stable")
    expect(written.first).to_be_visible()

    for tab, heading in (("Cercle de soins", "Cercle de soins"), ("Fil", "Fil d’actualité")):
        page.get_by_role("navigation", name="Rubriques du dossier").get_by_role(
            "link", name=re.compile(tab)
        ).tap()
        expect(page.get_by_role("heading", name=heading, level=2)).to_be_visible()
        fits(page)


def test_a_record_is_starred_and_printed_from_a_phone(visit, sophie, record):
    page = visit(sophie, phone=True).page
    page.goto(f"/dossiers/{record.pk}/")
    star = page.get_by_role("button", name="Favori : MARCHETTI Jeanne")
    with page.expect_response(re.compile("/favori/$")) as answered:
        star.tap()
    assert answered.value.status == 204
    page.reload()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Imprimer").filter(visible=True).tap()
    expect(page.get_by_role("heading", name="Version à imprimer")).to_be_visible()
    fits(page)


def test_a_long_circle_is_sorted_from_a_phone(visit, sophie, record):
    who = f.actor(sophie)
    for name in ("ALBERTI", "BONNET", "COSTA", "DUPUIS", "EYRAUD"):
        f.member(who, record, f.user(name, "Anne").person.party)
    page = visit(sophie, phone=True).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    first = page.locator("#membres tbody tr td").first
    expect(first).to_contain_text("ALBERTI")
    expect(page.get_by_role("columnheader", name="Nom")).to_be_hidden()
    f.member(who, record, f.user("FABRE", "Anne").person.party, roles=("medecin-traitant",))
    page.reload()
    page.get_by_role("columnheader", name="Rôle et statut").get_by_role("link").tap()
    expect(page).to_have_url(re.compile("tri=role"))
    expect(first).to_contain_text("FABRE")
    fits(page)


def test_the_filters_of_the_list_open_from_one_line_on_a_phone(visit, sophie, record):
    f.patient(f.actor(sophie), birth_name="BOYER", first_given="LUCIEN", sex="M")
    page = visit(sophie, phone=True).page
    page.goto("/file-active/")
    sexes = page.get_by_role("button", name="Sexe")
    expect(sexes).to_be_hidden()
    page.locator("summary", has_text="Filtres").tap()
    sexes.tap()
    page.get_by_role("checkbox", name="H", exact=True).tap()
    expect(page.get_by_role("status").get_by_text("1 dossier", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="BOYER Lucien", exact=True)).to_be_visible()
    fits(page)


def test_a_record_can_be_created_on_a_phone(visit, sophie):
    page = visit(sophie, phone=True).page
    page.goto("/file-active/")
    page.get_by_role("link", name="Nouveau patient").tap()
    expect(box(page, "Nom de naissance")).to_be_visible()
    fits(page)
    type_identity(page)
    page.get_by_role("button", name="Rechercher si le patient est existant").tap()
    page.get_by_label("L'usager / patient lui-même").check()
    page.get_by_label(re.compile("J'atteste que le patient est consentant")).check()
    fits(page)
    page.get_by_role("button", name="Créer le patient").tap()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    page.get_by_role("link", name="Cercle", exact=True).filter(visible=True).tap()
    expect(page.get_by_role("dialog", name="Ajouter au cercle de soins")).to_be_visible()
    fits(page)
