"""Creating a record: by the keyboard alone, sent twice, sent while the network is down."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.axe import check
from tests.e2e.gestures import JEANNE, TOWN, box, tab_to, type_identity


def test_a_record_is_created_with_the_keyboard_alone(visit, sophie):
    page = visit(sophie).page
    page.goto("/file-active/")
    check(page, "empty worklist")
    page.keyboard.press("Control+k")
    page.keyboard.type("nouveau")
    expect(
        page.get_by_role("option", name="Créer un nouveau patient", exact=True)
    ).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Rechercher si le patient est existant"
    )
    tab_to(page, box(page, "Nom de naissance"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".recap-err")).to_be_focused()
    check(page, "search of a patient, with errors")

    for label, value in JEANNE.items():
        tab_to(page, box(page, label))
        page.keyboard.type(value.replace("/", ""))
    expect(box(page, "Date de naissance")).to_have_value("12/03/1942")
    tab_to(page, page.get_by_label("Sexe"))
    page.keyboard.type("F")
    town = page.get_by_role("combobox", name="Commune de naissance")
    tab_to(page, town)
    page.keyboard.type("la seyne")
    expect(page.get_by_role("option", name=TOWN)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(town).to_have_value(re.compile(TOWN))
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", name="Créer le patient", level=1)).to_be_visible()
    expect(box(page, "Nom de naissance")).to_have_value("MARCHETTI")
    check(page, "creation")
    tab_to(page, box(page, "Nom de naissance"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("sans son consentement")).not_to_have_count(0)
    check(page, "creation, with errors")
    tab_to(page, page.get_by_label("L'usager / patient lui-même"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label(re.compile("J'atteste que le patient est consentant")))
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    expect(page.get_by_text("Dossier créé.")).to_be_visible()
    check(page, "record")
    page.get_by_role("link", name="Identité", exact=True).press("Enter")
    check(page, "identity")


def reach_the_last_step(page: Page) -> None:
    page.goto("/dossiers/nouveau/")
    type_identity(page)
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    page.get_by_label("L'usager / patient lui-même").check()
    page.get_by_label(re.compile("J'atteste que le patient est consentant")).check()


def test_a_creation_sent_twice_makes_one_record(visit, sophie):
    page = visit(sophie).page
    reach_the_last_step(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("L'usager / patient lui-même").check()
    other.get_by_label(re.compile("J'atteste que le patient est consentant")).check()
    page.get_by_role("button", name="Créer le patient").dblclick()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    other.get_by_role("button", name="Créer le patient").click()
    expect(other.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    assert other.url == page.url
    page.goto("/file-active/")
    expect(page.get_by_role("status").get_by_text("1 dossier", exact=True)).to_be_visible()


def test_who_is_quicker_than_the_page_gets_a_dialog_and_not_another_page(visit, sophie, record):
    visitor = visit(sophie)
    visitor.context.add_init_script("""addEventListener("DOMContentLoaded", () =>
        document.querySelector("[data-ronde-touche=n]").click())""")
    page = visitor.page
    page.goto(f"/dossiers/{record.pk}/")
    expect(page.get_by_role("dialog", name="Nouvelle note")).to_be_visible()


def test_going_back_asks_before_it_throws_away_what_is_typed(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/fil/")
    page.get_by_label("Notes", exact=True).check()
    page.wait_for_url("**/fil/?afficher=notes")
    page.get_by_role("link", name="Nouvelle note personnalisée").click()
    text = page.get_by_role("dialog", name="Nouvelle note").get_by_label("Texte de la note")
    text.press_sequentially("Appeler la fille")
    page.evaluate("history.back()")
    question = page.get_by_role("alertdialog", name="Ce que vous avez tapé")
    question.get_by_role("button", name="Annuler").click()
    expect(text).to_have_value("Appeler la fille")

    page.go_forward()
    question.get_by_role("button", name="Annuler").click()
    page.evaluate("history.back()")
    question.get_by_role("button", name="Continuer").click()
    expect(text).to_have_count(0)
    expect(page.get_by_label("Notes", exact=True)).not_to_be_checked()


def test_nothing_typed_is_lost_when_the_network_falls(visit, sophie, record):
    visitor = visit(sophie)
    page = visitor.page
    down = page.get_by_text("Le serveur ne répond pas.")
    page.goto(f"/dossiers/{record.pk}/")
    page.keyboard.press("n")
    note = page.get_by_role("dialog", name="Nouvelle note")
    note.get_by_label("Texte de la note").fill("Revoir le traitement avec la pharmacie.")
    with visitor.without_network():
        note.get_by_role("button", name="Ajouter la note").click()
        expect(down).to_be_visible()
        check(page, "network down")
    page.get_by_role("button", name="Réessayer").click()
    expect(note).to_be_hidden()
    expect(down).to_be_hidden()
    written = page.locator("#place-feed, #place-since").get_by_text("Revoir le traitement")
    expect(written).to_have_count(1)

    page.goto("/dossiers/nouveau/")
    type_identity(page, **{"1er prénom de naissance": "Louise"})
    with visitor.without_network():
        page.get_by_role("button", name="Rechercher si le patient est existant").click()
        expect(down).to_be_visible()
        expect(box(page, "1er prénom de naissance")).to_have_value("Louise")
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Identités proches", level=1)).to_be_visible()
