"""What the rights matrix says of the journal and of the traces, kept by the database: the rows that
a query meets when it forgot everything."""

import pytest
from django.db import transaction
from django.utils import timezone

from ronde.careteam import actions as careteam
from ronde.careteam.models import BreakGlassReason, Level, MemberRole, SectionRight
from ronde.careteam.sections import SECTIONS
from ronde.core.actor import Actor, Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.documents.events import DocumentEvent
from ronde.feed import queries
from ronde.journal.events import event_classes
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.notifications import openings
from ronde.notifications.events import RecordConsulted
from ronde.notifications.models import Preference
from ronde.patients.models import Patient
from tests import factories as f
from tests.followup.conftest import Desk

pytestmark = pytest.mark.django_db
NURSE = "G15:60"
# What is told outside of any record: no column of the matrix.
ELSEWHERE = {"console", "account"}


@pytest.fixture
def nurse() -> Desk:
    """A nurse of the circle of somebody else's record, in which each section has its line."""
    coordinator = f.actor(f.user("LAMBERT", "Sophie"))
    record = f.patient(coordinator)
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    fill(record)
    return Desk(account, f.actor(account), record)


def fill(record: Patient, *sections: str) -> None:
    with as_owner():
        for section in sections or SECTIONS:
            JournalEntry.objects.create(
                at=timezone.now(), event="X", patient_id=record.pk, section=section
            )


def opened(record: Patient, by: Actor, **values: object) -> None:
    names = {"user_id": by.user_id, "party_id": by.party_id, "section": "feed"}
    with as_owner():
        AccessTrace.objects.create(
            **{"at": timezone.now(), "patient_id": record.pk, **names, **values}
        )


def line(section: str, level: Level, *, role: str = "") -> None:
    with as_owner():
        SectionRight.objects.update_or_create(
            profession_code=NURSE, section=section, role=role, defaults={"level": level}
        )


def referent(member_of: Patient, who: Desk) -> None:
    with as_owner():
        member = member_of.members.get(party_id=who.actor.party_id, removed_at=None)
        MemberRole.objects.create(member=member, patient=member_of, role="referent")


def told(who: Desk) -> set[str]:
    with acting(party_id=who.actor.party_id, user_id=who.actor.user_id), transaction.atomic():
        rows = JournalEntry.objects.filter(patient_id__isnull=False)
        return set(rows.values_list("section", flat=True))


def visitors(who: Desk) -> set[object]:
    with acting(party_id=who.actor.party_id, user_id=who.actor.user_id), transaction.atomic():
        return set(AccessTrace.objects.values_list("user_id", flat=True))


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_closed_section_has_no_line(nurse, section):
    line(section, Level.READ)
    before = told(nurse)
    assert section in before
    line(section, Level.NONE)
    assert told(nurse) == before - {section}


def test_a_line_of_no_known_section_is_told_to_nobody(nurse):
    fill(nurse.record, "unheard-of")
    assert "unheard-of" not in told(nurse)


@pytest.mark.parametrize("name", sorted(event_classes()))
def test_every_event_names_a_section_that_the_matrix_knows(name):
    kind = event_classes()[name]
    if not issubclass(kind, DocumentEvent):  # Each names the class of its document.
        assert kind.section in SECTIONS.keys() | ELSEWHERE


def test_a_role_in_the_record_opens_what_the_profession_does_not(nurse):
    line("memos", Level.NONE)
    line("memos", Level.READ, role="referent")
    assert "memos" not in told(nurse)
    referent(nurse.record, nurse)
    assert "memos" in told(nurse)


def test_a_role_in_another_record_opens_nothing_here(nurse):
    line("memos", Level.NONE)
    line("memos", Level.READ, role="referent")
    other = f.patient(nurse.actor)
    referent(other, nurse)
    fill(other, "memos")
    with acting(party_id=nurse.actor.party_id, user_id=nurse.actor.user_id), transaction.atomic():
        rows = JournalEntry.objects.filter(section="memos")
        assert set(rows.values_list("patient_id", flat=True)) == {other.pk}


@pytest.mark.parametrize("held", [True, False])
def test_a_merged_record_is_told_by_the_roles_of_the_one_where_it_is_read(nurse, held):
    line("memos", Level.NONE)
    line("memos", Level.READ, role="referent")
    kept = f.patient(f.actor(f.user("ROUX", "Hugo")))
    f.merged(f.officer(), kept, nurse.record)
    if held:
        referent(kept, nurse)
    assert ("memos" in told(nurse)) is held
    assert "status" in told(nurse)
    here = Desk(nurse.account, nurse.actor, kept)
    feed = here.does(lambda access: set(queries.entries(access).values_list("section", flat=True)))
    assert feed == told(nurse)


def test_an_emergency_access_follows_the_matrix(nurse):
    account = f.user("PETIT", "Léa", profession=NURSE)
    who = Desk(account, f.actor(account), nurse.record)
    line("memos", Level.NONE)
    assert told(who) == set()
    with acting(party_id=who.actor.party_id, user_id=account.pk), transaction.atomic():
        careteam.break_glass(who.actor, nurse.record.pk, BreakGlassReason.EMERGENCY, "Chute")
    assert told(who) == told(nurse)
    assert "memos" not in told(who)


def test_a_delegate_reads_what_the_delegator_may(nurse):
    helper = f.user("PETIT", "Nina", profession="")
    f.delegation(nurse.account, helper)
    line("memos", Level.NONE)
    acts = Desk(helper, f.identity_of(helper, nurse.actor.party_id), nurse.record)
    assert told(acts) == told(nurse)


def test_what_one_did_outside_of_any_record_stays_ones_own(nurse):
    line("trace", Level.NONE)
    with as_owner():
        JournalEntry.objects.create(
            at=timezone.now(), event="X", section="trace", user_id=nurse.account.pk
        )
    with acting(party_id=nurse.actor.party_id, user_id=nurse.actor.user_id), transaction.atomic():
        assert JournalEntry.objects.filter(patient_id=None, event="X").count() == 1


class TestTheTraces:
    @pytest.fixture
    def other(self, nurse) -> Actor:
        other = f.actor(f.user("VIDAL", "Pierre"))
        opened(nurse.record, other)
        opened(nurse.record, nurse.actor)
        return other

    def test_without_the_traceability_one_reads_ones_own_openings_alone(self, nurse, other):
        assert visitors(nurse) == {other.user_id, nurse.account.pk}
        line("trace", Level.NONE)
        assert visitors(nurse) == {nurse.account.pk}

    def test_a_role_opens_the_traceability(self, nurse, other):
        line("trace", Level.NONE)
        line("trace", Level.READ, role="referent")
        assert visitors(nurse) == {nurse.account.pk}
        referent(nurse.record, nurse)
        assert visitors(nurse) == {other.user_id, nurse.account.pk}

    def test_it_is_followed_into_the_record_where_a_merged_one_is_read(self, nurse, other):
        line("trace", Level.NONE)
        line("trace", Level.READ, role="referent")
        kept = f.patient(f.actor(f.user("ROUX", "Hugo")))
        f.merged(f.officer(), kept, nurse.record)
        referent(kept, nurse)
        assert other.user_id in visitors(nurse)

    def test_the_privacy_officer_reads_the_openings_by_break_glass_alone(self, nurse, other):
        opened(nurse.record, other, reason="break_glass", section="memos")
        officer = f.user("NAJI", "Karim", duties=["privacy_officer"])
        with f.on_duty(Officer(officer.pk, officer.full_name, "privacy_officer")):
            assert set(AccessTrace.objects.values_list("section", flat=True)) == {"memos"}

    def test_nobody_is_told_of_openings_that_they_may_not_read(self, nurse, other):
        with as_owner():
            Preference.objects.create(
                user_id=nurse.account.pk,
                party_id=nurse.actor.party_id,
                event=RecordConsulted.__name__,
                application=True,
                mail=True,
            )
        assert [party for _keys, party in openings.news()] == [nurse.actor.party_id]
        line("trace", Level.NONE)
        assert list(openings.news()) == []
