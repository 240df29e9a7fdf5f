"""Two people create the same patient, or one person sends the form twice, at the same moment."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from ronde.careteam.access import access_to
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.dossier import creation
from ronde.patients.actions import ProbableDuplicate, traits_of
from ronde.patients.matching import Traits
from ronde.patients.models import Patient
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)


def traits(identity: dict) -> Traits:
    return traits_of(Patient(**identity))


def open_record(actor: Actor, identity: dict) -> Patient:
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        begun, _found = creation.search(actor, traits(identity), {})
        return creation.open_record(actor, begun, traits(identity), identity, f.CONSENT)


class Other(threading.Thread):
    """Somebody else, on another connection."""

    def __init__(self, does: Callable[[], object]) -> None:
        super().__init__()
        self.does, self.result = does, None

    def run(self) -> None:
        try:
            self.result = self.does()
        except Exception as error:  # noqa: BLE001
            self.result = error
        finally:
            connections.close_all()

    def waits(self) -> bool:
        self.join(0.6)
        return self.is_alive()

    def outcome(self) -> object:
        self.join(20)
        assert not self.is_alive()
        return self.result


def names() -> list[str]:
    with as_owner():
        return sorted(Patient.objects.values_list("first_given", flat=True))


def test_the_second_of_two_people_waits_then_is_stopped():
    sophie, hugo = f.actor(f.user()), f.actor(f.user("ROUX", "Hugo"))
    mistyped = f.identity(birth_name="MARCHETI", given_names="JEANNE MARIE")
    with transaction.atomic():
        open_record(sophie, f.identity())
        other = Other(lambda: open_record(hugo, mistyped))
        other.start()
        assert other.waits()
    stopped = other.outcome()
    assert isinstance(stopped, ProbableDuplicate)
    assert len(stopped.matches) == 1
    assert names() == ["JEANNE"]


def test_the_second_goes_on_when_the_first_gave_up():
    sophie, hugo = f.actor(f.user()), f.actor(f.user("ROUX", "Hugo"))
    with transaction.atomic():
        open_record(sophie, f.identity())
        other = Other(lambda: open_record(hugo, f.identity()))
        other.start()
        assert other.waits()
        transaction.set_rollback(True)
    assert isinstance(other.outcome(), Patient)
    assert names() == ["JEANNE"]


def test_who_creates_somebody_else_waits_for_nobody():
    sophie, hugo = f.actor(f.user()), f.actor(f.user("ROUX", "Hugo"))
    angelo = f.identity(birth_name="BENSAID", first_given="YANIS", birth_place_code="13055")
    angelo["birth_date"] = angelo["birth_date"].replace(year=1988, month=7)
    with transaction.atomic():
        open_record(sophie, f.identity())
        other = Other(lambda: open_record(hugo, angelo))
        other.start()
        assert isinstance(other.outcome(), Patient)
    assert names() == ["JEANNE", "YANIS"]


def test_two_creations_that_share_many_keys_never_lock_each_other_out():
    people = [f.actor(f.user("ROUX", f"Hugo{n}")) for n in "ABCD"]
    spellings = ["MARCHETTI", "MARCHETTY", "MARCHETI", "MARCETTI"]
    others = [
        Other(lambda actor=actor, name=name: open_record(actor, f.identity(birth_name=name)))
        for actor, name in zip(people, spellings, strict=True)
    ]
    for other in others:
        other.start()
    outcomes = [other.outcome() for other in others]
    assert sorted(type(one).__name__ for one in outcomes) == ["Patient"] + ["ProbableDuplicate"] * 3
    assert len(names()) == 1


def test_a_form_sent_twice_at_once_makes_one_record():
    who = f.actor(f.user())
    identity = f.identity()
    with acting(party_id=who.party_id, user_id=who.user_id):
        begun, _found = creation.search(who, traits(identity), {})

    def send() -> object:
        with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
            mine = creation.mine(who, begun.pk, lock=True)
            return creation.open_record(who, mine, traits(identity), identity, f.CONSENT)

    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        mine = creation.mine(who, begun.pk, lock=True)
        creation.open_record(who, mine, traits(identity), identity, f.CONSENT)
        other = Other(send)
        other.start()
        assert other.waits()
    assert type(other.outcome()).__name__ == "Http404"
    assert names() == ["JEANNE"]
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        assert access_to(who, begun.pk).patient_id == begun.pk
