"""What the rights matrix says of the follow-up, kept by the database: straight SQL, as a query that
forgot everything."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from ronde.careteam.models import Level, MemberRole, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.models import uuid7
from ronde.followup import memo_actions
from ronde.followup.models import Memo, MemoVersion, RecordStatus, Stay, StayStep
from tests import factories as f
from tests.followup.conftest import Desk

pytestmark = pytest.mark.django_db
NURSE = "G15:60"
# The tables of each section, and what may be changed of them.
TABLES = {
    "status": ("followup_recordstatus",),
    "stays": ("followup_stay", "followup_staystep"),
    "memos": ("followup_memo", "followup_memoversion"),
}
FREE = {
    "followup_recordstatus": "is_current = false",
    "followup_stay": "unit = 'x'",
    "followup_staystep": "owner_name = 'x'",
    "followup_memo": "title = 'x'",
}
SECTIONS = sorted(TABLES)


@pytest.fixture
def nurse(desk: Desk) -> Desk:
    """A nurse of the circle, and one row of each kind, of the nurse's where the table asks it."""
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    nurse = Desk(account, f.actor(account), desk.record)
    nurse.set_status("intensive")
    desk.add_stay()
    memo = desk.does(memo_actions.write, "Code de la porte : demander")
    desk.does(memo_actions.change, memo, "Cinquième étage", memo.version)
    return nurse


def line(section: str, level: Level, *, role: str = "") -> None:
    with as_owner():
        SectionRight.objects.update_or_create(
            profession_code=NURSE, section=section, role=role, defaults={"level": level}
        )


def run(who: Desk, sql: str) -> int:
    """How many rows the statement met, as this person and under the application's role."""
    with (
        acting(party_id=who.actor.party_id, user_id=who.actor.user_id),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
        return cursor.rowcount


def read(who: Desk, section: str) -> list[bool]:
    """Whether this person reads something of each table of the section."""
    return [run(who, f"SELECT 1 FROM {table}") > 0 for table in TABLES[section]]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_closed_section_has_no_row(nurse, desk, section):
    assert all(read(nurse, section))
    line(section, Level.NONE)
    assert not any(read(nurse, section))
    assert all(all(read(nurse, other)) for other in SECTIONS if other != section)
    assert all(read(desk, section))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_role_in_the_record_opens_what_the_profession_does_not(nurse, section):
    line(section, Level.NONE)
    line(section, Level.READ, role="referent")
    assert not any(read(nurse, section))
    with as_owner():
        member = nurse.record.members.get(party_id=nurse.actor.party_id)
        MemberRole.objects.create(member=member, patient=nurse.record, role="referent")
    assert all(read(nurse, section))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_only_read_is_not_changed(nurse, section):
    written = [table for table in TABLES[section] if table in FREE]
    changes = [f"UPDATE {table} SET {FREE[table]}" for table in written]
    line(section, Level.READ)
    assert [run(nurse, change) for change in changes] == [0] * len(changes)
    line(section, Level.WRITE)
    assert all(run(nurse, change) > 0 for change in changes)


def _status(nurse: Desk) -> RecordStatus:
    row = RecordStatus.objects.get()
    row.is_current, row.ended_on = False, row.started_on
    return row


def _stay(nurse: Desk) -> Stay:
    row = Stay.objects.get()
    row.recorded_by_party, row.recorded_by_user = nurse.actor.party_id, nurse.actor.user_id
    row.admitted_at -= timedelta(days=90)
    row.discharged_at = timezone.now() - timedelta(days=80)
    return row


def _step(nurse: Desk) -> StayStep:
    return StayStep.objects.first()


def _memo(nurse: Desk) -> Memo:
    row = Memo.objects.get()
    row.owner_party, row.written_by_user = nurse.actor.party_id, nurse.actor.user_id
    return row


def _version(nurse: Desk) -> MemoVersion:
    row = MemoVersion.objects.get()
    row.version = 9
    return row


@pytest.mark.parametrize(
    ("section", "copy"),
    [
        ("status", _status),
        ("stays", _stay),
        ("stays", _step),
        ("memos", _memo),
        ("memos", _version),
    ],
)
def test_a_section_that_is_only_read_receives_nothing(nurse, section, copy):
    def add() -> None:
        with (
            acting(party_id=nurse.actor.party_id, user_id=nurse.actor.user_id),
            transaction.atomic(),
        ):
            row = copy(nurse)
            row.pk = uuid7()
            row.save(force_insert=True)

    line(section, Level.READ)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        add()
    line(section, Level.WRITE)
    add()


def test_a_delegate_reads_what_the_delegator_may(nurse, desk):
    """By delegation of a person, it is their profession that counts."""
    helper = f.user("PETIT", "Nina", profession="")
    f.delegation(nurse.account, helper)
    line("memos", Level.NONE)
    acts = Desk(helper, f.identity_of(helper, nurse.actor.party_id), desk.record)
    assert not any(read(acts, "memos"))
