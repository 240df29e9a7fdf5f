"""Who opened a record: its traces, gathered by visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.sections import SIMULATION, looked_at
from ronde.core.formats import day_and_hour
from ronde.core.pagination import Page, asked, page_size
from ronde.dossier.queries import VISIT_GAP
from ronde.patients.merging import IDENTITY_CELL

MOST_PRINTED = 1_000

# A visit: openings by one person in one name by one right, none further than `gap` from the former.
VISITS = """
WITH opened AS (
    SELECT *, coalesce(at - lag(at) OVER visitor > %(gap)s, true) AS starts
    FROM journal_accesstrace
    WHERE patient_id = ANY (%(patients)s) AND granted
      AND (%(user)s::uuid IS NULL OR user_id = %(user)s)
      AND at >= coalesce(%(since)s::timestamptz, '-infinity')
      AND at < coalesce(%(before)s::timestamptz, 'infinity')
    WINDOW visitor AS (PARTITION BY user_id, party_id, reason, until ORDER BY at, id)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER visitor AS visit
    FROM opened
    WINDOW visitor AS (PARTITION BY user_id, party_id, reason, until ORDER BY at, id)
)
SELECT min(at) AS began, max(at) AS ended, user_id, max(person_name), max(party_name),
       bool_or(delegator_id IS NOT NULL), reason,
       until, array_agg(DISTINCT section), bool_or(write), count(*), count(*) OVER ()
FROM numbered
GROUP BY user_id, party_id, reason, until, visit
ORDER BY began DESC, user_id
LIMIT %(size)s OFFSET %(start)s
"""
VISITORS = """
SELECT user_id, max(person_name) FROM journal_accesstrace
WHERE patient_id = ANY (%s) AND granted AND user_id IS NOT NULL GROUP BY user_id ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Openings of the record that follow one another; `sections` are the codes of the traces."""

    began: datetime
    ended: datetime
    user_id: UUID | None
    person: str
    party: str
    by_delegation: bool
    reason: str
    until: datetime | None
    sections: list[str]
    wrote: bool
    openings: int

    @property
    def in_the_name_of(self) -> str:
        return self.party if self.party != self.person else ""

    @property
    def is_break_glass(self) -> bool:
        return self.until is not None

    @property
    def right(self) -> str:
        if self.reason == SIMULATION:
            return _("Simulation par l'administration")
        if self.reason == IDENTITY_CELL:
            return _("Cellule d'identitovigilance")
        if self.until is None:
            return _("Membre habilité")
        return _("Bris de glace jusqu'au %(moment)s") % {"moment": day_and_hour(self.until)}

    @property
    def looked_at(self) -> str:
        return looked_at(self.sections)


def visits(request: HttpRequest, access: Access, person: UUID | None, *, every: bool) -> Page:
    """Cut the page of visits that the address asks for; `every`: the last 1,000, to print."""
    size = MOST_PRINTED if every else page_size(request)
    number = 1 if every else max(asked(request, "page", 1), 1)
    rows = _read(access, person, size, (number - 1) * size)
    if not rows and number > 1:
        number, rows = 1, _read(access, person, size, 0)
    total = rows[0][-1] if rows else 0
    return Page([Visit(*row[:-1]) for row in rows], number, size, total, capped=False)


def between(access: Access, since: datetime, before: datetime) -> tuple[list[Visit], int]:
    """The last 1,000 visits between two moments, and how many there are."""
    rows = _read(access, None, MOST_PRINTED, 0, since, before)
    return [Visit(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def latest(access: Access, most: int) -> list[Visit]:
    """The last visits, so many at the most."""
    return [Visit(*row[:-1]) for row in _read(access, None, most, 0)]


def _read(
    access: Access,
    person: UUID | None,
    size: int,
    start: int,
    since: datetime | None = None,
    before: datetime | None = None,
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            VISITS,
            {
                "gap": VISIT_GAP,
                "patients": access.patient_ids,
                "user": person,
                "size": size,
                "start": start,
                "since": since,
                "before": before,
            },
        )
        return cursor.fetchall()


def visitors(access: Access) -> list[tuple[UUID, str]]:
    """The persons who opened the record, by name."""
    with connection.cursor() as cursor:
        cursor.execute(VISITORS, [access.patient_ids])
        return cursor.fetchall()
