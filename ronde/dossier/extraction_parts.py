"""What an extraction holds of each section, as data: names and dates, never our keys.

A section that the reader may not open gives no part.
"""

from collections.abc import Callable
from typing import Any

from ronde.careteam import queries as careteam
from ronde.careteam.access import Access
from ronde.documents import queries as documents
from ronde.dossier import identity, visits
from ronde.feed import queries as feed
from ronde.followup import linking, memo_queries
from ronde.followup import queries as followup
from ronde.patients import death
from ronde.patients import queries as patients
from ronde.patients.actions import giver

MOST_LINES = 20_000


def _identity(access: Access) -> dict[str, Any]:
    patient = access.patient
    return {
        "status": patient.get_identity_status_display(),
        "traits": dict(identity.strict_rows(patient)),
        "others": {name: value for name, value in identity.other_rows(access) if value},
        "contact": {name: value for name, value in identity.contact_rows(patient) if value},
        "consents": [
            {
                "given_by": giver(one),
                "attested_at": one.attested_at,
                "attested_by": one.attested_by_name,
                "withdrawn_at": one.withdrawn_at,
                "withdrawal_reason": one.withdrawal_reason,
            }
            for one in patients.consents(patient.pk)
        ],
        "death": _death(access),
    }


def _death(access: Access) -> dict[str, Any] | None:
    found = death.current(access)
    if found is None:
        return None
    return {
        "date": found.died_on,
        "declared_on": found.declared_on,
        "country": found.country_code,
        "commune": found.commune_code,
        "town": found.town,
        "place": found.place,
    }


def _circle(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "name": line.name,
            "roles": [role.label for role in line.roles],
            "has_access": line.has_access,
            "added_at": line.member.added_at,
            "added_by": line.member.added_by_name,
            "description": line.member.description,
        }
        for line in careteam.circle(access)
    ]


def _statuses(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "party": row.party_name,
            "status": row.kind.label,
            "from": row.started_on,
            "until": row.ended_on,
            "expertise": row.expertise.label if row.expertise else "",
            "reason": row.reason.label if row.reason else "",
            "comment": row.comment,
        }
        for row in followup.history(access)
    ]


def _stays(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "place": row.place,
            "unit": row.unit,
            "planned": row.is_planned,
            "admitted_at": row.admitted_at,
            "expected_on": row.expected_on,
            "discharged_at": row.discharged_at,
            "reason": row.reason.label if row.reason else "",
            "comment": row.comment,
            "cancelled": row.cancelled_reason,
            "steps": [
                {"label": step.row.label, "done_at": step.row.done_at, "by": step.row.done_by_name}
                for step in followup.steps(access, row)
            ],
        }
        for row in followup.stays(access)
    ]


def _memos(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "title": memo.title,
            "content": memo.content,
            "importance": memo.get_weight_display(),
            "sharing": memo.get_sharing_display(),
            "changed_at": memo.changed_at,
            "by": memo.changed_by_name,
        }
        for memo in memo_queries.memos(access)
    ]


def _links(access: Access) -> list[dict[str, Any]]:
    return [
        {"record_number": one.other.record_number, "relation": one.label}
        for one in linking.related(access)
    ]


def _documents(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "title": paper.title,
            "class": str(paper.class_label),
            "date": paper.event_date,
            "added_at": paper.added_at,
            "by": paper.added_by_name,
        }
        for paper in documents.readable(access)
    ]


def _feed(access: Access) -> list[dict[str, Any]]:
    lines = (feed.line(entry) for entry in feed.entries(access)[:MOST_LINES])
    return [
        {"at": one.at, "person": one.person, "party": one.party, "text": one.text} for one in lines
    ]


def _trace(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "began": visit.began,
            "ended": visit.ended,
            "person": visit.person,
            "in_the_name_of": visit.in_the_name_of,
            "right": visit.right,
            "looked_at": visit.looked_at,
            "wrote": visit.wrote,
        }
        for visit in visits.latest(access)
    ]


_PARTS: dict[str, tuple[str, Callable[[Access], Any]]] = {
    "identity": ("identity", _identity),
    "circle": ("careteam", _circle),
    "statuses": ("status", _statuses),
    "stays": ("stays", _stays),
    "memos": ("memos", _memos),
    "links": ("links", _links),
    "documents": ("documents", _documents),
    "feed": ("feed", _feed),
    "trace": ("trace", _trace),
}


def of(access: Access) -> dict[str, Callable[[Access], Any]]:
    """The parts that this reader may have, by name."""
    return {name: make for name, (section, make) in _PARTS.items() if access.can_read(section)}
