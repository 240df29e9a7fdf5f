"""The database refuses by itself: straight SQL, under the role of the application."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from ronde.careteam import actions
from ronde.careteam.models import (
    BreakGlass,
    BreakGlassReason,
    Member,
    MemberKind,
    MemberRole,
    Origin,
)
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from tests import factories as f

pytestmark = pytest.mark.django_db

STRANGER, GLASS = "a stranger", "somebody who broke the glass"


def run(sql: str, values: dict | None = None) -> int:
    """Rows changed by one statement, in a savepoint of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def insert(row: Model) -> None:
    """One INSERT and nothing before it, in a savepoint of its own."""
    with transaction.atomic():
        row.save(force_insert=True)


def add_member(by: Actor, patient, party, **values: object) -> None:
    usual = {
        "kind": MemberKind.PROFESSIONAL,
        "origin": Origin.DIRECTORY,
        "added_at": timezone.now(),
        "added_by_user": by.user_id,
        "added_by_party": by.party_id,
    }
    insert(Member(patient=patient, party=party, **{**usual, **values}))


def add_role(member: Member, patient, role: str) -> None:
    insert(MemberRole(pk=999_999_999, member=member, patient=patient, role=role))


def break_glass(by: Actor, patient, **values: object) -> None:
    now = timezone.now()
    usual = {
        "party_id": by.party_id,
        "user_id": by.user_id,
        "reason": BreakGlassReason.EMERGENCY,
        "reason_text": "Chute",
        "opened_at": now,
        "until": now + timedelta(hours=2),
    }
    insert(BreakGlass(patient=patient, **{**usual, **values}))


def refused():
    return pytest.raises(ProgrammingError, match=r"row-level security|permission denied")


@pytest.fixture
def doctor():
    return f.person("LEBLANC", "Marc")


@pytest.fixture(params=[STRANGER, GLASS])
def outsider(request, as_actor, record) -> Actor:
    """Somebody who may not write: nobody of the circle, or a break-glass access."""
    who = f.actor(f.user("ROUX", "Hugo"))
    if request.param == GLASS:
        with as_actor(who):
            actions.break_glass(who, record.pk, BreakGlassReason.EMERGENCY, "Chute")
    return who


def test_a_member_adds_and_changes(as_actor, coordinator, record, doctor):
    with as_actor(coordinator):
        add_member(coordinator, record, doctor.party)
        assert run("UPDATE careteam_member SET description = 'x'") == 2


def test_an_outsider_adds_nobody(as_actor, outsider, record, doctor):
    with as_actor(outsider):
        with refused():
            add_member(outsider, record, doctor.party)
        with refused():
            add_member(outsider, record, Party.objects.get(pk=outsider.party_id), habilitated=True)


def test_an_outsider_changes_no_member(as_actor, outsider, coordinator, record, doctor):
    f.member(coordinator, record, doctor.party)
    with as_actor(outsider):
        assert run("UPDATE careteam_member SET habilitated = true") == 0


def test_an_outsider_gives_and_takes_no_role(as_actor, outsider, coordinator, record, doctor):
    member = f.member(coordinator, record, doctor.party, roles=("referent",))
    with as_actor(outsider):
        with refused():
            add_role(member, record, "contributor")
        assert run("UPDATE careteam_memberrole SET is_current = false") == 0


def test_nobody_signs_for_another(as_actor, coordinator, record, doctor):
    with as_actor(coordinator):
        with refused():
            add_member(coordinator, record, doctor.party, added_by_party=doctor.pk)
        with refused():
            add_member(coordinator, record, doctor.party, added_by_user=uuid4())


@pytest.mark.parametrize(
    "column", ["patient_id", "party_id", "origin", "added_by_party", "added_by_user", "added_at"]
)
def test_who_added_whom_never_changes(as_actor, coordinator, record, column):
    with as_actor(coordinator), refused():
        run(f"UPDATE careteam_member SET {column} = {column}")


def test_a_role_belongs_to_the_circle_of_its_member(as_actor, coordinator, record, doctor):
    other = f.actor(f.user("ROUX", "Hugo"))
    elsewhere = f.member(other, f.patient(other), doctor.party)
    with as_actor(coordinator), refused():
        add_role(elsewhere, record, "referent")


def test_a_role_is_moved_to_nobody(as_actor, coordinator, record, doctor):
    f.member(coordinator, record, doctor.party, roles=("referent",))
    with as_actor(coordinator), refused():
        run("UPDATE careteam_memberrole SET role = 'attending-physician'")


@pytest.mark.parametrize(
    "table", ["careteam_member", "careteam_memberrole", "careteam_breakglass", "careteam_grant"]
)
def test_nothing_of_a_circle_is_deleted(as_actor, coordinator, record, table):
    with as_actor(coordinator), refused():
        run(f"DELETE FROM {table}")


def test_the_projection_is_written_by_its_triggers_alone(as_actor, coordinator, record, doctor):
    with as_actor(coordinator):
        with refused():
            run(
                "INSERT INTO careteam_grant SELECT %(party)s, patient_id, 1, NULL, updated_at,"
                " sort_key, name_key, given_key, used_key, birth_date, sex, commune_code,"
                " identity_status, is_deceased, is_archived FROM careteam_grant",
                {"party": doctor.pk},
            )
        with refused():
            run("UPDATE careteam_grant SET reason = 1")


def test_one_breaks_the_glass_in_ones_own_name_and_for_two_hours(as_actor, record, coordinator):
    who = f.actor(f.user("ROUX", "Hugo"))
    with as_actor(who):
        with refused():
            break_glass(who, record, party_id=coordinator.party_id)
        with refused():
            break_glass(who, record, user_id=coordinator.user_id)
        with refused():
            break_glass(who, record, until=timezone.now() + timedelta(hours=3))
        break_glass(who, record)
        assert BreakGlass.objects.count() == 1


def test_a_break_glass_access_is_neither_longer_nor_opened_again(as_actor, record):
    who = f.actor(f.user("ROUX", "Hugo"))
    with as_actor(who):
        break_glass(who, record)
        with refused():
            run("UPDATE careteam_breakglass SET until = until + interval '1 hour'")
        assert run("UPDATE careteam_breakglass SET ended_at = now()") == 1
        with refused():
            run("UPDATE careteam_breakglass SET ended_at = NULL")


def test_one_ends_ones_own_break_glass_only(as_actor, record, coordinator):
    who = f.actor(f.user("ROUX", "Hugo"))
    with as_actor(who):
        break_glass(who, record)
    with as_actor(coordinator):
        assert BreakGlass.objects.count() == 1
        assert run("UPDATE careteam_breakglass SET ended_at = now()") == 0


def test_a_unique_role_is_unique_whoever_writes(coordinator, record, doctor):
    f.member(coordinator, record, doctor.party, roles=("attending-physician",))
    other = f.member(coordinator, record, f.person("VIDAL", "Pierre").party)
    with as_owner(), pytest.raises(IntegrityError, match="careteam_unique_role"):
        add_role(other, record, "attending-physician")


def test_a_member_of_the_directory_is_there_once(coordinator, record, doctor):
    f.member(coordinator, record, doctor.party)
    with as_owner(), pytest.raises(IntegrityError, match="careteam_member_once"):
        add_member(coordinator, record, doctor.party)
