"""Playing the steps of the records: each is one call of an action, by the one who signs it.

The actions run under the application's role, so that row-level security refuses what it would
refuse in the product.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from itertools import groupby
from multiprocessing.synchronize import Event
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from demo import papers
from demo.draw import key
from demo.followup import stay_dates
from demo.identities import Identity, ins_of
from demo.patients import Person
from demo.steps import By, Record, Step, Verb
from ronde.accounts.models import User
from ronde.accounts.queries import Identity as Acting
from ronde.accounts.queries import actor_for
from ronde.careteam import actions as careteam
from ronde.careteam.access import Access, access_to
from ronde.careteam.models import Member
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.sharing import Sharing
from ronde.directory.models import Party
from ronde.documents import actions as documents
from ronde.documents.actions import Filing
from ronde.dossier.actions import ask_for_lasting_access
from ronde.feed.actions import add_note
from ronde.followup import actions as followup
from ronde.followup import linking
from ronde.followup import memo_actions as memos
from ronde.followup.models import ListItem, RecordStatus
from ronde.journal.actions import trace
from ronde.journal.models import Weight
from ronde.notifications.actions import quiet
from ronde.patients import actions as patients
from ronde.patients import death
from ronde.patients.models import IdentityStatus, Patient

# The record, when a step was played on it, and when it is said to have happened.
Mark = tuple[UUID, datetime, datetime]


class StoppedError(Exception):
    """Another process failed, or somebody pressed Ctrl-C: what was played is to be undone."""


@contextmanager
def stage() -> Iterator[None]:
    """The application's role, nobody told by mail, and no savepoint: one failure fails it all."""
    role = connection.as_role(settings.DATABASE_APP_ROLE)
    former = connection.features.uses_savepoints
    connection.features.uses_savepoints = False
    try:
        with role, quiet():
            yield
    finally:
        connection.features.uses_savepoints = former


class Player:
    """Plays the records one after another, and remembers when."""

    def __init__(self, parties: dict[str, Party], users: dict[str, User]) -> None:
        self.parties, self.users = parties, users
        self.marks: list[Mark] = []
        self._actors: dict[By, Actor] = {}
        self.items = {(row.list, row.code): row for row in ListItem.objects.all()}

    def play(self, records: Iterable[Record], stop: Event | None = None) -> None:
        """Play them all; StoppedError when `stop` is set meanwhile."""
        with stage():
            for record in records:
                if stop is not None and stop.is_set():
                    raise StoppedError
                self._play(record)

    def _play(self, record: Record) -> None:
        scene = Scene(record, self.parties, self.items)
        for by, steps in groupby(record.steps, key=lambda step: step.by):
            actor = self.actor(by)
            with acting(party_id=actor.party_id, user_id=actor.user_id):
                scene.enter(actor)
                for step in steps:
                    self.marks.append((record.person.id, timezone.now(), step.at))
                    scene.act(step)

    def actor(self, by: By) -> Actor:
        if by not in self._actors:
            user = self.users[by.person]
            label = by.party.name if by.structure else user.full_name
            own = user.person.profession_code if user.person else ""
            as_whom = Acting(by.party.id, label, bool(by.structure), own)
            self._actors[by] = actor_for(user, as_whom)
        return self._actors[by]


class Scene:
    """One record while its steps are played, one actor after another."""

    def __init__(
        self,
        record: Record,
        parties: dict[str, Party],
        items: dict[tuple[str, str], ListItem],
    ) -> None:
        self.person, self.identity, self.parties = record.person, record.identity, parties
        self.items = items
        self._status: RecordStatus | None = None
        self.members: dict[str, Member] = {}
        self._patient: Patient | None = None

    def enter(self, actor: Actor) -> None:
        self.actor = actor
        self._access: Access | None = None

    @property
    def access(self) -> Access:
        if self._access is None:
            self._access = access_to(self.actor, self.person.id)
        return self._access

    def act(self, step: Step) -> None:
        _PLAYED[step.verb](self, step)

    def open(self, step: Step) -> None:
        identity = self.identity
        against = [] if identity.namesake_of is None else [_patient_id(identity.namesake_of)]
        self._patient = careteam.open_record(
            self.actor,
            opening_values(self.person, identity, self.actor, step.at),
            patients.ConsentStatement(given_by=identity.giver, given_by_other=identity.giver_other),
            decided_against=against,
            why=identity.why,
        )

    def add(self, step: Step) -> None:
        party = self.parties[step.about]
        self.members[step.about] = careteam.add_party(
            self.access, party, roles=step.roles, details=step.values
        )

    def by_hand(self, step: Step) -> None:
        values = dict(step.values)
        kind = values.pop("kind")
        self.members[step.about] = careteam.add_by_hand(self.access, kind, values, roles=step.roles)

    def member(self, step: Step) -> None:
        _ON_MEMBER[step.verb](self.access, self.members[step.about])

    def roles(self, step: Step) -> None:
        mine = Member.objects.get(patient_id=self.person.id, party_id=self.actor.party_id)
        careteam.set_roles(self.access, mine, step.roles)

    def check(self, step: Step) -> None:
        proof = step.values["proof"]
        self._patient = patients.check_identity(self.access, proof, self._patient.version)

    def death(self, step: Step) -> None:
        day = step.at.date()
        death.declare(self.access, {"died_on": day, "declared_on": day, "place": "Domicile"})

    def status(self, step: Step) -> None:
        known = step.values
        reason = self.items["exit_reason", known["reason"]] if known.get("reason") else None
        self._status = followup.set_status(
            self.access,
            self.items["status", known["kind"]],
            step.at.date(),
            former=self._status.pk if self._status else None,
            reason=reason,
        )

    def stay(self, step: Step) -> None:
        known, hospital = step.values, self.parties[step.about]
        admitted, ended = stay_dates(step.at, known["days"], timezone.now())
        values = {
            "establishment": hospital,
            "place": hospital.display_name,
            "unit": known["unit"],
            "admitted_at": admitted,
            "expected_on": (admitted + timedelta(days=known["days"])).date(),
            "discharged_at": ended,
            "reason": self.items["stay_reason", known["reason"]],
        }
        stay = followup.record_stay(self.access, values)
        for row in stay.steps.order_by("phase", "position")[: known["ticks"]]:
            followup.tick_step(self.access, row, done=True)

    def memo(self, step: Step) -> None:
        known = step.values
        memos.write(
            self.access, known["content"], title=known["title"], weight=Weight(known["weight"])
        )

    def link(self, step: Step) -> None:
        linking.link(self.access, _patient_id(int(step.about)), step.values["kinship"])

    def withdraw_consent(self, step: Step) -> None:
        patients.withdraw_consent(self.access, step.values["reason"])

    def note(self, step: Step) -> None:
        add_note(self.access, step.values["text"])

    def paper(self, step: Step) -> None:
        """File a letter, or a photograph, dated some days before it is filed."""
        known = step.values
        day = (step.at - timedelta(days=known.get("before", 0))).date()
        picture = known["kind"] == "photo"
        content = (
            papers.photograph()
            if picture
            else papers.letter(known["kind"], known["title"], self.actor.display_name, day)
        )
        documents.deposit(
            self.access,
            BytesIO(content),
            "photo.jpg" if picture else "document.pdf",
            Filing(known["type"], day, known["title"]),
            level=known.get("level", Sharing.PUBLIC),
            recipients=[self.parties[name].pk for name in known.get("to", ())],
        )

    def look(self, step: Step) -> None:
        access = self.access
        trace(
            self.actor,
            patient_id=self.person.id,
            reason=access.reason.name.lower(),
            until=access.until,
            section=step.values["section"],
        )

    def break_glass(self, step: Step) -> None:
        careteam.break_glass(
            self.actor, self.person.id, step.values["reason"], step.values["detail"]
        )

    def ask(self, step: Step) -> None:
        ask_for_lasting_access(self.access, step.values["text"])

    def close_glass(self, step: Step) -> None:
        careteam.close_glass(self.access)
        self._access = None


_PLAYED: dict[Verb, Callable[[Scene, Step], None]] = {
    Verb.OPEN: Scene.open,
    Verb.ADD: Scene.add,
    Verb.HABILITATE: Scene.member,
    Verb.REFUSE: Scene.member,
    Verb.WITHDRAW: Scene.member,
    Verb.REMOVE: Scene.member,
    Verb.ROLES: Scene.roles,
    Verb.HAND: Scene.by_hand,
    Verb.CHECK: Scene.check,
    Verb.DEATH: Scene.death,
    Verb.WITHDRAW_CONSENT: Scene.withdraw_consent,
    Verb.NOTE: Scene.note,
    Verb.PAPER: Scene.paper,
    Verb.LOOK: Scene.look,
    Verb.STATUS: Scene.status,
    Verb.STAY: Scene.stay,
    Verb.MEMO: Scene.memo,
    Verb.LINK: Scene.link,
    Verb.BREAK: Scene.break_glass,
    Verb.ASK: Scene.ask,
    Verb.CLOSE: Scene.close_glass,
}
_ON_MEMBER: dict[Verb, Callable[[Access, Member], Member]] = {
    Verb.HABILITATE: careteam.habilitate,
    Verb.REFUSE: careteam.refuse,
    Verb.WITHDRAW: careteam.withdraw,
    Verb.REMOVE: careteam.remove,
}


def _patient_id(number: int) -> UUID:
    return key("patient", number)


def opening_values(
    person: Person, identity: Identity, actor: Actor, opened: datetime
) -> dict[str, Any]:
    """The columns of a new patient; a document seen later is not there yet."""
    values = {**identity.values, "id": person.id, "duplicate_decision": identity.why}
    if identity.proof_later:
        return {**values, "identity_status": IdentityStatus.PROVISOIRE}
    values["identity_status"] = identity.status
    if identity.proof:
        values |= {
            "proof": identity.proof,
            "proof_checked_at": timezone.now(),
            "proof_checked_by": actor.user_id,
        }
    return {**values, **ins_of(identity)}
