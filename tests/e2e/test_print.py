"""What comes out of the printer: the content, as a desktop shows it, and who printed it."""

import re

import pytest
from playwright.sync_api import Page, expect

# An A4 sheet between its margins: narrower than the screen of a desktop.
SHEET = {"width": 700, "height": 980}


@pytest.fixture
def sheet(visit, sophie, record) -> Page:
    page = visit(sophie).page
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")
    return page


def test_the_list_is_printed_as_a_table_without_its_controls(sheet):
    sheet.goto("/file-active/")
    expect(sheet.get_by_role("columnheader", name="Commune")).to_be_visible()
    expect(sheet.get_by_role("cell", name=re.compile("MARCHETTI"))).to_be_visible()
    for gone in (".filtres-f", ".vues", ".c-coche", ".haut", ".bas", ".tbl .fin"):
        expect(sheet.locator(gone).first).to_be_hidden()
    expect(sheet.get_by_text("Imprimé par Sophie LAMBERT le")).to_be_visible()


@pytest.mark.parametrize("end", ["", "cercle/"])
def test_a_record_is_printed_with_its_identity_and_without_its_controls(sheet, record, end):
    sheet.goto(f"/dossiers/{record.pk}/{end}")
    expect(sheet.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    expect(sheet.get_by_text("LAMBERT Sophie").first).to_be_visible()
    for gone in (".onglets", ".id-droit a", ".btn"):
        expect(sheet.locator(gone).first).to_be_hidden()
    expect(sheet.get_by_text("Imprimé par Sophie LAMBERT le")).to_be_visible()
