"""The regional identity server, when an installation has a connector for it."""

import logging
import re
from datetime import date

import pytest
from django.test import Client

from ronde.core.db.roles import as_owner
from ronde.dossier.models import Creation
from ronde.patients.matching import Traits
from ronde.patients.regional import Proposal
from tests import factories as f

pytestmark = pytest.mark.django_db
HERE = "tests.dossier.test_creation_regional"
TRAITS = {
    "birth_name": "Marchetti",
    "first_given": "Jeane",
    "birth_date": "12/03/1942",
    "sex": "F",
    "where": "france",
    "birth_commune": "83126",
}


def knows(traits: Traits) -> list[Proposal]:
    """A server that knows Jeanne, and somebody quite different."""
    jeanne = Traits("MARCHETTI", "JEANNE", date(1942, 3, 12), "F", "83137")
    other = Traits("BENSAID", "YANIS", date(1988, 7, 2), "M", "99352")
    return [Proposal("2", other, "Algérie"), Proposal("1", jeanne, "Toulon")]


def is_down(traits: Traits) -> list[Proposal]:
    message = f"timeout for {traits.birth_name}"
    raise OSError(message)


@pytest.fixture
def web(client: Client) -> Client:
    client.force_login(f.user())
    return client


def near(web: Client) -> tuple[str, str]:
    address = web.post("/dossiers/nouveau/", TRAITS).url
    return address, re.sub(r"\s+", " ", web.get(address).content.decode())


def test_without_connector_nothing_is_asked_nor_shown(web):
    address, page = near(web)
    assert address.endswith("/identite/")
    assert "erveur régional" not in page


def test_its_identities_are_a_group_of_their_own_best_first(web, settings):
    settings.REGIONAL_IDENTITY_CONNECTOR = f"{HERE}.knows"
    page = near(web)[1]
    assert page.index("MARCHETTI Jeanne") < page.index("BENSAID Yanis")
    assert "Toulon (83137)" in page


def test_its_traits_are_taken_as_signed(web, settings):
    settings.REGIONAL_IDENTITY_CONNECTOR = f"{HERE}.knows"
    address, page = near(web)
    seal = re.search(r'name="reprendre" value="([^"]+)"', page)[1]
    assert web.post(address, {"reprendre": seal}).url == address
    with as_owner():
        values = Creation.objects.get().values
    assert (values["first_given"], values["birth_commune"]) == ("JEANNE", "83137")
    web.post(address, {"reprendre": seal[:-1] + "x"})
    with as_owner():
        assert Creation.objects.get().values == values


def test_a_server_that_is_down_is_said_and_leaks_nothing_to_the_log(web, settings, caplog):
    settings.REGIONAL_IDENTITY_CONNECTOR = f"{HERE}.is_down"
    with caplog.at_level(logging.INFO):
        page = near(web)[1]
    assert "Le serveur régional d’identités ne répond pas" in page
    assert "Créer un nouveau patient" in page
    assert "OSError" in caplog.text
    assert "MARCHETTI" not in caplog.text
