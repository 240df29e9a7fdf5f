"""A break-glass access is reviewed; a member asks why they see, or do not see, a record."""

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import User
from tests import factories as f
from tests.e2e import axe
from tests.e2e.gestures import tab_to


@pytest.fixture
def karim(site: str) -> User:
    return f.user("BENALI", "Karim", duties=["privacy_officer"])


@pytest.fixture
def hugo(site: str) -> User:
    return f.user("ROUX", "Hugo", profession="G15:60")


def test_an_emergency_access_is_questioned_answered_and_closed(visit, post, karim, hugo, record):
    f.broken_glass(record, f.actor(f.user("COSTA", "Luc")), days_ago=9)
    f.broken_glass(record, f.actor(hugo))
    nurse = visit(hugo).page
    nurse.goto(f"/dossiers/{record.pk}/")
    desk = visit(karim).page
    desk.goto("/console/relectures/")
    expect(desk.get_by_text("1 en retard", exact=True)).to_be_visible()
    axe.check(desk, "file des relectures")
    desk.get_by_role("link", name="Hugo ROUX").click()
    expect(desk.get_by_role("region", name="Ce qui a été ouvert")).to_contain_text("Synthèse")
    expect(desk.get_by_text("MARCHETTI")).to_have_count(0)
    axe.check(desk, "relecture")

    desk.get_by_role("link", name="Demander une explication").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Question au professionnel").fill("Quel lien avec ce patient ?")
    axe.check(desk, "question")
    dialog.get_by_role("button", name="Envoyer").click()
    expect(desk.get_by_text("Question envoyée.")).to_be_visible()

    assert "/dossiers/" in post.link(hugo.email)
    nurse.goto("/file-active/")
    nurse.get_by_role("link", name="1 notification non lue").click()
    nurse.get_by_role("button", name="Une explication vous est demandée").first.click()
    nurse.get_by_role("link", name="Répondre").click()
    expect(nurse.get_by_text("Quel lien avec ce patient ?")).to_be_visible()
    axe.check(nurse, "explication")
    nurse.get_by_label("Votre explication").fill("Appelée par la régulation du SAMU.")
    nurse.get_by_role("button", name="Envoyer").click()
    expect(nurse.get_by_text("Réponse envoyée.")).to_be_visible()

    desk.reload()
    expect(desk.get_by_text("Appelée par la régulation du SAMU.")).to_be_visible()
    tab_to(desk, desk.get_by_label("Justifié", exact=True))
    desk.keyboard.press("Space")
    desk.get_by_label("Commentaire").fill("Régulation confirmée.")
    tab_to(desk, desk.get_by_role("button", name="Enregistrer et clore"))
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Relecture close.")).to_be_visible()
    expect(desk.get_by_role("link", name="Hugo ROUX")).to_have_count(0)
    desk.get_by_role("link", name="Bilan publié").click()
    expect(desk.get_by_role("cell", name="Professionnels en leur nom")).to_be_visible()
    axe.check(desk, "bilan des bris de glace")


def test_a_member_asks_why_they_see_a_record(visit, hugo, record, sophie):
    f.member(f.actor(sophie), record, hugo.person.party, habilitated=True)
    page = visit(hugo).page
    page.goto(f"/dossiers/{record.pk}/")
    page.get_by_role("link", name="Pourquoi je vois ceci ?").filter(visible=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("ajouté(e) par Sophie LAMBERT")).to_be_visible()
    axe.check(page, "pourquoi")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.goto("/dossiers/mes-droits/")
    axe.check(page, "mes droits")


def test_a_member_without_access_finds_out_why_on_a_phone(visit, hugo, record, sophie):
    f.member(f.actor(sophie), record, hugo.person.party)
    page = visit(hugo, phone=True).page
    page.goto(f"/dossiers/{record.pk}/")
    page.get_by_role("link", name="Pourquoi je ne vois pas ceci ?").tap()
    expect(page.get_by_text("Vous êtes dans le cercle de soins sans accès.")).to_be_visible()
    axe.check(page, "pourquoi pas")


def test_an_administrator_simulates_an_access(visit, site, hugo, record, sophie):
    f.member(f.actor(sophie), record, hugo.person.party, habilitated=True)
    page = visit(f.user("VIDAL", "Agnès", duties=["administrator"])).page
    page.goto("/console/simulateur/")
    page.get_by_label("N° de dossier").fill(str(record.record_number))
    field = page.get_by_role("combobox", name="Professionnel ou structure")
    field.press_sequentially("Roux")
    expect(page.get_by_role("option", name="ROUX Hugo").first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    page.get_by_role("button", name="Simuler").click()
    expect(page.get_by_text("Le dossier s’ouvre")).to_be_visible()
    expect(page.get_by_text("MARCHETTI")).to_have_count(0)
    axe.check(page, "simulateur")


def test_habilitations_to_review_are_kept_or_withdrawn(visit, hugo, record, sophie, settings):
    settings.HABILITATION_REVIEW_MONTHS = 0
    f.member(f.actor(sophie), record, hugo.person.party, habilitated=True)
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/")
    page.get_by_role("link", name="1 habilitation à revoir").click()
    expect(page.get_by_role("row", name="ROUX Hugo")).to_be_visible()
    axe.check(page, "habilitations à revoir")
    page.get_by_role("button", name="Retirer ROUX Hugo").click()
    expect(page.get_by_text("1 habilitation traitée.")).to_be_visible()
    expect(page.get_by_text("Aucune habilitation à revoir.")).to_be_visible()
