"""A coordinator without a mouse, from signing in to the closing of a record."""

import re

from playwright.sync_api import Page, expect

from tests import factories as f
from tests.documents import files
from tests.e2e.gestures import tab_to


def press_on(page: Page, role: str, name: str, key: str = "Enter") -> None:
    wanted = page.get_by_role(role, name=name, exact=True).filter(visible=True).first
    expect(wanted).to_be_visible()
    tab_to(page, wanted)
    page.keyboard.press(key)


def room(page: Page, name: str) -> None:
    tabs = page.get_by_role("navigation", name="Rubriques du dossier")
    tab = tabs.get_by_role("link", name=re.compile(f"^{name}"))
    tab_to(page, tab)
    page.keyboard.press("Enter")
    expect(tab).to_have_attribute("aria-current", "page")


def test_a_record_is_followed_and_closed_without_a_mouse(visit, sophie, record, post):
    page = visit().page
    page.goto("/connexion/")
    expect(page.get_by_label("Adresse e-mail")).to_be_focused()
    page.keyboard.type(sophie.email)
    tab_to(page, page.get_by_label("Mot de passe"))
    page.keyboard.type(f.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code reçu par e-mail")).to_be_focused()
    page.keyboard.type(post.code(sophie.email))
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="MARCHETTI Jeanne", exact=True)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()

    page.keyboard.press("n")
    note = page.get_by_role("dialog", name="Nouvelle note")
    expect(note.get_by_label("Texte de la note")).to_be_focused()
    page.keyboard.type("Appeler la pharmacie.")
    page.keyboard.press("Control+Enter")
    expect(note).to_be_hidden()
    expect(page.locator("#place-feed")).to_contain_text("Appeler la pharmacie.")

    page.keyboard.press("m")
    memo = page.get_by_role("dialog", name="Création d’un mémo")
    tab_to(page, memo.get_by_label("Contenu"))
    page.keyboard.type("Code 2107B")
    page.keyboard.press("Control+Enter")
    expect(memo).to_be_hidden()
    expect(page.locator("#place-memos")).to_contain_text("Code 2107B")

    room(page, "Documents")
    press_on(page, "link", "Ajouter des documents")
    dialog = page.get_by_role("dialog", name="Ajouter des documents")
    tab_to(page, dialog.locator("#id_files"))
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Enter")
    chosen.value.set_files(
        {"name": "lettre.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    )
    tab_to(page, dialog.get_by_label("Catégorie et type"))
    page.keyboard.type("Courrier")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#documents")).to_contain_text("lettre")

    room(page, "Suivi")
    press_on(page, "link", "Clôturer le dossier")
    expect(page.locator("#cloture")).to_be_visible()
    press_on(page, "link", "Changer le statut")
    status = page.get_by_role("dialog", name="Statut du dossier")
    tab_to(page, status.get_by_role("radio").first)
    while not status.get_by_role("radio", name="Sorti").is_checked():
        page.keyboard.press("ArrowDown")
    tab_to(page, status.get_by_label("Motif de la sortie"))
    page.keyboard.type("Entrée en établissement")
    page.keyboard.press("Control+Enter")
    expect(status).to_be_hidden()
    press_on(page, "button", "Archiver le dossier")
    expect(page.get_by_text("Dossier archivé.").first).to_be_visible()
