"""The rule against a model of a few lines, after any history.

Random histories are played on real tables by several people and structures; after each step the
model, the four readers of the rule, the database under the application's role, the projection and
the view must all say the same: for each, for whoever acts by delegation, and for those on duty for
the region, who see no record. `RONDE_MODEL_STEPS` asks for longer runs.
"""

import os
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, connection, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from ronde.accounts.models import Attachment, Delegation, User
from ronde.accounts.queries import actor_for, identities
from ronde.careteam import actions, lasting, reviewing
from ronde.careteam.access import access_to, grants_of, parties_with_access, visible_to
from ronde.careteam.models import (
    BreakGlass,
    BreakGlassReason,
    Grant,
    GrantReason,
    Member,
    Review,
    Verdict,
)
from ronde.core.actor import Actor, Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party, Structure
from ronde.dossier import extraction
from ronde.dossier.models import Extraction
from ronde.followup.models import Link
from ronde.patients.models import Patient
from tests import factories as f
from tests.careteam.rule_model import DIFFERENCES, FITS, Model, Seat, exported, listed
from tests.signing import signed_in

STEPS_ASKED = os.environ.get("RONDE_MODEL_STEPS")
HISTORY, LONG = 40, 80
# What happens, as often as it stands here: most of the time to the circle.
STEPS = (
    *("add",) * 5,
    *("habilitate",) * 5,
    *("withdraw", "remove") * 2,
    *("refuse", "lift_refusal") * 3,
    *("break_glass",) * 3,
    "close_glass",
    *("wait", "flip") * 2,
    *("open_record",) * 2,
    *("delegate", "end_delegation") * 2,
    *("ask_access",) * 2,
    *("sign_in", "visit", "visit", "review"),
)
# What each record holds from its first day, shown to whoever opens it.
CONTENT = {"documents_document", "followup_memo", "followup_stay", "followup_staystep"}
DOORS = (
    *("documents:list", "followup:memos", "followup:stays", "followup:links"),
    *("dossier:lifeline", "dossier:print"),
)
# What one keeps for oneself: marks, runs, notices, what one asked for in an emergency.
ONES_OWN = {
    "careteam_accessrequest", "careteam_breakglass", "dossier_breakglassattempt",
    "dossier_readmark", "worklist_bulkline", "worklist_favourite", "notifications_notice",
}  # fmt: skip
# Minutes that never add up to near 120, so that no glass is on the edge while a test runs.
WAITS = (21, 47, 130)
MOST_RECORDS, MOST_BROWSERS = 4, 5


def bound_to_a_patient() -> str:
    """What asks of every table bound to a patient, whatever the app, of which records it shows
    rows: a new table is asked as well.
    """
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'patient_id' AND c.relkind = 'r' AND c.relrowsecurity"
        )
        places = sorted({row[0] for row in cursor.fetchall()} - ONES_OWN)
    assert set(places) >= CONTENT
    asks = [f"SELECT '{one}', patient_id FROM {one} WHERE patient_id IS NOT NULL" for one in places]
    return " UNION ".join(asks)


class World:
    """Two people, one of whom may act as either of two structures; a record, then others; the model
    beside them.
    """

    def __init__(self) -> None:
        self.model = Model()
        houses = [f.structure("DAC Var Ouest"), f.structure("SSIAD Les Pins", legal_person=False)]
        people = [f.user("LAMBERT", "Sophie", attached_to=houses[0]), f.user("RICCI", "Paola")]
        with as_owner():
            Attachment.objects.update(is_super_user=True)
            Attachment.objects.create(user=people[0], structure=houses[1])
        self.decided_by_nobody = houses[1].pk  # Nobody there is super-user.
        self.model.legal = {house.pk: house.acts_as_legal_person for house in houses}
        self.model.attached = {people[0].person_id: [house.pk for house in houses]}
        self.people = people
        duties = ("privacy_officer", "administrator")
        self.officers = {kind: f.user("BENALI", kind.title(), duties=[kind]) for kind in duties}
        # Browsers left open: whose, and in whose name they act. A change must reach them at once.
        self.sessions: list[tuple[User, UUID, Client]] = []
        self.actors = [f.actor(one) for one in people] + [f.actor(people[0], one) for one in houses]
        keys = [actor.party_id for actor in self.actors]
        self.parties = list(Party.objects.filter(pk__in=keys).order_by("display_name"))
        self.patients: list[UUID] = []
        self.papers: dict[UUID, UUID] = {}
        self.links: set[frozenset[UUID]] = set()
        self.openers: dict[UUID, UUID] = {}
        self.content = bound_to_a_patient()
        self.open_record(0, 0, 0)

    def play(self, step: str, who: int, which: int, whom: int) -> None:
        getattr(self, step, partial(self.change, step))(who, which, whom)
        for actor in self.actors:
            with acting(party_id=actor.party_id, user_id=actor.user_id):
                self.compare(actor)
        for person in self.people:
            self.compare_identities(person)
        self.compare_duties()
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(DIFFERENCES)
            assert cursor.fetchone() == (0,)

    # The steps. Numbers past the last one are taken among those for whom the step does something.

    def open_record(self, who: int, which: int, whom: int) -> None:
        actor = self.actors[who % len(self.actors)]
        alive = [one for one in self.patients if self.writers(one)]
        if len(alive) > 1 or len(self.patients) == MOST_RECORDS:
            return
        if not self.model.legal.get(actor.party_id, True):
            return  # Nobody is offered to act for a structure that is not «personne morale».
        patient = f.patient(actor, birth_name=f"RECORD {len(self.patients)}")
        self.patients.append(patient.pk)
        self.model.seats[patient.pk, actor.party_id] = Seat(habilitated=True)
        f.memo(actor, patient)
        f.stay(actor, patient)
        photo = f.document(actor, patient, content=f.one_page("JPEG"), name="photo.jpg")
        self.papers[patient.pk] = photo.pk
        self.link(patient)
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            extraction.ask(access_to(actor, patient.pk), "patient")
        self.openers[patient.pk] = actor.party_id

    def link(self, patient: Patient) -> None:
        """Relate a new record to the others, whoever may open them by now."""
        by = {
            "linked_by_user": patient.created_by_user,
            "linked_by_party": patient.created_by_party,
            "linked_by_name": "X",
            "linked_at": timezone.now(),
        }
        for other in self.patients[:-1]:
            with as_owner():
                Link.objects.create(patient=patient, other_id=other, kinship="sibling", **by)
            self.links.add(frozenset({patient.pk, other}))

    def add(self, who: int, which: int, whom: int) -> None:
        patient, party = self.chosen("add", which, whom)
        known = (patient, party.pk) in self.model.seats
        problem = actions.Conflict if known else None
        if self.does(who, patient, problem, lambda access: actions.add_party(access, party)):
            self.model.seats[patient, party.pk] = Seat()

    def change(self, act: str, who: int, which: int, whom: int) -> None:
        patient, party = self.chosen(act, which, whom)
        key = (patient, party.pk)
        if key not in self.model.seats:
            return
        with as_owner():
            member = Member.objects.get(patient_id=patient, party=party, removed_at=None)
        kept_by_refusal = act in {"habilitate", "remove"} and self.model.seats[key].refused
        problem = ValidationError if kept_by_refusal else None
        if self.does(who, patient, problem, lambda access: getattr(actions, act)(access, member)):
            self.model.change(key, act)

    def break_glass(self, who: int, which: int, whom: int) -> None:
        actor, patient = self.actors[who % len(self.actors)], self.record(which)
        key = (patient, actor.party_id)
        before = self.model.minutes_left.get(key, 0)
        self.model.minutes_left[key] = 120
        opens = self.model.right(*key) is not None
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            try:
                glass = actions.break_glass(actor, patient, BreakGlassReason.EMERGENCY, "Chute")
            except Http404:
                self.model.minutes_left[key] = before
                assert not opens
            else:
                assert opens
                self.model.glasses.append(glass.pk)

    def close_glass(self, who: int, which: int, whom: int) -> None:
        patient = self.record(which)
        actor = self.opener(who, patient)
        if self.model.right(patient, actor.party_id) is None:
            return
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            actions.close_glass(access_to(actor, patient))
        self.model.minutes_left.pop((patient, actor.party_id), None)

    def ask_access(self, who: int, which: int, whom: int) -> None:
        """Under break-glass one asks for more: somebody of the circle answers, or the region where
        nobody is left, and nowhere else.
        """
        patient = self.record(which)
        actor = self.opener(who, patient)
        key = (patient, actor.party_id)
        if self.model.right(*key) != GrantReason.BREAK_GLASS:
            return
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            try:
                asked = lasting.ask(access_to(actor, patient), "Suite")
            except actions.Conflict:
                return  # Once for each access.
        user, able = self.officers["privacy_officer"], self.writers(patient)
        officer = Officer(user.pk, user.full_name, "privacy_officer")
        given = bool(whom % 3)
        with acting(party_id=None, user_id=user.pk, duty="privacy_officer"):
            if able:
                with pytest.raises(actions.Conflict):
                    lasting.give_for_the_circle(officer, asked)
            elif given:
                lasting.give_for_the_circle(officer, asked)
            else:
                lasting.decline_for_the_circle(officer, asked, "Non")
        if able:
            one = able[who % len(able)]
            with acting(party_id=one.party_id, user_id=one.user_id):
                access = access_to(one, patient)
                if given:
                    lasting.grant(access, asked)
                else:
                    lasting.decline(access, asked, "Non")
        if given:
            self.model.seats[key] = Seat(habilitated=True)

    def wait(self, who: int, which: int, whom: int) -> None:
        """Everything becomes older at once, without a change that would wake the triggers."""
        minutes = WAITS[whom % len(WAITS)]
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE careteam_breakglass DISABLE TRIGGER USER")
            for table in ("careteam_breakglass", "careteam_grant"):
                ago = timedelta(minutes=minutes)
                cursor.execute(f"UPDATE {table} SET until = until - %s", [ago])
            cursor.execute("ALTER TABLE careteam_breakglass ENABLE TRIGGER USER")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for key in self.model.minutes_left:
            self.model.minutes_left[key] -= minutes

    def flip(self, who: int, which: int, whom: int) -> None:
        """A structure starts or stops acting as «personne morale»."""
        key = list(self.model.legal)[who % 2]
        self.model.legal[key] = not self.model.legal[key]
        with as_owner():
            Structure.objects.filter(pk=key).update(acts_as_legal_person=self.model.legal[key])

    def delegate(self, who: int, which: int, whom: int) -> None:
        """In person one delegates, a structure by its super-users; what is held by delegation is
        handed on to nobody.
        """
        giver = self.actors[who % len(self.actors)]
        taker = self.parties[whom % len(self.parties)].pk
        pair = (giver.party_id, taker)
        if giver.party_id == taker or pair in self.model.delegations:
            return
        if not self.model.legal.get(giver.party_id, True):
            return
        given = partial(
            Delegation.objects.create,
            delegator_id=giver.party_id,
            delegate_id=taker,
            scope="records",
            status="accepted",
            created_by=giver.user_id,
        )
        with (
            acting(party_id=giver.party_id, user_id=giver.user_id, delegated=True),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            given()
        with acting(party_id=giver.party_id, user_id=giver.user_id):
            if giver.party_id == self.decided_by_nobody:
                with (
                    pytest.raises(ProgrammingError, match="row-level security"),
                    transaction.atomic(),
                ):
                    given()
                return
            given()
        self.model.delegations.add(pair)

    def end_delegation(self, who: int, which: int, whom: int) -> None:
        """Either of the two ends it, a structure by its super-users."""
        if not self.model.delegations:
            return
        pair = sorted(self.model.delegations)[whom % len(self.model.delegations)]
        ender = next(one for one in self.actors if one.party_id == pair[who % 2])
        with acting(party_id=ender.party_id, user_id=ender.user_id):
            mine = Delegation.objects.filter(
                delegator_id=pair[0], delegate_id=pair[1], status="accepted"
            )
            decides = ender.party_id != self.decided_by_nobody
            assert mine.update(status="withdrawn", ended_by=ender.user_id) == decides
        if not decides:
            return
        self.model.delegations.remove(pair)

    def sign_in(self, who: int, which: int, whom: int) -> None:
        """Somebody opens a browser and leaves it open, acting in one of their names."""
        person = self.people[who % len(self.people)]
        names = sorted(self.model.identities(person.person_id))
        party = names[whom % len(names)]
        self.sessions.append((person, party, signed_in(person, party)))
        del self.sessions[:-MOST_BROWSERS]

    def visit(self, who: int, which: int, whom: int) -> None:
        """A browser left open shows what its identity may see now; withdrawn, one's own."""
        if not self.sessions:
            return
        rank = who % len(self.sessions)
        person, party, web = self.sessions[rank]
        if party not in self.model.identities(person.person_id):
            party = person.person_id
            self.sessions[rank] = (person, party, web)
        patient = self.record(which)
        opens = self.model.right(patient, party) is not None
        assert web.get(f"/dossiers/{patient}/").status_code == (200 if opens else 404)

    def review(self, who: int, which: int, whom: int) -> None:
        """Whatever the privacy officer thinks of an access, rights stay as they are."""
        left = [one for one in self.model.glasses if one not in self.model.reviewed]
        if not left:
            return
        glass_id, user = left[whom % len(left)], self.officers["privacy_officer"]
        verdict = list(Verdict)[who % len(Verdict)]
        officer = Officer(user.pk, user.full_name, "privacy_officer")
        with acting(party_id=None, user_id=user.pk, duty="privacy_officer"):
            glass = BreakGlass.objects.get(pk=glass_id)
            known = Review.objects.filter(glass=glass).first()
            version = known.version if known else 0
            close = verdict != Verdict.UNCLEAR
            reviewing.decide(officer, glass, verdict, "Relu", version, close=close)
        if close:
            self.model.reviewed.add(glass_id)

    # What everybody sees.

    def compare_identities(self, person: User) -> None:
        """Each acts in the names of the model; a delegate sees what the delegator sees."""
        expected = self.model.identities(person.person_id)
        with acting(party_id=None, user_id=person.pk):
            found = identities(person)
        assert {one.party_id: one.is_delegated for one in found} == expected
        for one in found:
            if one.is_delegated:
                actor = actor_for(person, one)
                with acting(party_id=actor.party_id, user_id=actor.user_id, delegated=True):
                    seen = {key for key in self.patients if self.model.right(key, actor.party_id)}
                    assert set(visible_to(actor).values_list("pk", flat=True)) == seen
                    assert set(Patient.objects.values_list("pk", flat=True)) == seen

    def compare_duties(self) -> None:
        """On duty one sees no record; the accesses to review are for the privacy officer alone."""
        for kind, user in self.officers.items():
            with acting(party_id=None, user_id=user.pk, duty=kind):
                assert not Patient.objects.exists()
                assert not Member.objects.exists()
                assert not Grant.objects.exists()
                seen = BreakGlass.objects.values_list("pk", "reviewed_at")
                found = {key: at is not None for key, at in seen}
            all_of_them = self.model.glasses if kind == "privacy_officer" else []
            assert found == {key: key in self.model.reviewed for key in all_of_them}

    def compare(self, actor: Actor) -> None:
        rights = {key: self.model.right(key, actor.party_id) for key in self.patients}
        seen = {key for key, right in rights.items() if right}
        assert set(visible_to(actor).values_list("pk", flat=True)) == seen
        assert {grant.patient_id for grant in grants_of(actor)} == seen
        assert set(Patient.objects.values_list("pk", flat=True)) == seen
        assert set(Grant.objects.values_list("patient_id", flat=True)) == seen
        members = {key for key in seen if any(patient == key for patient, _ in self.model.seats)}
        assert {row.patient_id for row in Member.objects.filter(removed_at=None)} == members
        with connection.cursor() as cursor:
            cursor.execute(self.content)
            shown = set(cursor.fetchall())
        assert {patient for _table, patient in shown} <= seen
        assert {(table, key) for table in CONTENT for key in seen} <= shown
        # A link shows to whoever opens both of its records.
        links = {frozenset(keys) for keys in Link.objects.values_list("patient_id", "other_id")}
        assert links == {keys for keys in self.links if keys <= seen}
        # An archive shows to who asked for it, as whom they asked.
        archives = set(Extraction.objects.values_list("patient_id", flat=True))
        assert archives == {key for key in seen if self.openers[key] == actor.party_id}
        writable = {key for key, right in rights.items() if right == GrantReason.MEMBER}
        locked = Patient.objects.select_for_update(no_key=True).values_list("pk", flat=True)
        assert set(locked) == writable
        for patient, right in rights.items():
            self.compare_one(actor, patient, right)

    def compare_one(self, actor: Actor, patient: UUID, right: GrantReason | None) -> None:
        everybody = {party.pk for party in self.parties if self.model.right(patient, party.pk)}
        assert set(parties_with_access(patient)) == (everybody if right else set())
        try:
            opened = access_to(actor, patient).reason
        except Http404:
            opened = None
        assert opened == right

    def knock(self) -> None:
        """Ask the doors of the site itself: list, quick search, export, and each record."""
        for actor in self.actors:
            rights = {key for key in self.patients if self.model.right(key, actor.party_id)}
            web = signed_in(User.objects.get(pk=actor.user_id), actor.party_id)
            if not self.model.legal.get(actor.party_id, True):
                continue  # That identity is not offered: the person's own is asked instead.
            assert listed(web.get("/file-active/?taille=100&vue=tous")) == rights
            assert listed(web.post("/recherche/", {"q": "record"})) == rights
            web.post("/file-active/export/?vue=tous")
            assert exported(actor) == rights
            for key in self.patients:
                doors = [f"/dossiers/{key}/", *(reverse(door, args=[key]) for door in DOORS)]
                paper = self.papers[key]
                doors += [
                    reverse("documents:download", args=[key, paper]),
                    reverse("documents:preview", args=[key, paper, 1]),
                ]
                for door in doors:
                    assert web.get(door).status_code == (200 if key in rights else 404), door
                right = self.model.right(key, actor.party_id)
                taken = {None: 404, GrantReason.MEMBER: 200}.get(right, 403)
                assert web.get(reverse("dossier:extract_data", args=[key])).status_code == taken

    # How a step is played.

    def record(self, which: int) -> UUID:
        """Mostly a record in which somebody may still write."""
        among = [one for one in self.patients if self.writers(one)] if which else []
        return (among or self.patients)[which % len(among or self.patients)]

    def writers(self, patient: UUID) -> list[Actor]:
        right = GrantReason.MEMBER
        return [one for one in self.actors if self.model.right(patient, one.party_id) == right]

    def chosen(self, act: str, which: int, whom: int) -> tuple[UUID, Party]:
        patient = self.record(which)
        seats = {one.pk: self.model.seats.get((patient, one.pk)) for one in self.parties}
        fit = [one for one in self.parties if FITS[act](seats[one.pk])]
        among = fit if fit and whom >= len(self.parties) else self.parties
        return patient, among[whom % len(among)]

    def opener(self, who: int, patient: UUID) -> Actor:
        """Mostly somebody who has broken the glass of this record."""
        held = [one for one in self.actors if (patient, one.party_id) in self.model.minutes_left]
        among = self.actors if who < len(self.actors) or not held else held
        return among[who % len(among)]

    def player(self, who: int, patient: UUID) -> Actor:
        able = self.writers(patient)
        among = self.actors if who < len(self.actors) or not able else able
        return among[who % len(among)]

    def does(self, who: int, patient: UUID, problem: type[Exception] | None, act) -> bool:
        """Whoever may write in the record does it; the others are refused as the model says."""
        actor = self.player(who, patient)
        right = self.model.right(patient, actor.party_id)
        refusal = {None: Http404, GrantReason.BREAK_GLASS: PermissionDenied}.get(right, problem)
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            try:
                act(access_to(actor, patient))
            except (Http404, PermissionDenied, ValidationError) as error:
                outcome = type(error)
            else:
                outcome = None
        assert (outcome is None) == (refusal is None)
        assert refusal is None or issubclass(outcome, refusal)
        return outcome is None


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=max(int(STEPS_ASKED or 200) // HISTORY, 1),
    deadline=None,
    database=None,
    derandomize=STEPS_ASKED is None,
    suppress_health_check=list(HealthCheck),
)
@given(dice=st.randoms(use_true_random=True), length=st.integers(HISTORY // 2, HISTORY))
@example(dice=Random(1), length=LONG)
@example(dice=Random(5), length=LONG)
@example(dice=Random(15), length=LONG)
def test_any_history_leaves_the_rule_and_the_model_in_agreement(dice, length):
    """Each history is a transaction of its own, for the clock of the database, and is undone.

    True dice rather than a list drawn by hypothesis, which repeats itself: histories must go far.
    A failing one is shortened, and printed.
    """
    with transaction.atomic():
        world = World()
        for _ in range(length):
            step = (dice.choice(STEPS), dice.randrange(12), dice.randrange(4), dice.randrange(20))
            note(step)
            world.play(*step)
        world.knock()
        transaction.set_rollback(True)
