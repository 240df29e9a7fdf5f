"""Putting eighteen months behind what was played in a minute.

Each step was played on a record at a known moment and is said to have happened at another: every
date written there meanwhile moves by the same. The journal accepts no change from anybody; its
owner lifts that for the time of this transaction, on a region that has just been filled, and here
only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Min

from demo.play import Mark
from ronde.patients.models import Merge, Patient, regional_identifier

# Rows are written once: these triggers refuse to change them, or keep each change as proof.
_GUARDS = (
    ("journal_journalentry", "journal_entry_append_only"),
    ("journal_accesstrace", "journal_trace_append_only"),
    ("patients_identityhistory", "patients_history_append_only"),
    ("patients_patient", "patients_keep_history"),
)
_DATES = {
    "journal_journalentry": ["at"],
    "patients_identityhistory": ["at"],
    "patients_consent": ["attested_at", "withdrawn_at"],
    "documents_document": ["added_at"],
    "patients_death": ["recorded_at"],
    "followup_recordstatus": ["recorded_at"],
    "followup_stay": ["recorded_at"],
    "followup_staystep": ["done_at"],
    "followup_memo": ["written_at", "changed_at"],
    "followup_link": ["linked_at"],
    "careteam_accessrequest": ["asked_at"],
    "careteam_member": ["added_at", "habilitated_at", "refused_at", "removed_at"],
}
_MARKS = """
CREATE TEMPORARY TABLE demo_mark (
    patient uuid, played timestamptz, told timestamptz NOT NULL, PRIMARY KEY (patient, played)
) ON COMMIT DROP;
CREATE FUNCTION pg_temp.told(patient uuid, written timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT m.told + (written - m.played) FROM pg_temp.demo_mark m
    WHERE m.patient = $1 AND m.played <= written ORDER BY m.played DESC LIMIT 1
$$;
"""
_TRACES = """
UPDATE journal_accesstrace
SET at = pg_temp.told(patient_id, at), until = until + (pg_temp.told(patient_id, at) - at)
"""
_GLASSES = """
UPDATE careteam_breakglass
SET opened_at = pg_temp.told(patient_id, opened_at),
    ended_at = pg_temp.told(patient_id, ended_at),
    until = until + (pg_temp.told(patient_id, opened_at) - opened_at)
"""
_FILES = """
UPDATE documents_file f SET added_at = pg_temp.told(d.patient_id, f.added_at)
FROM documents_document d WHERE d.id = f.document_id
"""
_PATIENTS = """
UPDATE patients_patient
SET created_at = pg_temp.told(id, created_at),
    proof_checked_at = pg_temp.told(id, proof_checked_at),
    updated_at = (SELECT max(e.at) FROM journal_journalentry e
                  WHERE e.patient_id = patients_patient.id AND e.section <> 'feed')
"""
_AGO = timedelta(days=2)
_SET_BACK = (
    "UPDATE journal_journalentry SET at = at - %(ago)s"
    " WHERE event = 'RecordsMerged' AND patient_id = ANY (%(ids)s)",
    "UPDATE patients_merge SET merged_at = merged_at - %(ago)s WHERE kept_id = ANY (%(ids)s)",
    "UPDATE patients_duplicate SET found_at = found_at - %(ago)s,"
    " decided_at = decided_at - %(ago)s",
    """UPDATE patients_patient
    SET updated_at = (SELECT max(e.at) FROM journal_journalentry e
                      WHERE e.patient_id = patients_patient.id AND e.section <> 'feed')
    WHERE id = ANY (%(ids)s)""",
)
# Two processes drew numbers from one sequence: records are numbered again, in their own order.
_OLD_NUMBERS = """
UPDATE patients_patient SET record_number = -record_number, regional_id = '-' || regional_id
"""
_NEW_NUMBERS = """
UPDATE patients_patient p SET record_number = new.number, regional_id = new.regional
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS new (id, number, regional)
WHERE p.id = new.id
"""


def rewrite(patients: Sequence[UUID], marks: Sequence[Mark]) -> None:
    """Move the dates of everything that was written about these records, which must be the only
    ones, and number them in this order. Owner only.
    """
    first = Patient.objects.aggregate(first=Min("record_number"))["first"]
    numbers = list(range(first, first + len(patients)))
    regional = [regional_identifier(number) for number in numbers]
    with connection.cursor() as cursor:
        cursor.execute(_MARKS)
        with cursor.copy("COPY pg_temp.demo_mark FROM STDIN") as copy:
            for mark in marks:
                copy.write_row(mark)
        cursor.execute("ANALYZE pg_temp.demo_mark")
        with unguarded(cursor):
            cursor.execute(_FILES)
            for table, columns in _DATES.items():
                moved = ", ".join(f"{name} = pg_temp.told(patient_id, {name})" for name in columns)
                cursor.execute(f"UPDATE {table} SET {moved}")  # noqa: S608
            for statement in (_TRACES, _GLASSES, _PATIENTS):
                cursor.execute(statement)
            cursor.execute(_OLD_NUMBERS)
            cursor.execute(_NEW_NUMBERS, [list(patients), numbers, regional])


def set_back_relations(by: timedelta) -> None:
    """Put what was asked, given and answered between people `by` before now. Owner only."""
    with connection.cursor() as cursor, unguarded(cursor):
        cursor.execute(
            "UPDATE journal_journalentry SET at = at - %s WHERE event LIKE 'Delegation%%'", [by]
        )
        cursor.execute(
            "UPDATE accounts_delegation SET created_at = created_at - %s,"
            " decided_at = decided_at - %s",
            [by, by],
        )


def set_back(merge: Merge) -> None:
    """Two days behind a merge that has just been made. Owner only."""
    ids = [merge.kept_id, merge.other_id]
    with connection.cursor() as cursor, unguarded(cursor):
        for statement in _SET_BACK:
            cursor.execute(statement, {"ids": ids, "ago": _AGO})


@contextmanager
def unguarded(cursor) -> Iterator[None]:
    """Lift the triggers that refuse changes; what waits for the end of the transaction is done
    before and after, since a table with events that wait cannot be altered.
    """
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _guards(cursor, "DISABLE")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _guards(cursor, "ENABLE")


def _guards(cursor, order: str) -> None:
    for table, trigger in _GUARDS:
        cursor.execute(f"ALTER TABLE {table} {order} TRIGGER {trigger}")
