"""Asking for the account of a member, and what happens to their access when it is born."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from ronde.accounts import requests
from ronde.careteam import actions
from ronde.careteam.access import Access, access_to
from ronde.careteam.awaiting_models import AwaitedAccount, Outcome
from ronde.careteam.models import Member, MemberKind, MemberRole
from ronde.core import checks
from ronde.core.actor import Actor
from ronde.directory import numbers
from ronde.directory.models import Party

# What the line from the directory takes over from the line typed by hand.
KEPT = ("description", "establishment", "unit", "function", "address_line", "postcode", "city")


@dataclass(frozen=True, slots=True)
class Wish:
    """The account of this member is to be asked for, with what is known to reach them."""

    email: str = ""
    phone: str = ""


@transaction.atomic
def enlist(access: Access, party: Party, *, account: Wish | None, **options: Any) -> Member:
    """Add somebody of the directory with their right, and ask for their account if wished."""
    member = actions.enlist(access, party, **options)
    if account is not None:
        ask(access, member, email=account.email, phone=account.phone)
    return member


@transaction.atomic
def add_by_hand(
    access: Access, kind: MemberKind, values: Mapping[str, Any], **options: Any
) -> Member:
    """Add somebody typed by hand; for a professional who should have access, ask for the account
    that will give it (SPHERE, page 2).
    """
    member = actions.add_by_hand(access, kind, values, **options)
    if kind == MemberKind.PROFESSIONAL and member.wants_access:
        ask(access, member)
    return member


@transaction.atomic
def ask(access: Access, member: Member, *, email: str = "", phone: str = "") -> None:
    """Ask for the account of a member of the circle; once is enough."""
    access.require("careteam", write=True)
    if AwaitedAccount.objects.filter(member=member, settled_at=None).exists():
        return
    person = getattr(member.party, "person", None) if member.party_id else None
    values = _of_directory(member.party) if person else _by_hand(member)
    values |= {"email": (email or values["email"]).lower(), "phone": phone or values["phone"]}
    asked = requests.ask_for_colleague(access.actor, values, person=person)
    AwaitedAccount(
        patient_id=access.patient_id,
        member=member,
        request_id=asked.pk,
        asked_at=asked.created_at,
        asked_by_user=access.actor.user_id,
        asked_by_party=access.actor.party_id,
    ).save(force_insert=True)


def _of_directory(party: Party) -> dict[str, Any]:
    person = party.person
    return {
        "title": person.title[:20],
        "family_name": person.family_name,
        "given_name": person.given_name,
        "profession_code": person.profession_code,
        "rpps": person.rpps,
        "adeli": person.adeli,
        "city": party.city,
        "email": party.email,
        "phone": party.phone[:20],
    }


def _by_hand(member: Member) -> dict[str, Any]:
    return {
        "title": member.title,
        "family_name": member.family_name.upper(),
        "given_name": member.given_name,
        "profession_code": member.profession_code,
        "function": member.function,
        "city": member.city,
        "email": member.email,
        "phone": member.mobile or member.phone,
        **_number(member.registration_number),
    }


def _number(text: str) -> dict[str, str]:
    """The registration number typed, when it is a national one; otherwise nothing."""
    for name, check in (("rpps", numbers.rpps), ("adeli", numbers.adeli)):
        try:
            return {name: checks.optional(check, text)}
        except checks.CheckError:
            continue
    return {}


def settle(actor: Actor, request_id: UUID, party: Party) -> tuple[Outcome, UUID | None]:
    """The account is born: give the access, in the name of who asked, if they still could by hand.

    Answers the outcome, and the record when it may be named to who asked.
    """
    awaited = AwaitedAccount.objects.filter(request_id=request_id, settled_at=None).first()
    if awaited is None:
        done = AwaitedAccount.objects.filter(request_id=request_id).first()
        return (Outcome(done.outcome), done.patient_id) if done else (Outcome.NO_ACCESS, None)
    try:
        access = access_to(actor, awaited.patient_id)
        access.require("careteam", write=True)
    except (Http404, PermissionDenied):
        return Outcome.NO_ACCESS, None
    outcome = _give(access, awaited, party)
    awaited.settled_at, awaited.outcome = timezone.now(), outcome
    awaited.save(update_fields=["settled_at", "outcome"])
    return outcome, access.patient_id


def _give(access: Access, awaited: AwaitedAccount, party: Party) -> Outcome:
    member = Member.objects.select_related("party").get(pk=awaited.member_id)
    if member.removed_at is not None:
        return Outcome.REMOVED
    if member.party_id is not None:  # Known to the directory: their right was settled that day.
        return Outcome.REFUSED if member.refused else Outcome.GIVEN
    present = Member.objects.filter(
        patient_id=access.patient_id, party=party, removed_at=None
    ).first()
    if member.refused or (present is not None and present.refused):
        return Outcome.REFUSED
    member = _replace(access, member, present, party)
    if not access.patient.consents.filter(withdrawn_at=None).exists():
        return Outcome.CONSENT
    actions.habilitate(access, member)
    return Outcome.GIVEN


def _replace(access: Access, typed: Member, present: Member | None, party: Party) -> Member:
    """Put the line of the directory in the place of the line typed by hand, roles included."""
    roles = _roles(typed)
    details = {name: getattr(typed, name) for name in KEPT}
    actions.remove(access, typed)
    if present is None:
        return actions.add_party(access, party, roles=roles, details=details)
    actions.set_roles(access, present, {*roles, *_roles(present)})
    return present


def _roles(member: Member) -> list[str]:
    held = MemberRole.objects.filter(member=member, is_current=True)
    return list(held.values_list("role", flat=True))
