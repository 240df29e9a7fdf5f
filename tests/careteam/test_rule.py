"""The rule, held against the guides one sentence at a time."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone

from ronde.careteam import actions
from ronde.careteam.access import Access, access_to, grants_of, parties_with_access, visible_to
from ronde.careteam.models import BreakGlass, BreakGlassReason, GrantReason
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.directory.models import Structure
from ronde.patients.models import Patient
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Actor:
    return f.actor(f.user())


@pytest.fixture
def record(coordinator: Actor) -> Patient:
    return f.patient(coordinator)


def sees(as_actor: object, actor: Actor, patient: Patient) -> bool:
    """Ask the three faces of the rule and the database; they must agree."""
    with as_actor(actor):
        listed = visible_to(actor).filter(pk=patient.pk).exists()
        in_sql = Patient.objects.filter(pk=patient.pk).exists()
        told = actor.party_id in parties_with_access(patient.pk)
        try:
            access_to(actor, patient.pk)
            opened = True
        except Http404:
            opened = False
    assert listed == in_sql == opened == told
    return opened


def test_the_creator_is_habilitated_at_once(as_actor, coordinator, record):
    assert sees(as_actor, coordinator, record)


def test_a_stranger_does_not_see_the_record(as_actor, record):
    assert not sees(as_actor, f.actor(f.user("ROUX", "Hugo")), record)


def test_nobody_sees_anything_without_context(record):
    assert not Patient.objects.exists()


def test_a_member_without_habilitation_does_not_see_the_record(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    f.member(coordinator, record, doctor.person.party)
    assert not sees(as_actor, f.actor(doctor), record)


def test_a_habilitated_member_sees_the_record_until_it_is_withdrawn(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    added = f.member(coordinator, record, doctor.person.party, habilitated=True)
    assert sees(as_actor, f.actor(doctor), record)
    with as_actor(coordinator):
        actions.withdraw(access_to(coordinator, record.pk), added)
    assert not sees(as_actor, f.actor(doctor), record)


def test_a_refusal_ends_the_access_and_forbids_a_new_one(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    added = f.member(coordinator, record, doctor.person.party, habilitated=True, refused=True)
    assert not sees(as_actor, f.actor(doctor), record)
    with as_actor(coordinator), pytest.raises(ValidationError, match="refuse le partage"):
        actions.habilitate(access_to(coordinator, record.pk), added)


def test_a_structure_opens_only_as_personne_morale(as_actor, coordinator, record):
    place = f.structure("SSIAD Les Pins", legal_person=False)
    nurse = f.actor(f.user("RICCI", "Paola", attached_to=place), place)
    f.member(coordinator, record, place.party, habilitated=True)
    assert not sees(as_actor, nurse, record)
    with as_owner():
        Structure.objects.filter(pk=place.pk).update(acts_as_legal_person=True)
    assert sees(as_actor, nurse, record)
    with as_owner():
        Structure.objects.filter(pk=place.pk).update(acts_as_legal_person=False)
    assert not sees(as_actor, nurse, record)


def test_break_glass_opens_for_two_hours_and_ends_by_itself(as_actor, record):
    doctor = f.actor(f.user("LEBLANC", "Marc"))
    with as_actor(doctor):
        glass = actions.break_glass(doctor, record.pk, BreakGlassReason.EMERGENCY, "Chute")
        access = access_to(doctor, record.pk)
    assert access.reason == GrantReason.BREAK_GLASS
    assert glass.until - glass.opened_at == timedelta(hours=2)
    assert access.writable == {"feed"}
    with as_owner():
        BreakGlass.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert not sees(as_actor, doctor, record)


def test_break_glass_is_closed_to_whom_the_patient_refused(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    f.member(coordinator, record, doctor.person.party, refused=True)
    who = f.actor(doctor)
    with as_actor(who), pytest.raises(Http404):
        actions.break_glass(who, record.pk, BreakGlassReason.EMERGENCY, "Chute")
    assert not sees(as_actor, who, record)


def test_break_glass_on_a_record_that_does_not_exist_says_nothing_more(as_actor):
    who = f.actor(f.user())
    with as_actor(who), pytest.raises(Http404):
        actions.break_glass(who, who.party_id, BreakGlassReason.EMERGENCY, "Chute")


def test_an_access_is_made_by_the_rule_alone(coordinator, record):
    with pytest.raises(TypeError):
        Access(coordinator, record, GrantReason.MEMBER, None, frozenset(), frozenset())


def test_the_projection_says_what_the_view_says(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    f.member(coordinator, record, doctor.person.party, habilitated=True)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM careteam_grant_rule r FULL JOIN careteam_grant g"
            " USING (patient_id, party_id) WHERE r.reason IS DISTINCT FROM g.reason"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM careteam_grant")
        assert cursor.fetchone() == (2,)


def test_the_list_of_a_party_holds_its_records_only(as_actor, coordinator, record):
    other = f.actor(f.user("ROUX", "Hugo"))
    f.patient(other, birth_name="AUTRE")
    with as_actor(coordinator):
        assert [g.patient_id for g in grants_of(coordinator)] == [record.pk]
