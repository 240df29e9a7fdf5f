"""Which terms of use are in force, and what they say.

They come with Ronde (`legal.TERMS`) until the region publishes its own. The process remembers
which versions were published, and from when: dropped by a publication in its own process, and read
again within `FRESH_FOR` seconds in the others.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, override
from markupsafe import Markup

from ronde.accounts import legal
from ronde.accounts.models import TermsAcceptance, User
from ronde.accounts.terms_models import TermsVersion
from ronde.core.markdown import from_html, render
from ronde.core.page import part

FRESH_FOR = 60


@dataclass(slots=True)
class _Memory:
    checked: float = -FRESH_FOR
    published: list[tuple[datetime, str]] = field(default_factory=list)


_memory = _Memory()


def forget() -> None:
    """Drop what the process remembers: a publication has just changed it."""
    global _memory
    _memory = _Memory()


def _published() -> list[tuple[datetime, str]]:
    """Every version that was published, those of a later date included."""
    memory, now = _memory, time.monotonic()
    if now - memory.checked >= FRESH_FOR:
        rows = TermsVersion.objects.exclude(version="").order_by("in_force_at")
        memory.published = list(rows.values_list("in_force_at", "version"))
        memory.checked = now
    return memory.published


def _came() -> list[str]:
    """The published versions whose date has come, the present one last."""
    now = timezone.now()
    return [version for since, version in _published() if since <= now]


def in_force() -> str:
    """The version that everybody has to accept now."""
    came = _came()
    return came[-1] if came else settings.TERMS_VERSION


def is_known(version: str) -> bool:
    """Whether this version is, or once was, in force."""
    return version in legal.TERMS or version in _came()


@dataclass(frozen=True, slots=True)
class Text:
    """A version as its reader reads it. `in_french`: for want of one in their language."""

    html: Markup
    summary: str = ""
    in_french: bool = False
    summary_in_french: bool = False


def speaks_english() -> bool:
    return (get_language() or "").startswith("en")


def text_of(version: str) -> Text:
    """What a known version says."""
    found = _row(version)
    return as_read(found) if found else Text(part(legal.TERMS[version], {}))


def _row(version: str) -> TermsVersion | None:
    """The version as the region published it; none when it came with Ronde."""
    return TermsVersion.objects.filter(version=version).first() if version in _came() else None


def as_read(row: TermsVersion, *, english: bool | None = None) -> Text:
    """What the reader is shown of it; `english`: as a reader of English would be."""
    english = speaks_english() if english is None else english
    text, summary = (row.text_en, row.summary_en) if english else (row.text, row.summary)
    return Text(
        render(text or row.text),
        summary or row.summary,
        in_french=not text,
        summary_in_french=not summary,
    )


def news(user: User) -> list[tuple[str, Text]]:
    """What changed since the last version that this person accepted, the newest first; nothing for
    somebody who never accepted any.
    """
    accepted = set(TermsAcceptance.objects.filter(user=user).values_list("version", flat=True))
    if not accepted:
        return []
    came = _came()
    last = max((rank for rank, version in enumerate(came) if version in accepted), default=-1)
    rows = TermsVersion.objects.filter(version__in=came[last + 1 :]).order_by("-in_force_at")
    return [(row.version, as_read(row)) for row in rows]


def to_come() -> TermsVersion | None:
    """The draft, or what is published for a later date: one of them at most."""
    return TermsVersion.objects.filter(Q(version="") | Q(in_force_at__gt=timezone.now())).first()


def start(*, english: bool) -> str:
    """The text in force, as a new draft starts from it."""
    version = in_force()
    row = _row(version)
    if row is not None:
        return row.text_en if english else row.text
    with override("en" if english else "fr"):
        return from_html(part(legal.TERMS[version], {}))


@dataclass(frozen=True, slots=True)
class Line:
    """A version in the list; without `row` it came with Ronde."""

    version: str
    row: TermsVersion | None
    accepted: int
    present: bool


def lines() -> list[Line]:
    """Every version that is or was in force, the newest first."""
    accepted = _accepted_by_open_accounts()
    present, now = in_force(), timezone.now()
    published = TermsVersion.objects.filter(in_force_at__lte=now).order_by("-in_force_at")
    rows: dict[str, TermsVersion | None] = {row.version: row for row in published}
    for version in sorted(legal.TERMS, reverse=True):
        rows.setdefault(version, None)
    return [
        Line(version, row, accepted.get(version, 0), version == present)
        for version, row in rows.items()
    ]


def _accepted_by_open_accounts() -> dict[str, int]:
    rows: QuerySet[Any, Any] = TermsAcceptance.objects.filter(user__is_active=True)
    return dict(rows.order_by().values_list("version").annotate(Count("pk")))


def open_accounts() -> int:
    return User.objects.filter(is_active=True).count()
