"""What an extraction holds of each section, as data: names and dates, never our keys.

A section that the reader may not open gives no part.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ronde.careteam import queries as careteam
from ronde.careteam.access import Access
from ronde.careteam.lines import Line
from ronde.documents import queries as documents
from ronde.documents import types
from ronde.dossier import identity, visits
from ronde.feed import queries as feed
from ronde.followup import linking, memo_queries
from ronde.followup import queries as followup
from ronde.followup.models import StayStep
from ronde.patients import death
from ronde.patients import queries as patients
from ronde.patients.actions import giver
from ronde.patients.models import Death

MOST_LINES = 20_000  # Of the feed and of the trace; the manifest says when they were cut.


def _identity(access: Access) -> dict[str, Any]:
    patient = access.patient
    return {
        "status": patient.get_identity_status_display(),
        "traits": dict(identity.strict_rows(patient)),
        "others": {name: value for name, value in identity.other_rows(access) if value},
        "contact": {name: value for name, value in identity.contact_rows(patient) if value},
        "history": [
            {"at": row.at, "changes": [list(one) for one in identity.changes([row])]}
            for row in patients.history(patient.pk)
        ],
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
        "death": _death(current) if (current := death.current(access)) else None,
        "deaths_taken_back": [_death(one) for one in death.past(access)],
    }


def _death(found: Death) -> dict[str, Any]:
    return {
        "date": found.died_on,
        "declared_on": found.declared_on,
        "declared_by": found.recorded_by_name,
        "country": found.country_code,
        "commune": found.commune_code,
        "town": found.town,
        "place": found.place,
        "taken_back_at": found.undone_at,
        "taken_back_by": found.undone_by_name,
        "taken_back_because": found.undone_reason,
    }


def _circle(access: Access) -> list[dict[str, Any]]:
    return [_member(line) for line in careteam.circle(access)]


def _left(access: Access) -> list[dict[str, Any]]:
    return [{**_member(line), "left_at": line.member.removed_at} for line in careteam.past(access)]


def _member(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "roles": [role.label for role in line.roles],
        "has_access": line.has_access,
        "refused_by_the_patient": line.member.refused,
        "added_at": line.member.added_at,
        "added_by": line.member.added_by_name,
        "description": line.member.description,
    }


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
            "recorded_at": row.recorded_at,
            "by": row.recorded_by_name,
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
            "cancelled_at": row.cancelled_at,
            "cancelled": row.cancelled_reason,
            "recorded_at": row.recorded_at,
            "by": row.recorded_by_name,
            "steps": [_step(step.row) for step in followup.steps(access, row)],
            "steps_set_aside": [_step(step) for step in followup.dropped_steps(access, row)],
        }
        for row in followup.stays(access)
    ]


def _step(step: StayStep) -> dict[str, Any]:
    return {
        "phase": step.phase,
        "label": step.label,
        "given_to": step.owner_name,
        "due_at": step.due_at,
        "done_at": step.done_at,
        "by": step.done_by_name,
        "set_aside_at": step.dropped_at,
    }


def _memos(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "title": memo.title,
            "content": memo.content,
            "importance": memo.get_weight_display(),
            "sharing": memo.get_sharing_display(),
            "changed_at": memo.changed_at,
            "by": memo.changed_by_name,
            "written_at": memo.written_at,
            "written_by": memo.written_by_name,
            "former_versions": [
                {
                    "title": former.title,
                    "content": former.content,
                    "importance": former.get_weight_display(),
                    "until": former.until,
                    "by": former.written_by_name,
                }
                for former in memo_queries.past(memo)
            ],
        }
        for memo in memo_queries.memos(access)
    ]


def _links(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "record_number": one.other.record_number,
            "relation": one.label,
            "comment": one.link.comment,
            "linked_at": one.link.linked_at,
            "by": one.link.linked_by_name,
        }
        for one in linking.related(access)
    ]


def _documents(access: Access) -> list[dict[str, Any]]:
    return [
        {
            "title": paper.title,
            "class": str(paper.class_label),
            "type": types.label(paper.type_code),
            "sharing": paper.get_sharing_display(),
            "date": paper.event_date,
            "added_at": paper.added_at,
            "by": paper.added_by_name,
            "versions": [
                {
                    "number": file.number,
                    "name": file.name,
                    "size": file.size,
                    "sha256": file.sha256,
                    "added_at": file.added_at,
                    "by": file.added_by_name,
                }
                for file in documents.files(paper)
            ],
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
        for visit in visits.latest(access, MOST_LINES)
    ]


_PARTS: dict[str, tuple[str, Callable[[Access], Any]]] = {
    "identity": ("identity", _identity),
    "circle": ("careteam", _circle),
    "left_the_circle": ("careteam", _left),
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


def cut(parts: Mapping[str, Any]) -> dict[str, int]:
    """The parts that had more lines than are given, and how many are: the last ones."""
    return {
        name: MOST_LINES for name in ("feed", "trace") if len(parts.get(name, [])) == MOST_LINES
    }
