"""When a habilitation is to be looked at again."""

from calendar import monthrange
from datetime import date, datetime, time

from django.conf import settings
from django.utils import timezone

from ronde.careteam.models import Member


def months_from(day: date, months: int) -> date:
    """The same day some months later, or earlier; the last of the month when it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def review_date(member: Member) -> date | None:
    """The date chosen, or the usual one; None without habilitation."""
    if not member.habilitated or member.habilitated_at is None:
        return None
    given = timezone.localtime(member.habilitated_at).date()
    return member.review_on or months_from(given, settings.HABILITATION_REVIEW_MONTHS)


def next_review() -> date:
    return months_from(timezone.localdate(), settings.HABILITATION_REVIEW_MONTHS)


def months_ago(months: int) -> datetime:
    """Midnight of that day, here."""
    return timezone.make_aware(datetime.combine(months_from(timezone.localdate(), -months), time()))
