"""A lasting access asked for under break-glass: the circle gives it, or the region in its place."""

import re

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import User
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.e2e import axe
from tests.e2e.gestures import COUNT, clicks

WHY = "Je la suivrai à sa sortie de l'hôpital."


@pytest.fixture
def hugo(site: str) -> User:
    return f.user("ROUX", "Hugo", profession="G15:60")


def test_who_broke_the_glass_asks_and_the_circle_gives_in_three_clicks(
    visit, post, sophie, hugo, record
):
    f.broken_glass(record, f.actor(hugo))
    nurse = visit(hugo).page
    nurse.goto(f"/dossiers/{record.pk}/")
    nurse.get_by_role("link", name="Demander l’accès durable").click()
    nurse.get_by_label("Pourquoi un accès durable ?").fill(WHY)
    nurse.keyboard.press("Control+Enter")
    expect(nurse.get_by_text("Demande envoyée au cercle de soins.")).to_be_visible()

    visitor = visit(sophie)
    visitor.context.add_init_script(COUNT)
    page = visitor.page
    page.goto(f"/dossiers/{record.pk}/")
    expect(page.get_by_text("1 demande d’accès attend la réponse du cercle.")).to_be_visible()
    axe.check(page, "dossier, demande d'accès")
    page.get_by_role("link", name="Répondre", exact=True).click()
    expect(page.get_by_text(WHY)).to_be_visible()
    axe.check(page, "cercle de soins, demande d'accès")
    page.get_by_role("link", name="Habiliter", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Habiliter").click()
    expect(page.get_by_role("row", name=re.compile("ROUX Hugo"))).to_contain_text("Habilité")
    expect(page.get_by_text(WHY)).to_have_count(0)
    assert clicks(page) == 3

    assert "Vous avez accès à un nouveau dossier" in [
        letter["Subject"].removeprefix("Ronde : ") for letter in post.letters(hugo.email)
    ]
    nurse.goto("/dossiers/mes-droits/")
    expect(nurse.get_by_role("region", name="Mes demandes d’accès durable")).to_contain_text(
        "Accès donné"
    )
    axe.check(nurse, "mes droits, demandes d'accès")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_where_nobody_is_left_the_privacy_officer_answers(visit, sophie, hugo, record, size):
    f.access_request(record, f.actor(f.user("COSTA", "Luc")), days_ago=9)
    f.access_request(record, f.actor(hugo))
    with as_owner():
        User.objects.filter(pk=sophie.pk).update(is_active=False)
    officer = f.user("BENALI", "Karim", duties=["privacy_officer"])
    desk = visit(officer, phone=size == "phone").page
    desk.goto("/console/acces/")
    expect(desk.get_by_text("1 en retard", exact=True)).to_be_visible()
    expect(desk.get_by_text("MARCHETTI")).to_have_count(0)
    axe.check(desk, "demandes d'accès")
    luc = desk.get_by_role("row", name=re.compile("COSTA Luc"))
    luc.get_by_role("link", name="Refuser").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Pourquoi ?").fill("Aucun lien avec le patient.")
    axe.check(desk, "refuser une demande d'accès")
    dialog.get_by_role("button", name="Refuser").click()
    expect(desk.get_by_text("Demande refusée.")).to_be_visible()
    desk.get_by_role("row", name=re.compile("ROUX")).get_by_role(
        "link", name="Donner l’accès"
    ).click()
    axe.check(desk, "donner un accès")
    desk.get_by_role("dialog").get_by_role("button", name="Donner l’accès").click()
    expect(desk.get_by_text("Accès donné.")).to_be_visible()
    expect(desk.get_by_text("Aucune demande en attente.")).to_be_visible()

    nurse = visit(hugo).page
    nurse.goto("/file-active/")
    expect(nurse.get_by_role("link", name="MARCHETTI Jeanne", exact=True)).to_be_visible()
