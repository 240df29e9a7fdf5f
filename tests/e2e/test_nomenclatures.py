"""An administrator chooses what the region offers of the nomenclatures, and adds a role."""

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import User
from tests import factories as f
from tests.e2e.axe import check


@pytest.fixture
def agnes(site: str) -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


def test_a_role_is_added_and_another_one_is_no_longer_offered(visit, agnes, sophie, record):
    held = f.member(f.actor(sophie), record, f.person("COLOMBO").party, roles=("referent",))
    other = f.member(f.actor(sophie), record, f.person("ROUX", "Hugo").party)
    page = visit(agnes).page
    page.goto("/console/listes/")
    page.get_by_role("link", name="Nomenclatures").click()
    tabs = page.get_by_role("navigation", name="Nomenclatures")
    tabs.get_by_role("link", name="Types de document").click()
    expect(tabs.get_by_role("link", name="Types de document")).to_be_in_viewport(ratio=1)
    tabs.get_by_role("link", name="Rôles du cercle de soins").click()
    check(page, "roles of the circle")
    page.get_by_role("link", name="Ajouter un rôle").click()
    role = page.get_by_role("dialog", name="Rôle de la région")
    check(page, "a role of the region")
    role.get_by_role("button", name="Enregistrer").click()
    expect(role.get_by_text("Écrivez le nom du rôle.").first).to_be_visible()
    role.get_by_label("Nom du rôle").fill("Relais de nuit")
    role.get_by_label("Rôle existant le plus proche").select_option(label="Référent")
    role.get_by_role("button", name="Enregistrer").click()
    line = page.get_by_role("row").filter(has_text="Relais de nuit")
    expect(line).to_contain_text("Région, proche de « Référent »")
    page.get_by_role("button", name="Ne plus proposer Référent", exact=True).click()
    expect(page.get_by_role("button", name="Proposer de nouveau Référent")).to_be_in_viewport()
    check(page, "a role no longer offered")

    desk = visit(sophie).page
    desk.goto(f"/dossiers/{record.pk}/cercle/{other.pk}/modifier/")
    expect(desk.get_by_label("Relais de nuit")).to_be_visible()
    expect(desk.get_by_label("Référent", exact=True)).to_have_count(0)
    desk.goto(f"/dossiers/{record.pk}/cercle/{held.pk}/modifier/")
    expect(desk.get_by_label("Référent", exact=True)).to_be_checked()


def test_a_long_nomenclature_is_filtered_and_stays_where_one_was(visit, agnes):
    page = visit(agnes).page
    page.goto("/console/listes/?liste=professions")
    check(page, "professions")
    page.get_by_role("button", name="Ne plus proposer Diététicien").click()
    back = page.get_by_role("button", name="Proposer de nouveau Diététicien")
    expect(back).to_be_in_viewport()
    page.get_by_label("Lignes").select_option(label="Plus proposées")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    back.click()
    expect(page.get_by_text("Aucune ligne ne correspond.")).to_be_visible()
