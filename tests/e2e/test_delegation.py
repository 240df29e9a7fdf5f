"""Acting for a colleague: asked, notified, accepted, used, withdrawn."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ronde.accounts.models import User
from tests import factories as f
from tests.e2e.axe import check, overflow
from tests.e2e.gestures import act_for, choose, tab_to

SIGNALS = re.compile("/signaux/")
MINUTE = 61_000  # Milliseconds, and one second.
HIDE = "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
SHOW = "delete document.hidden"
NOTE = "Appelée ce matin : tout va bien."


@pytest.fixture
def nina(site: str) -> User:
    return f.user("PETIT", "Nina", profession="G15:60")


def relations(page: Page, tab: str) -> None:
    """From any page: one's name, my profile, Relations, the list."""
    page.get_by_role("button", name="Changer de compte").click()
    page.get_by_role("link", name="Mon profil").click()
    page.get_by_role("link", name="Relations", exact=True).click()
    page.get_by_role("link", name=tab, exact=True).click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def test_a_colleague_asks_is_accepted_acts_and_is_stopped(visit, post, marc, nina):
    f.patient(f.actor(marc))
    hers, his = visit(nina), visit(marc)
    page, other = hers.page, his.page

    page.goto("/file-active/")
    relations(page, "Mes délégants")
    page.get_by_role("link", name="Demander une délégation").click()
    dialog = page.get_by_role("dialog")
    choose(page, "Nom, profession ou ville", "leblanc", "LEBLANC Marc")
    dialog.get_by_label("Délégation").select_option("Dossiers & RCP")
    dialog.get_by_role("button", name="Envoyer la demande").click()
    expect(row(page, "LEBLANC Marc")).to_contain_text("En attente")

    letter = post.last(marc.email).get_content()
    assert "demande de délégation en attente" in letter
    assert "Nina PETIT" in letter

    other.goto("/file-active/")
    waiting = other.get_by_role("link", name="demande de délégation en attente")
    expect(waiting).to_contain_text("1")
    expect(other.get_by_role("link", name="1 notification non lue")).to_be_visible()
    waiting.click()
    row(other, "PETIT Nina").get_by_role("button", name="Accepter").click()
    expect(row(other, "PETIT Nina")).to_contain_text("Acceptée")
    expect(waiting).to_have_count(0)

    post.deliver()
    page.reload()
    page.get_by_role("link", name="1 notification non lue").click()
    page.get_by_role("button", name="Votre demande de délégation est acceptée", exact=True).click()
    expect(row(page, "LEBLANC Marc")).to_contain_text("Acceptée")
    act_for(page, "LEBLANC Marc")
    page.get_by_role("link", name="File active").first.click()
    page.get_by_role("link", name="MARCHETTI Jeanne", exact=True).click()
    page.get_by_role("link", name=re.compile("Nouvelle note|Noter")).filter(
        visible=True
    ).first.click()
    page.get_by_label("Texte de la note").fill(NOTE)

    row(other, "PETIT Nina").get_by_role("button", name="Retirer").click()
    other.get_by_role("alertdialog").get_by_role("button", name="Retirer").click()
    expect(row(other, "PETIT Nina")).to_have_count(0)

    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.get_by_text("rien n'a été enregistré")).to_be_visible()
    expect(page.get_by_label("Texte de la note")).to_have_value(NOTE)
    page.reload()
    expect(page.get_by_text("La délégation de LEBLANC Marc vous a été retirée")).to_be_visible()
    expect(page.get_by_text("Page introuvable")).to_be_visible()


def test_the_header_learns_of_a_request_while_the_page_stays_open(visit, marc, nina):
    page = visit(marc).page
    page.clock.install()
    with page.expect_response(SIGNALS):
        page.goto("/file-active/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(HIDE)
    page.clock.run_for(MINUTE * 3)
    assert not asked  # Nobody looks at this tab.
    f.delegation(marc, nina, status="pending")
    page.evaluate(SHOW)
    page.clock.run_for(MINUTE)
    expect(page.get_by_role("link", name="demande de délégation en attente")).to_be_visible()
    with page.expect_response(SIGNALS) as answer:
        page.clock.run_for(MINUTE)
    assert answer.value.status == 204  # Nothing new.


def test_one_stops_acting_by_delegation_in_one_click(visit, marc, nina):
    f.delegation(marc, nina)
    for phone in (False, True):
        visitor = visit(nina, phone=phone)
        page = visitor.page
        page.goto("/file-active/")
        act_for(page, "LEBLANC Marc")
        assert overflow(page) == []
        page.get_by_role("button", name="Ne plus agir par délégation").click()
        expect(page.get_by_text("Par délégation de LEBLANC Marc", exact=True)).to_have_count(0)


def test_a_choice_of_notification_is_saved_by_the_keyboard_alone(visit, nina):
    page = visit(nina).page
    page.goto("/profil/notifications/")
    switch = page.get_by_role("switch", name="Mail : Être notifié d'une demande de délégation")
    expect(switch).to_be_checked()
    tab_to(page, switch)
    page.keyboard.press("Space")
    expect(page.get_by_text("Préférence enregistrée.")).to_be_visible()
    page.reload()
    expect(switch).not_to_be_checked()
    page.get_by_role("button", name="Réinitialiser mes notifications Accès").click()
    expect(switch).to_be_checked()


def test_the_pages_of_the_profile_can_be_used_by_everybody(visit, post, marc, nina):
    f.delegation(marc, nina, status="pending")
    f.delegation(marc, f.user("ROUX", "Hugo"))
    f.delegation(marc, f.user("COSTA", "Luc"), status="refused")
    record = f.patient(f.actor(nina))
    f.member(f.actor(nina), record, marc.person.party, habilitated=True)
    post.deliver()
    page = visit(marc).page
    for address, name in (
        ("/profil/", "Mon profil"),
        ("/profil/relations/", "Mes délégués"),
        ("/profil/relations/delegants/", "Mes délégants"),
        ("/profil/relations/delegues/ajouter/", "Donner une délégation"),
        ("/profil/notifications/", "Préférences"),
        ("/notifications/", "Notifications"),
    ):
        page.goto(address)
        expect(page.locator(".signal.attend")).to_be_visible()
        check(page, name)
    theirs = visit(f.user("BLANC", "Ana")).page
    theirs.goto("/notifications/")
    check(theirs, "Notifications, aucune")


def test_a_page_settled_in_person_tells_a_delegate_how_to_go_on(visit, marc, nina):
    f.delegation(marc, nina)
    page = visit(nina).page
    page.goto("/file-active/")
    act_for(page, "LEBLANC Marc")
    page.goto("/profil/relations/")
    expect(page.get_by_text("ne se règlent qu'en personne")).to_be_visible()
    check(page, "En personne seulement")
    page.get_by_role("button", name="Ne plus agir par délégation").last.click()
    expect(page.get_by_role("heading", name="Mon profil")).to_be_visible()
