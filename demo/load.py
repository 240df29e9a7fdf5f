"""Building the region: the directory, the records, then the eighteen months behind them.

Two processes play the records, each in a transaction of its own on its own connection, because
half of the time is worth having.
"""

import gc
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier, Event
from threading import BrokenBarrierError

from django.db import connection, transaction
from django.utils import timezone

from demo import directory, duplicates, habits, history, region, relations, requests, reviews
from demo.accounts import ACCOUNTS
from demo.play import Mark, Player, StoppedError
from demo.steps import Record
from ronde.accounts.models import User
from ronde.patients.models import Patient
from ronde.terminology.models import Commune

# Played first and alone: the planner then knows the shape of the tables, and plans well to the end.
_FIRST = 100
# Copying a process is safe on Linux; elsewhere one plays alone.
PROCESSES = 2 if sys.platform == "linux" else 1


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


def load(patients: int = region.PATIENTS, *, processes: int = PROCESSES) -> int:
    """Write the whole region; answer how many patients. The login must own the tables.

    With several processes, nothing must have run the threads of a library here (Typst's): a copy
    of this process would wait for them for ever.
    """
    now = timezone.now()
    records = list(region.records(now, patients))
    with transaction.atomic():
        directory.write_zones()
        parties = directory.write_parties()
        users = directory.write_accounts(records, now)
    player = Player(parties, users)
    with _no_garbage():
        if processes == 1:
            _play_first(player, records)
            with transaction.atomic():
                player.play(records[_FIRST:])
        else:
            player.marks += _together(player, records, processes)
    with transaction.atomic():
        twice = duplicates.open_again(player, now)
        history.rewrite([*(record.person.id for record in records), *twice], player.marks)
        habits.write(player)
        reviews.write(player)
        requests.write(users, now)
        relations.write(player)
        history.set_back(duplicates.settle(player))
        directory.open_doors(users)
    _analyze()
    return len(records)


def _play_first(player: Player, records: Sequence[Record]) -> None:
    with transaction.atomic():
        player.play(records[:_FIRST])
    _analyze()


@dataclass(frozen=True, slots=True)
class _Troupe:
    """What the processes share: the records by inheritance, and three ways to wait."""

    player: Player
    records: Sequence[Record]
    begun: Event
    finished: Barrier
    stop: Event


_troupe: _Troupe


def _join(troupe: _Troupe) -> None:
    global _troupe
    _troupe = troupe


def _play_share(rank: int) -> list[Mark]:
    player, records = _troupe.player, _troupe.records
    try:
        if rank == 0:
            _play_first(player, records)
            _troupe.begun.set()
        else:
            _troupe.begun.wait()
        with transaction.atomic():
            player.play(records[_FIRST + rank :: _troupe.finished.parties], _troupe.stop)
            _troupe.finished.wait()
    except BaseException:
        _troupe.stop.set()
        _troupe.begun.set()
        _troupe.finished.abort()
        raise
    finally:
        connection.close()
    return player.marks


def _together(player: Player, records: Sequence[Record], processes: int) -> list[Mark]:
    """Play a share of the records in each process; all of them are committed, or none."""
    connection.close()  # Each opens its own.
    copies = multiprocessing.get_context("fork")
    finished, stop = copies.Barrier(processes), copies.Event()
    troupe = _Troupe(player, records, copies.Event(), finished, stop)
    with ProcessPoolExecutor(processes, copies, _join, [troupe]) as pool:
        shares = [pool.submit(_play_share, rank) for rank in range(processes)]
        try:
            wait(shares)
        except KeyboardInterrupt:
            stop.set()
            raise
    failures = [share.exception() for share in shares]
    for failure in failures:
        if failure is not None and not isinstance(failure, StoppedError | BrokenBarrierError):
            raise failure  # The others only tell that this one stopped them.
    return [mark for share in shares for mark in share.result()]


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
        "options": "-c plan_cache_mode=force_generic_plan",
    }
