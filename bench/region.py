"""A region of the size of a large one: patients, parties, memberships, written straight in SQL.

Full size: 1,000,000 patients and 5,000,000 memberships held by parties of 50, 700, 10,000 and
100,000 records, as measured figures ask for. Only the benchmark writes like this: the product
goes through its actions.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.identities import identities
from ronde.core.models import uuid7
from ronde.patients.actions import set_keys
from ronde.patients.models import Patient, regional_identifier
from ronde.terminology.models import Commune

CROWD = 90  # One membership in ten gives no access: a member for information.


@dataclass(frozen=True, slots=True)
class Size:
    """How many patients, and for each class of party (records of each, how many parties)."""

    patients: int
    classes: dict[int, int]

    @property
    def memberships(self) -> int:
        return sum(records * parties for records, parties in self.classes.items())


FULL = Size(1_000_000, {50: 15_000, 700: 3_215, 10_000: 100, 100_000: 10})
SMALL = Size(20_000, {50: 300, 700: 50, 2_000: 5, 10_000: 2})

PATIENT_COLUMNS = [field.column for field in Patient._meta.concrete_fields]


def build(size: Size) -> None:
    """Fill an empty database. Secondary indexes and triggers come back once the rows are there."""
    _patients(size.patients)
    _parties(size)
    _members(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _patients(count: int) -> None:
    communes = list(
        Commune.objects.filter(population__gt=2_000)
        .order_by("-population")
        .values_list("code", "name")[:2_000]
    )
    rows = _patient_rows(count, dict(communes), [code for code, _ in communes])
    names = ", ".join(f'"{name}"' for name in PATIENT_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX patients_blocking_keys")
        with cursor.copy(f"COPY patients_patient ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "CREATE INDEX patients_blocking_keys ON patients_patient USING gin (blocking_keys)"
        )


def _patient_rows(count: int, towns: dict[str, str], codes: list[str]) -> Iterator[list[Any]]:
    rng = random.Random(7)
    now, nobody = timezone.now(), uuid7()
    for one in identities(count, communes=codes):
        traits = one.traits
        home = rng.choice(codes)
        patient = Patient(
            record_number=one.number + 1,
            regional_id=regional_identifier(one.number + 1),
            birth_name=traits.birth_name,
            first_given=traits.first_given,
            given_names=traits.given_names,
            used_name=traits.used_name,
            used_given=traits.used_given,
            birth_date=traits.birth_date,
            sex=traits.sex,
            birth_place_code=traits.birth_place,
            birth_place=towns.get(traits.birth_place, ""),
            twin_rank=traits.twin_rank,
            commune_code=home,
            city=towns[home],
            postcode=home,
            created_at=now,
            created_by_user=nobody,
            created_by_party=nobody,
            updated_at=_lately(rng, now),
        )
        set_keys(patient)
        yield [getattr(patient, field.attname) for field in Patient._meta.concrete_fields]


def _lately(rng: random.Random, now: datetime) -> datetime:
    return now - timedelta(seconds=rng.randrange(31_536_000))


def _parties(size: Size) -> None:
    """One party a row; `bench_party` remembers the class of each and how many records it has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_party (number serial PRIMARY KEY, id uuid DEFAULT"
            " gen_random_uuid(), records integer)"
        )
        for records, parties in size.classes.items():
            cursor.execute(
                "INSERT INTO bench_party (records) SELECT %s FROM generate_series(1, %s)",
                [records, parties],
            )
        cursor.execute(
            "INSERT INTO directory_party (id, kind, display_name, sort_key, phone, email,"
            " address_line, postcode, city, commune_code, source)"
            " SELECT id, 1, 'Partie ' || number, 'PARTIE ' || number, '', '', '', '', '', '',"
            " 'region' FROM bench_party"
        )


MEMBERS = """
INSERT INTO careteam_member ({columns})
SELECT gen_random_uuid(), p.id, 1, b.id, 'directory', 'Partie ' || b.number,
       b.draw %% 100 < {crowd}, now(), false, {blanks}, now(), p.created_by_user,
       p.created_by_party, '', '', 1
FROM (SELECT bp.*, (hashint8(bp.number * 7919 + s)::bigint & 2147483647) AS draw,
             1 + (bp.number * 104729::bigint + s * step.size) %% %(patients)s AS record
      FROM bench_party bp,
           LATERAL (SELECT GREATEST(%(patients)s / bp.records, 1)::bigint AS size) step,
           LATERAL generate_series(0, bp.records - 1) AS s) b
JOIN patients_patient p ON p.record_number = b.record
ON CONFLICT DO NOTHING
"""
LEAD = ["id", "patient_id", "kind", "party_id", "origin", "display_name", "habilitated",
        "habilitated_at", "refused"]  # fmt: skip
BLANKS = ["description", "establishment", "unit", "function", "address_line", "postcode", "city",
          "title", "family_name", "given_name", "registration_number", "profession_code",
          "relationship_code", "email", "phone", "mobile", "short_name", "finess", "siret", "siren",
          "responsible"]  # fmt: skip
TAIL = ["added_at", "added_by_user", "added_by_party", "added_by_name", "removed_by_name",
        "version"]  # fmt: skip


def _members(size: Size) -> None:
    """Spread each party's records over the patients, then build the projection from the rule."""
    columns = ", ".join([*LEAD, *BLANKS, "is_unlisted", *TAIL])
    statement = MEMBERS.format(columns=columns, crowd=CROWD, blanks="'', " * len(BLANKS) + "false")
    with connection.cursor() as cursor:
        indexes = _drop(cursor, "careteam_member")
        cursor.execute("ALTER TABLE careteam_member DISABLE TRIGGER USER")
        cursor.execute(statement, {"patients": size.patients})
        cursor.execute("ALTER TABLE careteam_member ENABLE TRIGGER USER")
        _restore(cursor, indexes)
        cursor.execute("ANALYZE careteam_member")
        _follow_up(cursor)
        indexes = _drop(cursor, "careteam_grant")
        cursor.execute("ALTER TABLE careteam_grant DISABLE TRIGGER USER")
        cursor.execute(GRANTS)
        cursor.execute("ALTER TABLE careteam_grant ENABLE TRIGGER USER")
        _restore(cursor, indexes)


# Two habilitated parties in five give the record a status; one record in ten knew a hospital, and
# one of these in four is there now.
STATUSES = """
INSERT INTO followup_recordstatus (id, patient_id, party_id, party_name, kind_id, comment,
    started_on, is_current, recorded_at, recorded_by_user, recorded_by_name)
SELECT gen_random_uuid(), m.patient_id, m.party_id, m.display_name,
       kinds.ids[1 + m.draw % cardinality(kinds.ids)], '',
       current_date - m.draw % 400, true, now(), m.added_by_user, ''
FROM (SELECT *, hashtext(id::text) & 2147483647 AS draw FROM careteam_member WHERE habilitated) m,
     (SELECT array_agg(id ORDER BY code) AS ids FROM followup_listitem
      WHERE list = 'status' AND nature <> 'out') kinds
WHERE m.draw % 5 < 2
"""
STAYS = """
INSERT INTO followup_stay (id, patient_id, place, unit, is_planned, admitted_at, discharged_at,
    comment, cancelled_reason, recorded_at, recorded_by_user, recorded_by_party, recorded_by_name,
    version)
SELECT gen_random_uuid(), p.id, 'Centre hospitalier', 'Médecine', false,
       now() - make_interval(days => (1 + p.record_number % 9)::integer),
       CASE WHEN p.record_number % 40 <> 0 THEN now() - interval '1 hour' END,
       '', '', now(), p.created_by_user, p.created_by_party, '', 1
FROM patients_patient p WHERE p.record_number % 10 = 0
"""


def _follow_up(cursor: Any) -> None:
    for table, statement in (("recordstatus", STATUSES), ("stay", STAYS)):
        name = f"followup_{table}"
        indexes = _drop(cursor, name)
        cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        _restore(cursor, indexes)
        cursor.execute(f"ANALYZE {name}")


# The projection as the triggers would leave it.
GRANTS = """
INSERT INTO careteam_grant
SELECT r.party_id, r.patient_id, r.reason, r.until, p.updated_at, p.sort_key, p.name_key,
       p.given_key, p.used_key, p.birth_date, p.sex, p.commune_code, p.identity_status,
       p.is_deceased, p.archived_at IS NOT NULL, s.codes, y.places, y.starts, s.rank
FROM careteam_grant_rule r JOIN patients_patient p ON p.id = r.patient_id
LEFT JOIN (SELECT s.patient_id, array_agg(i.code ORDER BY s.started_on, s.id) AS codes,
                  (array_agg(i.position ORDER BY s.started_on, s.id))[1] AS rank
           FROM followup_recordstatus s JOIN followup_listitem i ON i.id = s.kind_id
           WHERE s.is_current GROUP BY s.patient_id) s ON s.patient_id = r.patient_id
LEFT JOIN (SELECT patient_id, array_agg(place::text ORDER BY admitted_at, id) AS places,
                  array_agg(admitted_at ORDER BY admitted_at, id) AS starts
           FROM followup_stay WHERE cancelled_at IS NULL AND discharged_at IS NULL
           GROUP BY patient_id) y ON y.patient_id = r.patient_id
"""


def _drop(cursor: Any, table: str) -> list[str]:
    """Drop the foreign keys and the indexes that no key needs; return what puts them back."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    back = []
    for name, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{name}"')
        back.insert(0, definition)
    return back


def _restore(cursor: Any, statements: list[str]) -> None:
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for statement in statements:
        cursor.execute(statement)


def party_with(records: int) -> Any:
    """The key of one party of that class."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM bench_party WHERE records = %s ORDER BY number LIMIT 1", [records]
        )
        return cursor.fetchone()[0]
