"""What the profile shows and lets one choose."""

import re

import pytest
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import profile_tabs
from ronde.accounts.models import Attachment
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


# The tabs.


def tabs_of(page: str) -> list[str]:
    nav = re.search(r'<nav class="onglets"[^>]* aria-label="Mon profil">(.*?)</nav>', page, re.S)
    return re.findall(r">([^<]+)</a>", nav.group(1))


def test_each_tab_is_a_page_of_its_own(web):
    page = force_str(web.get(PROFILE).content)
    assert tabs_of(page) == [
        "Profil",
        "Sécurité",
        "Mes droits",
        "Notifications",
        "Relations",
        "Groupes de favoris",
        "Invitations",
    ]
    for address in (
        "/profil/",
        "/profil/securite/",
        "/profil/notifications/",
        "/profil/relations/",
        "/profil/groupes/",
        "/invitations/",
    ):
        page = force_str(web.get(address).content)
        assert f'<a href="{address}" aria-current="page">' in page


def test_the_second_list_of_relations_stands_under_its_tab(web):
    page = force_str(web.get("/profil/relations/delegants/").content)
    assert '<a href="/profil/relations/" aria-current="page">Relations</a>' in page


def test_an_app_adds_a_tab_where_it_says(web, monkeypatch):
    monkeypatch.setattr(profile_tabs, "_tabs", dict(profile_tabs._tabs))
    profile_tabs.tab("Agenda", "accounts:terms", order=45)
    profile_tabs.tab("Cachée", "accounts:switch", order=1, shown=lambda request: False)
    shown = tabs_of(force_str(web.get(PROFILE).content))
    assert shown[4:6] == ["Relations", "Agenda"]
    assert "Cachée" not in shown


def test_it_says_what_one_is_for_the_region_and_for_ones_structures(client, web, sophie):
    assert "Utilisateur" in force_str(web.get(PROFILE).content)
    chief = f.user(
        "MERCIER", "Hugo", attached_to=f.structure("CCAS d'Hyères"), duties=["administrator"]
    )
    with as_owner():
        Attachment.objects.filter(user=chief).update(is_super_user=True)
    client.force_login(chief)
    page = force_str(client.get(PROFILE).content)
    assert "Administration régionale, Super-utilisateur de CCAS d&#39;Hyères" in page
