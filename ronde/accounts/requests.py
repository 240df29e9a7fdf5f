"""What changes a request for an account. A decision is taken once: of two validators, one wins."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronde.accounts import actions, request_queries
from ronde.accounts.links import key as key_of
from ronde.accounts.models import Duty, User
from ronde.accounts.request_events import (
    VALIDATORS,
    AccountAccepted,
    AccountRefused,
    AccountRequested,
    AttachmentJudged,
    InvitedPersonSignedUp,
    MoreAnswered,
    MoreAsked,
)
from ronde.accounts.request_jobs import Letter, write, write_to_super_users
from ronde.accounts.request_models import (
    AccountRequest,
    AttachmentOpinion,
    Invitation,
    LinkPurpose,
    RequestKind,
    RequestStatus,
)
from ronde.core.actor import Actor, Officer
from ronde.core.context import acting
from ronde.core.models import uuid7
from ronde.core.text import fold
from ronde.directory.keys import person_key
from ronde.directory.models import Person
from ronde.journal.actions import record

POST = "post"  # The named service that writes to applicants (`sql/requests.sql`).


class Decided(ValidationError):
    """Somebody else dealt with this request since the page was shown: the message says who."""


@transaction.atomic
def submit(
    values: Mapping[str, Any],
    *,
    person: Person | None,
    structures: Iterable[UUID] = (),
    name_differs: bool = False,
    psc_subject: str = "",
    invitation: UUID | None = None,
) -> AccountRequest:
    """Keep what somebody asks for themselves, and mail them the link that proves their address.

    The same rows and the same job whether or not the address has an account: only the letter, later
    and to its holder alone, differs.
    """
    asked = AccountRequest(
        kind=RequestKind.SELF,
        status=RequestStatus.UNVERIFIED,
        person=person,
        structure_ids=list(structures),
        name_differs=name_differs,
        psc_subject=psc_subject,
        invitation_id=_use_invitation(invitation),
        language=translation.get_language() or "",
        created_at=timezone.now(),
        link=uuid.uuid4(),
        link_purpose=LinkPurpose.VERIFY,
        link_expires_at=timezone.now() + settings.REQUEST_LINK_LIFE,
        **values,
    )
    asked.save(force_insert=True)
    write.defer(request_id=str(asked.pk), letter=Letter.VERIFY)
    return asked


def _use_invitation(link: UUID | None) -> UUID | None:
    """Use an invitation up; one that expired or was withdrawn meanwhile leads to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_use_invitation(%s)", [link])
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def confirm(token: str) -> User | UUID | None:
    """The address is proven: the request enters the queue (its key), or by Pro Santé Connect the
    account opens at once. None: the link serves no more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_confirm_request(%s)", [key_of(token)])
        row = cursor.fetchone()
        if row is None:
            return None
        request_id, by_psc = row
        cursor.execute("SELECT accounts_invitation_led_to(%s)", [request_id])
    told = None if by_psc else _validators()
    with acting(party_id=None, user_id=None):
        record(AccountRequested(request=request_id, kind=RequestKind.SELF, told=told), actor=None)
    if by_psc:
        return _open_by_psc(request_id)
    _entered(request_id, to_applicant=True)
    return request_id


def _validators() -> list[str]:
    """The persons on duty who deal with the queue."""
    held = Duty.objects.filter(kind__in=VALIDATORS, ended_at=None, user__is_active=True)
    found = held.exclude(user__person=None).values_list("user__person_id", flat=True)
    return [str(one) for one in found.order_by("user__person_id").distinct()]


def _entered(request_id: UUID, *, to_applicant: bool) -> None:
    """The request waits for a validator: say so to whom it concerns."""
    if to_applicant:
        write.defer(request_id=str(request_id), letter=Letter.RECEIVED)
        write_to_super_users.defer(request_id=str(request_id))
    write.defer(request_id=str(request_id), letter=Letter.SUPPORT)


def _open_by_psc(request_id: UUID) -> User:
    """Open the account of somebody whom Pro Santé Connect vouches for, in nobody's name."""
    with acting(party_id=None, user_id=None, duty=POST):
        asked = AccountRequest.objects.select_for_update().get(pk=request_id)
        return _open(asked, by=None, structures=[])


@transaction.atomic
def complete(token: str, answer: str) -> bool:
    """The applicant says what was missing; back to the queue. False: the link serves no more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_complete_request(%s, %s)", [key_of(token), answer])
        request_id = cursor.fetchone()[0]
    if request_id is None:
        return False
    told = _validators()
    with acting(party_id=None, user_id=None):
        record(MoreAnswered(request=request_id, told=told), actor=None)
    for letter in (Letter.ANSWERED, Letter.SUPPORT):
        write.defer(request_id=str(request_id), letter=letter)
    return True


@transaction.atomic
def ask_for_colleague(
    actor: Actor, values: Mapping[str, Any], *, person: Person | None
) -> AccountRequest:
    """Ask for the account of somebody else; support is told, and verifies."""
    now = timezone.now()
    asked = AccountRequest(
        kind=RequestKind.COLLEAGUE,
        status=RequestStatus.PENDING,
        person=person,
        requester_user=actor.user_id,
        requester_party=actor.party_id,
        requester_name=actor.person_name,
        created_at=now,
        entered_at=now,
        link=None,
        **values,
    )
    asked.save(force_insert=True)
    kind = RequestKind.COLLEAGUE
    record(AccountRequested(request=asked.pk, kind=kind, told=_validators()), actor=actor)
    _entered(asked.pk, to_applicant=False)
    return asked


def _held(request_id: UUID, version: int) -> AccountRequest:
    """Take the request, unless another validator was faster."""
    asked = AccountRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if asked.is_open and asked.version == version:
        return asked
    if asked.decided_by_name:
        raise Decided(
            _("%(name)s a déjà traité cette demande (« %(status)s »)."),
            params={
                "name": asked.decided_by_name,
                "status": str(asked.get_status_display()).lower(),
            },
        )
    raise Decided(_("Cette demande a changé depuis l'ouverture de la page : relisez-la."))


def _decide(
    by: Officer | None, asked: AccountRequest, status: RequestStatus, **values: Any
) -> None:
    changes = {
        "status": status,
        "decided_at": timezone.now(),
        "decided_by": by.user_id if by else None,
        "decided_by_name": by.person_name if by else "Pro Santé Connect",
        "version": asked.version + 1,
        **values,
    }
    for name, value in changes.items():
        setattr(asked, name, value)
    asked.save(update_fields=list(changes))


@transaction.atomic
def accept(
    by: Officer, request_id: UUID, version: int, *, email: str = "", structures: Iterable[UUID] = ()
) -> User:
    """Open the account, attached to the structures ticked among those that were asked for.

    `email` completes the request of a colleague; what somebody asked for themselves bears the
    address that they proved.
    """
    asked = _held(request_id, version)
    if asked.kind == RequestKind.COLLEAGUE and email:
        asked.email = email
    ticked = [key for key in asked.structure_ids if key in set(structures)]
    return _open(asked, by=by, structures=ticked)


def _open(asked: AccountRequest, *, by: Officer | None, structures: list[UUID]) -> User:
    user = _born_meanwhile(asked)
    is_new = user is None
    if user is None:
        user = _create(asked, by=by, structures=structures)
    person = user.person
    values = {"account_id": user.pk, "person_id": person.pk, "email": asked.email, "link": None}
    _decide(by, asked, RequestStatus.ACCEPTED, **values)
    record(
        AccountAccepted(
            request=asked.pk,
            account=user.pk,
            person=person.pk,
            requester_user=asked.requester_user,
            requester_party=asked.requester_party,
        ),
        actor=by,
    )
    if is_new:
        write.defer(request_id=str(asked.pk), letter=Letter.OPENED)
    if asked.kind == RequestKind.COLLEAGUE:
        write.defer(request_id=str(asked.pk), letter=Letter.REQUESTER_OPENED)
    _tell_inviter(asked, user)
    return user


def _create(asked: AccountRequest, *, by: Officer | None, structures: list[UUID]) -> User:
    if not asked.email:
        raise ValidationError(_("Indiquez l'adresse e-mail de cette personne."), code="email")
    if User.objects.filter(email__iexact=asked.email).exists():
        raise ValidationError(_("Cette adresse est déjà celle d'un compte."), code="email")
    person = request_queries.person_of(asked.rpps, asked.adeli) or asked.person or _enter(asked)
    if User.objects.filter(person=person).exists():
        raise ValidationError(_("Cette personne a déjà un compte : refusez la demande."))
    try:
        with transaction.atomic():
            return actions.create_account(
                asked.email,
                person=person,
                structures=request_queries.structures_named(structures),
                by=by,
            )
    except IntegrityError:  # Another request for the same person, accepted at the same moment.
        raise Decided(_("Un compte vient d'être ouvert pour cette personne.")) from None


def _born_meanwhile(asked: AccountRequest) -> User | None:
    """The open account of somebody asked for by a colleague, who signed up by themselves since."""
    if asked.kind != RequestKind.COLLEAGUE:
        return None
    person = request_queries.person_of(asked.rpps, asked.adeli) or asked.person
    accounts = User.objects.filter(is_active=True).select_related("person")
    found = accounts.filter(person=person).first() if person else None
    if found is None and asked.email:
        found = accounts.filter(email__iexact=asked.email, person__isnull=False).first()
        if found is not None and not _same_name(asked, found.person):
            return None  # Somebody else's address: said to the validator.
    return found


def _same_name(asked: AccountRequest, person: Person) -> bool:
    names = [(fold(one.family_name), fold(one.given_name)) for one in (asked, person)]
    return names[0] == names[1]


def _enter(asked: AccountRequest) -> Person:
    """Somebody whom the directory does not know enters it, with the source «saisie locale»."""
    numbers = [("8", asked.rpps), ("0", asked.adeli)]
    party = next((person_key(kind, number) for kind, number in numbers if number), None) or uuid7()
    name = f"{asked.family_name} {asked.given_name}".strip()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT accounts_enter_person(%s, %s, %s, %s)", [asked.pk, party, name, fold(name)]
        )
    return Person.objects.select_related("party").get(pk=party)


def _tell_inviter(asked: AccountRequest, user: User) -> None:
    invitation = Invitation.objects.filter(pk=asked.invitation_id).first()
    if invitation is None:
        return
    Invitation.objects.filter(pk=invitation.pk).update(account_id=user.pk)
    inviter = User.objects.filter(pk=invitation.by_user, is_active=True).first()
    told = (inviter.person_id if inviter else None) or invitation.by_party
    with acting(party_id=None, user_id=None):
        event = InvitedPersonSignedUp(
            invitation=invitation.pk, name=user.full_name, told=[str(told)]
        )
        record(event, actor=None)


@transaction.atomic
def refuse(by: Officer, request_id: UUID, version: int, reason: str, text: str) -> None:
    """Close the request; the applicant, or the colleague who asked, reads why."""
    asked = _held(request_id, version)
    _decide(by, asked, RequestStatus.REFUSED, reason=reason, reason_text=text, link=None)
    record(AccountRefused(request=asked.pk, reason=reason), actor=by)
    write.defer(request_id=str(asked.pk), letter=Letter.REFUSED)


@transaction.atomic
def ask_more(by: Officer, request_id: UUID, version: int, question: str) -> None:
    """Ask the applicant, or the colleague who asked, for what is missing, by a link of its own."""
    asked = _held(request_id, version)
    _decide(
        by,
        asked,
        RequestStatus.MORE,
        question=question,
        link=uuid.uuid4(),
        link_purpose=LinkPurpose.COMPLETE,
        link_expires_at=timezone.now() + settings.REQUEST_ANSWER_LIFE,
        link_used_at=None,
    )
    record(MoreAsked(request=asked.pk), actor=by)
    write.defer(request_id=str(asked.pk), letter=Letter.MORE)


@transaction.atomic
def judge_attachment(actor: Actor, request_id: UUID, *, confirmed: bool) -> None:
    """The super-user says whether this person works there. Said once; the validator decides."""
    asking = {one.request_id: one for one in request_queries.asking_attachment()}
    if request_id not in asking:
        raise Decided(_("Cette demande n'attend plus d'avis."))
    if asking[request_id].confirmed is not None:
        raise Decided(
            _("%(name)s a déjà donné son avis."), params={"name": asking[request_id].said_by}
        )
    AttachmentOpinion(
        request_id=request_id,
        structure_id=actor.party_id,
        confirmed=confirmed,
        by_user=actor.user_id,
        by_name=actor.person_name,
    ).save(force_insert=True)
    record(AttachmentJudged(request=request_id, confirmed=confirmed), actor=actor)
