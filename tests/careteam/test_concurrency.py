"""Two people change the same circle at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import ProgrammingError
from django.http import Http404
from django.test import Client
from django.urls import reverse

from ronde.accounts.models import User
from ronde.careteam import actions
from ronde.careteam.access import access_to
from ronde.careteam.models import BreakGlassReason, Grant, Member, MemberRole, Right
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party, Structure
from ronde.followup.models import Memo
from ronde.journal.models import JournalEntry
from ronde.patients import actions as patients
from ronde.patients.merging import actions as merging
from ronde.patients.models import Merge, Patient
from tests import factories as f
from tests.at_once import PATIENCE, Side, race
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def doing(actor: Actor, record: Patient, act: Callable[[Any], Any]) -> Callable[[], Any]:
    """`act(access)` under the policies of this actor."""

    def run() -> Any:
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            return act(access_to(actor, record.pk))

    return run


@pytest.fixture
def nurse(coordinator, record) -> Actor:
    """A second person who may write in the record."""
    account = f.user("RICCI", "Paola")
    f.member(coordinator, record, account.person.party, habilitated=True)
    return f.actor(account)


@pytest.fixture
def doctor() -> User:
    return f.user("LEBLANC", "Marc")


def happened(name: str) -> int:
    with as_owner():
        return JournalEntry.objects.filter(event=name).count()


def test_two_people_habilitate_at_once_and_one_mail_leaves(coordinator, nurse, record, doctor):
    member = f.member(coordinator, record, doctor.person.party)
    run_jobs()
    mail.outbox.clear()
    before = happened("MemberHabilitated")
    habilitate = lambda access: actions.habilitate(access, member)  # noqa: E731
    one, other = race(doing(coordinator, record, habilitate), doing(nurse, record, habilitate))
    assert one.habilitated
    assert other.habilitated
    assert happened("MemberHabilitated") == before + 1
    run_jobs()
    assert [message.to for message in mail.outbox] == [[doctor.email]]


def test_two_attending_physicians_at_once_one_wins_the_other_is_told(
    coordinator, nurse, record, doctor
):
    first = f.member(coordinator, record, doctor.person.party)
    second = f.member(coordinator, record, f.person("VIDAL", "Pierre").party)
    role = ["attending-physician"]
    one, other = race(
        doing(coordinator, record, lambda access: actions.set_roles(access, first, role)),
        doing(nurse, record, lambda access: actions.set_roles(access, second, role)),
    )
    assert one is None
    assert isinstance(other, actions.Conflict)
    assert other.messages == ["Rôle unique : « Médecin traitant » est déjà tenu par LEBLANC Marc."]
    with as_owner():
        held = MemberRole.objects.filter(role=role[0], is_current=True)
        assert [row.member_id for row in held] == [first.pk]


def test_two_people_add_the_same_party_at_once(coordinator, nurse, record, doctor):
    party = Party.objects.get(pk=doctor.person_id)
    add = lambda access: actions.enlist(access, party, right=Right.HABILITATED)  # noqa: E731
    one, other = race(doing(coordinator, record, add), doing(nurse, record, add))
    assert one.party_id == party.pk
    assert isinstance(other, actions.Conflict)
    assert other.messages == ["LEBLANC Marc fait déjà partie du cercle de soins."]
    with as_owner():
        assert Member.objects.filter(party=party).count() == 1


def test_whoever_loses_the_right_meanwhile_writes_nothing(coordinator, nurse, record, doctor):
    member = f.member(coordinator, record, doctor.person.party)
    with as_owner():
        hers = Member.objects.get(party_id=nurse.party_id)
    one, other = race(
        doing(coordinator, record, lambda access: actions.withdraw(access, hers)),
        doing(nurse, record, lambda access: actions.habilitate(access, member)),
    )
    assert not one.habilitated
    assert isinstance(other, Http404)
    with as_owner():
        assert not Member.objects.get(pk=member.pk).habilitated


def test_a_refusal_arriving_first_wins_over_the_habilitation(coordinator, nurse, record, doctor):
    member = f.member(coordinator, record, doctor.person.party)
    one, other = race(
        doing(coordinator, record, lambda access: actions.refuse(access, member)),
        doing(nurse, record, lambda access: actions.habilitate(access, member)),
    )
    assert one.refused
    assert isinstance(other, ValidationError)
    with as_owner():
        assert not Grant.objects.filter(party_id=doctor.person_id).exists()


def test_a_refusal_arriving_first_wins_over_the_break_glass(coordinator, record, doctor):
    member = f.member(coordinator, record, doctor.person.party)
    who = f.actor(doctor)

    def break_glass() -> Any:
        with acting(party_id=who.party_id, user_id=who.user_id):
            return actions.break_glass(who, record.pk, BreakGlassReason.EMERGENCY, "Chute")

    one, other = race(
        doing(coordinator, record, lambda access: actions.refuse(access, member)), break_glass
    )
    assert one.refused
    assert isinstance(other, Http404)


@pytest.mark.parametrize("becomes", [True, False])
def test_a_structure_that_changes_while_it_is_habilitated_is_in_line(coordinator, record, becomes):
    """Neither side sees what the other has not committed: the projection must not miss it."""
    house = f.structure("SSIAD Les Pins", legal_person=not becomes)

    def flip() -> None:
        with as_owner():
            Structure.objects.filter(pk=house.pk).update(acts_as_legal_person=becomes)

    enlist = lambda access: actions.enlist(access, house.party, right=Right.HABILITATED)  # noqa: E731
    one, other = race(doing(coordinator, record, enlist), flip)
    assert isinstance(one, Member), one
    assert other is None, other
    with as_owner():
        assert Grant.objects.filter(party_id=house.pk).exists() == becomes


def test_two_circles_do_not_wait_for_one_another(coordinator, nurse, record, doctor):
    elsewhere = f.patient(nurse)
    go = threading.Event()
    party = Party.objects.get(pk=doctor.person_id)
    add = lambda access: actions.add_party(access, party)  # noqa: E731
    one = Side(doing(coordinator, record, add), hold=go)
    assert one.done.wait(PATIENCE)
    other = Side(doing(nurse, elsewhere, add))
    other.join(PATIENCE)
    assert isinstance(other.outcome, Member), other.outcome
    go.set()
    one.join(PATIENCE)
    assert isinstance(one.outcome, Member), one.outcome


# Bringing two records together while others write.


def officer_merging(pair, kept) -> Callable[[], Any]:
    who = f.officer(pair.by)

    def run() -> Any:
        with acting(party_id=None, user_id=who.user_id, duty=who.duty):
            return merging.merge(who, pair, kept.pk, "Même personne")

    return run


def pair_of(one, two, by=None):
    account = by or f.user("VIDAL", "Agnès", duties=["identity_cell"])
    found = f.pair(f.officer(account), one, two)
    found.by = account
    return found


def test_two_officers_merge_overlapping_pairs_at_once_and_one_is_told(coordinator, nurse, record):
    second, third = f.patient(nurse), f.patient(coordinator)
    pairs = pair_of(record, second), pair_of(second, third)
    one, other = race(officer_merging(pairs[0], record), officer_merging(pairs[1], third))
    assert isinstance(one, Merge)
    assert isinstance(other, ValidationError)
    assert other.code == "decided"
    with as_owner():
        assert Merge.objects.count() == 1


def test_what_a_professional_is_writing_follows_the_merge(coordinator, nurse, record):
    """They have written and not committed: the merge waits, and takes their row along."""
    second = f.patient(nurse)
    pair = pair_of(record, second)
    memo, done = race(
        doing(nurse, second, lambda access: f.memos.write(access, "Code 4512B")),
        officer_merging(pair, record),
    )
    assert isinstance(done, Merge), done
    with as_owner():
        memo.refresh_from_db()
        assert memo.patient_id == record.pk


@pytest.mark.parametrize("what", ["memo", "identity"])
def test_whoever_comes_during_the_merge_writes_nothing_in_the_closed_record(
    coordinator, nurse, record, what
):
    second = f.patient(nurse)
    pair = pair_of(record, second)
    values = {"city": "Toulon"}
    acts = {
        "memo": lambda access: f.memos.write(access, "Code 4512B"),
        "identity": lambda access: patients.change_identity(access, values, second.version),
    }
    done, late = race(officer_merging(pair, record), doing(nurse, second, acts[what]))
    assert isinstance(done, Merge), done
    assert isinstance(late, (Http404, ProgrammingError)), late
    with as_owner():
        assert not Memo.objects.exists()
        assert not Patient.objects.filter(city="Toulon").exists()


def test_whoever_sends_a_memo_during_the_merge_is_led_to_the_record_kept(
    coordinator, nurse, record
):
    """The page was open: what the database refuses is told in words, not by an error."""
    second = f.patient(nurse)
    pair = pair_of(record, second)
    web = Client()
    web.force_login(User.objects.get(pk=nurse.user_id))
    web.get(reverse("followup:memos", args=[second.pk]))
    values = {"content": "Code 4512B", "weight": "1", "sharing": "1"}
    address = reverse("followup:add_memo", args=[second.pk])
    done, answer = race(officer_merging(pair, record), lambda: web.post(address, values))
    assert isinstance(done, Merge), done
    assert answer.status_code == 302, answer
    assert answer.headers["Location"] == reverse("dossier:record", args=[record.pk])
    assert "rien n&#39;a été enregistré" in web.get(answer.headers["Location"]).text
