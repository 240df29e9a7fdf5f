"""The extraction «PS_LibreAcces_Personne_activite» of Annuaire Santé: persons and their posts."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DataError, connection
from django.db.backends.utils import CursorWrapper

from ronde.directory.imports import bulk
from ronde.directory.imports.layout import COLUMNS
from ronde.directory.imports.lines import LineFilter
from ronde.directory.imports.progress import Progress
from ronde.directory.imports.reading import BadFile, Source, check_encoding, line_blocks, opened
from ronde.directory.imports.runs import Refused, Run, Step, empty_staging, perform, save_report
from ronde.directory.imports.statements import execute
from ronde.directory.models import ImportRun
from ronde.directory.models import Source as Register
from ronde.terminology import queries as terminology

MEMBER = "Personne_activite"
# A file with more refused lines than this is another file, or a broken one.
REFUSED_LIMIT = 0.2
LINES = "directory_import.rpps"
# The table that says, from one step to the next, that this import fills an empty directory.
FIRST_LOAD = "directory_import.first_load"


def import_rpps(
    path: Path | None,
    *,
    resume: bool = False,
    force: bool = False,
    partial: bool = False,
    progress: Progress | None = None,
) -> ImportRun:
    """Import the file; a full one (not `partial`) makes inactive whom it no longer names."""
    return perform(
        Register.RPPS, STEPS, path, resume=resume, progress=progress, force=force, partial=partial
    )


def read(run: Run, cursor: CursorWrapper) -> None:
    """Copy the lines into a table of the staging schema, each in its columns."""
    assert run.path is not None  # noqa: S101
    empty_staging(cursor, run.row)
    lines = LineFilter()
    run.report = lines.report
    try:
        with opened(run.path, MEMBER, run.progress.share) as source:
            _copy(cursor, source, lines)
            run.row.file_hash = source.hash
    except DataError as error:
        if isinstance(error.__cause__, psycopg.errors.CharacterNotInRepertoire):
            _find_bad_encoding(run.path)
        raise
    run.add({"lines": lines.kept + lines.report.refused})
    save_report(run)
    if not lines.kept:
        message = "Le fichier ne contient aucune ligne utilisable."
        raise BadFile(message)
    if lines.report.refused > REFUSED_LIMIT * (lines.kept + lines.report.refused):
        message = f"{lines.report.refused} lignes refusées : ce n'est pas le fichier attendu."
        raise BadFile(message)


def _copy(cursor: CursorWrapper, source: Source, lines: LineFilter) -> None:
    blocks = line_blocks(source)
    first = next(blocks)
    lines.start(first)
    columns = lines.layout.columns
    # What the import reads comes first in the table: PostgreSQL unpacks a row from its start.
    order = dict.fromkeys([*COLUMNS.values(), *columns])
    declared = ", ".join(f"{name} text NOT NULL DEFAULT ''" for name in order)
    cursor.execute(f"CREATE UNLOGGED TABLE {LINES} (first boolean, {declared})")
    statement = f"COPY {LINES} (first, {', '.join(columns)}) FROM STDIN (DELIMITER '|', FREEZE)"
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for block in itertools.chain([first], blocks):
            kept = lines.marked(block)
            kept.append(b"")
            copy.write(b"\n".join(kept).replace(b"\\", b"\\\\"))


def _find_bad_encoding(path: Path) -> None:
    """Read again, up to the line that the database could not read."""
    with opened(path, MEMBER) as source:
        for block in line_blocks(source):
            check_encoding(block)


def prepare(run: Run, cursor: CursorWrapper) -> None:
    """Draw from the lines what the directory should hold, then see what would leave it."""
    cursor.execute("CREATE UNLOGGED TABLE directory_import.profession (code text, qualified text)")
    codes = list(profession_codes().items())
    cursor.executemany("INSERT INTO directory_import.profession VALUES (%s, %s)", codes)
    run.add(execute(cursor, "rpps_prepare"))
    refuse_exodus(run, cursor, "directory_import.person", kind=1)
    if bulk.is_first_load(cursor, "directory_import.person", "directory_party"):
        cursor.execute(f"CREATE UNLOGGED TABLE {FIRST_LOAD} ()")


def profession_codes() -> dict[str, str]:
    """Give the qualified code of each code of the file: one in use wins over a retired one."""
    found: dict[str, str] = {}
    chosen = {entry.code for entry in terminology.current("professions")}
    for entry in terminology.everything("professions"):
        code = entry.code.partition(":")[2]
        if code not in found or entry.code in chosen:
            found[code] = entry.code
    return found


def refuse_exodus(run: Run, cursor: CursorWrapper, staged: str, kind: int) -> None:
    """Refuse a full file in which too many of those who are present would be missing."""
    cursor.execute(
        f"SELECT count(*), count(*) - count(w.id) FROM directory_party p LEFT JOIN {staged} w"  # noqa: S608
        " USING (id) WHERE p.kind = %s AND p.source = %s AND p.gone_on IS NULL",
        [kind, run.row.source],
    )
    present, missing = cursor.fetchone()
    run.add({"present": present})
    limit = settings.DIRECTORY_VANISHING_LIMIT
    careless = not (run.options["force"] or run.options["partial"])
    if careless and missing * 100 > limit * present:
        message = (
            f"{missing} fiches sur {present} disparaîtraient (limite : {limit} %)."
            " Le fichier est-il entier ? Si oui, recommencez avec --force."
        )
        raise Refused(message)


def parties(run: Run, cursor: CursorWrapper) -> None:
    """Write structures and persons together: a first load then makes their indexes once."""
    with _loading(cursor, "directory_party", "directory_structure", "directory_person") as first:
        run.add(execute(cursor, "rpps_structures"))
        run.add(execute(cursor, "rpps_persons"))
    if first:
        with bulk.stripped(cursor, "directory_word"):
            execute(cursor, "rpps_words")


def posts(run: Run, cursor: CursorWrapper) -> None:
    """Write the posts; a first load then does in one go what the triggers do row by row."""
    with _loading(cursor, "directory_post") as first:
        run.add(execute(cursor, "rpps_posts"))
    if first:
        with bulk.stripped(cursor, "directory_entry"):
            execute(cursor, "rpps_entries")


@contextmanager
def _loading(cursor: CursorWrapper, *tables: str) -> Iterator[bool]:
    """Strip the tables for a first load, which the value says; leave them for an update."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [FIRST_LOAD])
    first = cursor.fetchone()[0]
    with bulk.stripped(cursor, *tables) if first else nullcontext():
        yield first


def departures(run: Run, cursor: CursorWrapper) -> None:
    """Nobody leaves by a partial file, nor by the first one."""
    if not run.options["partial"] and run.row.counts["present"]:
        run.add(execute(cursor, "rpps_departures"))


STEPS: list[Step] = [
    Step("read", "Lecture du fichier", read),
    Step("prepare", "Contrôle et rapprochement", prepare),
    Step("parties", "Structures et professionnels", parties),
    Step("posts", "Situations d'exercice", posts),
    Step("departures", "Départs", departures),
]
