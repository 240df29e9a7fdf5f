"""One import from beginning to end: its account, its steps, its lock, and taking it up again.

Each step is one transaction that ends by writing its name in the account: after a failure the
import goes on from there. The tables between two steps live in the schema `directory_import`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from ronde.directory.imports.lines import Report
from ronde.directory.imports.progress import Progress
from ronde.directory.imports.reading import BadFile
from ronde.directory.models import ImportRun, RefusedLine

LOCK = "ronde.directory.import"
# Joins and sorts of two million rows in memory. No nested loop: the tables to be filled look empty
# to the planner, which would scan them again for each row that comes. Rows pass between processes
# for nothing: what each costs to compute, which the planner does not know, outweighs it by far.
# Statistics of a smaller sample do until the database takes its own.
SETTINGS = (
    "SET LOCAL work_mem = '192MB'; SET LOCAL maintenance_work_mem = '512MB';"
    " SET LOCAL enable_nestloop = off; SET LOCAL parallel_tuple_cost = 0;"
    " SET LOCAL default_statistics_target = 25"
)


class Refused(Exception):
    """The import stops without having changed the directory; the text says why."""


@dataclass(slots=True)
class Run:
    """What the steps of an import share."""

    row: ImportRun
    path: Path | None
    progress: Progress
    options: dict[str, Any]
    report: Report = field(default_factory=Report)

    def add(self, counts: dict[str, int]) -> None:
        self.row.counts |= counts


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: str
    action: Callable[[Run, CursorWrapper], None]


def perform(
    source: str,
    steps: list[Step],
    path: Path | None,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> ImportRun:
    """Run the steps that are not done yet; raise `BadFile` or `Refused` with a sentence."""
    with _alone():
        row = _taken_up(source) if resume else _started(source, path, options)
        run = Run(row, path, progress or Progress(), row.options | options)
        names = [step.name for step in steps]
        done = names.index(row.step) + 1 if row.step else 0
        if not done and path is None:
            message = "La lecture du fichier n'était pas finie : donnez de nouveau le fichier."
            raise BadFile(message)
        try:
            for place, step in enumerate(steps[done:], done + 1):
                run.progress.step(step.label, place, len(steps))
                _do(run, step)
        except (BadFile, Refused, DatabaseError) as error:
            _failed(run, str(error))
            raise
        except BaseException:
            _failed(run, "Interrompu.")
            raise
        _finished(run)
    return row


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [LOCK])
        if not cursor.fetchone()[0]:
            message = "Un autre import de l'annuaire est en cours."
            raise Refused(message)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [LOCK])


def _started(source: str, path: Path | None, options: dict[str, Any]) -> ImportRun:
    """Open the account; a run still marked as running was killed, as nobody holds the lock."""
    ImportRun.objects.filter(status=ImportRun.Status.RUNNING).update(
        status=ImportRun.Status.FAILED, error="Interrompu.", finished_at=timezone.now()
    )
    return ImportRun.objects.create(
        source=source,
        file_name=path.name if path else "",
        options=options,
        started_at=timezone.now(),
    )


def _taken_up(source: str) -> ImportRun:
    row = ImportRun.objects.filter(source=source).order_by("-started_at").first()
    if row is None or row.status == ImportRun.Status.DONE:
        message = "Aucun import de cette source n'est à reprendre."
        raise Refused(message)
    if row.step and not _staged(row):
        message = "Les tables intermédiaires de cet import n'existent plus : recommencez-le."
        raise Refused(message)
    row.status, row.error = ImportRun.Status.RUNNING, ""
    row.save(update_fields=["status", "error"])
    return row


def _staged(row: ImportRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('directory_import.run')")
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute("SELECT count(*) FROM directory_import.run WHERE id = %s", [row.pk])
        return cursor.fetchone()[0] == 1


def empty_staging(cursor: CursorWrapper, row: ImportRun | None = None) -> None:
    """Drop what another import left, and note whose the tables to come are."""
    cursor.execute("DROP SCHEMA directory_import CASCADE; CREATE SCHEMA directory_import")
    if row is not None:
        cursor.execute("CREATE UNLOGGED TABLE directory_import.run (id uuid)")
        cursor.execute("INSERT INTO directory_import.run VALUES (%s)", [row.pk])


def _do(run: Run, step: Step) -> None:
    start = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        cursor.execute(
            "SELECT set_config('directory.today', %s, true)", [timezone.localdate().isoformat()]
        )
        step.action(run, cursor)
        run.row.step = step.name
        run.row.seconds |= {step.name: round(time.monotonic() - start, 1)}
        run.row.save()
    run.progress.done(time.monotonic() - start)


def save_report(run: Run) -> None:
    """Keep what was said of the lines."""
    run.row.refused.all().delete()
    RefusedLine.objects.bulk_create(
        RefusedLine(run=run.row, line=line, reason=reason, kept=kept)
        for line, reason, kept in run.report.lines
    )
    run.add({"lines_refused": run.report.refused, "lines_doubtful": run.report.doubtful})


def _failed(run: Run, reason: str) -> None:
    if connection.in_atomic_block and connection.needs_rollback:
        return
    run.row.status, run.row.error = ImportRun.Status.FAILED, reason
    run.row.finished_at = timezone.now()
    if not run.row.step:
        save_report(run)
    run.row.save()


def _finished(run: Run) -> None:
    with connection.cursor() as cursor:
        empty_staging(cursor)
    run.row.status, run.row.finished_at = ImportRun.Status.DONE, timezone.now()
    run.row.save()
