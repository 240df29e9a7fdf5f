"""A working day of 8 hours, and what is typed when it ends."""

from datetime import timedelta

from playwright.sync_api import expect

from tests import factories as f
from tests.e2e.gestures import box, let_minutes_pass, let_time_pass, sign_in, type_identity

SEARCH = "/dossiers/nouveau/"


def test_after_8_hours_one_signs_in_again_and_finds_the_page_and_what_was_typed(visit, post):
    sophie = f.user()
    visitor = visit(sophie)
    page = visitor.page
    page.goto(SEARCH)
    type_identity(page)
    let_time_pass(sophie, left=timedelta(0))
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_text("Votre session de 8 heures est terminée.")).to_be_visible()
    sign_in(page, sophie, post)
    expect(page).to_have_url(visitor.base_url + SEARCH)
    expect(box(page, "Nom de naissance")).to_have_value("Marchetti")
    expect(box(page, "Date de naissance")).to_have_value("12/03/1942")
    expect(page.get_by_role("combobox", name="Commune de naissance")).to_have_value(
        "La Seyne-sur-Mer (83)"
    )
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Créer le patient")).to_be_visible()


def test_five_minutes_before_the_end_a_dialog_offers_to_go_on_in_another_tab(visit, post):
    sophie = f.user()
    visitor = visit(sophie)
    page = visitor.page
    let_time_pass(sophie, left=timedelta(minutes=5, seconds=12))
    page.goto(SEARCH)
    type_identity(page)
    warning = page.get_by_role("alertdialog", name="Fin de votre session")
    expect(warning).to_contain_text("5 min")
    with page.expect_popup() as opened:
        warning.get_by_role("link", name="Se reconnecter").click()
    other = opened.value
    sign_in(other, sophie, post)
    expect(other).to_have_url(f"{visitor.base_url}/file-active/")
    expect(warning).to_be_hidden()
    expect(box(page, "Nom de naissance")).to_have_value("Marchetti")
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Créer le patient")).to_be_visible()


def test_two_tabs_are_warned_and_the_one_that_waits_goes_on(visit, post):
    """What one tab does of the warning, the other does too: nobody signs in twice."""
    sophie = f.user()
    visitor = visit(sophie)
    let_time_pass(sophie, left=timedelta(minutes=5, seconds=14))
    page, second = visitor.page, visitor.context.new_page()
    for tab in (page, second):
        tab.goto(SEARCH)
    type_identity(second)
    warnings = [
        tab.get_by_role("alertdialog", name="Fin de votre session") for tab in (page, second)
    ]
    for warning in warnings:
        expect(warning).to_be_visible()
    warnings[0].get_by_role("button", name="Plus tard").click()
    for warning in warnings:
        expect(warning).to_be_hidden()
    renewing = visitor.context.new_page()
    renewing.goto("/connexion/")
    sign_in(renewing, sophie, post)
    expect(renewing).to_have_url(f"{visitor.base_url}/file-active/")
    expect(box(second, "Nom de naissance")).to_have_value("Marchetti")
    second.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(second.get_by_role("heading", name="Créer le patient")).to_be_visible()


def test_who_answers_later_is_told_when_the_session_is_over(visit):
    sophie = f.user()
    visitor = visit(sophie)
    page = visitor.page
    visitor.context.clock.install()
    let_time_pass(sophie, left=timedelta(minutes=2))
    page.goto("/file-active/")
    warning = page.get_by_role("alertdialog", name="Fin de votre session")
    warning.get_by_role("button", name="Plus tard").click()
    expect(warning).to_be_hidden()
    let_minutes_pass(page, 2)
    expect(warning).to_contain_text("Votre session est terminée")
    page.keyboard.press("Escape")
    expect(warning).to_be_visible()
