"""Adding somebody to a circle with the keyboard: in, around, out, and back where one was."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.directory import GP, NURSE, bring_in
from tests.e2e.gestures import tab_to

INSIDE = (
    "() => document.activeElement === document.body"
    " || Boolean(document.activeElement.closest('dialog[open]'))"
)
STOPS = 40


@pytest.fixture
def page(visit, sophie, record, tmp_path) -> Page:
    """Sophie on the record, which an attending physician follows already."""
    bring_in(tmp_path, GP, NURSE)
    f.member(
        f.actor(sophie), record, f.person("ROUX", "Hugo").party, roles=("attending-physician",)
    )
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    return page


def test_the_focus_stays_in_the_dialog_and_comes_back_to_the_button(page):
    opener = page.get_by_role("link", name="Ajouter un professionnel ou un aidant", exact=True)
    dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
    tab_to(page, opener)
    page.keyboard.press("Enter")
    field = dialog.get_by_role("combobox", name=re.compile("RPPS"))
    expect(field).to_be_focused()
    check(page, "empty add dialog")
    tab_to(page, dialog.get_by_role("button", name="Ajouter au cercle", exact=True))
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(INSIDE)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_what_was_typed_is_not_thrown_away_by_a_key_and_a_taken_role_is_told(page):
    opener = page.get_by_role("link", name="Ajouter un professionnel ou un aidant", exact=True)
    dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
    question = page.get_by_role("alertdialog").filter(visible=True)
    field = dialog.get_by_role("combobox", name=re.compile("RPPS"))
    opener.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Choisissez dans la liste")

    field.press_sequentially("marc leblanc")
    option = dialog.get_by_role("option", name=re.compile("LEBLANC Marc"))
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    role = dialog.get_by_role("checkbox", name="Médecin traitant", exact=True)
    tab_to(page, role)
    page.keyboard.press("Space")
    expect(dialog).to_contain_text("est tenu par ROUX Hugo")

    page.keyboard.press("Escape")
    expect(question).to_contain_text("n’est pas enregistré")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(role).to_be_checked()

    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".recap-err")).to_be_focused()
    expect(dialog.locator(".recap-err")).to_contain_text("unique et déjà tenu par ROUX Hugo")
    check(page, "add dialog, role taken")
    dialog.get_by_role("checkbox", name=re.compile("Remplacer")).press("Space")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    lines = page.locator("tr[data-ronde-ligne]")
    expect(lines.filter(has_text="LEBLANC Marc")).to_contain_text("Médecin traitant")
    expect(lines.filter(has_text="ROUX Hugo")).not_to_contain_text("Médecin traitant")

    opener.press("Enter")
    field.press_sequentially("anne")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
