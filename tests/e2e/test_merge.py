"""The identity cell brings two records together and gives them back; zones are drawn."""

import re

import pytest
from playwright.sync_api import Page, expect

from ronde.core.db.roles import as_owner
from ronde.patients.merging import sweep
from ronde.patients.models import Zone
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.gestures import choose


@pytest.fixture
def officer(site):
    return f.user("FERRAND", "Lucie", duties=["identity_cell"])


def dialog(page: Page, name: str):
    found = page.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    return found


def test_two_records_of_one_person_become_one_and_two_again(visit, officer, sophie, marc, record):
    by = f.actor(marc)
    twice = f.patient(by, birth_name="MARCHETI", used_name="DURAND", given_names="JEANNE MARIE",
                      mobile="+33612345678")  # fmt: skip
    f.member(by, twice, f.person("COSTA", "Hugo").party, refused=True)
    f.member(f.actor(sophie), record, f.person("SIMON", "Odette").party, habilitated=True)
    sweep.run()

    page = visit(officer).page
    page.goto("/console/doublons/")
    expect(page.get_by_text("nom proche")).to_be_visible()
    check(page, "list of duplicates")
    page.get_by_role("link", name=re.compile("Comparer les dossiers")).click()
    expect(page.get_by_role("heading", name=re.compile("Dossiers N°"), level=1)).to_be_visible()
    access = page.get_by_role("region", name="Ce que chacun gagne ou perd")
    expect(access).to_contain_text("LAMBERT Sophie")
    expect(access).to_contain_text("Refusés par le patient : le restent")
    check(page, "comparison of two records")

    page.get_by_role("link", name=f"Réunir dans le N° {record.record_number}").click()
    asked = dialog(page, "Réunir deux dossiers")
    check(page, "dialog of the merge")
    asked.get_by_role("button", name="Réunir").click()
    expect(asked.get_by_text("Indiquez la raison.").first).to_be_visible()
    asked.get_by_label("Raison").fill("Même carte d’identité")
    asked.get_by_role("button", name="Réunir").click()
    expect(page.get_by_text(f"est réuni au N° {record.record_number} depuis")).to_be_visible()
    check(page, "comparison of two merged records")

    doctor = visit(marc).page
    doctor.goto(f"/dossiers/{twice.pk}/")
    expect(doctor).to_have_url(re.compile(str(record.pk)))
    expect(doctor.get_by_text("est réuni à celui-ci").first).to_be_visible()
    check(doctor, "record that two became")

    page.get_by_role("link", name="Séparer les deux dossiers").click()
    asked = dialog(page, "Séparer les deux dossiers")
    check(page, "dialog of the separation")
    asked.get_by_label("Raison").fill("Erreur de personne")
    asked.get_by_role("button", name="Séparer").click()
    expect(page.get_by_role("link", name="Deux personnes différentes")).to_be_visible()
    doctor.goto(f"/dossiers/{record.pk}/")
    expect(doctor.get_by_role("heading", name="Page introuvable")).to_be_visible()
    doctor.goto(f"/dossiers/{twice.pk}/")
    expect(doctor.get_by_role("heading", level=1)).to_contain_text("DURAND")

    page.get_by_role("link", name="Deux personnes différentes").click()
    asked = dialog(page, "Deux personnes différentes")
    check(page, "dialog of two different people")
    asked.get_by_label("Raison").fill("Deux cartes d’identité")
    asked.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("La paire n’est plus proposée")).to_be_visible()


def test_a_pair_is_entered_by_hand_on_a_phone(visit, officer, sophie, marc, record):
    twice = f.patient(f.actor(marc), first_given="LUCIE")
    page = visit(officer, phone=True).page
    page.goto("/console/doublons/")
    page.get_by_role("link", name="Saisir une paire").click()
    asked = dialog(page, "Saisir une paire")
    check(page, "pair entered by hand")
    asked.get_by_label("N° du premier dossier").fill(str(record.record_number))
    asked.get_by_label("N° du second dossier").fill("99999999")
    asked.get_by_role("button", name="Comparer").click()
    expect(asked.get_by_text("Aucun dossier ne porte ce numéro.").first).to_be_visible()
    asked.get_by_label("N° du second dossier").fill(str(twice.record_number))
    asked.get_by_role("button", name="Comparer").click()
    expect(page.get_by_text("Jumeaux possibles")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Réunir dans"))).to_have_count(0)


def test_an_administrator_draws_a_zone(visit, site, record):
    administrator = f.user("VIDAL", "Agnès", duties=["administrator"])
    page = visit(administrator).page
    page.goto("/console/zones/")
    check(page, "zones")
    page.get_by_role("link", name="Ajouter une zone").click()
    page.get_by_label("Nom de la zone").fill("Rade")
    choose(page, "Ajouter une commune", "toulon", "Toulon")
    page.get_by_label(re.compile("Coller une liste")).fill("83126\n83xyz")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Ligne 2").first).to_be_visible()
    page.get_by_label(re.compile("Coller une liste")).fill("83126")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.locator("#bilan")).to_contain_text("2 communes")
    check(page, "zone before it is saved")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("cell", name="Rade", exact=True)).to_be_visible()
    with as_owner():
        assert Zone.objects.get().commune_codes == ["83126", "83137"]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_zone_of_hundreds_of_communes_is_drawn_by_the_keyboard(visit, site, phone):
    page = visit(f.user("VIDAL", "Agnès", duties=["administrator"]), phone=phone).page
    page.goto("/console/zones/ajouter/")
    page.get_by_label("Nom de la zone").fill("Ain sans Bourg")
    page.get_by_label("Ajouter un département entier").select_option("01")
    page.get_by_role("button", name="Vérifier").press("Enter")
    summary = page.locator("#bilan")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(re.compile(r"3\d\d communes.* et 3\d\d autres", re.S))
    expect(page.get_by_role("checkbox", name="Bourg-en-Bresse")).to_be_hidden()
    page.locator("details.communes summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("bourg bresse")
    page.keyboard.press("Enter")  # Looks for nothing more, and sends nothing.
    expect(page.locator("#communes label:visible")).to_have_count(1)
    check(page, "zone of a whole département")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Bourg-en-Bresse")).not_to_be_checked()
    page.get_by_role("button", name="Vérifier").press("Enter")
    expect(summary).not_to_contain_text("Bourg-en-Bresse")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.get_by_role("cell", name="Ain sans Bourg", exact=True)).to_be_visible()
    with as_owner():
        codes = Zone.objects.get().commune_codes
    assert len(codes) > 300
    assert "01053" not in codes
