"""Rights on many records at once: a departure in four clicks, a selection, a favourite group."""

import re

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import Attachment
from ronde.careteam.access import accessible
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.directory import GP, NURSE, bring_in
from tests.e2e.gestures import COUNT, act_for, choose, clicks

RECORDS = 20


@pytest.fixture
def dac(site):
    return f.structure("DAC Var Ouest")


@pytest.fixture
def laurent(dac):
    """The super-user of the DAC."""
    who = f.user("MERCIER", "Laurent", attached_to=dac)
    with as_owner():
        Attachment.objects.filter(user=who).update(is_super_user=True)
    return who


@pytest.fixture
def ana(dac):
    return f.user("BLANC", "Ana", attached_to=dac)


@pytest.fixture
def followed(laurent, dac, ana):
    """Twenty records of the DAC where Ana is habilitated in her own name."""
    by = f.actor(laurent, dac)
    records = [f.patient(by, birth_name=f"NOM{chr(65 + n)}") for n in range(RECORDS)]
    for record in records:
        f.member(by, record, ana.person.party, habilitated=True)
    return records


def opens(user) -> int:
    who = f.actor(user)
    with acting(party_id=who.party_id, user_id=who.user_id):
        return len(accessible(who, list(Member.objects.values_list("patient_id", flat=True))))


def test_the_rights_of_a_leaver_are_withdrawn_from_twenty_records_in_four_clicks(
    visit, laurent, ana, followed
):
    visitor = visit(laurent)
    page = visitor.page
    page.goto("/file-active/")
    act_for(page, "DAC Var Ouest")
    expect(page.get_by_role("link", name="Ma structure").first).to_be_visible()
    visitor.context.add_init_script(COUNT)
    page.reload()

    page.get_by_role("link", name="Ma structure").first.click()
    line = page.get_by_role("row", name=re.compile("Ana BLANC"))
    expect(line).to_contain_text("20 dossiers de la structure")
    page.get_by_role("link", name="Départ de Ana BLANC").click()
    expect(page.get_by_text("habilitation retirée")).to_have_count(RECORDS)
    page.get_by_role("button", name="Continuer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("n’aura plus accès à 20 dossiers")
    expect(dialog).to_contain_text("Son rattachement prend fin tout de suite")
    dialog.get_by_role("button", name="Enregistrer le départ").click()
    expect(page.get_by_role("status").get_by_text("20 changements faits")).to_be_visible()
    assert clicks(page) == 4
    assert opens(ana) == 0
    check(page, "result of a departure")

    page.get_by_role("link", name="Annuler cette opération").click()
    expect(dialog).to_contain_text("Le rattachement sera rétabli")
    check(page, "undo dialog")
    dialog.get_by_role("button", name="Revenir en arrière").click()
    expect(page.get_by_role("status").get_by_text("20 changements annulés")).to_be_visible()
    expect(page.get_by_text("comme avant")).to_have_count(RECORDS)
    with as_owner():
        assert Member.objects.filter(party_id=ana.person_id, habilitated=True).count() == RECORDS


def test_the_screens_of_a_structure_can_be_used_by_everybody(visit, laurent, ana, followed):
    page = visit(laurent).page
    page.goto("/file-active/")
    act_for(page, "DAC Var Ouest")
    page.goto("/ma-structure/")
    check(page, "structure")
    page.get_by_role("link", name="Rattacher un collègue").click()
    expect(page.get_by_role("dialog", name="Rattacher un collègue")).to_be_visible()
    check(page, "attach dialog")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Départ de Ana BLANC").click()
    page.get_by_role("radio", name=re.compile("Supprimer")).check()
    expect(page.get_by_text("retiré(e) du cercle")).to_have_count(RECORDS)
    check(page, "departure")


def test_a_selection_is_habilitated_seen_before_and_after_and_taken_back(
    visit, sophie, tmp_path, site
):
    bring_in(tmp_path, GP, NURSE)
    for letter in "ABC":
        f.patient(f.actor(sophie), birth_name=f"NOM{letter}")
    page = visit(sophie).page
    page.goto("/file-active/?tri=nom")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 dossiers sélectionnés")).to_be_visible()
    page.get_by_role("button", name="Gérer les habilitations").press("Enter")
    expect(page.get_by_role("heading", name="Gérer les habilitations")).to_be_visible()
    check(page, "choice")

    page.get_by_role("button", name="Continuer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Choisissez pour qui.")
    check(page, "refused choice")
    dialog.get_by_role("link", name="Compléter").click()
    choose(page, "Nom, RPPS", "anne", "LEBLANC-MOREL Anne")
    page.get_by_role("radio", name=re.compile("AVEC")).check()
    expect(page.get_by_text("habilité(e)", exact=True)).to_have_count(2)
    check(page, "preview")
    page.get_by_role("checkbox", name="Sélectionner NOMB Jeanne").uncheck()
    page.get_by_role("button", name="Continuer").click()
    expect(dialog).to_contain_text("habiliter LEBLANC-MOREL Anne sur 1 dossier")
    expect(dialog).to_contain_text("n’a pas encore de compte")
    check(page, "question")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").get_by_text("1 changement fait")).to_be_visible()
    check(page, "result")
    page.get_by_role("link", name="Mes opérations").click()
    expect(page.get_by_role("row", name=re.compile("terminée"))).to_contain_text("LEBLANC-MOREL")
    check(page, "runs")


def test_a_favourite_group_is_made_shared_and_enters_a_circle_at_once(
    visit, sophie, marc, record, tmp_path
):
    bring_in(tmp_path, NURSE)
    page = visit(sophie).page
    page.goto("/profil/")
    page.get_by_role("link", name="Groupes de favoris").click()
    page.get_by_role("link", name="Nouveau groupe").click()
    page.get_by_label("Nom du groupe").fill("Retour à domicile")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Retour à domicile")).to_be_visible()
    for typed, option in (("anne", "LEBLANC-MOREL Anne"), ("marc", "LEBLANC Marc")):
        page.get_by_role("link", name="Ajouter").click()
        field = page.get_by_role("dialog").get_by_role("combobox")
        field.press_sequentially(typed)
        found = page.get_by_role("option", name=re.compile(option))
        expect(found).to_have_attribute("aria-selected", "true")
        check(page, "add to a group")
        field.press("Enter")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("region", name=re.compile("Membres"))).to_contain_text(option)
    page.get_by_role("link", name="Partager").click()
    page.get_by_role("dialog").get_by_role("combobox").press_sequentially("marc")
    expect(page.get_by_role("option", name=re.compile("LEBLANC Marc"))).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name=re.compile("Partagé avec"))).to_contain_text("Marc")
    check(page, "group")

    theirs = visit(marc, phone=True).page
    theirs.goto("/profil/groupes/")
    expect(theirs.get_by_text("de Sophie LAMBERT")).to_be_visible()
    check(theirs, "groups")

    page.goto(f"/dossiers/{record.pk}/cercle/")
    page.get_by_role("link", name="Ajouter un professionnel ou un aidant", exact=True).click()
    page.get_by_role("link", name="Ajouter un groupe").click()
    page.get_by_label("Groupe de favoris").select_option(label="Retour à domicile (2)")
    page.get_by_role("radio", name=re.compile("AVEC")).check()
    check(page, "group into a circle")
    page.get_by_role("button", name="Ajouter le groupe").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("habilité(e)")).to_have_count(2)
    check(page, "result of a group")
    dialog.get_by_role("link", name="Terminer").click()
    lines = page.locator("tr[data-ronde-ligne]")
    expect(lines.filter(has_text="LEBLANC Marc")).to_contain_text("Habilité")
