"""What each chose to be told of, by mail and in the application.

The list is made of the events themselves: one that has a `preference` is in it. A choice belongs to
a human being as one of the parties they act for: the structure's are settled while acting for it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from ronde.core.actor import Actor
from ronde.journal.events import Event, Topic, event_classes, mails_always_sent
from ronde.notifications.models import Preference

Duties = frozenset[str]
TITLES = {
    Topic.TASKS: gettext_lazy("Tâches"),
    Topic.RECORD: gettext_lazy("Dossier"),
    Topic.AGENDA: gettext_lazy("Agenda"),
    Topic.ACCESS: gettext_lazy("Accès"),
    Topic.ACCOUNT: gettext_lazy("Compte"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    mail: bool
    application: bool


ALWAYS = Choice(mail=True, application=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence with its two switches; `event` empty: a mail that is always sent."""

    event: str
    sentence: Any
    mail: bool
    application: bool
    mail_locked: bool


@dataclass(frozen=True, slots=True)
class Group:
    topic: Topic
    title: Any
    lines: list[Line]

    @property
    def can_reset(self) -> bool:
        return any(line.event for line in self.lines)


def choosable(duties: Duties = frozenset()) -> dict[str, type[Event]]:
    """The events about which one may choose; those of a duty of the region, for who holds it."""
    return {
        name: kind
        for name, kind in event_classes().items()
        if kind.preference is not None
        and kind.mail is not None
        and (not kind.to_duties or kind.to_duties & duties)
    }


def default(kind: type[Event]) -> Choice:
    mailed = kind.chosen_by_default and kind.mailed_by_default
    return Choice(mailed or kind.mail_locked, kind.chosen_by_default)


def choice(kind: type[Event], user_id: UUID, party_id: UUID) -> Choice:
    """How to tell this event; read under the policies of that very person and party."""
    if kind.preference is None:
        return ALWAYS
    row = Preference.objects.filter(user_id=user_id, party_id=party_id, event=kind.__name__).first()
    if row is None:
        return default(kind)
    return Choice(row.mail or kind.mail_locked, row.application)


def groups(actor: Actor, duties: Duties = frozenset()) -> list[Group]:
    """The whole list with what was chosen, in one query."""
    chosen = {row.event: Choice(row.mail, row.application) for row in _mine(actor)}
    offered = choosable(duties)
    found = []
    for topic, title in TITLES.items():
        lines = [
            _line(name, kind, chosen.get(name, default(kind)))
            for name, kind in offered.items()
            if kind.topic == topic
        ]
        lines += [
            Line("", one.sentence, mail=True, application=False, mail_locked=True)
            for one in mails_always_sent()
            if one.topic == topic
        ]
        if lines:
            found.append(Group(topic, title, lines))
    return found


def _line(name: str, kind: type[Event], chosen: Choice) -> Line:
    mail = chosen.mail or kind.mail_locked
    return Line(name, kind.preference, mail, chosen.application, kind.mail_locked)


def _mine(actor: Actor) -> Any:
    return Preference.objects.filter(user_id=actor.user_id, party_id=actor.party_id)


@transaction.atomic
def choose(
    actor: Actor,
    mails: Collection[str],
    applications: Collection[str],
    duties: Duties = frozenset(),
) -> None:
    """Keep what was chosen of every event: those named are told, the others are not."""
    offered = choosable(duties)
    wanted = {
        name: Choice(kind.mail_locked or name in mails, name in applications)
        for name, kind in offered.items()
    }
    usual = {name for name, kind in offered.items() if wanted[name] == default(kind)}
    _mine(actor).filter(event__in=usual).delete()
    Preference.objects.bulk_create(
        [
            Preference(
                user_id=actor.user_id,
                party_id=actor.party_id,
                event=name,
                mail=one.mail,
                application=one.application,
            )
            for name, one in wanted.items()
            if name not in usual
        ],
        update_conflicts=True,
        unique_fields=["user_id", "party_id", "event"],
        update_fields=["mail", "application"],
    )


@transaction.atomic
def reset(actor: Actor, topics: Iterable[Topic], duties: Duties = frozenset()) -> None:
    """Come back to what is usual, for these groups."""
    wanted = set(topics)
    names = [name for name, kind in choosable(duties).items() if kind.topic in wanted]
    _mine(actor).filter(event__in=names).delete()
