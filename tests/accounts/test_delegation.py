"""Acting in the name of another: the delegator's rights, never more, never handed on."""

from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.http import Http404

from ronde.accounts.models import Delegation, User
from ronde.accounts.queries import identities
from ronde.careteam.access import access_to, visible_to
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.signing import act_as

pytestmark = pytest.mark.django_db


def offered(account: User) -> list[UUID]:
    return [one.party_id for one in identities(account)]


@pytest.fixture
def leblanc() -> User:
    return f.user("LEBLANC", "Marc")


@pytest.fixture
def nina() -> User:
    return f.user("PETIT", "Nina", profession="G15:60")


def test_an_accepted_delegation_is_offered_after_ones_own_identities(leblanc, nina):
    f.delegation(leblanc, nina)
    own, delegated = identities(nina)
    assert (own.party_id, own.is_delegated) == (nina.person_id, False)
    assert (delegated.party_id, delegated.is_delegated) == (leblanc.person_id, True)


@pytest.mark.parametrize("status", ["pending", "refused", "withdrawn"])
def test_a_delegation_that_is_not_accepted_is_not_offered(leblanc, nina, status):
    f.delegation(leblanc, nina, status=status)
    assert offered(nina) == [nina.person_id]


def test_a_delegation_of_discussions_opens_no_record(leblanc, nina):
    f.delegation(leblanc, nina, scope="messages")
    assert offered(nina) == [nina.person_id]


def test_a_delegation_is_not_handed_on(leblanc, nina):
    third = f.user("ROUX", "Hugo")
    f.delegation(leblanc, nina)
    f.delegation(nina, third)
    assert offered(third) == [third.person_id, nina.person_id]


def test_a_closed_account_delegates_nothing(leblanc, nina):
    f.delegation(leblanc, nina)
    with as_owner():
        User.objects.filter(pk=leblanc.pk).update(is_active=False)
    assert offered(nina) == [nina.person_id]


def test_those_attached_to_a_structure_act_for_its_delegators(leblanc):
    house = f.structure("DAC Var Ouest")
    attached = f.user("RICCI", "Paola", attached_to=house)
    f.delegation(leblanc, house)
    assert offered(attached) == [attached.person_id, house.pk, leblanc.person_id]


def test_a_structure_that_is_no_personne_morale_delegates_nothing(nina):
    f.delegation(f.structure("SSIAD Les Pins", legal_person=False), nina)
    assert offered(nina) == [nina.person_id]


def test_who_is_attached_to_a_structure_does_not_become_its_delegate():
    house = f.structure("DAC Var Ouest")
    attached = f.user("RICCI", "Paola", attached_to=house)
    f.delegation(house, attached)
    assert not f.identity_of(attached, house.pk).is_delegate


def test_a_delegate_has_the_profession_of_the_delegator(leblanc, nina):
    f.delegation(leblanc, nina)
    actor = f.identity_of(nina, leblanc.person_id)
    assert (actor.profession, actor.user_id) == ("G15:10", nina.pk)
    assert actor.is_delegate


def test_a_delegate_of_a_structure_keeps_their_own_profession(nina):
    house = f.structure("DAC Var Ouest")
    f.delegation(house, nina)
    assert f.identity_of(nina, house.pk).profession == "G15:60"


def test_a_delegate_sees_the_records_of_the_delegator_and_no_other(leblanc, nina):
    seen = f.patient(f.actor(leblanc))
    other = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="AUTRE")
    f.delegation(leblanc, nina)
    actor = f.identity_of(nina, leblanc.person_id)
    with acting(party_id=actor.party_id, user_id=actor.user_id, delegated=True):
        assert [one.pk for one in visible_to(actor)] == [seen.pk]
        with pytest.raises(Http404):
            access_to(actor, other.pk)


def test_a_delegation_withdrawn_ends_in_a_session_that_is_open(client, leblanc, nina):
    record = f.patient(f.actor(leblanc))
    given = f.delegation(leblanc, nina)
    client.force_login(nina)
    act_as(client, leblanc.person_id)
    assert client.get(f"/dossiers/{record.pk}/").status_code == 200
    with as_owner():
        Delegation.objects.filter(pk=given.pk).update(status="withdrawn")
    assert client.get(f"/dossiers/{record.pk}/").status_code == 404


def _new(delegator: User, delegate: User, status: str, by: User) -> Delegation:
    return Delegation(
        delegator_id=delegator.person_id,
        delegate_id=delegate.person_id,
        scope="records",
        status=status,
        created_by=by.pk,
    )


def test_the_database_refuses_a_delegation_that_one_gives_oneself(leblanc, nina):
    with acting(party_id=nina.person_id, user_id=nina.pk), transaction.atomic():
        _new(leblanc, nina, "pending", nina).save(force_insert=True)
        with pytest.raises(ProgrammingError), transaction.atomic():
            _new(leblanc, nina, "accepted", nina).save(force_insert=True)


def test_the_database_lets_the_delegator_alone_accept(leblanc, nina):
    asked = f.delegation(leblanc, nina, status="pending")
    with (
        acting(party_id=nina.person_id, user_id=nina.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        Delegation.objects.filter(pk=asked.pk).update(status="accepted", decided_by=nina.pk)
    with acting(party_id=leblanc.person_id, user_id=leblanc.pk):
        asked = Delegation.objects.filter(pk=asked.pk)
        assert asked.update(status="accepted", decided_by=leblanc.pk) == 1


def test_the_database_lets_no_delegate_accept_for_the_delegator(leblanc, nina):
    asked = f.delegation(leblanc, nina, status="pending")
    with acting(party_id=leblanc.person_id, user_id=nina.pk, delegated=True):
        assert Delegation.objects.filter(pk=asked.pk).update(status="accepted") == 0


def test_the_database_shows_a_delegation_to_its_two_parties_alone(leblanc, nina):
    f.delegation(leblanc, nina)
    stranger = f.user("ROUX", "Hugo")
    with acting(party_id=stranger.person_id, user_id=stranger.pk), transaction.atomic():
        assert Delegation.objects.count() == 0


def test_one_delegation_of_a_kind_is_open_at_a_time(leblanc, nina):
    f.delegation(leblanc, nina)
    with pytest.raises(IntegrityError), transaction.atomic():
        f.delegation(leblanc, nina, status="pending")
