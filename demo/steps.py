"""What is done to a record, in order: one step a gesture of a professional.

`Script` writes the steps of one record and keeps count of who is in the circle, so that no step
asks what an action would refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from demo.draw import Draw
from demo.identities import Identity
from demo.moments import office_hour
from demo.patients import Person, Relative
from demo.professionals import ProfessionalPlan, professionals, team
from demo.structures import StructurePlan, structures
from ronde.careteam.models import UNIQUE_ROLES, BreakGlassReason, MemberKind

Party = ProfessionalPlan | StructurePlan


class Verb(StrEnum):
    OPEN = "open"
    ADD = "add"
    HABILITATE = "habilitate"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REMOVE = "remove"
    ROLES = "roles"
    HAND = "hand"
    CHECK = "check"
    DEATH = "death"
    WITHDRAW_CONSENT = "withdraw-consent"
    NOTE = "note"
    PAPER = "paper"
    LOOK = "look"
    STATUS = "status"
    STAY = "stay"
    MEMO = "memo"
    LINK = "link"
    BREAK = "break"
    ASK = "ask"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and in whose name: `structure` empty for themselves."""

    person: str
    structure: str = ""

    @property
    def professional(self) -> ProfessionalPlan:
        return professionals()[self.person]

    @property
    def party(self) -> Party:
        return structures()[self.structure] if self.structure else self.professional


@dataclass(frozen=True, slots=True)
class Step:
    """`about` names the member concerned: the key of a party, or the name typed by hand.

    `at` is unknown until the whole script is written.
    """

    verb: Verb
    by: By
    about: str = ""
    roles: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record: who it is about, and everything that was done to it, in order."""

    person: Person
    identity: Identity
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Script:
    """The steps of a record: those of its opening, then `later` ones, spread until its last day.

    A story tells its own times: with `moment` set, each step is a minute after the one before.
    """

    rng: Draw
    times: Draw  # Apart, so that the hour of loading changes no circle.
    creator: By
    moment: datetime | None = None
    told: list[Step] = field(default_factory=list)
    first: list[Step] = field(default_factory=list)
    later: list[Step] = field(default_factory=list)
    members: dict[str, bool] = field(default_factory=dict)  # Key → may open the record.
    held: set[str] = field(default_factory=set)  # Unique roles that somebody has.

    def __post_init__(self) -> None:
        self.members[self.creator.party.key] = True

    def do(
        self,
        verb: Verb,
        about: str = "",
        *,
        by: By | None = None,
        roles: Sequence[str] = (),
        later: bool = False,
        **values: Any,
    ) -> None:
        step = Step(verb, by or self.creator, about, tuple(roles), values)
        if self.moment is not None:
            self.told.append(_at(step, self.moment))
            self.moment += timedelta(seconds=70)
        else:
            (self.later if later else self.first).append(step)

    def add(
        self,
        party: Party | None,
        *,
        roles: Sequence[str] = ("contributor",),
        access: bool = False,
        refused: bool = False,
        later: bool = False,
        by: By | None = None,
        **details: Any,
    ) -> bool:
        """Put somebody of the directory in the circle; False when they are there already."""
        if party is None or party.key in self.members:
            return False
        self.do(Verb.ADD, party.key, roles=self._free(roles), later=later, by=by, **details)
        if access or refused:
            verb = Verb.HABILITATE if access else Verb.REFUSE
            self.do(verb, party.key, later=later, by=by)
        self.members[party.key] = access
        return True

    def relative(self, who: Relative, *, later: bool = False) -> None:
        values = who.values
        name = values["display_name"]
        if name in self.members:
            return
        self.members[name] = False
        roles = self._free(who.roles)
        self.do(Verb.HAND, name, roles=roles, later=later, kind=MemberKind.RELATIVE, **values)

    def by_hand(self, kind: MemberKind, values: dict[str, Any], *, later: bool = False) -> None:
        name = values["display_name"]
        self.members[name] = False
        roles = ("contributor",)
        self.do(Verb.HAND, name, roles=roles, later=later, kind=kind, **values)

    def insiders(self) -> list[By]:
        """Those who may open the record, as they would sign."""
        parties = [_party(name) for name, access in self.members.items() if access]
        persons = [By(one.key) for one in parties if isinstance(one, ProfessionalPlan)]
        legal = [one for one in parties if getattr(one, "acts_as_legal_person", False)]
        teams = [By(team(one.key)[0].key, one.key) for one in legal if team(one.key)]
        return persons + teams

    def play(self, role: str) -> None:
        """Give a role to the one who opened the record."""
        for free in self._free([role]):
            self.do(Verb.ROLES, self.creator.party.key, roles=[free])

    def end(self, verb: Verb, party: Party) -> None:
        """Withdraw somebody's access, or take them out of the circle."""
        self.do(verb, party.key, later=True)
        self.members[party.key] = False

    def broken(
        self, by: By, reason: BreakGlassReason, detail: str, *, closed: bool, asks: str = ""
    ) -> None:
        """`asks`: what they write to the circle, to be given a lasting access."""
        self.do(Verb.BREAK, by=by, later=True, reason=reason, detail=detail)
        self.do(Verb.LOOK, by=by, later=True, section="summary")
        if asks:
            self.do(Verb.ASK, by=by, later=True, text=asks)
        if closed:
            self.do(Verb.CLOSE, by=by, later=True)

    def _free(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Leave out a unique role that somebody has."""
        kept = tuple(role for role in roles if role not in self.held)
        self.held.update(role for role in kept if role in UNIQUE_ROLES)
        return kept

    def timed(self, opened: datetime, last: datetime, now: datetime) -> list[Step]:
        """Give each step its moment: the first ones minutes after the opening, the last at `last`.

        Nothing is later than `now`, and no step comes before the one above it.
        """
        at, done = opened, []
        for step in [Step(Verb.OPEN, self.creator), *self.first]:
            done.append(_at(step, at))
            at = min(at + timedelta(seconds=self.times.randint(40, 200)), now)
        moments = sorted(office_hour(self.times, at, last) for _ in self.later[:-1])
        for step, moment in zip(self.later, [*moments, last], strict=False):
            at = min(max(moment, at), now)
            done.append(_at(step, at))
        return done


def _party(name: str) -> Party | None:
    return professionals().get(name) or structures().get(name)


def _at(step: Step, at: datetime) -> Step:
    return Step(step.verb, step.by, step.about, step.roles, step.values, at)
