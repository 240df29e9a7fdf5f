"""Two runs at the same moment, a change behind an undo, a worker that dies in the middle."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.foresight import Act
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.worklist import bulk
from ronde.worklist.models import BulkLine, BulkRun
from tests import factories as f
from tests.notifications.worker import make_due, run_worker
from tests.worklist.test_bulk import asked, happened, outcomes, played

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


@pytest.fixture
def me():
    return f.actor(f.user())


@pytest.fixture
def nurse():
    return f.user("RICCI", "Paola")


@pytest.fixture
def records(me):
    return [f.patient(me, birth_name=f"NOM{letter}") for letter in "ABCDEF"]


def together(*acts: Callable[[], Any]) -> None:
    """Run these at the same moment, each on a connection of its own; a failure is raised."""
    start, failures = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(PATIENCE)
            act()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    assert not failures, failures


def test_two_players_of_one_run_share_its_lines_and_tell_once(me, nurse, records):
    run = asked(me, Act.HABILITATE, [nurse], records)
    together(lambda: played(me, run), lambda: played(me, run))
    assert outcomes(run) == ["done"] * 6
    assert happened("MemberHabilitated") == 6
    assert happened("HabilitationsGiven") == 1


def test_two_runs_on_the_same_records_do_each_thing_once(me, nurse, records):
    other = f.user("BLANC", "Ana")
    for record in records:
        f.member(me, record, other.person.party, habilitated=True)
    one = asked(me, Act.HABILITATE, [nurse], records)
    hers = f.actor(other)
    two = asked(hers, Act.HABILITATE, [nurse], records[::-1])
    together(lambda: played(me, one), lambda: played(hers, two))
    both = zip(outcomes(one), outcomes(two)[::-1], strict=True)
    assert {tuple(sorted(pair)) for pair in both} == {("done", "habilitated")}
    with as_owner():
        entries = JournalEntry.objects.filter(event="MemberHabilitated")
        assert entries.filter(payload__party_id=str(nurse.person_id)).count() == 6


def test_an_undo_meets_a_change_of_the_same_moment_and_one_of_them_wins(me, nurse, records):
    run = played(me, asked(me, Act.HABILITATE, [nurse], records))
    with acting(party_id=me.party_id, user_id=me.user_id):
        bulk.take_back(me, run)

    def give_a_role() -> None:
        with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
            access = access_to(me, records[3].pk)
            member = Member.objects.get(patient=records[3], party_id=nurse.person_id)
            try:
                careteam.set_roles(access, member, ["contributor"])
            except careteam.Conflict:
                return

    together(lambda: played(me, run), give_a_role)
    undone = outcomes(run, undo=True)[::-1]
    with as_owner():
        kept = Member.objects.filter(patient=records[3], party_id=nurse.person_id, removed_at=None)
        assert kept.filter(habilitated=True).exists() == (undone[2] == "changed")
    assert undone.count("done") >= 5


# A worker that is killed after its second line, as by a machine that stops.
KILLED = """
import django; django.setup()
from procrastinate.contrib.django import app
from ronde.worklist import bulk
first = bulk.Player.play_one
played = []
def play_one(self):
    played.append(1)
    if len(played) > 2:
        print("two done", flush=True)
        import time; time.sleep(60)
    return first(self)
bulk.Player.play_one = play_one
with app.replace_connector(app.connector.get_worker_connector()):
    app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
"""


def test_a_worker_killed_in_the_middle_is_relayed_by_another(me, nurse, records, monkeypatch):
    monkeypatch.setattr(settings, "BULK_AT_ONCE", 2)
    run = asked(me, Act.HABILITATE, [nurse], records)
    address = _address(connection.settings_dict["NAME"])
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": address,
        "DATABASE_OWNER_URL": address,
    }
    command = [sys.executable, "-c", KILLED]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout.readline().strip() == "two done"
        worker.send_signal(signal.SIGKILL)
    assert outcomes(run) == ["done", "done", *["pending"] * 4]
    make_due()
    run_worker()
    assert outcomes(run) == ["done"] * 6
    assert happened("MemberHabilitated") == 6
    assert happened("HabilitationsGiven") == 1
    with as_owner():
        assert BulkRun.objects.get().finished_at
        assert BulkLine.objects.count() == 6


def _address(name: str) -> str:
    known = connection.settings_dict
    return (
        f"postgresql://{known['USER']}:{known['PASSWORD']}@/{name}"
        f"?host={known['HOST']}&port={known['PORT']}"
    )
