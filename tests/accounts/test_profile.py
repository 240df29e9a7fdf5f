"""What the profile shows and lets one choose."""

import pytest
from django.test import Client
from django.utils.encoding import force_str

from ronde.core.db.roles import as_owner
from ronde.directory.models import Post
from tests import factories as f

pytestmark = pytest.mark.django_db
PROFILE = "/profil/"


@pytest.fixture
def sophie():
    return f.user(attached_to=f.structure("DAC Var Ouest"))


@pytest.fixture
def web(client: Client, sophie) -> Client:
    client.force_login(sophie)
    return client


def test_it_shows_the_entry_of_the_directory_and_the_structures(web, sophie):
    workplace = f.structure("Maison de santé des Pins", legal_person=False)
    with as_owner():
        Post.objects.create(person=sophie.person, structure=workplace, city="Hyères")
    page = force_str(web.get(PROFILE).content)
    for shown in (
        sophie.email,
        sophie.person.rpps,
        "LAMBERT Sophie",
        "Maison de santé des Pins",
        "Hyères",
        "DAC Var Ouest",
    ):
        assert shown in page


def test_it_says_why_a_structure_cannot_be_acted_for(client):
    client.force_login(f.user("ROUX", "Hugo", attached_to=f.structure("Cab", legal_person=False)))
    assert "personne morale" in force_str(client.get(PROFILE).content)


def test_the_single_key_shortcuts_can_be_switched_off_and_on(web, sophie):
    assert "data-ronde-raccourcis" not in force_str(web.get(PROFILE).content)
    assert web.post(PROFILE, {}).url == PROFILE
    page = force_str(web.get(PROFILE).content)
    assert 'data-ronde-raccourcis="non"' in page
    assert "Préférence enregistrée" in page
    web.post(PROFILE, {"single_key_shortcuts": "on"})
    assert "data-ronde-raccourcis" not in force_str(web.get(PROFILE).content)


def test_it_is_for_who_acts_as_somebody(client):
    assert client.get(PROFILE).url == "/connexion/?next=/profil/"
