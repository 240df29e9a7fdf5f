"""Any history of acts on many records, and of their undoing, against a model of a few lines.

`RONDE_MODEL_STEPS` asks for longer runs, with true dice.
"""

import os
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from ronde.accounts import groups
from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to, accessible
from ronde.careteam.foresight import Act, foresee
from ronde.careteam.models import Member
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from ronde.patients.models import Patient
from ronde.worklist import bulk
from ronde.worklist.models import BulkLine, BulkRun
from tests import factories as f

STEPS_ASKED = os.environ.get("RONDE_MODEL_STEPS")
HISTORY = 14
KINDS = ("run", "run", "run_group", "undo", "undo", "touch", "touch", "refuse", "lift")


@dataclass(frozen=True)
class Place:
    """Where somebody stands in a circle; `stamp` changes with each change of theirs."""

    right: str  # without, habilitated, refused
    stamp: int = 0


@dataclass(frozen=True)
class Change:
    """What a line of a run did in the model, and what undoing it needs."""

    before: Place | None
    after: Place | None


class Model:
    def __init__(self) -> None:
        self.circles: dict[UUID, dict[UUID, Place]] = {}
        self.stamp = 0

    def writers(self, patient: UUID) -> set[UUID]:
        circle = self.circles[patient]
        return {party for party, place in circle.items() if place.right == "habilitated"}

    def place(self, patient: UUID, party: UUID, right: str | None) -> Place | None:
        self.stamp += 1
        if right is None:
            self.circles[patient].pop(party)
            return None
        self.circles[patient][party] = Place(right, self.stamp)
        return self.circles[patient][party]

    def apply(self, who: UUID, patient: UUID, party: UUID, act: Act) -> Change | str:
        """Do it, or say what stands in the way."""
        if who not in self.writers(patient):
            return "closed"
        before = self.circles[patient].get(party)
        right = before.right if before else None
        if act in {Act.ADD, Act.HABILITATE}:
            wanted = {Act.ADD: "without", Act.HABILITATE: "habilitated"}[act]
            stop = self._before_giving(act, right)
        else:
            wanted = {Act.WITHDRAW: "without", Act.REMOVE: None}[act]
            stop = self._before_taking(act, right, patient, party)
        return stop or Change(before, self.place(patient, party, wanted))

    def _before_giving(self, act: Act, right: str | None) -> str:
        if act == Act.ADD:
            return "member" if right else ""
        return {"habilitated": "habilitated", "refused": "refused"}.get(right or "", "")

    def _before_taking(self, act: Act, right: str | None, patient: UUID, party: UUID) -> str:
        if right is None:
            return "absent"
        if act == Act.WITHDRAW and right != "habilitated":
            return "without"
        if right == "refused":
            return "refused"
        return "last" if self.writers(patient) == {party} else ""

    def undo(self, who: UUID, patient: UUID, party: UUID, change: Change) -> str:
        if who not in self.writers(patient):
            return "closed"
        if self.circles[patient].get(party) != change.after:
            return "changed"
        gave = change.before is None or change.before.right != "habilitated"
        if gave and change.after and self.writers(patient) == {party}:
            return "last"
        self.place(patient, party, change.before.right if change.before else None)
        return "done"


class World:
    def __init__(self) -> None:
        users = [f.user(name, "Élise") for name in ("ABEL", "BRUN", "CROS", "DIAZ")]
        self.actors: list[Actor] = [f.actor(one) for one in users]
        self.parties = [Party.objects.get(pk=one.party_id) for one in self.actors]
        self.model = Model()
        self.patients: list[UUID] = []
        for number in range(4):
            creator = self.actors[number % 2]
            patient = f.patient(creator, birth_name=f"NOM{'ABCD'[number]}")
            self.model.circles[patient.pk] = {}
            self.model.place(patient.pk, creator.party_id, "habilitated")
            self.patients.append(patient.pk)
        self.runs: dict[UUID, list[tuple[BulkRun, list]]] = {}
        self.last: Actor | None = None
        self.recent: list[tuple[UUID, UUID]] = []

    def play(self, kind: str, dice: Random) -> None:
        who = dice.choice(self.actors[:2] if dice.random() < 0.7 else self.actors)
        getattr(self, kind)(who, dice)
        self.look()

    def run(self, who: Actor, dice: Random) -> None:
        self._run(who, dice, [dice.choice(self.parties)])

    def run_group(self, who: Actor, dice: Random) -> None:
        chosen = dice.sample(self.parties, dice.randint(2, 3))
        with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
            group = groups.create(who, f"Groupe {dice.random()}")
            for party in chosen:
                groups.add(who, group.pk, party)
            members = groups.one(who, group.pk).members
            groups.delete(who, group.pk)
        assert {one.pk for one in members} == {one.pk for one in chosen}
        self._run(who, dice, members)

    def _run(self, who: Actor, dice: Random, parties: list[Party]) -> None:
        act = dice.choice(list(Act))
        wanted = dice.sample(self.patients, dice.randint(1, len(self.patients)))
        note(f"{who.display_name} {act} {[str(one) for one in parties]} {len(wanted)}")
        with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
            draft = bulk.begin(who, wanted)
            asked = [key for key in wanted if who.party_id in self.model.writers(key)]
            assert draft.patients == asked
            draft = bulk.choose(draft, act, parties, "X", asked)
            seen = foresee(who, asked, parties, act)
            run = bulk.confirm(who, draft)
        bulk.Player(run.pk, who.user_id, who.party_id).play()
        pairs = [(patient, party.pk) for patient in asked for party in parties]
        foreseen = deepcopy(self.model)
        expected = [self.model.apply(who.party_id, *pair, act) for pair in pairs]
        said = [one if isinstance(one, str) else "done" for one in expected]
        assert self.outcomes(run, "state", "obstacle") == said
        # The preview knows everything but what the run itself closes on the way.
        for pair, met in seen.items():
            alone = deepcopy(foreseen).apply(who.party_id, *pair, act)
            if len(parties) == 1:
                assert (met or "done") == (alone if isinstance(alone, str) else "done")
        changes = [
            (pair, one)
            for pair, one in zip(pairs, expected, strict=True)
            if isinstance(one, Change)
        ]
        if changes:
            self.last, self.recent = who, [pair for pair, _one in changes]
        self.runs.setdefault(who.party_id, []).append((run, changes))

    def undo(self, who: Actor, dice: Random) -> None:
        who = self.last if self.last and dice.random() < 0.8 else who
        runs = self.runs.get(who.party_id)
        if not runs:
            return
        run, changes = runs[-1]
        if changes is None:
            return
        before = deepcopy(self.model)
        with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
            bulk.take_back(who, run)
        bulk.Player(run.pk, who.user_id, who.party_id).play()
        said = [self.model.undo(who.party_id, *pair, one) for pair, one in reversed(changes)]
        note(f"{who.display_name} undo {said}")
        assert self.outcomes(run, "undo_state", "undo_obstacle") == said[::-1]
        assert set(self.model.circles) == set(before.circles)
        runs[-1] = (run, None)

    def touch(self, who: Actor, dice: Random) -> None:
        """Somebody changes a member by hand: an undo then leaves that member alone."""
        self._by_hand(who, dice, self._roles)

    def refuse(self, who: Actor, dice: Random) -> None:
        def act(access, member) -> str:
            careteam.refuse(access, member)
            return "refused"

        self._by_hand(who, dice, act)

    def lift(self, who: Actor, dice: Random) -> None:
        def act(access, member) -> str:
            careteam.lift_refusal(access, member)
            return "without" if member.refused else ""

        self._by_hand(who, dice, act)

    def _roles(self, access, member) -> str:
        held = set(member.roles.filter(is_current=True).values_list("role", flat=True))
        careteam.set_roles(access, member, [] if held else ["contributor"])
        return "same"

    def _by_hand(self, who: Actor, dice: Random, act) -> None:
        patient = dice.choice(self.patients)
        circle = self.model.circles[patient]
        writers = self.model.writers(patient)
        if who.party_id not in writers:
            return
        party = dice.choice(sorted(circle))
        place = circle[party]
        if party == who.party_id or (place.right == "refused" and act == self._roles):
            return
        with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
            member = Member.objects.get(patient_id=patient, party_id=party, removed_at=None)
            right = act(access_to(who, patient), member)
        if right == "same":
            right = place.right
        if right and not (right == place.right == "refused"):
            self.model.place(patient, party, right)

    def _somebody(self, dice: Random) -> tuple[UUID, UUID]:
        """Mostly somebody whom the last run changed, so that its undo meets a change."""
        if self.recent and dice.random() < 0.8:
            return dice.choice(self.recent)
        patient = dice.choice(self.patients)
        return patient, dice.choice(self.parties).pk

    def outcomes(self, run: BulkRun, state: str, obstacle: str) -> list[str]:
        with as_owner():
            lines = BulkLine.objects.filter(run=run).exclude(**{state: ""}).order_by("rank")
            return [found or said for said, found in lines.values_list(state, obstacle)]

    def look(self) -> None:
        """Everybody sees the records that the model says, and no other."""
        for actor in self.actors:
            with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
                expected = {
                    key for key in self.patients if actor.party_id in self.model.writers(key)
                }
                assert accessible(actor, self.patients) == expected
                assert set(Patient.objects.values_list("pk", flat=True)) == expected
        with as_owner():
            rows = Member.objects.filter(removed_at=None)
            found: dict[UUID, dict[UUID, str]] = {key: {} for key in self.patients}
            for row in rows:
                right = (
                    "refused" if row.refused else "habilitated" if row.habilitated else "without"
                )
                found[row.patient_id][row.party_id] = right
        assert found == {
            key: {party: place.right for party, place in circle.items()}
            for key, circle in self.model.circles.items()
        }


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=max(int(STEPS_ASKED or 120) // HISTORY, 1),
    deadline=None,
    database=None,
    derandomize=STEPS_ASKED is None,
    suppress_health_check=list(HealthCheck),
)
@given(dice=st.randoms(use_true_random=True), length=st.integers(HISTORY // 2, HISTORY))
@example(dice=Random(2), length=30)
@example(dice=Random(7), length=30)
def test_any_history_of_runs_and_undos_leaves_who_sees_what_as_the_model_says(dice, length):
    with transaction.atomic():
        world = World()
        for _ in range(length):
            world.play(dice.choice(KINDS), dice)
        transaction.set_rollback(True)
