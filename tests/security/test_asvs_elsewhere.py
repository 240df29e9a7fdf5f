"""What is somebody else's, or of another record, asked for by its key, at every address that takes
one: each test bears the line of OWASP ASVS 5.0 it answers (docs/asvs.md).
"""

from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts import actions, closing
from ronde.accounts.group_models import (
    FavouriteGroup,
    FavouriteGroupMember,
    FavouriteGroupShare,
)
from ronde.accounts.models import Attachment, Delegation, DutyKind, Invitation, User
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.dossier.models import Creation
from ronde.notifications.models import Notice
from ronde.worklist.models import BulkRun, SavedSearch
from tests import factories as f
from tests.accounts.asking import Applicant
from tests.signing import signed_in
from tests.test_access_matrix import ACTOR, RECORD, SIGNED_IN, World
from tests.test_consistency import addresses

pytestmark = pytest.mark.django_db
CHILDREN = {"member_id", "stay_id", "step_id", "memo_id", "link_id", "document_id"}
KEYS = {name: set(pattern.pattern.converters) for name, pattern in addresses()}


def answers(web: Client, name: str, ids: dict[str, Any]) -> set[int]:
    """By GET and by POST, save what a method does not serve."""
    address = reverse(name, kwargs=ids)
    found = {web.get(address).status_code, web.post(address).status_code}
    return found - {405}


# Of another record, through one's own: the holder of both meets what a stranger would.


@pytest.mark.parametrize("name", sorted(name for name in RECORD if KEYS[name] & CHILDREN))
def test_v8_2_2_what_is_of_another_record_is_not_reached_through_ones_own(client, name):
    world = World()
    own = f.patient(world.by, birth_name="AUTRE")
    client.force_login(world.coordinator)
    ids = world.ids(name)
    assert answers(client, name, {**ids, "patient_id": own.pk}) == {404}


# Of somebody else.


class Belongings:
    """One thing of each kind, all of the super-user of a structure acting in its name or not."""

    def __init__(self) -> None:
        self.house = f.structure("DAC Var Ouest")
        self.owner = f.user("MERCIER", "Hugo", attached_to=self.house)
        self.friend = f.user("RICCI", "Paola", attached_to=self.house)
        me, mine = self.owner.pk, self.owner.person_id
        now = timezone.now()
        with as_owner():
            Attachment.objects.filter(user=self.owner).update(is_super_user=True)
            group = FavouriteGroup.objects.create(owner=self.owner, name="Retour")
            FavouriteGroupMember.objects.create(group=group, party_id=self.friend.person_id)
            FavouriteGroupShare.objects.create(group=group, user=self.friend)
            self.ids: dict[str, Any] = {
                "group_id": group.pk,
                "user_id": self.friend.pk,
                "party_id": self.friend.person_id,
                "invitation_id": Invitation.objects.create(
                    email="lina@cabinet.example", by_user=me, by_party=mine, created_at=now,
                    sent_at=now, expires_at=now + timedelta(days=3),
                ).pk,
                "notice_id": Notice.objects.create(
                    entry_id=UUID(int=1), event="DelegationAsked", at=now, user_id=me,
                    party_id=mine,
                ).pk,
                "creation_id": Creation.objects.create(user_id=me, party_id=mine).pk,
                "run_id": BulkRun.objects.create(user_id=me, party_id=mine).pk,
                "search_id": SavedSearch.objects.create(user_id=me, name="Les miens").pk,
                "attachment_id": Attachment.objects.get(user=self.friend).pk,
            }  # fmt: skip
        self.ids["delegation_id"] = f.delegation(self.owner, self.friend, status="pending").pk
        self.ids |= {"side": "delegues", "verb": "accepter", "kind": "personnes"}


# Asked for after a proof (`test_passkeys.py`, `test_devices.py`); of who validates or answers
# (`test_account_requests.py`, `test_reviews.py`); open to whoever is no member, by their purpose.
ELSEWHERE = {
    "accounts:rename_passkey", "accounts:remove_passkey", "accounts:close_device",
    "accounts:judge_attachment", "dossier:explain", "dossier:why", "dossier:break_glass",
    "worklist:star",
}  # fmt: skip
OF_SOMEBODY = sorted(
    name
    for name in ACTOR | SIGNED_IN
    if any(key.endswith(("_id", "key")) for key in KEYS[name]) and name not in ELSEWHERE
)


@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_v8_2_2_what_is_somebody_elses_does_not_exist_at_any_address_of_an_account(name):
    things = Belongings()
    ids = {key: things.ids[key] for key in KEYS[name]}
    stranger = f.user("ROUX", "Hugo", attached_to=f.structure("Autre maison"))
    assert answers(signed_in(stranger), name, ids) == {404}
    house = things.house.pk if name.startswith("worklist:staff") else None
    holder = signed_in(things.friend if name == "accounts:group_leave" else things.owner, house)
    assert answers(holder, name, ids) != {404}


# Another way to learn who has an account: where the refusals start.


@pytest.fixture
def holder() -> User:
    cache.clear()
    who = f.user("AUTRE", "Nom")
    with as_owner():
        User.objects.filter(pk=who.pk).update(email="titulaire@cabinet.example")
    who.refresh_from_db()
    return who


def test_v6_3_8_the_reset_counts_its_tries_alike_for_everybody(holder):
    def tried(email: str) -> list[int]:
        return [Client().post("/mot-de-passe/", {"email": email}).status_code for _time in range(5)]

    assert tried(holder.email) == tried("personne@cabinet.example")


def test_v6_3_8_a_request_counts_its_tries_alike_for_everybody(holder):
    def tried(email: str) -> list[int]:
        return [Applicant().ask(email=email).status_code for _time in range(7)]

    assert tried(holder.email) == tried("personne@cabinet.example")


@pytest.mark.parametrize("written", [str.upper, " {} ".format, str.title])
def test_v2_4_1_another_way_of_writing_an_address_gives_no_more_tries(holder, written):
    for _time in range(3):
        Client().post("/mot-de-passe/", {"email": holder.email})
    again = Client().post("/mot-de-passe/", {"email": written(holder.email)})
    assert again.status_code == 429


# Fields that no form has.


def test_v15_3_3_a_colleague_is_attached_at_no_other_level_than_the_one_meant():
    things = Belongings()
    newcomer = f.user("PETIT", "Nina")
    web = signed_in(things.owner, things.house.pk)
    other = f.structure("Autre maison")
    web.post(
        reverse("worklist:staff_attach"),
        {"party": newcomer.person_id, "is_super_user": "on", "level": "super",
         "structure": other.pk, "structure_id": other.pk},
    )  # fmt: skip
    with as_owner():
        made = Attachment.objects.get(user=newcomer)
    assert (made.structure_id, made.is_super_user) == (things.house.pk, False)


def test_v15_3_3_a_group_is_shared_with_no_more_than_what_was_ticked():
    things = Belongings()
    stranger = f.user("ROUX", "Hugo")
    signed_in(things.owner).post(
        reverse("accounts:group_share", args=[things.ids["group_id"]]),
        {"party": stranger.person_id, "owner": stranger.pk, "owner_id": stranger.pk},
    )
    with as_owner():
        assert FavouriteGroup.objects.get().owner_id == things.owner.pk
        assert not FavouriteGroupShare.objects.get(user=stranger).may_edit


def test_v15_3_3_a_delegation_is_given_in_no_other_name_than_ones_own():
    things = Belongings()
    given_to, victim = f.user("PETIT", "Nina"), f.user("ROUX", "Hugo")
    signed_in(things.owner).post(
        reverse("accounts:relation_add", args=["delegues"]),
        {"party": given_to.person_id, "scope": "records", "delegator": victim.person_id,
         "delegator_id": victim.person_id, "created_by": victim.pk},
    )  # fmt: skip
    with as_owner():
        made = Delegation.objects.get(delegate_id=given_to.person_id)
    assert (made.delegator_id, made.created_by) == (things.owner.person_id, things.owner.pk)


# The last one stays, whatever happens at the same moment.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["close", "end_duty"])
def test_v15_4_2_two_administrators_do_not_put_each_other_out(way):
    agnes, theo = (
        f.user("VIDAL", given, duties=[DutyKind.ADMINISTRATOR]) for given in ("Agnès", "Théo")
    )

    def put_out(by: User, other: User) -> None:
        officer = Officer(by.pk, by.full_name, DutyKind.ADMINISTRATOR)
        with acting(party_id=None, user_id=by.pk, duty=DutyKind.ADMINISTRATOR):
            if way == "close":
                closing.close(officer, other, "Départ")
            else:
                actions.end_duty(officer, other, DutyKind.ADMINISTRATOR)

    refused: list[str] = []

    def meanwhile() -> None:
        try:
            put_out(theo, agnes)
        except ValidationError as problem:
            refused.append(problem.messages[0])
        finally:
            connections.close_all()

    second = Thread(target=meanwhile)
    with transaction.atomic():
        put_out(agnes, theo)
        second.start()
        second.join(timeout=1)  # Nothing is committed yet: the second one waits for the first.
    second.join()
    assert "dernière personne" in refused[0]
    with as_owner():
        agnes.refresh_from_db()
        assert agnes.is_active
        assert agnes.duties.filter(kind=DutyKind.ADMINISTRATOR, ended_at=None).exists()
