"""Building the region: the directory, the records, then the eighteen months behind them.

Two threads play the records, each in a transaction of its own on its own connection, because a
quarter of a minute is worth having: while one computes, the server works for the other.
"""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

from django.db import connection, transaction
from django.utils import timezone

from demo import directory, duplicates, habits, history, region, relations, requests, reviews
from demo.accounts import ACCOUNTS
from demo.play import Player
from demo.steps import Record
from ronde.accounts.models import User
from ronde.patients.models import Patient
from ronde.terminology.models import Commune

# Played first and alone: the planner then knows the shape of the tables, and plans well to the end.
_FIRST = 100


class NotLoadedError(Exception):
    """The demonstration cannot be loaded here; the text says what to do."""


def is_loaded() -> bool:
    return User.objects.filter(email=ACCOUNTS[0].professional.email).exclude(password="").exists()


def check() -> None:
    """Never mix invented patients with real ones, nor build without the reference data."""
    invented = [plan.user_id for plan in directory.professionals().values()]
    patients = Patient.objects.all()
    if patients.exclude(created_by_user__in=invented).exists():
        message = "There are real patients in this database: the demonstration wants an empty one."
        raise NotLoadedError(message)
    if patients.exists():
        message = "The last load was interrupted. `make demo` starts again from an empty database."
        raise NotLoadedError(message)
    if not Commune.objects.exists():
        message = "Import the reference data first: manage.py import_terminology"
        raise NotLoadedError(message)


def load(patients: int = region.PATIENTS, *, threads: int = 2) -> int:
    """Write the whole region; answer how many patients. The login must own the tables."""
    now = timezone.now()
    records = list(region.records(now, patients))
    with transaction.atomic():
        directory.write_zones()
        parties = directory.write_parties()
        users = directory.write_accounts(records, now)
    players = [Player(parties, users) for _ in range(threads)]
    with _no_garbage():
        with transaction.atomic():
            players[0].play(records[:_FIRST])
        _analyze()
        if threads == 1:
            with transaction.atomic():
                players[0].play(records[_FIRST:])
        else:
            _together(players, records[_FIRST:])
    with transaction.atomic():
        twice = duplicates.open_again(players[0], now)
        history.rewrite(
            [*(record.person.id for record in records), *twice],
            [mark for player in players for mark in player.marks],
        )
        habits.write(players[0])
        reviews.write(players[0])
        requests.write(users, now)
        relations.write(players[0])
        history.set_back(duplicates.settle(players[0]))
        directory.open_doors(users)
    _analyze()
    return len(records)


def _together(players: Sequence[Player], records: Sequence[Record]) -> None:
    """Play a share of the records in each thread; all of them are committed, or none."""
    finished, stop = Barrier(len(players)), Event()
    failures: list[BaseException] = []

    def play(rank: int) -> None:
        try:
            with transaction.atomic():
                players[rank].play(records[rank :: len(players)], stop)
                finished.wait()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)
            stop.set()
            finished.abort()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(players)) as pool:
        try:
            list(pool.map(play, range(len(players))))
        except KeyboardInterrupt:
            stop.set()
            raise
    if failures:
        raise failures[0]  # The others only tell that this one stopped them.


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Leave the collector out: a hundred thousand short-lived objects, hardly one in a cycle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def prepare_statements() -> None:
    """Have the server plan each statement once: the same forty come back ten thousand times."""
    connection.close()
    connection.settings_dict["OPTIONS"] = {
        **connection.settings_dict["OPTIONS"],
        "server_side_binding": True,
        "prepare_threshold": 2,
    }
