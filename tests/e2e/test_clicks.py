"""What one does all day with the list and the circle, counted in clicks."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from ronde.careteam.access import access_to
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.dossier.actions import mark_read
from ronde.worklist.models import SavedSearch
from tests import factories as f
from tests.e2e.directory import GP, NURSE, bring_in
from tests.e2e.gestures import COUNT, clicks, dialogs, sign_in


@pytest.fixture
def page(visit, sophie, record) -> Page:
    visitor = visit(sophie)
    visitor.context.add_init_script(COUNT)
    return visitor.page


@pytest.mark.parametrize("opener", ["header", "panel"])
def test_a_professional_joins_the_circle_with_a_right_in_three_clicks_and_one_dialog(
    page, record, tmp_path, opener
):
    bring_in(tmp_path, GP, NURSE)
    page.goto(f"/dossiers/{record.pk}/")
    tab = page.locator(".onglets").get_by_role("link", name="Cercle de soins")
    expect(tab).to_have_text(re.compile("1$"))
    named = {"header": "Ajouter au cercle", "panel": "Ajouter au cercle de soins"}
    page.get_by_role("link", name=named[opener], exact=True).filter(visible=True).click()
    dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
    expect(dialog.get_by_role("combobox", name=re.compile("RPPS"))).to_be_focused()
    page.keyboard.type("leblanc")
    found = dialog.get_by_role("listbox", name="Annuaire").get_by_role("option")
    expect(found).to_have_count(2)
    page.keyboard.press("ArrowDown")
    nurse = found.filter(has_text="LEBLANC-MOREL")
    expect(nurse).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog.get_by_role("checkbox", name="Médecin traitant").click()
    dialog.get_by_role("switch", name=re.compile("Habilité")).click()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    circle = page.locator("#place-circle")
    expect(circle).to_contain_text("LEBLANC Marc")
    expect(circle).to_contain_text("Médecin traitant · habilité")
    assert (clicks(page), dialogs(page)) == (3, 1)
    expect(tab).to_have_text(re.compile("2$"))


def test_somebody_of_the_circle_is_called_in_one_click(page, sophie, marc, record):
    f.member(f.actor(sophie), record, marc.person.party)
    page.goto(f"/dossiers/{record.pk}/")
    call = page.locator("#place-circle").get_by_role("link", name="Appeler LEBLANC Marc")
    expect(call).to_have_attribute("href", "tel:+33494000001")
    page.evaluate("addEventListener('click', (event) => event.preventDefault(), { once: true })")
    call.click()
    assert (clicks(page), dialogs(page)) == (1, 0)


def test_what_others_did_is_on_the_record_at_once(page, sophie, marc, record):
    creator = f.actor(sophie)
    f.member(creator, record, marc.person.party, habilitated=True)
    with acting(party_id=creator.party_id, user_id=creator.user_id), transaction.atomic():
        mark_read(access_to(creator, record.pk))
    f.memo(f.actor(marc), record)
    page.goto("/file-active/")
    page.keyboard.press("Control+k")
    page.keyboard.type("marc")
    expect(page.get_by_role("option", name="MARCHETTI")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    news = page.locator("#place-since")
    expect(news).to_contain_text("LEBLANC")
    expect(news).to_be_in_viewport()
    assert clicks(page) == 0


def test_the_day_starts_with_ones_list_without_a_click_and_another_list_takes_one(
    visit, post, sophie, record
):
    f.patient(f.actor(sophie), birth_name="BOYER", first_given="LUCIEN", sex="M")
    with as_owner():
        SavedSearch.objects.create(
            user_id=sophie.pk, name="Femmes", filters={"sexes": ["F"]}, is_default=True
        )
        SavedSearch.objects.create(user_id=sophie.pk, name="Hommes", filters={"sexes": ["M"]})
    visitor = visit()
    visitor.context.add_init_script(COUNT)
    page = visitor.page
    page.goto("/")
    sign_in(page, sophie, post)
    expect(page.get_by_role("link", name="MARCHETTI Jeanne", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="BOYER Lucien", exact=True)).to_have_count(0)
    signing_in = clicks(page)
    page.get_by_role("link", name="Hommes").click()
    expect(page.get_by_role("link", name="BOYER Lucien", exact=True)).to_be_visible()
    assert clicks(page) == signing_in + 1
