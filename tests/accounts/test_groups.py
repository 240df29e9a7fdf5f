"""Favourite groups: mine, shared with me, and what a colleague may do with them."""

import re

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from django.test import Client

from ronde.accounts import groups
from ronde.accounts.group_models import FavouriteGroup, FavouriteGroupMember, FavouriteGroupShare
from ronde.accounts.models import User
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOME = "/profil/groupes/"


@pytest.fixture
def me() -> User:
    return f.user()


@pytest.fixture
def colleague() -> User:
    return f.user("RICCI", "Paola")


@pytest.fixture
def web(me) -> Client:
    return signed_in(me)


@pytest.fixture
def group(web) -> str:
    """The address of a group of mine."""
    web.post(f"{HOME}nouveau/", {"name": "Retour à domicile"})
    with as_owner():
        return f"{HOME}{FavouriteGroup.objects.latest('created_at').pk}/"


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def share(web: Client, group: str, who: User, **values) -> int:
    return web.post(f"{group}partager/", {"party": str(who.person_id), **values}).status_code


def test_a_group_is_created_renamed_and_filled_from_the_directory(web, group):
    house, nurse = f.structure("SSIAD Les Pins"), f.person("RICCI", "Paola")
    for party in (house, nurse, nurse):
        web.post(f"{group}ajouter/", {"party": str(party.pk)})
    web.post(f"{group}nom/", {"name": "Sortie d’hôpital"})
    page = text(web.get(HOME))
    assert "Sortie d’hôpital" in page
    assert "RICCI Paola, SSIAD Les Pins" in page
    web.post(f"{group}membres/{nurse.pk}/retirer/")
    assert "RICCI" not in text(web.get(HOME))


def test_a_name_taken_or_missing_is_said_beside_the_field(web, group):
    for name, said in (("Retour à domicile", "porte déjà ce nom"), ("", "obligatoire")):
        answer = web.post(f"{HOME}nouveau/", {"name": name}, headers=HTMX)
        assert answer.status_code == 422
        assert said in text(answer)


def test_what_is_not_in_the_directory_is_not_added(web, group):
    for party in ("", "x", "00000000-0000-0000-0000-000000000000"):
        answer = web.post(f"{group}ajouter/", {"party": party})
        assert answer.status_code == 422
        assert "Choisissez dans la liste de l’annuaire." in text(answer)


def test_the_group_of_somebody_else_does_not_exist(group, colleague):
    other = signed_in(colleague)
    for end in ("", "nom/", "ajouter/", "partager/", "quitter/", "supprimer/"):
        assert other.get(group + end).status_code == 404
    assert "Retour" not in text(other.get(HOME))


def test_a_colleague_is_told_once_and_uses_the_group_without_changing_it(web, group, colleague):
    nurse = f.person("PETIT", "Léa")
    web.post(f"{group}ajouter/", {"party": str(nurse.pk)})
    assert share(web, group, colleague) == 302
    share(web, group, colleague)
    run_jobs()
    assert [one.to for one in mail.outbox] == [[colleague.email]]
    other = signed_in(colleague)
    assert "PETIT Léa" in text(other.get(HOME))
    assert other.get(group).status_code == 200
    for end in ("nom/", "ajouter/", "partager/", "supprimer/"):
        assert other.post(group + end, {"name": "Pris", "party": str(nurse.pk)}).status_code == 404


def test_a_colleague_who_may_edit_changes_the_group_for_both(web, group, colleague):
    share(web, group, colleague, may_edit="on")
    other = signed_in(colleague)
    other.post(f"{group}nom/", {"name": "À deux"})
    other.post(f"{group}ajouter/", {"party": str(f.person("PETIT", "Léa").pk)})
    page = text(web.get(HOME))
    assert "À deux" in page
    assert "PETIT Léa" in page
    for end in ("partager/", "supprimer/"):
        assert other.get(group + end).status_code == 404


def test_one_leaves_a_group_that_was_shared_and_its_owner_keeps_it(web, group, colleague):
    share(web, group, colleague)
    other = signed_in(colleague)
    assert "Sophie LAMBERT le garde" in text(other.get(f"{group}quitter/"))
    other.post(f"{group}quitter/")
    assert other.get(group).status_code == 404
    assert web.get(group).status_code == 200
    assert web.get(f"{group}quitter/").status_code == 404


def test_a_share_taken_back_ends_at_once(web, group, colleague):
    share(web, group, colleague)
    web.post(f"{group}partages/{colleague.pk}/retirer/")
    assert signed_in(colleague).get(group).status_code == 404


def test_deleting_names_who_loses_the_group(web, group, colleague):
    share(web, group, colleague)
    assert "Le perd aussi : Paola RICCI." in text(web.get(f"{group}supprimer/"))
    web.post(f"{group}supprimer/")
    with as_owner():
        assert not FavouriteGroup.objects.exists()
    assert "Retour" not in text(signed_in(colleague).get(HOME))


def test_who_has_no_account_and_oneself_are_not_shared_with(web, me, group):
    answer = web.post(f"{group}partager/", {"party": str(f.person("VIDAL", "Pierre").pk)})
    assert "VIDAL Pierre n’a pas de compte" in text(answer)
    assert "déjà le vôtre" in text(web.post(f"{group}partager/", {"party": str(me.person_id)}))


def test_the_database_keeps_a_group_from_who_may_only_use_it(web, me, group, colleague):
    share(web, group, colleague)
    key = group.split("/")[-2]
    with acting(party_id=colleague.person_id, user_id=colleague.pk), transaction.atomic():
        assert FavouriteGroup.objects.filter(pk=key).exists()
        assert not FavouriteGroup.objects.filter(pk=key).update(name="Pris")
        assert not FavouriteGroupShare.objects.filter(group_id=key).update(may_edit=True)
        member = FavouriteGroupMember(group_id=key, party=Party.objects.get(pk=me.person_id))
        with pytest.raises(ProgrammingError), transaction.atomic():
            member.save(force_insert=True)
    stranger = f.user("ROUX", "Hugo")
    with acting(party_id=stranger.person_id, user_id=stranger.pk), transaction.atomic():
        assert not FavouriteGroup.objects.exists()
        assert not FavouriteGroupMember.objects.exists()
        assert not FavouriteGroupShare.objects.exists()


def test_a_whole_group_enters_a_circle_with_a_line_for_each(web, me, group, colleague):
    record = f.patient(f.actor(me))
    refused, manual = f.person("PETIT", "Léa"), f.structure("SSIAD Les Pins")
    f.member(f.actor(me), record, refused.party, refused=True)
    for party in (colleague.person, refused, manual):
        web.post(f"{group}ajouter/", {"party": str(party.pk)})
    address = f"/dossiers/{record.pk}/cercle/ajouter/groupe/"
    assert "Retour à domicile (3)" in text(web.get(address))
    key = group.split("/")[-2]
    answer = web.post(address, {"group": key, "act": "habilitate"}, headers=HTMX)
    assert "careteam:changed" in answer.headers["HX-Trigger"]
    page = text(answer)
    assert "RICCI Paola habilité(e)" in page
    assert "PETIT Léa le patient refuse le partage" in page
    with as_owner():
        held = Member.objects.filter(patient=record, habilitated=True)
        names = set(held.values_list("display_name", flat=True))
    assert names == {"LAMBERT Sophie", "RICCI Paola", "SSIAD Les Pins"}


def test_an_empty_group_or_that_of_somebody_else_adds_nobody(web, me, group, colleague):
    record = f.patient(f.actor(me))
    address = f"/dossiers/{record.pk}/cercle/ajouter/groupe/"
    with acting(party_id=colleague.person_id, user_id=colleague.pk):
        other = groups.create(f.actor(colleague), "À Paola")
    for key in (group.split("/")[-2], other.pk, "x"):
        assert web.post(address, {"group": key, "act": "add"}).status_code == 422
