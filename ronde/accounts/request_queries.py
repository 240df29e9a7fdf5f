"""Reading requests for accounts and invitations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from ronde.accounts.models import User
from ronde.accounts.request_models import Invitation
from ronde.core.actor import Actor
from ronde.core.text import fold
from ronde.directory.models import Person, Post, Structure
from ronde.terminology.queries import display


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory, which is public, says of a number."""

    person: Person
    profession: str
    workplaces: tuple[tuple[UUID, str], ...]
    city: str

    @property
    def name(self) -> str:
        return self.person.party.display_name

    def is_named(self, family_name: str, given_name: str) -> bool:
        mine = (fold(self.person.family_name), fold(self.person.given_name))
        return mine == (fold(family_name), fold(given_name))


def person_of(rpps: str, adeli: str) -> Person | None:
    """The person of the directory who bears one of these numbers."""
    people = Person.objects.select_related("party")
    found = people.filter(rpps=rpps).first() if rpps else None
    return found or (people.filter(adeli=adeli).first() if adeli else None)


def known(person: Person | None) -> Known | None:
    if person is None:
        return None
    posts = list(
        Post.objects.filter(person=person, gone_on=None)
        .select_related("structure__party")
        .order_by("pk")[:20]
    )
    places = {one.structure_id: one.structure.party.display_name for one in posts if one.structure}
    cities = [one.city for one in posts if one.city]
    return Known(
        person,
        display("professions", person.profession_code),
        tuple(places.items()),
        person.party.city or next(iter(cities), ""),
    )


def has_account(person: Person) -> bool:
    return User.objects.filter(person=person, is_active=True).exists()


def structures_named(keys: list[UUID]) -> list[Structure]:
    """These structures, in the order of the keys."""
    found = Structure.objects.select_related("party").in_bulk(keys)
    return [found[key] for key in keys if key in found]


@dataclass(frozen=True, slots=True)
class Behind:
    """What a live link shows."""

    purpose: str
    given_name: str
    question: str
    by_psc: bool


def request_behind(link: UUID | None) -> Behind | None:
    """The request of a link that still serves; None once used, expired or replaced."""
    if link is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_request_behind(%s)", [link])
        row = cursor.fetchone()
    return Behind(*row) if row else None


def invitation_behind(link: UUID | None) -> tuple[str, str] | None:
    """Who invited, and to what address; None once used, expired or withdrawn."""
    if link is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_invitation_behind(%s)", [link])
        return cursor.fetchone()


def invitations(actor: Actor) -> QuerySet[Invitation]:
    return Invitation.objects.filter(by_user=actor.user_id).order_by("-created_at", "-pk")


def invited_today(actor: Actor) -> int:
    since = timezone.now() - timedelta(days=1)
    return Invitation.objects.filter(by_user=actor.user_id, sent_at__gt=since).count()


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks to be attached to the structure that the super-user acts for."""

    request_id: UUID
    family_name: str
    given_name: str
    profession_code: str
    function: str
    number: str
    entered_at: datetime
    confirmed: bool | None
    said_by: str | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def profession(self) -> str:
        return display("professions", self.profession_code) or self.function


def asking_attachment() -> list[Asking]:
    """Those who wait, for the acting structure; nobody when one is not its super-user."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_asking_attachment()")
        return [Asking(*row) for row in cursor.fetchall()]
