"""People, structures and records of the tests, with the situations they are in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from PIL import Image

from ronde.accounts import terms as terms_of_use
from ronde.accounts.models import (
    AccountRequest,
    Attachment,
    Delegation,
    Duty,
    TermsAcceptance,
    TermsVersion,
    User,
)
from ronde.accounts.queries import actor_for, identities
from ronde.careteam import actions as careteam
from ronde.careteam import lasting
from ronde.careteam.access import access_to
from ronde.careteam.models import (
    AccessRequest,
    BreakGlass,
    BreakGlassReason,
    MatrixChange,
    Member,
)
from ronde.core.actor import Actor, Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.models import uuid7
from ronde.core.text import fold
from ronde.directory.models import Kind, Party, Person, Source, Structure
from ronde.documents import actions as documents
from ronde.documents.actions import Filing
from ronde.documents.models import Document
from ronde.followup import actions as followup
from ronde.followup import linking
from ronde.followup import memo_actions as memos
from ronde.followup.models import Link, Memo, Stay, StayStep
from ronde.patients.actions import ConsentStatement
from ronde.patients.merging import actions as merging
from ronde.patients.models import ConsentGiver, Duplicate, Merge, Patient

PASSWORD = "une phrase de passe solide"
TERMS = "2026-11"
_numbers = count(1)
_uuids = (UUID(int=number) for number in count(1))


def person(
    family: str = "LEBLANC", given: str = "Marc", *, profession: str = "G15:10", **fields: Any
) -> Person:
    """A professional of the directory, without account."""
    number = next(_numbers)
    with as_owner():
        party = Party.objects.create(
            kind=Kind.PERSON,
            display_name=f"{family} {given}",
            sort_key=fold(f"{family} {given}"),
            phone="+33494000001",
            source=Source.RPPS,
            **fields,
        )
        return Person.objects.create(
            party=party,
            family_name=family,
            given_name=given,
            rpps=f"{99_000_000_000 + number:011d}",
            profession_code=profession,
        )


def structure(
    name: str = "DAC Var Ouest", *, legal_person: bool = True, **fields: Any
) -> Structure:
    """A structure of the directory; `legal_person` false: a right given to it opens nothing."""
    with as_owner():
        party = Party.objects.create(
            kind=Kind.STRUCTURE,
            display_name=name,
            sort_key=fold(name),
            source=Source.REGION,
            **fields,
        )
        return Structure.objects.create(
            party=party, legal_name=name, acts_as_legal_person=legal_person
        )


def user(
    family: str = "LAMBERT",
    given: str = "Sophie",
    *,
    attached_to: Structure | None = None,
    terms: bool = True,
    duties: Iterable[str] = (),
    **fields: Any,
) -> User:
    """Somebody with an account, the terms accepted, attached to a structure or on duty if asked."""
    who = person(family, given, **fields)
    with as_owner():
        account = User.objects.create_user(
            email=f"{given}.{family}.{next(_numbers)}@exemple.test".lower(),
            password=PASSWORD,
            person=who,
            full_name=f"{given} {family}",
        )
        if terms:
            TermsAcceptance.objects.create(user=account, version=TERMS)
        if attached_to is not None:
            Attachment.objects.create(user=account, structure=attached_to)
        for kind in duties:
            Duty.objects.create(user=account, kind=kind)
    return account


def published_terms(
    version: str, *, since: datetime | None = None, heard: bool = True, **fields: Any
) -> TermsVersion:
    """Terms of use of the region, in force since now; `heard`: this process knows it."""
    now = timezone.now()
    written = {"text": "Le secret.", "summary": "Tout.", **fields}
    with as_owner():
        found = TermsVersion.objects.create(
            version=version,
            changed_at=now,
            changed_by_name="Agnès VIDAL",
            published_at=min(since or now, now),
            published_by=uuid7(),
            published_by_name="Agnès VIDAL",
            in_force_at=since or now,
            **written,
        )
    if heard:
        terms_of_use.forget()
    return found


def delegation(
    delegator: User | Structure,
    delegate: User | Structure,
    *,
    status: str = "accepted",
    scope: str = "records",
) -> Delegation:
    """What lets `delegate` act in the name of `delegator`, at this point of its life."""
    keys = [one.person_id if isinstance(one, User) else one.pk for one in (delegator, delegate)]
    with as_owner():
        return Delegation.objects.create(
            delegator_id=keys[0],
            delegate_id=keys[1],
            scope=scope,
            status=status,
            created_by=next(_uuids),
        )


def account_request(requester: User, **fields: Any) -> AccountRequest:
    """The account of a colleague asked for by `requester`, waiting for a validator."""
    now = timezone.now()
    values = {
        "kind": "colleague",
        "status": "pending",
        "family_name": "MOREAU",
        "given_name": "Lina",
        "requester_user": requester.pk,
        "requester_party": requester.person_id,
        "requester_name": requester.full_name,
        "created_at": now,
        "entered_at": now,
    }
    with as_owner():
        return AccountRequest.objects.create(**{**values, **fields})


def identity_of(account: User, party_id: UUID) -> Actor:
    """The actor that the middleware would make for one of the identities of this account."""
    chosen = next(one for one in identities(account) if one.party_id == party_id)
    return actor_for(account, chosen)


def actor(account: User, structure: Structure | None = None) -> Actor:
    """The actor that the middleware would make for this account."""
    return Actor(
        user_id=account.pk,
        party_id=structure.pk if structure else account.person_id,
        person_id=account.person_id,
        display_name=structure.party.display_name if structure else account.full_name,
        person_name=account.full_name,
        as_structure=structure is not None,
        profession=account.person.profession_code,
    )


def identity(**traits: Any) -> dict[str, Any]:
    return {
        "birth_name": "MARCHETTI",
        "first_given": "JEANNE",
        "birth_date": date(1942, 3, 12),
        "sex": "F",
        "birth_place_code": "83126",
        "birth_place": "La Seyne-sur-Mer",
        **traits,
    }


CONSENT = ConsentStatement(given_by=ConsentGiver.PATIENT)


@contextmanager
def _as(who: Actor) -> Iterator[None]:
    """Act as `who` in a transaction: outside of one, no policy lets anything through."""
    key = {"party_id": who.party_id, "user_id": who.user_id, "delegated": who.is_delegate}
    with acting(**key), transaction.atomic():
        yield


def patient(creator: Actor, **traits: Any) -> Patient:
    """A record opened by `creator`, who is its only member."""
    with _as(creator):
        return careteam.open_record(creator, identity(**traits), CONSENT)


def document(by: Actor, patient: Patient, **values: Any) -> Document:
    """A document put in the record by `by`: a letter in PDF, unless said otherwise."""
    content = values.pop("content", None) or one_page()
    name = values.pop("name", "lettre de liaison.pdf")
    filing = Filing(
        values.pop("type", "11490-0"),
        values.pop("day", date(2026, 11, 3)),
        values.pop("title", ""),
    )
    with _as(by):
        access = access_to(by, patient.pk)
        return documents.deposit(access, BytesIO(content), name, filing, **values)


@cache
def one_page(form: str = "PDF") -> bytes:
    """A PDF of one page, or a picture."""
    out = BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, form)
    return out.getvalue()


def member(
    by: Actor,
    patient: Patient,
    party: Party,
    *,
    habilitated: bool = False,
    refused: bool = False,
    roles: tuple[str, ...] = (),
) -> Member:
    """Somebody of the directory put in the circle by `by`, in the situation asked."""
    with _as(by):
        access = access_to(by, patient.pk)
        added = careteam.add_party(access, party, roles=roles)
        if habilitated:
            added = careteam.habilitate(access, added)
        if refused:
            added = careteam.refuse(access, added)
        return added


def matrix_change(**values: Any) -> MatrixChange:
    """A change of the rights matrix that an administrator made."""
    usual = {
        "user_id": next(_uuids),
        "person_name": "Agnès Vidal",
        "profession_code": "G15:10",
        "before": {"trace": 1},
        "after": {},
        "reason": "Réunion des référents",
    }
    with as_owner():
        return MatrixChange.objects.create(**{**usual, **values})


def broken_glass(patient: Patient, by: Actor | None = None, *, days_ago: float = 0) -> BreakGlass:
    """A break-glass access, as old as asked."""
    who = by or actor(user("BELKACEM", "Inès"))
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        glass = careteam.break_glass(
            who, patient.pk, BreakGlassReason.EMERGENCY, "Chute à domicile"
        )
    then = timezone.now() - timedelta(days=days_ago)
    with as_owner():
        if days_ago:
            BreakGlass.objects.filter(pk=glass.pk).update(
                opened_at=then, until=then + timedelta(hours=2)
            )
        glass.refresh_from_db()
    return glass


def access_request(
    patient: Patient, by: Actor | None = None, *, days_ago: float = 0
) -> AccessRequest:
    """A lasting access asked for under break-glass, as long ago as asked."""
    who = by or actor(user("BELKACEM", "Inès"))
    broken_glass(patient, who)
    with _as(who):
        asked = lasting.ask(access_to(who, patient.pk), "Je la suivrai à sa sortie")
    then = timezone.now() - timedelta(days=days_ago)
    with as_owner():
        if days_ago:
            AccessRequest.objects.filter(pk=asked.pk).update(asked_at=then)
            BreakGlass.objects.filter(pk=asked.glass_id).update(
                opened_at=then, until=then + timedelta(hours=2)
            )
        asked.refresh_from_db()
    return asked


def stay(by: Actor, patient: Patient) -> tuple[Stay, StayStep]:
    """A stay in hospital that is under way, and the first thing to do around it."""
    values = {"place": "CHITS Sainte Musse", "admitted_at": timezone.now() - timedelta(days=1)}
    with _as(by):
        noted = followup.record_stay(access_to(by, patient.pk), values)
        return noted, noted.steps.order_by("position")[0]


def memo(by: Actor, patient: Patient, content: str = "Code 4512B", **how: Any) -> Memo:
    """A memo stuck on the record by `by`."""
    with _as(by):
        return memos.write(access_to(by, patient.pk), content, **how)


def link(by: Actor, patient: Patient, other: Patient, kinship: str = "sibling") -> Link:
    """`other` is the `kinship` of `patient`; `by` may write in both records."""
    with _as(by):
        return linking.link(access_to(by, patient.pk), other.pk, kinship)


def officer(account: User | None = None) -> Officer:
    """Somebody of the identity cell, as the gate of the console would make them."""
    who = account or user("VIDAL", "Agnès", duties=["identity_cell"])
    return Officer(who.pk, who.full_name, "identity_cell")


@contextmanager
def on_duty(who: Officer) -> Iterator[None]:
    """Act for the region in a transaction, in nobody's name."""
    with acting(party_id=None, user_id=who.user_id, duty=who.duty), transaction.atomic():
        yield


def pair(who: Officer, one: Patient, two: Patient) -> Duplicate:
    """Two records on the list of the identity cell."""
    with on_duty(who):
        return merging.enter(who, one.record_number, two.record_number)


def merged(who: Officer, kept: Patient, other: Patient, why: str = "Même personne") -> Merge:
    """`other` brought together with `kept`."""
    found = pair(who, kept, other)
    with on_duty(who):
        return merging.merge(who, found, kept.pk, why)
