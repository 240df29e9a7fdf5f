"""Who may open what, as the guides say it: what the random histories are compared with."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpResponse

from ronde.careteam.models import GrantReason
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry

# The projection holds what has ended until the next change: compared where it still counts.
DIFFERENCES = """
    SELECT count(*) FROM careteam_grant_rule r
    FULL JOIN (SELECT * FROM careteam_grant WHERE until IS NULL OR until > now()) g
        USING (patient_id, party_id)
    WHERE NOT EXISTS (SELECT 1 FROM careteam_grant_rule better
                      WHERE better.patient_id = r.patient_id AND better.party_id = r.party_id
                        AND (better.reason < r.reason
                             OR (better.reason = r.reason AND better.until > r.until)))
      AND ((r.reason, r.until) IS DISTINCT FROM (g.reason, g.until))
"""


@dataclass
class Seat:
    habilitated: bool = False
    refused: bool = False


@dataclass
class Model:
    """Who may open what, as the guides say it."""

    seats: dict[tuple[UUID, UUID], Seat] = field(default_factory=dict)
    minutes_left: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    legal: dict[UUID, bool] = field(default_factory=dict)
    attached: dict[UUID, list[UUID]] = field(default_factory=dict)
    delegations: set[tuple[UUID, UUID]] = field(default_factory=set)
    glasses: list[UUID] = field(default_factory=list)
    reviewed: set[UUID] = field(default_factory=set)

    def identities(self, person: UUID) -> dict[UUID, bool]:
        """In whose name a person may act; true where it is by delegation."""
        mine = [person, *(one for one in self.attached.get(person, []) if self.legal[one])]
        lent = [
            giver for giver, taker in self.delegations
            if taker in mine and self.legal.get(giver, True)
        ]  # fmt: skip
        return {**dict.fromkeys(lent, True), **dict.fromkeys(mine, False)}

    def right(self, patient: UUID, party: UUID) -> GrantReason | None:
        seat = self.seats.get((patient, party), Seat())
        if not self.legal.get(party, True) or seat.refused:
            return None
        if seat.habilitated:
            return GrantReason.MEMBER
        return GrantReason.BREAK_GLASS if self.minutes_left.get((patient, party), 0) > 0 else None

    def change(self, key: tuple[UUID, UUID], act: str) -> None:
        if act == "remove":
            del self.seats[key]
        elif act == "habilitate":
            self.seats[key].habilitated = True
        elif act == "withdraw":
            self.seats[key].habilitated = False
        else:
            self.seats[key] = Seat(self.seats[key].habilitated and act != "refuse", act == "refuse")


# For whom each step changes something.
FITS = {
    "add": lambda seat: seat is None,
    "habilitate": lambda seat: seat and not seat.habilitated and not seat.refused,
    "withdraw": lambda seat: seat and seat.habilitated,
    "refuse": lambda seat: seat and not seat.refused,
    "lift_refusal": lambda seat: seat and seat.refused,
    "remove": lambda seat: seat,
}


def listed(answer: HttpResponse) -> set[UUID]:
    """The records that a page leads to."""
    assert answer.status_code == 200
    links = re.findall(r"/dossiers/([0-9a-f-]{36})/\"", answer.content.decode())
    return {UUID(key) for key in links}


def exported(actor: Actor) -> set[UUID]:
    """The records of the last spreadsheet given to this actor, as its trace says."""
    with as_owner():
        entries = JournalEntry.objects.filter(event="WorklistExported", party_id=actor.party_id)
        return {UUID(key) for key in entries.latest("at").payload["records"]}
