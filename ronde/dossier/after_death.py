"""What was planned for a patient who has died: proposed for cancellation with the declaration.

AZUREZO, sheet 32. Each part of the record gives what it planned; parts that come later add their
source to `SOURCES`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronde.careteam.access import Access
from ronde.core.formats import moment
from ronde.followup import actions, queries
from ronde.followup.models import Stay, StayStep


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that will not happen: how to call it, and how to cancel it."""

    key: str
    label: str
    cancel: Callable[[], object]


def planned(access: Access) -> list[Planned]:
    """What this person may cancel."""
    return [one for source in SOURCES for one in source(access)]


def cancel(access: Access, keys: Collection[str]) -> None:
    """Cancel what was chosen; what is no longer planned is left alone."""
    for one in planned(access):
        if one.key in keys:
            one.cancel()


def _stays(access: Access) -> list[Planned]:
    if not access.can_write("stays"):
        return []
    rows = queries.stays(access).filter(queries.to_come()).order_by("admitted_at")
    return [_stay(access, row) for row in rows]


def _stay(access: Access, row: Stay) -> Planned:
    label = _("Hospitalisation à %(place)s, entrée prévue le %(when)s") % {
        "place": row.place,
        "when": moment(row.admitted_at),
    }
    return Planned(
        f"stay:{row.pk}", label, lambda: actions.cancel_stay(access, row, _("Décès du patient"))
    )


def _steps(access: Access) -> list[Planned]:
    """What is left to do around the stays that began: a stay to come takes its own with it."""
    if not access.can_write("stays"):
        return []
    to_come = set(queries.stays(access).filter(queries.to_come()).values_list("pk", flat=True))
    rows = [row for row in queries.undone_steps(access) if row.stay_id not in to_come]
    return [
        _around(access, stay, list(steps)) for stay, steps in groupby(rows, lambda row: row.stay)
    ]


def _around(access: Access, stay: Stay, steps: list[StayStep]) -> Planned:
    label = ngettext(
        "%(n)d étape à faire autour de l'hospitalisation à %(place)s",
        "%(n)d étapes à faire autour de l'hospitalisation à %(place)s",
        len(steps),
    ) % {"n": len(steps), "place": stay.place}
    return Planned(
        f"steps:{stay.pk}", label, lambda: [actions.drop_step(access, step) for step in steps]
    )


SOURCES: tuple[Callable[[Access], list[Planned]], ...] = (_stays, _steps)
