"""The network is up and the server is not: an update, a crash, a proxy without anybody behind."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import check
from tests.e2e.browsing import NETWORK_DOWN
from tests.e2e.gestures import box, type_identity
from tests.e2e.wire import Wire

REFUSED = re.compile(r"net::ERR_CONNECTION_REFUSED")


@pytest.fixture
def wire(site) -> Iterator[Wire]:
    between = Wire(site)
    yield between
    between.cut()


def test_a_long_form_sent_while_the_server_is_down_stays_as_it_was_typed(
    visit, wire, sophie, record
):
    visitor = visit(sophie, at=wire.url)
    visitor.excuse(REFUSED)
    visitor.excuse(NETWORK_DOWN)
    page = visitor.page
    down = page.get_by_text("Le serveur ne répond pas.")
    page.goto("/dossiers/nouveau/")
    type_identity(page, **{"1er prénom de naissance": "Louise"})
    wire.cut()
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(down).to_be_visible()
    expect(box(page, "1er prénom de naissance")).to_have_value("Louise")
    check(page, "server down")
    wire.mend()
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Identités proches", level=1)).to_be_visible()


def test_a_dialog_opened_as_a_page_stays_too(visit, wire, sophie, record):
    visitor = visit(sophie, at=wire.url)
    visitor.excuse(REFUSED)
    visitor.excuse(NETWORK_DOWN)
    page = visitor.page
    page.goto(f"/dossiers/{record.pk}/suivi/memos/ajouter/")
    box(page, "Contenu").fill("Clé chez la voisine")
    wire.cut()
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_text("Le serveur ne répond pas.")).to_be_visible()
    expect(box(page, "Contenu")).to_have_value("Clé chez la voisine")
    wire.mend()
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_text("Clé chez la voisine").first).to_be_visible()
