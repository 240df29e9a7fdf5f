"""Documents at a browser: several files, a drop, a photograph, a cut network, a preview."""

import re

import pytest
from playwright.sync_api import Page, expect

from ronde.careteam.models import SectionRight
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.documents.kinds import LARGEST
from ronde.documents.models import Document
from tests import factories as f
from tests.documents import files
from tests.e2e.axe import check

DROP = """([selector, ...names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([name], name, { type: "text/plain" }));
    const zone = document.querySelector(selector);
    for (const type of ["dragover", "drop"]) {
        const options = { dataTransfer: data, bubbles: true, cancelable: true };
        zone.dispatchEvent(new DragEvent(type, options));
    }
}"""


def sent(name: str, content: bytes, kind: str = "application/pdf") -> dict:
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.fixture
def address(record) -> str:
    return f"/dossiers/{record.pk}/documents/"


def open_dialog(page: Page) -> None:
    page.get_by_role("link", name="Ajouter des documents").click()
    expect(page.locator("dialog#dialogue")).to_be_visible()


def choose_type(page: Page, label: str = "Courrier") -> None:
    page.get_by_label("Catégorie et type").select_option(label=label)


def sending(page: Page, name: str):
    return page.locator("dialog#dialogue .envoi", has_text=name)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Ajouter au dossier").click()


def test_several_files_are_added_at_once_and_what_is_wrong_is_said_before(visit, sophie, address):
    page = visit(sophie).page
    page.goto(address)
    check(page, "no document")
    open_dialog(page)
    page.locator("#id_files").set_input_files(
        [
            sent("Lettre du CHITS.pdf", files.pdf(3)),
            sent("plaie.png", files.picture(), "image/png"),
            sent("trop.txt", b"a" * (LARGEST + 1), "text/plain"),
            sent("page.html", b"<p>", "text/html"),
        ]
    )
    expect(sending(page, "trop.txt")).to_contain_text("10 Mo")
    expect(sending(page, "page.html")).to_contain_text("n’est pas accepté")
    check(page, "files chosen")
    submit(page)
    expect(page.locator("dialog#dialogue")).to_contain_text("Choisissez le type de document.")
    check(page, "type missing")
    for name in ("trop.txt", "page.html"):
        sending(page, name).get_by_role("button", name="Retirer ce fichier").click()
    choose_type(page)
    submit(page)
    expect(page.locator("dialog#dialogue")).to_be_hidden()
    expect(page.locator("#annonces")).to_contain_text("2 documents ajoutés.")
    expect(page.get_by_role("link", name="Lettre du CHITS", exact=True)).to_be_visible()
    check(page, "two documents")


def test_what_the_server_refuses_is_said_beside_the_file_and_the_others_are_kept(
    visit, sophie, address
):
    page = visit(sophie).page
    page.goto(address)
    open_dialog(page)
    page.locator("#id_files").set_input_files(
        [sent("faux.pdf", files.picture()), sent("vrai.pdf", files.pdf())]
    )
    choose_type(page)
    submit(page)
    expect(sending(page, "faux.pdf")).to_contain_text("le contenu est autre (Image PNG)")
    expect(sending(page, "vrai.pdf")).to_contain_text("Ajouté")
    expect(page.locator("#documents")).to_contain_text("vrai")


def test_a_cut_network_loses_no_file_and_sends_it_again(visit, sophie, address):
    visitor = visit(sophie)
    page = visitor.page
    page.goto(address)
    open_dialog(page)
    page.locator("#id_files").set_input_files([sent("lettre.pdf", files.pdf())])
    choose_type(page)
    with visitor.without_network():
        submit(page)
        expect(sending(page, "lettre.pdf")).to_contain_text("Le réseau est coupé")
        expect(page.get_by_role("button", name="Réessayer").first).to_be_visible()
    expect(page.locator("#annonces")).to_contain_text("1 document ajouté.")
    with as_owner():
        assert Document.objects.count() == 1


def test_files_dropped_on_the_panel_of_the_record_open_the_dialog(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/")
    page.evaluate(DROP, ["#panneau-documents", "note.txt", "bilan.txt"])
    for name in ("note.txt", "bilan.txt"):
        expect(sending(page, name)).to_contain_text("Prêt à envoyer")
    choose_type(page)
    submit(page)
    for title in ("note", "bilan"):
        expect(page.locator("#panneau-documents")).to_contain_text(title)
    check(page, "record with a document")


def test_a_photograph_is_taken_on_a_phone(visit, sophie, address):
    page = visit(sophie, phone=True).page
    page.goto(address)
    open_dialog(page)
    photo = page.locator("#id_photo")
    assert photo.get_attribute("capture") == "environment"
    expect(page.locator(".depot-photo")).to_be_visible()
    photo.set_input_files([sent("IMG_0001.jpg", files.picture("JPEG"), "image/jpeg")])
    choose_type(page)
    submit(page)
    expect(page.get_by_role("link", name="IMG_0001", exact=True)).to_be_visible()


def test_a_document_is_read_shared_and_deleted(visit, sophie, marc, record, address):
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    document = f.document(f.actor(sophie), record, content=files.pdf(2), name="Bulletin.pdf")
    page = visit(sophie).page
    page.goto(address)
    page.get_by_role("link", name="Bulletin", exact=True).click()
    drawn = page.frame_locator(".apercu iframe").get_by_role("img")
    expect(drawn).to_have_attribute("alt", "Page 1 sur 2")
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 100")
    page.get_by_role("link", name="Suivante").click()
    expect(page.frame_locator(".apercu iframe").get_by_role("img")).to_have_attribute(
        "alt", "Page 2 sur 2"
    )
    check(page, "document")

    page.get_by_role("button", name="Actions sur le document").click()
    page.locator("[popover]:popover-open").get_by_text("Partage").click()
    page.get_by_label("Partagé", exact=True).check(force=True)
    page.get_by_label("LEBLANC Marc").check()
    check(page, "sharing dialog")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#fiche-document")).to_contain_text("LEBLANC Marc")

    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    assert download.value.suggested_filename == "Bulletin.pdf"

    page.get_by_role("button", name="Actions sur le document").click()
    page.locator("[popover]:popover-open").get_by_text("Supprimer").click()
    page.get_by_label("Déjà présent dans le dossier").check()
    check(page, "deletion dialog")
    page.get_by_role("button", name="Supprimer", exact=True).click()
    page.wait_for_url(re.compile(r"/documents/$"))
    expect(page.locator("#documents")).to_contain_text("Aucun document")
    assert document.pk


def test_without_script_the_form_sends_its_files_all_together(visit, sophie, address, browser):
    visitor = visit(sophie)
    cookies = visitor.context.cookies()
    with browser.new_context(base_url=visitor.base_url, java_script_enabled=False) as bare:
        bare.add_cookies(cookies)
        page = bare.new_page()
        page.goto(f"{address}ajouter/")
        page.locator("#id_files").set_input_files(
            [sent("un.pdf", files.pdf()), sent("deux.png", files.picture(), "image/png")]
        )
        choose_type(page)
        submit(page)
        expect(page.locator("#documents")).to_contain_text("deux")
        expect(page.locator("#annonces")).to_contain_text("2 documents ajoutés.")


def act_on(page: Page, name: str) -> None:
    page.get_by_role("button", name="Actions sur le document").click()
    page.locator("[popover]:popover-open").get_by_text(name).click()
    expect(page.locator("dialog#dialogue")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_new_version_survives_a_cut_network_and_the_former_one_stays(
    visit, sophie, record, address, phone
):
    document = f.document(f.actor(sophie), record, name="Bulletin.pdf")
    visitor = visit(sophie, phone=phone)
    page = visitor.page
    page.goto(f"{address}{document.pk}/")
    act_on(page, "Nouvelle version")
    page.locator("#id_file").set_input_files([sent("trop.txt", b"a" * (LARGEST + 1))])
    expect(sending(page, "trop.txt")).to_contain_text("10 Mo")
    chosen = page.locator("#id_photo" if phone else "#id_file")
    chosen.set_input_files([sent("photo.jpg", files.picture("JPEG"), "image/jpeg")])
    expect(page.locator("dialog#dialogue .envoi")).to_have_count(1)
    check(page, "new version")
    with visitor.without_network():
        page.get_by_role("button", name="Remplacer").click()
        expect(sending(page, "photo.jpg")).to_contain_text("Le réseau est coupé")
        expect(page.get_by_role("button", name="Réessayer").first).to_be_visible()
    expect(page.locator("#annonces")).to_contain_text("Nouvelle version enregistrée.")
    versions = page.locator("#versions")
    expect(versions).to_contain_text("Version 2 · photo.jpg")
    with page.expect_download() as download:
        versions.get_by_role("link", name="Version 1 · Bulletin.pdf").click()
    assert download.value.suggested_filename == "Bulletin.pdf"


def test_the_list_is_filtered_by_category_then_by_type(visit, sophie, record, address):
    by = f.actor(sophie)
    f.document(by, record, title="Lettre du CHITS")
    f.document(by, record, title="Passeport", type="A05:PIECE-IDENTITE")
    f.document(by, record, title="Fiche d’orientation", type="C:courrier")
    page = visit(sophie).page
    page.goto(address)
    titles = page.locator("#documents .principal")
    expect(titles).to_have_count(3)
    page.get_by_label("Coordination (1)").check()
    expect(titles).to_have_text(["Fiche d’orientation"])
    page.get_by_label("Comptes rendus (1)").check()
    expect(titles).to_have_count(2)
    page.get_by_role("button", name="Types").click()
    page.get_by_label(re.compile("^Lettre de liaison")).check()
    expect(titles).to_have_text(["Lettre du CHITS"])
    check(page, "documents filtered")


def test_of_two_who_rename_at_once_the_second_compares_and_decides(
    visit, sophie, marc, record, address
):
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    document = f.document(f.actor(sophie), record, title="Lettre")
    first, second = visit(sophie).page, visit(marc).page
    for page, title in ((second, "Lettre de sortie"), (first, "Lettre du CHITS")):
        page.goto(f"{address}{document.pk}/")
        act_on(page, "Renommer ou reclasser")
        page.get_by_label("Titre").fill(title)
    first.get_by_role("button", name="Enregistrer").click()
    expect(first.get_by_role("heading", name="Lettre du CHITS", level=2)).to_be_visible()
    second.get_by_role("button", name="Enregistrer").click()
    expect(second.locator("dialog#dialogue")).to_contain_text("modifié pendant votre saisie")
    expect(second.locator("#autre-version")).to_contain_text("Lettre du CHITS")
    expect(second.get_by_label("Titre")).to_have_value("Lettre de sortie")
    check(second, "two who rename at once")
    second.get_by_role("button", name="Enregistrer").click()
    expect(second.get_by_role("heading", name="Lettre de sortie", level=2)).to_be_visible()


def test_who_deposited_deletes_without_right_for_a_day_and_what_is_shared_is_seen_by_its_audience(
    visit, sophie, marc, record, address
):
    """Guide, sheet 35: «Public», «Partagé», and the depositor who takes a document back."""
    nurse = f.user("RICCI", "Paola", profession="G15:60")
    by = f.actor(sophie)
    for party in (marc.person.party, nurse.person.party):
        f.member(by, record, party, habilitated=True)
    recent = f.document(f.actor(nurse), record, title="Bilan de plaie")
    f.document(
        by, record, title="Lettre pour Marc", level=Sharing.SHARED, recipients=[marc.person_id]
    )
    with as_owner():
        SectionRight.objects.update_or_create(
            profession_code="G15:60", role="", section="documents-10", defaults={"level": 1}
        )
    page = visit(nurse).page
    page.goto(address)
    expect(page.locator("#documents .principal")).to_have_text(["Bilan de plaie"])
    page.goto(f"{address}{recent.pk}/")
    expect(page.locator("#fiche-document")).to_contain_text("vous pouvez le supprimer")
    page.get_by_role("button", name="Actions sur le document").click()
    offered = page.locator("[popover]:popover-open")
    expect(offered.get_by_text("Renommer ou reclasser")).to_have_count(0)
    offered.get_by_text("Supprimer").click()
    page.get_by_label("Déposé par erreur").check()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    page.wait_for_url(re.compile(r"/documents/$"))
    expect(page.locator("#documents")).to_contain_text("Aucun document")
    doctor = visit(marc).page
    doctor.goto(address)
    expect(doctor.locator("#documents .principal")).to_have_text(["Lettre pour Marc"])
