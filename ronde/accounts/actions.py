"""What changes an account."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ronde.accounts import queries
from ronde.accounts.events import (
    AccountCreated,
    AccountEvent,
    IdentityRefused,
    IdentitySwitched,
    SignedIn,
    SignedOut,
)
from ronde.accounts.models import Attachment, TermsAcceptance, User
from ronde.accounts.queries import Identity
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.directory.models import Person, Structure
from ronde.journal.actions import record


@transaction.atomic
def create_account(
    email: str,
    *,
    person: Person | None = None,
    structures: Iterable[Structure] = (),
    full_name: str = "",
) -> User:
    """Open an account without password: its holder chooses one by the link sent to them."""
    name = f"{person.given_name} {person.family_name}".strip() if person else full_name
    user = User.objects.create_user(email, person=person, full_name=name)
    for structure in structures:
        Attachment.objects.create(user=user, structure=structure)
    record(AccountCreated(account=user.pk), actor=None)
    return user


@transaction.atomic
def accept_terms(user: User) -> None:
    """Keep that this person accepted the present version; once is enough."""
    TermsAcceptance.objects.get_or_create(user=user, version=settings.TERMS_VERSION)


@transaction.atomic
def switch_identity(user: User, former: Actor, chosen: Identity) -> Actor:
    """Act for `chosen` from now on; the next session starts there too."""
    actor = queries.actor_for(user, chosen)
    if chosen.party_id != former.party_id:
        User.objects.filter(pk=user.pk).update(last_identity=chosen.party_id)
        with acting(party_id=actor.party_id, user_id=user.pk):
            record(IdentitySwitched(former=former.party_id), actor=actor)
    return actor


@transaction.atomic
def refuse_identity(actor: Actor, asked: UUID | None) -> None:
    """Keep that somebody asked to act for a party they are not attached to."""
    record(IdentityRefused(asked=asked), actor=actor)


def forget_identity(user: User) -> None:
    """The identity remembered from the last session was withdrawn."""
    User.objects.filter(pk=user.pk, last_identity__isnull=False).update(last_identity=None)


@transaction.atomic
def set_shortcuts(user: User, *, wanted: bool) -> None:
    """Switch the single-key shortcuts (WCAG 2.1.4: they can be turned off)."""
    User.objects.filter(pk=user.pk).update(single_key_shortcuts=wanted)


def signed_in(user: User) -> None:
    _record_of_account(user, SignedIn(account=user.pk))


def signed_out(user: User) -> None:
    _record_of_account(user, SignedOut(account=user.pk))


@transaction.atomic
def _record_of_account(user: User, event: AccountEvent) -> None:
    """Record in the person's own name; an account of nobody in the directory has no actor."""
    known = queries.identities(user)
    actor = queries.actor_for(user, known[0]) if known else None
    with acting(
        party_id=actor.party_id if actor else None, user_id=actor.user_id if actor else None
    ):
        record(event, actor=actor)
