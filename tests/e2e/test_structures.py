"""Acting for a structure, which opens records when it is a « personne morale » and only then."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.gestures import act_for


@pytest.fixture
def dac(site):
    return f.structure("DAC Var Ouest")


@pytest.fixture
def had(site):
    return f.structure("HAD du Faron", legal_person=False)


def row(page: Page, name: str) -> Locator:
    return page.locator("tr[data-ronde-ligne]", has_text=name)


def test_one_acts_for_ones_structure_and_the_page_says_so(visit, marc, dac, had, record):
    paola = f.user("RICCI", "Paola", attached_to=dac)
    mine = f.patient(f.actor(paola), birth_name="BOYER", first_given="LUCIE")
    f.patient(f.actor(paola, dac), birth_name="GARCIN", first_given="PAULE")
    page = visit(paola).page
    page.goto("/file-active/")
    who = page.get_by_role("button", name=re.compile("Changer de compte"))
    expect(who).to_contain_text("agit en son nom")
    expect(page.get_by_text("BOYER Lucie")).to_be_visible()
    expect(page.get_by_text("GARCIN Paule")).to_have_count(0)
    plain = who.evaluate("element => getComputedStyle(element).backgroundColor")

    act_for(page, "DAC Var Ouest")
    expect(who).to_contain_text("agit pour DAC Var Ouest")
    tinted = who.evaluate("element => getComputedStyle(element).backgroundColor")
    assert tinted != plain
    expect(page.get_by_text("GARCIN Paule")).to_be_visible()
    expect(page.get_by_text("BOYER Lucie")).to_have_count(0)
    check(page, "worklist of a structure")
    page.goto(f"/dossiers/{mine.pk}/")
    expect(page.get_by_role("heading", name="Page introuvable")).to_be_visible()
    expect(page.get_by_text("BOYER")).to_have_count(0)

    page.goto("/profil/")
    expect(page.get_by_role("row", name=re.compile("DAC Var Ouest"))).to_contain_text("oui")
    act_for(page, "Paola RICCI")
    page.goto(f"/dossiers/{mine.pk}/")
    expect(page.get_by_role("heading", name="BOYER Lucie", level=1)).to_be_visible()


def test_a_right_given_to_a_structure_opens_the_record_to_its_people_if_it_is_a_legal_person(
    visit, sophie, record, dac, had
):
    creator = f.actor(sophie)
    f.member(creator, record, dac.party)
    f.member(creator, record, had.party)
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    for name in ("DAC Var Ouest", "HAD du Faron"):
        row(page, name).get_by_role("button", name=f"Actions pour {name}").click()
        page.locator("[popover]:popover-open").get_by_text("Habiliter…").click()
        dialog = page.get_by_role("dialog", name=f"Habiliter {name}")
        warned = dialog.get_by_text("n’agit pas comme « personne morale »")
        expect(warned).to_have_count(1 if name == "HAD du Faron" else 0)
        dialog.get_by_role("button", name="Habiliter").click()
        expect(row(page, name)).to_contain_text("Habilitée")
    expect(row(page, "HAD du Faron")).to_contain_text("sans effet")
    expect(row(page, "DAC Var Ouest")).not_to_contain_text("sans effet")

    nurse = visit(f.user("ROUX", "Hugo", attached_to=had)).page
    nurse.goto("/file-active/")
    expect(nurse.get_by_text("Votre file active est vide")).to_be_visible()
    nurse.get_by_role("button", name=re.compile("Changer de compte")).click()
    expect(nurse.get_by_role("link", name="Mon profil")).to_be_visible()
    expect(nurse.get_by_role("group", name="Agir pour")).to_have_count(0)

    colleague = visit(f.user("RICCI", "Paola", attached_to=dac)).page
    colleague.goto(f"/dossiers/{record.pk}/")
    expect(colleague.get_by_role("heading", name="Page introuvable")).to_be_visible()
    act_for(colleague, "DAC Var Ouest")
    colleague.goto("/file-active/")
    colleague.get_by_role("link", name="MARCHETTI Jeanne", exact=True).click()
    expect(colleague.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()


def test_a_structure_joins_from_the_directory_and_what_a_right_would_do_is_said_before(
    visit, sophie, record, dac, had
):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    for name, warnings in (("DAC Var Ouest", 0), ("HAD du Faron", 1)):
        page.get_by_role("link", name="Ajouter ou habiliter une structure").click()
        dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
        expect(dialog.get_by_role("combobox", name=re.compile("FINESS"))).to_be_focused()
        page.keyboard.type(name)
        found = dialog.get_by_role("listbox", name="Annuaire").get_by_role("option")
        expect(found.filter(has_text=name)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        dialog.get_by_role("switch", name=re.compile("Habilité")).click()
        expect(dialog.get_by_text("n’agit pas comme « personne morale »")).to_have_count(warnings)
        if warnings:
            check(page, "structure without effect")
        page.keyboard.press("Control+Enter")
        expect(dialog).to_be_hidden()
        expect(row(page, name)).to_contain_text("Habilitée")
    expect(row(page, "HAD du Faron")).to_contain_text("sans effet")
