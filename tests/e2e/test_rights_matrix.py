"""The administrator changes the rights matrix, sees for whom, and takes it back."""

import re

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import User
from tests import factories as f
from tests.e2e import axe
from tests.e2e.gestures import tab_to


@pytest.fixture
def agnes(site: str) -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


def test_a_profession_loses_a_right_and_gets_it_back(visit, agnes, record, sophie):
    hugo = f.user("COSTA", "Hugo", profession="G15:70")
    f.member(f.actor(sophie), record, hugo.person.party, habilitated=True)
    page = visit(agnes).page
    page.goto("/console/matrice/")
    axe.check(page, "matrice")
    page.get_by_label("Profession", exact=True).select_option(label="Masseur-Kinésithérapeute")
    expect(page.get_by_role("heading", name="Masseur-Kinésithérapeute")).to_be_visible()
    page.get_by_label("Comparer avec").select_option(label="Médecin")
    expect(page.get_by_text("Médecin : lecture et écriture").first).to_be_visible()
    axe.check(page, "matrice, deux professions")

    page.get_by_role("group", name="Hospitalisations").get_by_label("Aucun").check(force=True)
    page.get_by_role("button", name="Voir l’effet, puis enregistrer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row", name="Masseur-Kinésithérapeute 1 0 1")).to_be_visible()
    axe.check(page, "effet d'un changement")
    dialog.get_by_label("Motif du changement").fill("Réunion des référents")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Matrice enregistrée : Masseur-Kinésithérapeute.")).to_be_visible()
    expect(page.get_by_role("group", name="Hospitalisations").get_by_label("Aucun")).to_be_checked()

    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_text("« Réunion des référents »")).to_be_visible()
    axe.check(page, "historique de la matrice")
    page.get_by_role("link", name=re.compile("^Annuler le changement")).click()
    page.get_by_role("dialog").get_by_role("button", name="Annuler le changement").click()
    expect(page.get_by_text("Matrice enregistrée : Masseur-Kinésithérapeute.")).to_be_visible()
    expect(
        page.get_by_role("group", name="Hospitalisations").get_by_label("Hérité")
    ).to_be_checked()


def test_a_level_is_chosen_by_the_keyboard_alone(visit, agnes):
    page = visit(agnes).page
    page.goto("/console/matrice/?profession=G15:70")
    group = page.get_by_role("group", name="Mémos")
    tab_to_radio = group.get_by_label("Hérité")
    page.get_by_role("group", name="Hospitalisations").get_by_label("Hérité").focus()
    tab_to(page, tab_to_radio)
    page.keyboard.press("ArrowRight")
    expect(group.get_by_label("Aucun")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Voir l’effet, puis enregistrer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Motif du changement")).to_be_visible()


def test_the_matrix_is_used_on_a_phone(visit, agnes):
    page = visit(agnes, phone=True).page
    page.goto("/console/matrice/?profession=G15:60")
    page.get_by_role("group", name="Mémos").get_by_label("Lecture").check(force=True)
    page.get_by_role("button", name="Voir l’effet, puis enregistrer").tap()
    expect(page.get_by_role("dialog").get_by_text("Gagnent un droit")).to_be_visible()
