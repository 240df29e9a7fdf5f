"""Reading acts on many circles: the records as they stand, what would change, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from ronde.accounts.models import Attachment
from ronde.careteam.access import grants_of
from ronde.careteam.foresight import ALREADY, Act, Obstacle, Seated, foresee, seated
from ronde.careteam.models import Member
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.worklist.bulk_models import LineState
from ronde.worklist.models import BulkLine, BulkRun
from ronde.worklist.queries import Row, Rows

SHOWN_MEMBERS, SHOWN_RUNS, COMMON = 8, 30, 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens, or happened, to one party in one record."""

    party: Party
    obstacle: Obstacle | None
    is_done: bool = False

    @property
    def kind(self) -> str:
        """The colour of the words: changes, stays as it was, cannot."""
        if self.obstacle is None:
            return "ok"
        return "" if self.obstacle in ALREADY else "al"


@dataclass(frozen=True, slots=True)
class Record:
    """One selected record: its patient, its members, what the act would do."""

    row: Row
    members: list[Seated]
    outcomes: list[Outcome]
    is_ticked: bool = True

    @property
    def names(self) -> str:
        return ", ".join(one.name for one in self.members[:SHOWN_MEMBERS])

    @property
    def more(self) -> int:
        return max(len(self.members) - SHOWN_MEMBERS, 0)


def rows_of(actor: Actor, patients: Sequence[UUID]) -> list[Row]:
    """These records, by name; those that may no longer be opened are left out."""
    grants = grants_of(actor).filter(patient_id__in=patients).order_by("sort_key", "patient_id")
    nothing_more: frozenset[str] = frozenset()  # Of the follow-up: names and dates are enough.
    return Rows(grants, actor.user_id, nothing_more)[: len(patients)] if patients else []


def records(
    actor: Actor,
    patients: Sequence[UUID],
    parties: Sequence[Party] = (),
    act: Act | None = None,
    ticked: set[UUID] | None = None,
) -> list[Record]:
    """The selected records as the screen shows them before anything is done."""
    rows = rows_of(actor, patients)
    keys = [row.patient_id for row in rows]
    members = seated(keys)
    met = foresee(actor, keys, parties, act) if act and parties else {}
    return [
        Record(
            row,
            members.get(row.patient_id, []),
            [Outcome(one, met[row.patient_id, one.pk]) for one in parties] if met else [],
            ticked is None or row.patient_id in ticked,
        )
        for row in rows
    ]


def common_members(found: Sequence[Record]) -> list[tuple[UUID, str, int]]:
    """Those who are in most of the selected circles, with in how many."""
    counts: dict[UUID, tuple[str, int]] = {}
    for record in found:
        for one in record.members:
            if one.party_id is not None:
                counts[one.party_id] = (one.name, counts.get(one.party_id, ("", 0))[1] + 1)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1][1], pair[1][0]))
    return [(key, name, count) for key, (name, count) in ranked[:COMMON]]


def parties_of(keys: Sequence[UUID]) -> list[Party]:
    """The parties of these keys, in their order."""
    found = Party.objects.select_related("person", "structure").in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many changes there are to make, and how many records stay for each reason."""

    changes: int
    kept: list[tuple[Obstacle, int]]

    @classmethod
    def of(cls, outcomes: Sequence[Obstacle | None]) -> "Tally":
        kept = {one: outcomes.count(one) for one in outcomes if one is not None}
        ranked = sorted(kept.items(), key=lambda pair: -pair[1])
        return cls(outcomes.count(None), [(Obstacle(one), count) for one, count in ranked])


def tally(actor: Actor, run: BulkRun, parties: Sequence[Party]) -> Tally:
    met = foresee(actor, run.ticked, parties, Act(run.act))
    return Tally.of(list(met.values()))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: lines settled, changed, kept, of how many."""

    total: int
    done: int
    kept: int

    @property
    def settled(self) -> int:
        return self.done + self.kept


def progress(run: BulkRun) -> Progress:
    name = "undo_state" if run.undo_asked_at else "state"
    lines = run.lines.exclude(undo_state="") if run.undo_asked_at else run.lines
    counts = lines.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(**{name: LineState.DONE})),
        kept=Count("pk", filter=Q(**{name: LineState.KEPT})),
    )
    return Progress(**counts)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a run; `row` is None for a record that may no longer be opened."""

    line: BulkLine
    row: Row | None
    party: Party

    @property
    def obstacle(self) -> Obstacle | None:
        return Obstacle(self.line.obstacle) if self.line.obstacle else None

    @property
    def undo_obstacle(self) -> Obstacle | None:
        return Obstacle(self.line.undo_obstacle) if self.line.undo_obstacle else None

    @property
    def kind(self) -> str:
        return kind_of(self.line.state, self.obstacle)

    @property
    def undo_kind(self) -> str:
        return kind_of(self.line.undo_state, self.undo_obstacle)


def kind_of(state: str, obstacle: Obstacle | None) -> str:
    if state == LineState.DONE:
        return "ok"
    return "al" if obstacle is not None and obstacle not in ALREADY else ""


def results(actor: Actor, run: BulkRun) -> list[Result]:
    lines = list(run.lines.order_by("rank"))
    rows = {one.patient_id: one for one in rows_of(actor, [line.patient_id for line in lines])}
    parties = {one.pk: one for one in parties_of(run.parties)}
    return [Result(one, rows.get(one.patient_id), parties[one.party_id]) for one in lines]


def runs(actor: Actor) -> list[BulkRun]:
    """The last runs of this person under this identity, the newest first."""
    mine = BulkRun.objects.filter(user_id=actor.user_id, party_id=actor.party_id)
    return list(mine.exclude(confirmed_at=None).order_by("-confirmed_at")[:SHOWN_RUNS])


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who acts in the name of the structure, with how many of its records they open in
    their own.
    """

    attachment: Attachment
    records: int


def colleagues(actor: Actor, held: Sequence[Attachment]) -> list[Colleague]:
    persons = [one.user.person_id for one in held if one.user.person_id]
    rows = memberships(actor).filter(party_id__in=persons, habilitated=True)
    counts = dict(rows.values_list("party_id").annotate(Count("pk")))
    return [Colleague(one, counts.get(one.user.person_id, 0)) for one in held]


def memberships(actor: Actor) -> QuerySet[Member]:
    """The present members of the circles that the acting party may open."""
    seen = grants_of(actor).values("patient_id")
    return Member.objects.filter(removed_at=None, patient_id__in=seen)


def records_of(actor: Actor, person_id: UUID | None, limit: int) -> list[UUID]:
    """Among the records of the acting party, those whose circle this person is in."""
    if person_id is None:
        return []
    rows = memberships(actor).filter(party_id=person_id).order_by("-habilitated", "patient_id")
    return list(rows.values_list("patient_id", flat=True)[:limit])
