"""The region once loaded: what its people see, when it says that things happened."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.shortcuts import resolve_url
from django.utils import timezone

from demo import load, reviews
from demo.accounts import ACCOUNTS, OFFICERS, PASSWORD
from demo.draw import key
from demo.professionals import professionals
from demo.steps import By
from demo.structures import CHITS, DAC_VAR, structures
from ronde.accounts.models import AccountRequest, Delegation, Invitation, User
from ronde.accounts.queries import actor_for, duties, identities
from ronde.careteam.access import access_to, grants_of, parties_with_access, visible_to
from ronde.careteam.lasting_models import AccessRequest
from ronde.careteam.models import AwaitedAccount, BreakGlass, Grant, GrantReason, Member
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.notifications.models import Notice
from ronde.patients.models import Duplicate, Merge, Patient, regional_identifier
from ronde.worklist.models import Favourite, SavedSearch
from tests import factories

LOADED = 160
TWICE = 3  # Records opened a second time, for the identity cell.


@pytest.fixture(scope="module")
def _region(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A short region, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with as_owner():
            load.load(LOADED, processes=1)
        yield
        transaction.set_rollback(True)


def actor(by: By) -> Actor:
    """As the middleware makes it, from what the database knows of the account."""
    user = User.objects.get(pk=professionals()[by.person].user_id)
    return actor_for(user, next(one for one in identities(user) if one.party_id == by.party.id))


def seen_by(by: By) -> int:
    who = actor(by)
    with transaction.atomic(), acting(party_id=who.party_id, user_id=who.user_id):
        return visible_to(who).count()


@pytest.mark.usefixtures("_region")
class TestLoaded:
    def test_a_coordinator_finds_most_records_and_a_stranger_none(self) -> None:
        assert seen_by(By("lambert", DAC_VAR)) > LOADED / 3
        assert 0 < seen_by(By("leblanc")) < LOADED / 3
        assert seen_by(By("riccio")) == 0

    def test_the_database_shows_a_stranger_nothing_either(self) -> None:
        stranger = actor(By("riccio"))
        with acting(party_id=stranger.party_id, user_id=stranger.user_id):
            assert not Patient.objects.exists()
            assert not Member.objects.exists()
            assert not JournalEntry.objects.exists()

    def test_the_projection_says_what_the_rule_says(self) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT party_id, patient_id, reason FROM careteam_grant_rule")
            rule = set(cursor.fetchall())
            projection = set(Grant.objects.values_list("party_id", "patient_id", "reason"))
        assert rule == projection

    def test_the_story_of_jeanne_durand_has_its_circle(self) -> None:
        sophie, jeanne = actor(By("lambert", DAC_VAR)), key("patient", 0)
        with acting(party_id=sophie.party_id, user_id=sophie.user_id):
            access = access_to(sophie, jeanne)
            assert access.patient.shown_name == "DURAND Jeanne"
            readers = set(parties_with_access(jeanne))
            names = set(Member.objects.values_list("display_name", flat=True))
        assert professionals()["leblanc"].id in readers
        assert structures()[CHITS].id in readers
        assert professionals()["vidal"].id not in readers
        assert {"DURAND Claire", "VIDAL Pierre", "SAAD Les Mimosas"} <= names

    def test_the_queue_of_accounts_holds_each_kind_of_request(self) -> None:
        with as_owner():
            found = set(AccountRequest.objects.values_list("kind", "status"))
            assert found >= {
                ("self", "pending"),
                ("self", "more"),
                ("self", "refused"),
                ("colleague", "pending"),
            }
            assert AccountRequest.objects.filter(name_differs=True).exists()
            assert AwaitedAccount.objects.filter(settled_at=None).count() == 1
            assert Invitation.objects.count() == 3

    def test_an_emergency_access_is_open_for_less_than_two_hours_more(self) -> None:
        desk = actor(By("belkacem", CHITS))
        with acting(party_id=desk.party_id, user_id=desk.user_id):
            grant = grants_of(desk).get(reason=GrantReason.BREAK_GLASS)
        left = grant.until - timezone.now()
        assert timedelta(hours=1) < left < timedelta(hours=1, minutes=30)
        with as_owner():
            ended = BreakGlass.objects.filter(until__lt=timezone.now())
            assert ended.exists()
            assert all(
                one.until - one.opened_at == timedelta(hours=2) for one in BreakGlass.objects.all()
            )

    def test_the_desk_waits_for_a_lasting_access(self) -> None:
        with as_owner():
            asked = AccessRequest.objects.get()
            assert (asked.person_name, asked.answered_at) == ("Nadia Belkacem", None)
            assert asked.glass.opened_at < asked.asked_at < timezone.now() - timedelta(minutes=20)

    def test_emergency_accesses_are_reviewed_as_planned(self) -> None:
        with as_owner():
            glasses = BreakGlass.objects.filter(until__lt=timezone.now()).order_by("opened_at")
            planned = reviews.states(glasses.count())
            for glass, play in zip(glasses, planned, strict=True):
                touched = hasattr(glass, "review") or glass.explanations.exists()
                assert touched == (play is not None)

    def test_some_act_for_others_some_asked_to_and_some_were_told(self) -> None:
        with as_owner():
            found = set(Delegation.objects.values_list("status", flat=True))
            assert found == {"pending", "accepted", "refused"}
            assert Notice.objects.filter(read_at=None).exists()
        lambert = User.objects.get(pk=professionals()["lambert"].user_id)
        delegated = [one.label for one in identities(lambert) if one.is_delegated]
        assert delegated == ["LEBLANC Marc"]

    def test_what_happened_is_spread_over_the_past(self) -> None:
        with as_owner():
            now = timezone.now()
            assert not JournalEntry.objects.filter(at__gt=now - timedelta(minutes=1)).exists()
            days = {entry.date() for entry in JournalEntry.objects.values_list("at", flat=True)}
            assert len(days) > 80
            assert max(days) - min(days) > timedelta(days=300)
            for patient in Patient.objects.all():
                entries = JournalEntry.objects.filter(patient_id=patient.pk).exclude(section="feed")
                assert patient.updated_at == entries.latest("at").at
                assert patient.created_at <= entries.earliest("at").at
            for member in Member.objects.filter(habilitated=True):
                assert member.added_at - timedelta(seconds=1) < member.habilitated_at < now

    def test_the_dates_of_a_member_are_those_of_the_journal(self) -> None:
        with as_owner():
            told = JournalEntry.objects.filter(event="MemberAdded").values_list(
                "payload__member_id", "at"
            )
            added = dict(Member.objects.values_list("pk", "added_at"))
            gaps = [at - added[key_] for key_, at in _keyed(told)]
        assert len(gaps) > LOADED
        assert all(timedelta() <= gap < timedelta(seconds=30) for gap in gaps)

    def test_the_journal_refuses_changes_again(self) -> None:
        for table, column in (
            ("journal_journalentry", "at"),
            ("journal_accesstrace", "at"),
            ("patients_identityhistory", "at"),
        ):
            with (
                as_owner(),
                connection.cursor() as cursor,
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
            ):
                cursor.execute(f"UPDATE {table} SET {column} = now()")

    def test_a_correction_is_kept_as_proof_again(self) -> None:
        with as_owner(), connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT count(*) FROM patients_identityhistory")
            before = cursor.fetchone()[0]
            Patient.objects.filter(pk=key("patient", 0)).update(city="Toulon")
            cursor.execute("SELECT count(*) FROM patients_identityhistory")
            assert cursor.fetchone()[0] == before + 1
            transaction.set_rollback(True)

    def test_nobody_is_written_to(self, mailoutbox: list[Any]) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs")
            assert cursor.fetchone()[0] == 0
        assert not mailoutbox

    def test_records_are_numbered_in_the_order_of_the_plan(self) -> None:
        with as_owner():
            rows = dict(Patient.objects.values_list("pk", "record_number"))
            regional = dict(Patient.objects.values_list("record_number", "regional_id"))
        first = rows[key("patient", 0)]
        assert [rows[key("patient", n)] for n in range(LOADED)] == [*range(first, first + LOADED)]
        assert all(regional_identifier(number) == found for number, found in regional.items())

    def test_looks_at_records_leave_their_trace(self) -> None:
        with as_owner():
            assert AccessTrace.objects.filter(reason="member").count() > 20
            assert AccessTrace.objects.filter(reason="break_glass").exists()

    def test_the_accounts_open_with_the_password_and_accepted_terms(self) -> None:
        users = {user.email: user for user in User.objects.all()}
        for account in ACCOUNTS:
            user = users[account.professional.email]
            assert check_password(PASSWORD, user.password)
            assert user.terms.exists() == account.terms
            own = [one for one in identities(user) if not one.is_delegated]
            offered = [one.party_id for one in own if one.is_structure]
            assert set(offered) == {structures()[name].id for name in account.attached}
        for officer in OFFICERS:
            user = users[officer.email]
            assert check_password(PASSWORD, user.password)
            assert (duties(user), identities(user)) == ({officer.duty}, [])
        doors = {account.professional.email for account in ACCOUNTS} | {o.email for o in OFFICERS}
        others = [user for email, user in users.items() if email not in doors]
        assert len(others) > 50
        assert not any(user.has_usable_password() for user in others)

    def test_the_coordinator_has_stars_and_searches(self) -> None:
        sophie = professionals()["lambert"].user_id
        with as_owner():
            assert Favourite.objects.filter(user_id=sophie).count() == 4
            assert SavedSearch.objects.filter(user_id=sophie).count() == 3

    def test_two_pairs_wait_for_the_identity_cell_and_one_was_brought_together(self) -> None:
        with as_owner():
            states = Duplicate.objects.order_by("state").values_list("state", flat=True)
            assert list(states) == ["merged", "waiting", "waiting"]
            assert Merge.objects.get().kept_id == key("patient", 11)

    def test_a_second_load_changes_nothing(self) -> None:
        said = StringIO()
        with as_owner():
            call_command("load_demo", stdout=said)
            assert Patient.objects.count() == LOADED + TWICE
        assert "already loaded" in said.getvalue()

    def test_the_worklist_opens_on_the_region(self, client: Any) -> None:
        client.force_login(User.objects.get(pk=professionals()["lambert"].user_id))
        page = client.get(resolve_url("worklist:list")).content.decode()
        assert "DURAND" in page
        assert "DAC Var Ouest" in page


def _keyed(rows: Any) -> Iterator[tuple[Any, Any]]:
    known = set(Member.objects.values_list("pk", flat=True))
    by_text = {str(one): one for one in known}
    return ((by_text[text], at) for text, at in rows)


@pytest.mark.django_db
def test_the_demonstration_refuses_a_database_with_real_patients() -> None:
    factories.patient(factories.actor(factories.user()))
    with as_owner(), pytest.raises(CommandError, match="real patients"):
        call_command("load_demo")


@pytest.mark.django_db
def test_an_interrupted_load_says_how_to_start_again() -> None:
    with as_owner():
        load.load(20, processes=1)
        User.objects.update(password="")
        with pytest.raises(CommandError, match="make demo"):
            call_command("load_demo")


def load_elsewhere(script: str) -> subprocess.CompletedProcess[str]:
    """Load forty records by two copies of a new process: this one has run Typst's threads."""
    known = connection.settings_dict
    place = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{known['NAME']}").geturl()
    return subprocess.run(
        [sys.executable, "-c", f"{_BEFORE}{script}load.load(40, processes=2)"],
        env={**os.environ, "DATABASE_URL": place, "DATABASE_OWNER_URL": place},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


_BEFORE = """
import django
django.setup()
from demo import load, play
from demo.steps import Verb
load._FIRST = 10
"""
_BREAKS_AT_25 = """
opened = play.Scene.open
def fail(scene, step):
    if scene.person.number == 25:
        raise RuntimeError("broken at 25")
    opened(scene, step)
play._PLAYED[Verb.OPEN] = fail
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_load_the_same_region() -> None:
    done = load_elsewhere("")
    assert done.returncode == 0, done.stderr
    with as_owner():
        ids = set(Patient.objects.values_list("pk", flat=True))
        numbers = list(Patient.objects.order_by("record_number").values_list("pk", flat=True))
    assert len(ids) == 40 + TWICE
    assert numbers[:40] == [key("patient", number) for number in range(40)]


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_one_process_undoes_the_other() -> None:
    done = load_elsewhere(_BREAKS_AT_25)
    assert done.returncode == 1
    assert done.stderr.endswith("RuntimeError: broken at 25\n")
    with as_owner():
        assert Patient.objects.count() == 10
        assert not load.is_loaded()


def test_the_accounts_are_printed_for_the_one_who_runs_the_product() -> None:
    said = StringIO()
    call_command("demo_accounts", stdout=said)
    for account in ACCOUNTS:
        assert account.professional.email in said.getvalue()
    assert PASSWORD in said.getvalue()
