"""The follow-up of a record at a browser: status, memo, stay, and the data taken away."""

import re
import zipfile

from playwright.sync_api import Page, expect

from ronde.careteam import actions as careteam
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.gestures import COUNT, clicks
from tests.followup.conftest import Desk


def dialog(page: Page, name: str):
    return page.get_by_role("dialog", name=name)


def test_the_status_a_memo_and_a_stay_are_written_from_the_page_of_the_record(
    visit, sophie, record
):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/")
    expect(page.locator("#statut-dossier")).to_contain_text("Statut non renseigné")

    page.keyboard.press("s")
    status = dialog(page, "Statut du dossier")
    check(page, "status")
    status.get_by_role("button", name="Enregistrer").click()
    expect(status).to_contain_text("Choisissez le statut.")
    status.get_by_role("radio", name="À évaluer").check()
    status.get_by_role("button", name="Enregistrer").click()
    expect(status).to_be_hidden()
    expect(page.locator("#statut-dossier")).to_contain_text("À évaluer")

    page.keyboard.press("m")
    memo = dialog(page, "Création d’un mémo")
    check(page, "memo")
    memo.get_by_label("Contenu").fill("Code 2107B, 3e étage")
    memo.get_by_role("button", name="Créer").click()
    expect(memo).to_be_hidden()
    expect(page.locator("#memos")).to_contain_text("Code 2107B, 3e étage")

    page.get_by_role("link", name="Noter une hospitalisation").click()
    stay = dialog(page, "Noter une hospitalisation")
    stay.get_by_text("Il n’est pas dans la liste").click()
    stay.get_by_label("Établissement absent de l'annuaire").fill("Clinique du Cap")
    check(page, "stay")
    stay.get_by_role("button", name="Enregistrer").click()
    expect(stay).to_be_hidden()
    expect(page.locator("#sejours")).to_contain_text("Clinique du Cap")
    expect(page.locator("#place-lifeline")).to_contain_text("Clinique du Cap")
    check(page, "followed record")


def test_the_memo_of_somebody_who_has_left_is_taken_over(visit, sophie, record):
    desk = Desk(sophie, f.actor(sophie), record)
    marc = f.user("LEBLANC", "Marc")
    member = f.member(desk.actor, record, marc.person.party, habilitated=True)
    f.memo(f.actor(marc), record, "Cinquième étage, ascenseur en panne")
    desk.does(careteam.remove, member)
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/")
    check(page, "memo without an owner")
    page.get_by_role("link", name="Reprendre ce mémo").click()
    asked = dialog(page, "Reprendre ce mémo")
    expect(asked).to_contain_text("Écrit par Marc LEBLANC")
    check(page, "memo to take over")
    asked.get_by_role("button", name="Reprendre ce mémo").click()
    expect(asked).to_be_hidden()
    expect(page.get_by_role("link", name="Reprendre ce mémo")).to_be_hidden()
    page.get_by_role("link", name="Modifier le mémo").click()
    expect(dialog(page, "Modifier le mémo")).to_contain_text("Mode de partage")


def test_a_memo_deleted_by_mistake_comes_back(visit, sophie, record):
    page = visit(sophie, phone=True).page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/")
    check(page, "no memo")
    page.get_by_role("link", name="Nouveau mémo").last.click()
    memo = dialog(page, "Création d’un mémo")
    memo.get_by_label("Contenu").fill("Chien dans la cour")
    memo.get_by_role("button", name="Créer").click()
    expect(page.get_by_text("Chien dans la cour")).to_be_visible()
    check(page, "one memo on a phone")
    page.get_by_role("button", name="Supprimer le mémo").click()
    expect(page.get_by_text("Chien dans la cour")).to_be_hidden()
    page.locator("#annonces").get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Chien dans la cour")).to_be_visible()


def test_a_death_declared_by_mistake_is_taken_back(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/deces/")
    check(page, "death")
    page.get_by_role("button", name="Confirmer les informations").click()
    expect(page.get_by_text("Indiquez la date du décès, ou cochez").first).to_be_visible()
    page.get_by_label("Non connue").check()
    page.get_by_role("button", name="Confirmer les informations").click()
    expect(page.get_by_text("Décès déclaré").first).to_be_visible()
    page.goto(f"/dossiers/{record.pk}/deces/annuler/")
    check(page, "death taken back")
    page.get_by_label("Pourquoi annuler cette déclaration ?").fill("Erreur de dossier")
    page.get_by_role("button", name="Annuler la déclaration").click()
    expect(page.get_by_text("Déclaration de décès annulée").first).to_be_visible()


def test_the_data_of_a_patient_are_taken_away_in_an_archive(visit, sophie, record, post, tmp_path):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/extraction/")
    check(page, "extraction")
    page.get_by_role("button", name="Préparer l’archive").click()
    expect(page.get_by_text("Choisissez").first).to_be_visible()
    page.get_by_role("radio", name="À la demande du patient ou de son représentant légal").check()
    page.get_by_role("button", name="Préparer l’archive").click()
    expect(page.locator("#extractions")).to_contain_text("En attente")
    post.deliver()
    link = page.locator("#extractions").get_by_role("link", name="Télécharger")
    expect(link).to_be_visible()
    check(page, "archive ready")
    with page.expect_download() as told:
        link.click()
    told.value.save_as(tmp_path / "dossier.zip")
    names = zipfile.ZipFile(tmp_path / "dossier.zip").namelist()
    assert any(name.endswith(".pdf") for name in names)
    assert any(name.endswith(".json") for name in names)


def test_the_list_is_sorted_by_status_and_by_stay_on_a_desk_and_on_a_phone(visit, sophie, record):
    by = f.actor(sophie)
    other = f.patient(by, birth_name="BOYER", first_given="LUCIEN", sex="M")
    f.stay(by, other)
    Desk(sophie, by, record).set_status("intensive")
    names = re.compile("^(MARCHETTI Jeanne|BOYER Lucien)$")
    page = visit(sophie).page
    page.goto("/file-active/")
    rows = page.locator("[data-ronde-principal]")
    for header, first in (("À savoir", "BOYER"), ("Statut", "MARCHETTI")):
        column = page.get_by_role("columnheader", name=re.compile(f"^{header}"))
        column.get_by_role("button").or_(column.get_by_role("link")).click()
        expect(column).to_have_attribute("aria-sort", "ascending")
        expect(rows.first).to_contain_text(first)
        check(page, f"list sorted by {header}")
    phone = visit(sophie, phone=True).page
    phone.goto("/file-active/")
    phone.locator("summary", has_text="Filtres").tap()
    phone.get_by_label("Trier par", exact=True).select_option(label="Hospitalisation")
    expect(phone.get_by_role("link", name=names).first).to_have_text("BOYER Lucien")
    check(phone, "list sorted on a phone")


def test_the_acts_of_each_day_take_few_clicks(visit, sophie, record):
    """None to open a known patient, none for a memo by its key, two for a status, one for the list
    of the life line, one to call.
    """
    visitor = visit(sophie)
    visitor.context.add_init_script(COUNT)
    page = visitor.page
    page.goto("/file-active/")
    page.keyboard.press("Control+k")
    page.keyboard.type("marc")
    expect(page.get_by_role("option", name="MARCHETTI")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#memos")).to_be_visible()
    page.keyboard.press("m")
    memo = dialog(page, "Création d’un mémo")
    memo.get_by_label("Contenu").fill("Sonner deux fois")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#memos")).to_contain_text("Sonner deux fois")
    assert clicks(page) == 0

    page.get_by_role("link", name="Renseigner le statut").click()
    status = dialog(page, "Statut du dossier")
    status.get_by_role("radio", name="À évaluer").click()
    page.keyboard.press("Enter")
    expect(page.locator("#statut-dossier")).to_contain_text("À évaluer")
    assert clicks(page) == 2

    expect(page.locator("a[href^='tel:']").first).to_be_visible()
    page.locator("#place-lifeline").get_by_role("link", name="Liste").click()
    expect(page.get_by_role("main").get_by_text("À évaluer").first).to_be_visible()
    assert clicks(page) == 3
