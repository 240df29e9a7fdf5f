"""What was planned for a patient who has died: proposed for cancellation with the declaration, and
given back when the declaration was a mistake.

AZUREZO, sheet 32. Each part of the record gives what it planned and what it cancelled; parts that
come later add their sources. What is cancelled bears the moment of the declaration, by which it is
found again.

The guides say nothing of the undo. Taking a declaration back gives nobody a right that the matrix
denies: what its author may not write stays cancelled. They are told so of what they may read; and
whoever may write it, told of the undo like the whole circle, has it stand again from its own page.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronde.careteam.access import Access
from ronde.core.formats import moment
from ronde.followup import actions, queries
from ronde.followup.models import Stay, StayStep
from ronde.patients import death


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to cancel, or to give back: how to call it, how to do it, whether to propose it."""

    key: str
    label: str
    act: Callable[[], object]
    proposed: bool = True


# What gives things, each with the section of the rights matrix that one must write for it.
Sources = Sequence[tuple[str, Callable[..., list[Planned]]]]


def planned(access: Access, at: datetime | None = None) -> list[Planned]:
    """What this person may cancel; `at` is the moment of the declaration."""
    return _writable(SOURCES, access, at)


def cancelled(access: Access) -> list[Planned]:
    """What this person may give back of what the declaration that stands had cancelled."""
    declared = death.current(access)
    return _writable(UNDOING, access, declared.recorded_at) if declared else []


def left_cancelled(access: Access) -> list[str]:
    """What this person reads of it and may not give back, as it is called."""
    declared = death.current(access)
    if declared is None:
        return []
    return [
        one.label
        for section, source in UNDOING
        if access.can_read(section) and not access.can_write(section)
        for one in source(access, declared.recorded_at)
    ]


def _writable(sources: Sources, access: Access, at: datetime | None) -> list[Planned]:
    return [
        one
        for section, source in sources
        if access.can_write(section)
        for one in source(access, at)
    ]


def play(things: Sequence[Planned], keys: Collection[str]) -> None:
    """Do what was chosen of these; what is no longer there is left alone."""
    for one in things:
        if one.key in keys:
            one.act()


def _stays(access: Access, at: datetime | None) -> list[Planned]:
    rows = queries.stays(access).filter(queries.to_come()).order_by("admitted_at")
    return [_stay(access, row, at) for row in rows]


def _stay(access: Access, row: Stay, at: datetime | None) -> Planned:
    reason = _("Décès du patient")
    return Planned(_key(row), _called(row), lambda: actions.cancel_stay(access, row, reason, at))


def _key(row: Stay) -> str:
    return f"stay:{row.pk}"


def _called(row: Stay) -> str:
    return _("Hospitalisation à %(place)s, entrée prévue le %(when)s") % {
        "place": row.place,
        "when": moment(row.admitted_at),
    }


def _steps(access: Access, at: datetime | None) -> list[Planned]:
    """What is left to do around the stays that began: a stay to come takes its own with it."""
    to_come = set(queries.stays(access).filter(queries.to_come()).values_list("pk", flat=True))
    rows = [row for row in queries.undone_steps(access) if row.stay_id not in to_come]
    return _around(rows, lambda steps: actions.drop_steps(access, steps, at))


def _around(rows: Sequence[StayStep], act: Callable[[list[StayStep]], object]) -> list[Planned]:
    """One thing for all the steps of a stay."""
    return [_all(stay, list(steps), act) for stay, steps in groupby(rows, lambda row: row.stay)]


def _all(stay: Stay, steps: list[StayStep], act: Callable[[list[StayStep]], object]) -> Planned:
    label = ngettext(
        "%(n)d étape à faire autour de l'hospitalisation à %(place)s",
        "%(n)d étapes à faire autour de l'hospitalisation à %(place)s",
        len(steps),
    ) % {"n": len(steps), "place": stay.place}
    return Planned(f"steps:{stay.pk}", label, lambda: act(steps))


def _stays_back(access: Access, at: datetime) -> list[Planned]:
    """An admission whose hour has passed meanwhile is not proposed: did it take place?"""
    return [_back(access, row) for row in queries.cancelled_at(access, at)]


def _back(access: Access, row: Stay) -> Planned:
    to_come = row.admitted_at > timezone.now()
    return Planned(_key(row), _called(row), lambda: actions.restore_stay(access, row), to_come)


def _steps_back(access: Access, at: datetime) -> list[Planned]:
    rows = queries.dropped_at(access, at)
    return _around(rows, lambda steps: actions.restore_steps(access, steps))


SOURCES: Sources = (("stays", _stays), ("stays", _steps))
UNDOING: Sources = (("stays", _stays_back), ("stays", _steps_back))
