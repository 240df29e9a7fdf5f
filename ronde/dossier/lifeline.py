"""The life line of a record: what happened, happens and will, on one scale of time.

Each part of the record gives its dated items (`queries.dated`); here they are placed in lanes on a
grid of 104 columns, near ones merged into a count, so that a link is never narrower than a thumb.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronde.careteam.access import Access
from ronde.careteam.dated import Dated
from ronde.documents import queries as documents
from ronde.followup import queries as followup

COLUMNS = 104
# Points closer than this many columns are one: 24 px on the narrowest desk.
NEAR = 5
WIDEST = 10 * 366  # Days: what the widest view shows at once.
MONTHS = (
    gettext_lazy("janv."),
    gettext_lazy("févr."),
    gettext_lazy("mars"),
    gettext_lazy("avr."),
    gettext_lazy("mai"),
    gettext_lazy("juin"),
    gettext_lazy("juil."),
    gettext_lazy("août"),
    gettext_lazy("sept."),
    gettext_lazy("oct."),
    gettext_lazy("nov."),
    gettext_lazy("déc."),
)
# Days shown for each period, and how many of them are to come; the words are those of AZUREZO,
# sheet 34, with a short form for where they stand side by side.
PERIODS = {
    "mois": (gettext_lazy("Dernier mois"), gettext_lazy("Mois"), 31, 10),
    "trimestre": (gettext_lazy("Dernier trimestre"), gettext_lazy("Trimestre"), 92, 25),
    "an": (gettext_lazy("Dernière année"), gettext_lazy("Année"), 366, 92),
    "tout": (gettext_lazy("Tout"), gettext_lazy("Tout"), 0, 92),
}
DEFAULT = "an"
# The lanes in order: kind of item, label, how a point is drawn.
LANES = (
    ("stay", gettext_lazy("Hospitalisations"), "urg"),
    ("status", gettext_lazy("Statuts"), ""),
    ("document", gettext_lazy("Documents"), "doc"),
    ("record", gettext_lazy("Dossier"), "form"),
)


def milestones(access: Access, start: date, end: date) -> list[Dated]:
    """The opening of the record and the death: the identity alone tells them."""
    patient = access.patient
    found = [Dated("record", timezone.localdate(patient.created_at), _("Dossier créé"))]
    if patient.death_date:
        found.append(Dated("record", patient.death_date, _("Décès")))
    return [one for one in found if start <= one.start <= end]


SOURCES: tuple[Callable[[Access, date, date], list[Dated]], ...] = (
    followup.dated,
    documents.dated,
    milestones,
)


@dataclass(frozen=True, slots=True)
class Window:
    """The days shown, both included, under the name of a period."""

    period: str
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def column(self, day: date) -> int:
        """The column of a day; a day outside stands on the edge."""
        place = (day - self.start).days * COLUMNS // self.days
        return min(max(place, 0), COLUMNS - 1)

    def query(self, *, by: int = 0) -> str:
        """The address of this window moved by so many halves."""
        end = self.end + timedelta(days=by * self.days // 2)
        return f"?periode={self.period}&fin={end.isoformat()}"


def window(access: Access, asked: str, until: str) -> Window:
    """Read the period and the last day that an address asks for; anything else is a year."""
    period = asked if asked in PERIODS else DEFAULT
    _label, _short, days, ahead = PERIODS[period]
    today = timezone.localdate()
    end = day_of(until) or today + timedelta(days=ahead)
    first = timezone.localdate(access.patient.created_at)
    if not days:
        start = max(min(first, today - timedelta(days=92)), end - timedelta(days=WIDEST))
        return Window(period, min(start, end - timedelta(days=30)), end)
    return Window(period, end - timedelta(days=days - 1), end)


def day_of(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in a lane: a bar, a point, or several points in one.

    `column` from 0, `span` in columns; `address` is where it leads.
    """

    column: int
    span: int
    label: str
    when: str
    address: str
    kind: str
    count: int = 1
    is_bar: bool = False
    to_come: bool = False


@dataclass(slots=True)
class Lane:
    label: str
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scale:
    """A heading above the grid: a month, or a year."""

    column: int
    span: int
    label: str


def items(access: Access, start: date, end: date) -> list[Dated]:
    """Everything dated between two days, the newest first, in the sections that may be read."""
    found = [one for source in SOURCES for one in source(access, start, end)]
    return sorted(found, key=lambda one: (one.start, one.label), reverse=True)


def lanes(access: Access, shown: Window, found: Iterable[Dated]) -> list[Lane]:
    """Place the items on the grid; an empty lane takes no place."""
    by_kind: dict[str, list[Dated]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    drawn = [
        Lane(str(label), _marks(access, shown, by_kind[kind], look))
        for kind, label, look in LANES
        if kind in by_kind
    ]
    return [lane for lane in drawn if lane.marks]


def _marks(access: Access, shown: Window, found: list[Dated], look: str) -> list[Mark]:
    long = [one for one in found if _lasts(one) and _span(shown, one) >= NEAR]
    short = [one for one in found if _lasts(one) and _span(shown, one) < NEAR]
    points = [one for one in found if not _lasts(one)]
    marks = [_bar(access, shown, one, look) for one in long]
    marks += [
        _point(access, shown, group, look)
        if len(group) > 1
        else _bar(access, shown, group[0], look)
        for group in _groups(shown, short)
    ]
    marks += [_point(access, shown, group, look) for group in _groups(shown, points)]
    return sorted(marks, key=lambda mark: mark.column)


def _lasts(one: Dated) -> bool:
    return one.end is not None or one.open_ended


def _end(one: Dated) -> date:
    today = timezone.localdate()
    return one.end if one.end and not one.open_ended else max(one.end or today, today)


def _span(shown: Window, one: Dated) -> int:
    return max(shown.column(_end(one)) - shown.column(one.start) + 1, 2)


def _bar(access: Access, shown: Window, one: Dated, look: str) -> Mark:
    column = shown.column(one.start)
    return Mark(
        column,
        min(_span(shown, one), COLUMNS - column),
        one.label,
        when(one),
        address(access, one),
        look,
        is_bar=True,
        to_come=one.start > timezone.localdate(),
    )


def _groups(shown: Window, found: list[Dated]) -> list[list[Dated]]:
    """From the left to the right; those too near the first of a group join it."""
    groups: list[list[Dated]] = []
    for one in sorted(found, key=lambda one: one.start):
        last = groups[-1][0] if groups else None
        if last is not None and shown.column(one.start) - shown.column(last.start) < NEAR:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _point(access: Access, shown: Window, group: list[Dated], look: str) -> Mark:
    first, last = group[0], group[-1]
    column = (shown.column(first.start) + shown.column(last.start)) // 2
    to_come = first.start > timezone.localdate()
    if len(group) == 1:
        return Mark(
            column, 1, first.label, when(first), address(access, first), look, to_come=to_come
        )
    label = ngettext("%(n)d élément", "%(n)d éléments", len(group)) % {"n": len(group)}
    names = ", ".join(one.label for one in group[:4]) + ("…" if len(group) > 4 else "")
    days = f"{first.start:%d/%m/%Y} → {last.start:%d/%m/%Y}"
    page = resolve_url("dossier:lifeline", access.patient_id)
    between = f"{page}?vue=liste&du={first.start.isoformat()}&au={last.start.isoformat()}"
    return Mark(
        column, 1, f"{label} : {names}", days, between, look, count=len(group), to_come=to_come
    )


def when(one: Dated) -> str:
    start = f"{one.start:%d/%m/%Y}"
    if one.open_ended:
        expected = f"{one.end:%d/%m/%Y}" if one.end else ""
        since = _("depuis le %(day)s") % {"day": start}
        if one.start > timezone.localdate():
            since = _("à partir du %(day)s") % {"day": start}
        return since + (" " + _("(fin prévue le %(day)s)") % {"day": expected} if expected else "")
    return f"{start} → {one.end:%d/%m/%Y}" if one.end else start


def address(access: Access, one: Dated) -> str:
    """Where the item is shown; nowhere when it is the record itself."""
    if not one.page:
        return ""
    keys = [access.patient_id, one.key] if one.key else [access.patient_id]
    return resolve_url(one.page, *keys)


def scale(shown: Window) -> list[Scale]:
    """Months while they are wide enough to be read, years otherwise."""
    by_year = shown.days > 3 * 366
    step = 3 if shown.days > 400 else 1
    found, day = [], shown.start.replace(day=1)
    while day <= shown.end:
        following = _after(day, by_year=by_year, step=step)
        column = shown.column(day)
        end = shown.column(following) if following <= shown.end else COLUMNS
        if end > column:
            january = day.month == 1 and step > 1
            label = f"{day.year}" if by_year or january else MONTHS[day.month - 1]
            found.append(Scale(column, end - column, str(label)))
        day = following
    return found


def _after(day: date, *, by_year: bool, step: int) -> date:
    if by_year:
        return date(day.year + 1, 1, 1)
    month = day.month - 1 + step - (day.month - 1) % step
    return date(day.year + month // 12, month % 12 + 1, 1)


def view(access: Access, asked: str = "", until: str = "") -> dict[str, Any]:
    """What the panel and the page show of the life line."""
    shown = window(access, asked, until)
    found = items(access, shown.start, shown.end)
    today = timezone.localdate()
    return {
        "shown": shown,
        "items": found,
        "lanes": lanes(access, shown, found),
        "scale": scale(shown),
        "periods": [(name, label, short) for name, (label, short, *_) in PERIODS.items()],
        "today": shown.column(today) if shown.start <= today <= shown.end else None,
        "day": today,
        "when": when,
        "address": lambda one: address(access, one),
    }
