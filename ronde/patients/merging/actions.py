"""What the identity cell decides on a pair: to look at it, two people, one, or two again."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.core.actor import Officer
from ronde.directory.models import Party
from ronde.journal.actions import record
from ronde.patients import events
from ronde.patients.actions import traits_of
from ronde.patients.matching.compare import compare
from ronde.patients.matching.identity import Traits
from ronde.patients.merging import queries
from ronde.patients.merging.protection import protection
from ronde.patients.models import Duplicate, DuplicateState, Merge, Patient


def marks(one: Traits, two: Traits) -> tuple[float, list[list[Any]]]:
    """The score of two identities, and the codes of what it is made of."""
    bits, found = compare(one, two)
    return round(bits, 1), [[trait, mark.word, round(mark.bits, 1)] for trait, mark in found]


@transaction.atomic
def enter(officer: Officer, first: int, second: int) -> Duplicate:
    """Put two records on the list by their numbers. A pair set aside before comes back to be looked
    at: a person asks for it.
    """
    if first == second:
        raise ValidationError({"second": _("Indiquez deux numéros différents.")})
    known = queries.numbered([first, second])
    for name, number in (("first", first), ("second", second)):
        if number not in known:
            raise ValidationError({name: _("Aucun dossier ne porte ce numéro.")})
        if known[number][1]:
            raise ValidationError(
                {name: _("Ce dossier a déjà été réuni à un autre : indiquez celui-là.")}
            )
    ids = sorted([known[first][0], known[second][0]])
    pair = Duplicate.objects.filter(first_id=ids[0], second_id=ids[1]).first()
    if pair is None:
        pair = Duplicate(
            first_id=ids[0], second_id=ids[1], score=0, by_hand=True, found_at=timezone.now()
        )
        pair.save(force_insert=True)
    both = queries.identities(ids)
    pair.score, pair.marks = marks(*(traits_of(both[key]) for key in ids))
    pair.by_hand = True
    pair.state, pair.decided_at, pair.decided_by_user = DuplicateState.WAITING, None, None
    pair.save(update_fields=["score", "marks", "by_hand", "state", "decided_at", "decided_by_user"])
    event = events.DuplicateEntered(first=min(first, second), second=max(first, second))
    record(event, actor=officer)
    return pair


@transaction.atomic
def tell_apart(officer: Officer, pair: Duplicate, reason: str) -> Duplicate:
    """Two different people: the pair is never proposed again, both become homonyms."""
    pair = _waiting(pair)
    reason = _said(reason)
    _decide(officer, pair, DuplicateState.DIFFERENT, reason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT patients_mark_homonyms(%s)", [list(pair.ids)])
        cursor.fetchall()
    for patient_id in pair.ids:
        record(events.HomonymRecognised(patient_id=patient_id, reason=reason), actor=officer)
    return pair


@transaction.atomic
def merge(
    officer: Officer, pair: Duplicate, kept_id: UUID, reason: str, *, confirmed: str = ""
) -> Merge:
    """Bring the two records together in `kept_id`: one transaction, undone by `separate`.

    `confirmed`: why the two are one person although an identity is marked as a homonym.
    """
    reason = _said(reason)
    _hold(pair)
    pair = _waiting(pair)
    both = queries.identities(pair.ids)
    kept = both.pop(kept_id)
    other = next(iter(both.values()))
    _allowed(kept, other, confirmed.strip())
    why = f"{reason} · {confirmed.strip()}" if confirmed.strip() else reason
    told = queries.parties(pair.ids)
    key = _run("SELECT patients_merge(%s, %s, %s, %s)", kept.pk, other.pk, why, officer.person_name)
    _decide(officer, pair, DuplicateState.MERGED, why)
    done = Merge.objects.get(pk=key)
    _tell(officer, events.RecordsMerged, done, why, told)
    _tell_the_refused(officer, done, told)
    return done


def _tell_the_refused(officer: Officer, done: Merge, told: list[UUID]) -> None:
    """Write to whoever opened one of the two and opens the whole no more."""
    lost = set(told) - set(queries.parties([done.kept_id]))
    rows = Party.objects.filter(pk__in=lost).order_by("sort_key", "pk")
    known = dict(rows.values_list("pk", "display_name"))
    if known:
        event = events.AccessLostByMerging(
            patient_id=done.kept_id,
            names=list(known.values()),
            parties=[str(key) for key in known],
        )
        record(event, actor=officer)


@transaction.atomic
def separate(officer: Officer, pair: Duplicate, reason: str) -> Merge:
    """Give both records and their rights back; what happened since stays in the one kept."""
    reason = _said(reason)
    _hold(pair)
    done = queries.merge_of(pair)
    if done is None:
        raise ValidationError(_("Ces deux dossiers ne sont plus réunis."))
    first = queries.rests_on(done)
    if first is not None:
        raise ValidationError(
            _(
                "Une réunion plus récente s'appuie sur celle-ci : séparez d'abord le dossier"
                " N° %(number)s."
            )
            % {"number": first}
        )
    _run("SELECT patients_separate(%s, %s, %s)", done.pk, reason, officer.person_name)
    pair.state, pair.decided_at, pair.decided_by_user = DuplicateState.WAITING, None, None
    pair.save(update_fields=["state", "decided_at", "decided_by_user"])
    _tell(officer, events.RecordsSeparated, done, reason, queries.parties(pair.ids))
    return done


def _said(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": _("Indiquez la raison.")})
    return reason


def _hold(pair: Duplicate) -> None:
    """Take both records until the end of the transaction."""
    _run("SELECT patients_merge_hold(%s)", list(pair.ids))


def _run(sql: str, *values: Any) -> Any:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()[0]
    except OperationalError as error:
        raise ValidationError(
            _("Ces dossiers sont en cours d'écriture : réessayez dans un instant."), code="busy"
        ) from error
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") not in {"23514", "23505"}:
            raise
        raise ValidationError(
            _("Ces dossiers ont changé entre-temps : rechargez la page."), code="changed"
        ) from error


def _waiting(pair: Duplicate) -> Duplicate:
    """The pair as it is now, which nobody has decided on meanwhile."""
    found = Duplicate.objects.select_for_update().get(pk=pair.pk)
    closed = queries.live().filter(other_id__in=found.ids).exists()
    if found.state != DuplicateState.WAITING or closed:
        raise ValidationError(
            _("Quelqu'un a déjà décidé pour l'un de ces dossiers : rechargez la page."),
            code="decided",
        )
    return found


def _allowed(kept: Patient, other: Patient, confirmed: str) -> None:
    found = protection(kept, other)
    if found.forbids:
        raise ValidationError(list(found.obstacles), code="protected")
    if found.homonyms and not confirmed:
        raise ValidationError(
            {
                "confirmed": _(
                    "Une de ces identités est marquée homonyme : indiquez ce qui prouve que c'est"
                    " la même personne."
                )
            }
        )


def _decide(officer: Officer, pair: Duplicate, state: DuplicateState, reason: str) -> None:
    pair.state, pair.reason = state, reason[:500]
    pair.decided_at, pair.decided_by_user = timezone.now(), officer.user_id
    pair.decided_by_name = officer.person_name
    pair.save(update_fields=["state", "reason", "decided_at", "decided_by_user", "decided_by_name"])


def _tell(
    officer: Officer,
    kind: type[events.RecordsMerged] | type[events.RecordsSeparated],
    done: Merge,
    reason: str,
    parties: list[UUID],
) -> None:
    """Write it on both records; whoever may open one of them is written to once."""
    numbers = {"kept": done.kept_number, "other": done.other_number, "reason": reason}
    told = [str(one) for one in parties]
    record(kind(patient_id=done.kept_id, parties=told, **numbers), actor=officer)
    record(kind(patient_id=done.other_id, closed=True, **numbers), actor=officer)
