"""What changes an account."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronde.accounts import jobs, queries, support
from ronde.accounts.events import (
    AccountCreated,
    AccountEvent,
    DutyEnded,
    DutyGiven,
    DutyRefused,
    IdentityRefused,
    IdentitySwitched,
    SignedIn,
    SignedOut,
    SupportAsked,
)
from ronde.accounts.models import (
    Attachment,
    Duty,
    DutyKind,
    SupportRequest,
    TermsAcceptance,
    User,
)
from ronde.accounts.queries import Identity
from ronde.core.actor import Actor, Officer
from ronde.core.context import acting
from ronde.directory.models import Person, Structure
from ronde.journal.actions import record


@transaction.atomic
def create_account(
    email: str,
    *,
    person: Person | None = None,
    structures: Iterable[Structure] = (),
    duties: Iterable[str] = (),
    full_name: str = "",
    by: Officer | None = None,
) -> User:
    """Open an account without password: its holder chooses one by the link sent to them.

    `by` is the validator who opens it; nobody for a command, or when the identity is proven.
    """
    name = f"{person.given_name} {person.family_name}".strip() if person else full_name
    user = User.objects.create_user(email, person=person, full_name=name)
    for structure in structures:
        Attachment.objects.create(user=user, structure=structure)
    for duty in duties:
        Duty.objects.create(user=user, kind=duty)
    record(AccountCreated(account=user.pk), actor=by)
    return user


@transaction.atomic
def accept_terms(user: User, version: str) -> None:
    """Keep that this person accepted this version; once is enough."""
    TermsAcceptance.objects.get_or_create(user=user, version=version)


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


@transaction.atomic
def refuse_duty(user: User, actor: Actor | None, asked: str) -> None:
    """Keep that somebody asked for a page of the console that their duties do not open."""
    with acting(party_id=actor.party_id if actor else None, user_id=user.pk):
        record(DutyRefused(account=user.pk, asked=asked), actor=actor or _nobody(user))


def _nobody(user: User) -> Officer:
    """The author of a trace who acts in nobody's name."""
    return Officer(user.pk, user.full_name, "")


@transaction.atomic
def give_duty(by: Officer, user: User, kind: DutyKind) -> None:
    """Put somebody on duty for the region; already so, nothing happens."""
    held = user.duties.filter(kind=kind, ended_at=None)
    if not held.exists():
        Duty.objects.create(user=user, kind=kind, given_by=by.user_id)
        record(DutyGiven(account=user.pk, duty=kind), actor=by)


@transaction.atomic
def end_duty(by: Officer, user: User, kind: DutyKind) -> None:
    """Take somebody off duty. The last administrator stays: nobody else could give it back."""
    queries.hold_administrators()
    if kind == DutyKind.ADMINISTRATOR and not queries.other_administrators(user):
        raise ValidationError(
            _("%(name)s est la dernière personne chargée de l'administration régionale."),
            code="last",
            params={"name": user.full_name},
        )
    if user.duties.filter(kind=kind, ended_at=None).update(ended_at=timezone.now()):
        record(DutyEnded(account=user.pk, duty=kind), actor=by)


def forget_identity(user: User) -> None:
    """The identity remembered from the last session was withdrawn."""
    User.objects.filter(pk=user.pk, last_identity__isnull=False).update(last_identity=None)


@transaction.atomic
def set_shortcuts(user: User, *, wanted: bool) -> None:
    """Switch the single-key shortcuts (WCAG 2.1.4: they can be turned off)."""
    User.objects.filter(pk=user.pk).update(single_key_shortcuts=wanted)


@transaction.atomic
def ask_support(
    actor: Actor | None, user: User | None, asked: dict[str, Any], context: dict[str, Any]
) -> SupportRequest:
    """Keep the request, number it, and have it mailed: to the support, and a receipt to its author.

    `asked` holds what was typed: name, email, phone, category, text.
    """
    kept = SupportRequest.objects.create(
        **asked,
        reference=support.new_reference(),
        user=user,
        context=context,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    event = SupportAsked(reference=kept.reference, category=kept.category)
    with acting(
        party_id=actor.party_id if actor else None, user_id=actor.user_id if actor else None
    ):
        record(event, actor=actor)
    jobs.send_support_request.defer(request_id=str(kept.pk))
    jobs.acknowledge_support_request.defer(request_id=str(kept.pk))
    return kept


@transaction.atomic
def choose_language(user: User, code: str) -> None:
    """Speak this language to this person from now on, on every screen and in every mail."""
    User.objects.filter(pk=user.pk).update(language=code)


def signed_in(user: User) -> None:
    record_of_account(user, SignedIn(account=user.pk))


def signed_out(user: User) -> None:
    record_of_account(user, SignedOut(account=user.pk))


@transaction.atomic
def record_of_account(user: User, event: AccountEvent) -> None:
    """Record in the person's own name; an account of nobody in the directory has no actor."""
    known = queries.identities(user)
    actor = queries.actor_for(user, known[0]) if known else None
    with acting(
        party_id=actor.party_id if actor else None, user_id=actor.user_id if actor else None
    ):
        record(event, actor=actor)
