"""Changing the rights matrix: one administrator at a time, with a reason, and a way back."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from ronde.careteam import matrix
from ronde.careteam.events import MatrixChanged
from ronde.careteam.holding import Stale
from ronde.careteam.matrix import Key, Levels
from ronde.careteam.models import MatrixChange, SectionRight
from ronde.careteam.sections import SECTIONS
from ronde.core.actor import Officer
from ronde.journal.actions import record


@transaction.atomic
def change_line(
    by: Officer,
    key: Key,
    levels: Levels,
    version: str,
    reason: str,
    *,
    undoes: MatrixChange | None = None,
) -> MatrixChange | None:
    """Give the line these levels (None: follow the others). Changed since `version`: Stale.

    Nothing differs: nothing happens, and None is answered.
    """
    _hold()
    if matrix.version(key) != version:
        raise Stale(_("Cette ligne a été modifiée entre-temps par quelqu'un d'autre."))
    if key == Key() and any(level is None for level in levels.values()):
        raise ValidationError(_("La ligne de tout le monde donne un niveau à chaque rubrique."))
    if set(levels) - set(SECTIONS):
        message = f"unknown sections: {sorted(set(levels) - set(SECTIONS))}"
        raise ValueError(message)
    known = matrix.sheet(key).cells
    moved = {name: level for name, level in levels.items() if known[name].own != level}
    if not moved:
        return None
    before = {name: known[name].own for name in moved}
    _write(key, moved)
    done = MatrixChange(
        user_id=by.user_id,
        person_name=by.person_name,
        profession_code=key.profession,
        role=key.role,
        before={name: level for name, level in before.items() if level is not None},
        after={name: level for name, level in moved.items() if level is not None},
        reason=reason,
        undoes=undoes,
    )
    done.save(force_insert=True)
    event = MatrixChanged(
        change=done.pk, profession=key.profession, role=key.role, sections=sorted(moved)
    )
    record(event, actor=by)
    return done


def _hold() -> None:
    """Take the matrix until the end of the transaction: changes follow one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('careteam.matrix', 0))")


def _write(key: Key, levels: Levels) -> None:
    mine = SectionRight.objects.filter(profession_code=key.profession, role=key.role)
    mine.filter(section__in=[name for name, level in levels.items() if level is None]).delete()
    wanted = {name: level for name, level in levels.items() if level is not None}
    rows = {row.section: row for row in mine.filter(section__in=list(wanted))}
    for name, level in wanted.items():
        row = rows.get(name) or SectionRight(
            profession_code=key.profession, role=key.role, section=name
        )
        row.level = level
        row.save(update_fields=["level"] if name in rows else None)


def restored(change: MatrixChange) -> dict[str, int | None]:
    """The levels that take a change back: those from before it."""
    touched = {*change.before, *change.after}
    return {name: change.before.get(name) for name in sorted(touched)}


@transaction.atomic
def undo(by: Officer, change: MatrixChange, reason: str) -> MatrixChange | None:
    """Take a change back. What was changed again since is named, and nothing is undone."""
    _hold()
    key = Key(change.profession_code, change.role)
    cells = matrix.sheet(key).cells
    moved = [name for name in restored(change) if cells[name].own != change.after.get(name)]
    if moved:
        raise Stale(
            _("Modifié à nouveau depuis : %(sections)s. Changez la ligne elle-même."),
            params={"sections": ", ".join(str(SECTIONS[name]) for name in moved)},
        )
    return change_line(by, key, restored(change), matrix.version(key), reason, undoes=change)
