"""What changes the terms of use of the region: an administrator writes them and publishes them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import legal, terms
from ronde.accounts.terms_events import (
    TermsDraftDropped,
    TermsDrafted,
    TermsPublished,
    TermsWithdrawn,
)
from ronde.accounts.terms_models import TermsVersion
from ronde.core.actor import Officer
from ronde.journal.actions import record

WRITTEN = ["text", "text_en", "summary", "summary_en"]
PUBLISHED = ["version", "published_at", "published_by", "published_by_name", "in_force_at"]


class Conflict(ValidationError):
    """Somebody else was first; nothing was saved."""


@transaction.atomic
def save_draft(officer: Officer, written: Mapping[str, str], revision: int) -> TermsVersion:
    """Start the draft (`revision` 0), or write it again, unless somebody did since (Conflict)."""
    row = _held() or TermsVersion(revision=0)
    if not row.is_draft:
        raise Conflict(
            _("La version %(version)s est déjà publiée : elle ne peut plus être modifiée.")
            % {"version": row.version}
        )
    if row.revision != revision:
        raise Conflict(
            _("Ce brouillon a été modifié pendant votre saisie : comparez, puis enregistrez.")
            if row.revision
            else _("Ce brouillon n'existe plus : enregistrez pour en commencer un autre.")
        )
    for name in WRITTEN:
        setattr(row, name, written[name])
    row.revision += 1
    row.changed_at, row.changed_by_name = timezone.now(), officer.person_name
    row.save()
    record(TermsDrafted(revision=row.revision), actor=officer)
    return row


@transaction.atomic
def drop_draft(officer: Officer, revision: int) -> None:
    """Give the draft up, unless somebody wrote in it since `revision` (Conflict)."""
    _draft(revision).delete()
    record(TermsDraftDropped(), actor=officer)


@transaction.atomic
def publish(officer: Officer, day: date | None, revision: int) -> TermsVersion:
    """Have everybody asked to accept the draft, now or from the first minute of `day`.

    Unless somebody wrote in it since `revision` (Conflict): what is published was read.
    """
    row = _draft(revision)
    row.published_at = timezone.now()
    row.in_force_at = _start_of(day) if day else row.published_at
    if row.in_force_at < row.published_at:
        raise ValidationError(_("Cette date est passée."))
    row.version = name_for(day)
    row.published_by, row.published_by_name = officer.user_id, officer.person_name
    row.save(update_fields=PUBLISHED)
    since = row.in_force_at.isoformat()
    record(TermsPublished(version=row.version, in_force_at=since), actor=officer)
    transaction.on_commit(terms.forget)
    return row


@transaction.atomic
def withdraw(officer: Officer, version: str) -> TermsVersion:
    """Call off a publication before its date; its text is the draft again.

    Not in the last moments: another process may not hear of it in time, and somebody would accept
    what is no version.
    """
    row = _held()
    if row is None or row.version != version:
        raise Conflict(_("Cette publication n'est plus à venir."))
    if row.in_force_at - timezone.now() <= timedelta(seconds=terms.FRESH_FOR):
        raise Conflict(_("La version %(version)s entre en vigueur.") % {"version": version})
    row.version, row.published_by_name = "", ""
    row.published_at = row.published_by = row.in_force_at = None
    row.save(update_fields=PUBLISHED)
    record(TermsWithdrawn(version=version), actor=officer)
    transaction.on_commit(terms.forget)
    return row


def name_for(day: date | None) -> str:
    """AAAA-MM of its first day, today by default; then AAAA-MM-2, AAAA-MM-3 in the same month."""
    month = f"{day or timezone.localdate():%Y-%m}"
    known = TermsVersion.objects.filter(version__startswith=month)
    taken = {*legal.TERMS, *known.values_list("version", flat=True)}
    name, rank = month, 1
    while name in taken:
        rank += 1
        name = f"{month}-{rank}"
    return name


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _held() -> TermsVersion | None:
    """What is to come, for oneself until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('terms', 0))")
    return terms.to_come()


def _draft(revision: int) -> TermsVersion:
    row: Any = _held()
    if row is None or not row.is_draft:
        raise Conflict(_("Il n'y a plus de brouillon : il a été publié ou abandonné."))
    if row.revision != revision:
        raise Conflict(
            _("%(name)s a modifié ce brouillon depuis : relisez-le.")
            % {"name": row.changed_by_name}
        )
    return row
