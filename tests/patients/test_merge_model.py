"""Merge then separate is the identity, whatever happened before; and one record, in between.

Random pasts are played on two records by several people and a structure. What the tables hold is
written down, the records are merged, looked at, separated, and the tables compared line by line.
"""

import json
import os
from collections import Counter
from io import BytesIO
from random import Random
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronde.accounts import groups
from ronde.careteam import actions as careteam
from ronde.careteam import awaiting, lasting
from ronde.careteam.access import Access, access_to, parties_with_access, visible_to
from ronde.careteam.foresight import Act
from ronde.careteam.models import BreakGlass, BreakGlassReason, Explanation, Member, MemberKind
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.directory.models import Party
from ronde.documents import actions as papers
from ronde.documents import queries as documents
from ronde.documents.actions import Filing
from ronde.dossier import actions as dossier
from ronde.dossier import extraction
from ronde.feed import actions as feed
from ronde.feed import queries as feed_queries
from ronde.followup import actions as followup
from ronde.followup import linking, memo_queries
from ronde.followup import memo_actions as memos
from ronde.followup.models import ListItem, Memo, RecordStatus
from ronde.journal.actions import trace
from ronde.journal.models import JournalEntry
from ronde.notifications import mails, notices
from ronde.notifications.queries import keys_of
from ronde.patients import actions as patients
from ronde.patients import death
from ronde.patients.merging import actions as merging
from ronde.patients.models import Consent, Patient
from ronde.worklist import bulk
from ronde.worklist.models import Favourite
from tests import factories as f
from tests.careteam.test_model import DIFFERENCES

EXAMPLES = int(os.environ.get("RONDE_MODEL_STEPS") or 400) // 40
# What tells of the merging itself.
LEFT_OUT = {"patients_duplicate", "patients_merge", "patients_mergechange", "patients_sweep"}
# Written once, or sent to be done: what was there is there, and what the merging wrote besides.
GROWING = {
    "journal_journalentry", "journal_accesstrace", "patients_identityhistory",
    "procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers",
}  # fmt: skip
# A view of the rule, and what a break-glass that was given up leaves.
NOT_A_PAST = {"careteam_grant_rule"}
# Reference data: large, and never written by the application.
REFERENCE = ("terminology_", "django_")
STEPS = (
    *("add", "habilitate") * 3,
    *("refuse", "withdraw", "remove", "lift_refusal"),
    *("role", "status", "memo", "paper") * 2,
    *("stay", "link", "note", "consent", "death", "glass", "star", "archive", "contact"),
    *("repaper", "rememo", "take", "mark", "notice", "bulk", "group", "await_account"),
    *("explain", "open"),
)
ROLES = ("attending-physician", "main-caregiver", "referent")


def dump() -> dict[str, list[str]]:
    """Every row of every table, whichever app wrote it: a new table is compared as well."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        places = {row[0] for row in cursor.fetchall()} - LEFT_OUT
        found = {}
        for place in sorted(one for one in places if not one.startswith(REFERENCE)):
            cursor.execute(f"SELECT to_jsonb(r)::text FROM {place} r")
            found[place] = sorted(row[0] for row in cursor.fetchall())
        return found


def compare(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    for place, rows in before.items():
        if place in GROWING:
            assert not Counter(rows) - Counter(after[place]), place
        else:
            assert rows == after[place], place


def in_line() -> bool:
    """The projection says what the rule says."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return cursor.fetchone() == (0,)


class World:
    """Two records of one person, a third one, and the people around them."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        house = f.structure("DAC Var Ouest")
        self.accounts = [f.user("LAMBERT", "Sophie", attached_to=house), f.user("RICCI", "Paola"),
                         f.user("COSTA", "Hugo"), f.user("SIMON", "Odette")]  # fmt: skip
        self.actors = [f.actor(one) for one in self.accounts] + [f.actor(self.accounts[0], house)]
        keys = [one.party_id for one in self.actors]
        self.parties = list(Party.objects.filter(pk__in=keys).order_by("display_name"))
        self.one = f.patient(self.actors[0], phone="+33494000002")
        self.two = f.patient(self.actors[1], given_names="JEANNE MARIE", city="Toulon")
        self.third = f.patient(self.actors[2], birth_name="TIERS")
        for actor in self.actors[:2]:
            f.member(self.actors[2], self.third, self.party(actor), habilitated=True)
        self.officer = f.officer()
        self.pair = f.pair(self.officer, self.one, self.two)

    def party(self, actor: Actor) -> Party:
        return next(one for one in self.parties if one.pk == actor.party_id)

    def openers(self, patient: Patient) -> set[UUID]:
        found = set()
        for actor in self.actors:
            with acting(party_id=actor.party_id, user_id=actor.user_id):
                if visible_to(actor).filter(pk=patient.pk).exists():
                    found.add(actor.party_id)
        return found

    def refused(self, patient: Patient) -> set[UUID]:
        with as_owner():
            rows = Member.objects.filter(patient=patient, removed_at=None, refused=True)
            return set(rows.values_list("party_id", flat=True))

    def play(self, step: str, patient: Patient) -> bool:
        """Have somebody do it: the first to come of those who may open the record."""
        tried = self.dice.sample(self.actors, len(self.actors))
        return any(self.try_out(step, patient, actor) for actor in tried)

    def try_out(self, step: str, patient: Patient, actor: Actor) -> bool:
        with acting(party_id=actor.party_id, user_id=actor.user_id):
            try:
                with transaction.atomic():
                    if step == "glass":
                        careteam.break_glass(actor, patient.pk, BreakGlassReason.EMERGENCY, "Chute")
                    access = access_to(actor, patient.pk)
                    if step == "glass":
                        if access.is_break_glass:
                            lasting.ask(access, "Je la suivrai à sa sortie")
                        return True
                    if access.is_break_glass:
                        return False
                    getattr(self, step, lambda one: self.seat(step, one))(access)
            except Http404:
                return False
            except (PermissionDenied, ValidationError):
                pass
        return True

    def seat(self, step: str, access: Access) -> None:
        rows = Member.objects.filter(patient_id=access.patient_id, removed_at=None)
        member = self.dice.choice(list(rows.order_by("pk")))
        getattr(careteam, step)(access, member)

    def add(self, access: Access) -> None:
        right = self.dice.choice(list(careteam.Right))
        careteam.enlist(access, self.dice.choice(self.parties), right=right)

    def role(self, access: Access) -> None:
        rows = Member.objects.filter(patient_id=access.patient_id, removed_at=None)
        member = self.dice.choice(list(rows.order_by("pk")))
        roles = [one for one in ROLES if self.dice.random() < 0.5]
        careteam.set_roles(access, member, roles)

    def status(self, access: Access) -> None:
        kinds = list(ListItem.objects.filter(list="status").order_by("pk"))
        day = timezone.localdate() - timezone.timedelta(days=self.dice.randrange(30))
        former = RecordStatus.objects.filter(
            patient_id=access.patient_id, party_id=access.actor.party_id, is_current=True
        ).first()
        followup.set_status(
            access, self.dice.choice(kinds), started_on=day, former=former and former.pk
        )

    def memo(self, access: Access) -> None:
        sharing = self.dice.choice(list(Sharing))
        to = [self.dice.choice(self.parties).pk] if sharing == Sharing.SHARED else []
        memos.write(access, "Code 4512B", sharing=sharing, recipients=to)

    def stay(self, access: Access) -> None:
        values = {"place": "CHITS Sainte Musse", "admitted_at": timezone.now()}
        followup.record_stay(access, values)

    def link(self, access: Access) -> None:
        other = self.dice.choice([self.one, self.two, self.third])
        linking.link(access, other.pk, "sibling")

    def note(self, access: Access) -> None:
        feed.add_note(access, "Passage ce matin")

    def consent(self, access: Access) -> None:
        if Consent.objects.filter(patient_id=access.patient_id, withdrawn_at=None).exists():
            patients.withdraw_consent(access, "Changé d'avis")
        else:
            patients.give_consent(access, f.CONSENT)

    def death(self, access: Access) -> None:
        if death.current(access) is None:
            death.declare(access, {"declared_on": timezone.localdate()})
        else:
            death.undo(access, "Erreur de personne")

    def star(self, access: Access) -> None:
        Favourite.objects.get_or_create(user_id=access.actor.user_id, patient_id=access.patient_id)

    def archive(self, access: Access) -> None:
        now = timezone.now()
        Patient.objects.filter(pk=access.patient_id).update(archived_at=now, updated_at=now)

    def contact(self, access: Access) -> None:
        now = access.patient
        values = {"email": "jeanne@exemple.test"} if not now.email else {"email": "", "phone": ""}
        patients.change_identity(access, values, Patient.objects.get(pk=now.pk).version)

    def paper(self, access: Access) -> None:
        sharing = self.dice.choice(list(Sharing))
        among = parties_with_access(access.patient_id)
        to = [self.dice.choice(sorted(among))] if sharing == Sharing.SHARED else []
        filing = Filing("C:courrier", timezone.localdate())
        papers.deposit(
            access, BytesIO(b"Note de liaison"), "note.txt", filing, level=sharing, recipients=to
        )

    def repaper(self, access: Access) -> None:
        """What becomes of a document: another version, another title, another audience, an end."""
        document = documents.readable(access).order_by("pk").first()
        if document is None:
            return
        title, today = f"Titre {self.dice.random()}", timezone.localdate()
        self.dice.choice([
            lambda: papers.replace(access, document, BytesIO(title.encode()), "b.txt"),
            lambda: papers.edit(
                access, document, Filing("C:courrier", today, title), document.version
            ),
            lambda: papers.show_to(access, document, Sharing.PUBLIC),
            lambda: papers.withdraw(access, document, "Doublon"),
        ])()  # fmt: skip

    def rememo(self, access: Access) -> None:
        memo = memo_queries.memos(access).order_by("pk").first()
        if memo is not None:
            memos.change(access, memo, "Code 77", memo.version)

    def take(self, access: Access) -> None:
        extraction.ask(access, "patient")

    def mark(self, access: Access) -> None:
        dossier.mark_read(access)

    def open(self, access: Access) -> None:
        trace(
            access.actor,
            patient_id=access.patient_id,
            reason=access.reason.name.lower(),
            section="identity",
            write=False,
        )

    def notice(self, access: Access) -> None:
        """Somebody is told of the last thing that happened in the record."""
        rows = JournalEntry.objects.filter(patient_id=access.patient_id, user_id__isnull=False)
        entry = rows.order_by("-at").first()
        if entry is not None:
            told = mails.Notice.of({**keys_of(entry)})
            notices.keep(told, access.actor.party_id, access.actor.user_id)

    def bulk(self, access: Access) -> None:
        run = bulk.begin(access.actor, [self.one.pk, self.two.pk])
        act = self.dice.choice(list(Act))
        who = self.dice.choice(self.parties)
        run = bulk.choose(run, act, [who], "X", run.patients)
        bulk.confirm(access.actor, run)
        bulk.Player(run.pk, access.actor.user_id, access.actor.party_id).play()

    def group(self, access: Access) -> None:
        group = groups.create(access.actor, f"Groupe {self.dice.random()}")
        groups.add(access.actor, group.pk, self.dice.choice(self.parties))

    def await_account(self, access: Access) -> None:
        """Somebody typed by hand, and an account asked for them."""
        values = {"family_name": "MOREAU", "given_name": "Lina", "email": "lina@exemple.test",
                  "profession_code": "G15:60", "wants_access": True}  # fmt: skip
        awaiting.add_by_hand(access, MemberKind.PROFESSIONAL, values)

    def explain(self, access: Access) -> None:
        """The privacy officer asks why the glass was broken."""
        with as_owner():
            rows = BreakGlass.objects.filter(patient_id=access.patient_id, explanations=None)
            for glass in rows[:1]:
                Explanation.objects.create(
                    glass=glass, question="Pourquoi ?", asked_at=timezone.now(),
                    asked_by=self.officer.user_id, asked_by_name="X",
                )  # fmt: skip

    def merge(self, kept: Patient) -> None:
        with f.on_duty(self.officer):
            merging.merge(self.officer, self.pair, kept.pk, "Même personne")

    def separate(self) -> None:
        with f.on_duty(self.officer):
            self.pair.refresh_from_db()
            merging.separate(self.officer, self.pair, "Erreur")


def seen_memos(world: World) -> dict[UUID, set[UUID]]:
    found = {}
    for actor in world.actors:
        with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
            found[actor.party_id] = set(Memo.objects.values_list("pk", flat=True))
    return found


def shown_memos(world: World, patients_: list[Patient]) -> dict[UUID, set[UUID]]:
    """What the audience of each memo allows, whatever the record."""
    found: dict[UUID, set[UUID]] = {one.party_id: set() for one in world.actors}
    with as_owner():
        for memo in Memo.objects.filter(patient__in=patients_):
            audience = memo.audience()
            for party in found:
                if audience is None or party in audience:
                    found[party].add(memo.pk)
    return found


profile = settings(
    max_examples=max(EXAMPLES, 1),
    deadline=None,
    database=None,
    derandomize=os.environ.get("RONDE_MODEL_STEPS") is None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db(transaction=True)
@profile
@given(dice=st.randoms(use_true_random=True), first=st.booleans())
def test_merge_then_separate_gives_back_every_row_whatever_happened_before(dice, first):
    with transaction.atomic():
        world = World(dice)
        for _ in range(40):
            world.play(dice.choice(STEPS), dice.choice([world.one, world.two]))
        kept, other = (world.one, world.two) if first else (world.two, world.one)
        before = dump()
        opened = world.openers(kept) | world.openers(other)
        refused = world.refused(kept) | world.refused(other)

        world.merge(kept)

        assert in_line()
        assert world.openers(other) == set()
        # Whoever opened one of the two opens the whole, save those refused in either.
        assert world.openers(kept) == opened - refused
        assert world.refused(kept) == refused
        shown = shown_memos(world, [kept])
        for party, seen in seen_memos(world).items():
            assert seen <= shown[party]
            assert not seen or party in world.openers(kept)
        check_one_person(kept, other)

        world.separate()

        assert in_line()
        compare(before, dump())
        transaction.set_rollback(True)


def check_one_person(kept: Patient, other: Patient) -> None:
    with as_owner(), connection.cursor() as cursor:
        for sql in (
            "SELECT count(*) FROM patients_consent WHERE patient_id = %s AND withdrawn_at IS NULL",
            "SELECT count(*) FROM patients_death WHERE patient_id = %s AND undone_at IS NULL",
        ):
            cursor.execute(sql, [kept.pk])
            assert cursor.fetchone()[0] <= 1
        cursor.execute("SELECT patients_withdrawal_stands(%s, %s)", [kept.pk, other.pk])
        stands = cursor.fetchone()[0]
        in_force = Consent.objects.filter(patient=kept, withdrawn_at=None).exists()
        anywhere = Consent.objects.filter(patient__in=[kept, other], withdrawn_at=None).exists()
        assert in_force == (anywhere and not stands)
        left = {"statuses": 0, "stays": 0, "memos": 0}
        for name in left:
            assert getattr(other, name).count() == 0, name
        died = kept.deaths.filter(undone_at=None).exists()
        assert Patient.objects.get(pk=kept.pk).is_deceased == died


@pytest.mark.django_db(transaction=True)
def test_the_pasts_that_are_played_write_in_every_table_that_speaks_of_a_patient():
    """Otherwise the comparison above would hold nothing: a new table wants its step."""
    with transaction.atomic():
        world = World(Random(7))
        late = ("explain", "bulk", "refuse", "withdraw", "remove")
        for step in sorted(set(STEPS), key=lambda one: (one in late, one)):
            for patient in (world.one, world.two) * 4:
                world.play(step, patient)
        written = {place for place, rows in dump().items() if rows}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND column_name = 'patient_id' UNION SELECT place FROM patients_bound()"
            )
            about_a_patient = {row[0] for row in cursor.fetchall()} - LEFT_OUT - NOT_A_PAST
        beside = {"documents_file", "careteam_explanation", "accounts_favouritegroup",
                  "accounts_accountrequest", "worklist_bulkrun"}  # fmt: skip
        assert about_a_patient | beside <= written
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@profile
@given(dice=st.randoms(use_true_random=True))
def test_what_happens_between_the_two_leaves_rights_in_line_and_gives_none_back(dice):
    """Whoever lost their access while the records were one does not find it again."""
    with transaction.atomic():
        world = World(dice)
        for _ in range(25):
            world.play(dice.choice(STEPS), dice.choice([world.one, world.two]))
        before = {one.pk: world.openers(one) for one in (world.one, world.two)}
        world.merge(world.one)
        at_merge, refused_then = world.openers(world.one), world.refused(world.one)
        for _ in range(25):
            world.play(dice.choice(STEPS), world.one)
            world.play(dice.choice(STEPS), world.two)
            assert in_line()
        last = world.openers(world.one)
        refused_since = world.refused(world.one) - refused_then
        world.separate()
        assert in_line()
        for patient in (world.one, world.two):
            now = world.openers(patient)
            # Nobody opens a record that they opened neither before nor while the two were one.
            assert now <= before[patient.pk] | last
            assert not now & refused_since
            assert not now & (at_merge - last)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_feed_of_the_record_kept_tells_what_happened_on_both(as_actor):
    who = f.actor(f.user())
    one, two = f.patient(who), f.patient(who)
    with as_actor(who), transaction.atomic():
        feed.add_note(access_to(who, two.pk), "Écrit dans le second")
    officer = f.officer()
    f.merged(officer, one, two)
    with as_actor(who), transaction.atomic():
        lines = [
            feed_queries.line(row).text for row in feed_queries.entries(access_to(who, one.pk))
        ]
        assert "Écrit dans le second" in lines
        assert (
            f"Le dossier N° {two.record_number} est réuni à celui-ci : « Même personne »" in lines
        )
    with as_owner():
        keys = JournalEntry.objects.filter(event="NoteWritten").values_list("patient_id", flat=True)
        assert list(keys) == [two.pk], "a line of the journal keeps its key"
    assert json.dumps(dump())
