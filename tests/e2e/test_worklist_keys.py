"""A coordinator's morning, hands on the keyboard."""

import re
from datetime import date
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests import factories as f
from tests.e2e.axe import check

PEOPLE = [("BOYER", "LUCIE"), ("GARCIN", "PAULE"), ("MARCHETTI", "JEANNE"), ("MARCHETTI", "ROSE")]


@pytest.fixture
def records(sophie):
    actor = f.actor(sophie)
    return [
        f.patient(actor, birth_name=family, first_given=given, birth_date=date(1940 + n, 5, 2))
        for n, (family, given) in enumerate(PEOPLE)
    ]


def focused_text(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText")


def test_a_known_patient_opens_with_ctrl_k_three_letters_and_enter(visit, sophie, records):
    page = visit(sophie).page
    page.goto("/file-active/")
    page.keyboard.press("Control+k")
    page.keyboard.type("boy")
    option = page.get_by_role("option", name=re.compile("BOYER"))
    expect(option).to_have_attribute("aria-selected", "true")
    check(page, "palette")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="BOYER Lucie", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#palette")).to_be_hidden()


def test_the_worklist_is_filtered_walked_ticked_kept_and_exported_by_the_keyboard(
    visit, sophie, records, tmp_path
):
    page = visit(sophie).page
    page.goto("/file-active/")
    check(page, "worklist")
    page.keyboard.press("/")
    page.keyboard.type("marchetti")
    expect(page.get_by_role("status").get_by_text("2 dossiers")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?f=\w+$"))
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.get_by_role("searchbox").blur()
    page.keyboard.press("j")
    first = focused_text(page)
    page.keyboard.press("x")
    page.keyboard.press("j")
    assert focused_text(page) != first
    page.keyboard.press("x")
    expect(page.get_by_text("2 dossiers sélectionnés")).to_be_visible()
    check(page, "worklist with a selection")
    page.keyboard.press("x")
    expect(page.get_by_text("1 dossier sélectionné")).to_be_visible()
    page.keyboard.press("k")
    assert focused_text(page) == first

    page.get_by_role("link", name="Enregistrer la recherche").press("Enter")
    dialog = page.get_by_role("dialog", name="Enregistrer la recherche")
    expect(dialog.get_by_label("Nom de la recherche")).to_be_focused()
    page.keyboard.type("Les Marchetti")
    page.keyboard.press("Control+Enter")
    view = page.get_by_role("link", name="Les Marchetti")
    expect(view).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="Exporter").press("Enter")
    dialog = page.get_by_role("dialog", name="Exporter la file active")
    expect(dialog).to_contain_text("2 patients")
    check(page, "export dialog")
    with page.expect_download() as got:
        dialog.get_by_role("button", name="Télécharger (.xlsx)").press("Enter")
    sheet = tmp_path / "liste.xlsx"
    got.value.save_as(sheet)
    with ZipFile(sheet) as parts:
        inside = "".join(parts.read(name).decode() for name in parts.namelist())
    assert "MARCHETTI" in inside
    assert "BOYER" not in inside
    expect(dialog).to_be_hidden()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("MARCHETTI"), level=1)).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_searching_and_creating_stay_in_sight_down_the_list(visit, sophie, records, phone):
    page = visit(sophie, phone=phone).page
    page.goto("/file-active/")
    page.set_viewport_size({**page.viewport_size, "height": 420})
    page.get_by_role("link", name="Mentions légales").scroll_into_view_if_needed()
    create = page.get_by_role(
        "link", name="Nouveau patient" if phone else "Créer un nouveau patient"
    )
    for shown in (create, page.get_by_role("button", name=re.compile("Rechercher un patient"))):
        expect(shown).to_be_in_viewport(ratio=1)
    create.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Rechercher si le patient est existant"
    )


def test_the_single_keys_can_be_switched_off(visit, sophie, records):
    page = visit(sophie).page
    page.goto("/profil/")
    check(page, "profile")
    page.get_by_role("switch", name=re.compile("Raccourcis clavier")).uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Préférence enregistrée.")).to_be_visible()
    page.goto("/file-active/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name=re.compile("Nom, date de naissance"))).to_be_focused()
