"""Changing identities and consents."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.core.actor import Actor
from ronde.core.text import fold
from ronde.journal.actions import record
from ronde.patients import events, queries
from ronde.patients.matching import Match, Traits, blocking_keys, query_keys
from ronde.patients.models import (
    Consent,
    ConsentGiver,
    IdentityStatus,
    Patient,
    Proof,
    missing_traits,
    regional_identifier,
)
from ronde.patients.traits import STRICT_TRAITS, reachable_status, undoes_the_proof

IDENTITY = "identity"


class RecordAccess(Protocol):
    """What these actions need of the right to a record; `careteam.access` gives the real one."""

    @property
    def actor(self) -> Actor: ...

    @property
    def patient(self) -> Patient: ...

    @property
    def patient_id(self) -> UUID: ...

    def require(self, section: str, *, write: bool = False) -> None: ...


class Stale(Exception):
    """Somebody changed the identity since it was shown; `patient` is what it is now."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(str(patient.pk))
        self.patient = patient


class ProbableDuplicate(Exception):
    """The person is probably known already: `matches` have not been looked at."""

    def __init__(self, matches: list[Match]) -> None:
        super().__init__(str(len(matches)))
        self.matches = matches


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """What the professional attests: who gave the consent, and the name when it is «autre»."""

    given_by: str
    given_by_other: str = ""


def traits_of(patient: Patient) -> Traits:
    return Traits(
        birth_name=patient.birth_name,
        first_given=patient.first_given,
        given_names=patient.given_names,
        used_name=patient.used_name,
        used_given=patient.used_given,
        birth_date=patient.birth_date,
        sex=patient.sex,
        birth_place=patient.birth_place_code,
        twin_rank=patient.twin_rank,
    )


def set_keys(patient: Patient) -> None:
    """Recompute what searches and lists read, after any change of a name, a date or a place."""
    patient.name_key = fold(patient.birth_name)
    patient.given_key = fold(patient.used_given or patient.first_given)
    patient.used_key = fold(patient.used_name)
    patient.sort_key = f"{patient.used_key or patient.name_key} {patient.given_key}"
    patient.blocking_keys = blocking_keys(traits_of(patient))


def create(actor: Actor, identity: Mapping[str, Any]) -> Patient:
    """Insert the identity. `careteam.actions.open_record` calls it: nobody else may, since a
    record without a member could be opened by nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('patients_record_number')")
        number = cursor.fetchone()[0]
    patient = Patient(
        **identity,
        record_number=number,
        regional_id=regional_identifier(number),
        created_by_user=actor.user_id,
        created_by_party=actor.party_id,
        updated_at=timezone.now(),
    )
    set_keys(patient)
    patient.save(force_insert=True)
    return patient


def attest_consent(actor: Actor, patient: Patient, statement: ConsentStatement) -> Consent:
    """Write who consented. The database refuses a second consent in force."""
    consent = Consent(
        patient=patient,
        given_by=statement.given_by,
        given_by_other=statement.given_by_other,
        attested_at=timezone.now(),
        attested_by_user=actor.user_id,
        attested_by_party=actor.party_id,
        attested_by_name=actor.signature,
    )
    consent.save(force_insert=True)
    return consent


def touch(patient_id: UUID) -> None:
    """Mark the record as updated now; a second call in the same transaction changes nothing.

    `version` stays: it counts the changes of the identity alone.
    """
    started = TransactionNow()
    Patient.objects.filter(pk=patient_id).exclude(updated_at=started).update(updated_at=started)


def note_search(actor: Actor, found: int, patient_id: UUID | None = None) -> None:
    """Record that somebody searched across all circles, not what they typed."""
    record(events.IdentitySearched(patient_id=patient_id, found=found), actor=actor)


def others_like(access: RecordAccess, patient: Patient) -> list[Match]:
    """Search the other identities close to this one, and record that it was done."""
    found = [match for match in queries.near(traits_of(patient)) if match.ref.id != patient.pk]
    note_search(access.actor, len(found), patient.pk)
    return found


def stop_duplicates(traits: Traits, set_aside: Collection[UUID]) -> None:
    """Raise ProbableDuplicate unless every probable duplicate was looked at and set aside.

    Whoever creates a similar identity at this moment waits here until we are done, then finds ours:
    two identities that a search would bring together share a key, so they share a lock.
    """
    keys = {*blocking_keys(traits), *query_keys(traits), *query_keys(traits, second_pass=True)}
    locks = sorted(
        int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
        for key in keys
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) WITH ORDINALITY"
            " AS wanted (key, place) ORDER BY place",
            [locks],
        )
    unseen = [
        match for match in queries.probable(queries.near(traits)) if match.ref.id not in set_aside
    ]
    if unseen:
        raise ProbableDuplicate(unseen)


def locked(access: RecordAccess, version: int | None = None) -> Patient:
    """Take the identity for oneself, to change it. Stale if it is no longer at `version`; Http404
    when the right ended, or the record was merged, while we waited.
    """
    access.require(IDENTITY, write=True)
    patient = Patient.objects.select_for_update(no_key=True).get(pk=access.patient_id)
    if not Patient.objects.filter(pk=patient.pk).exists():
        raise Http404
    if version is not None and patient.version != version:
        raise Stale(patient)
    return patient


def falls_back(patient: Patient, changed: Collection[str]) -> bool:
    """Whether changing these fields takes a checked identity back to provisional."""
    checked = patient.identity_status != IdentityStatus.PROVISOIRE or bool(patient.proof)
    return checked and undoes_the_proof(changed)


def differing(patient: Patient, values: Mapping[str, Any]) -> list[str]:
    return [name for name, value in values.items() if getattr(patient, name) != value]


@transaction.atomic
def change_identity(access: RecordAccess, values: Mapping[str, Any], version: int) -> Patient:
    """Correct the identity, unless somebody did since `version` (Stale).

    A strict trait that changes takes the identity back to provisional; proof and INS are dropped.
    """
    patient = locked(access, version)
    changed = differing(patient, values)
    if not changed:
        return patient
    fell_back = falls_back(patient, changed)
    for name in changed:
        setattr(patient, name, values[name])
    if fell_back:
        _forget_proof(patient)
    set_keys(patient)
    save(patient)
    event = events.IdentityChanged(
        patient_id=patient.pk, fields=sorted(changed), fell_back=fell_back
    )
    record(event, actor=access.actor)
    return patient


def _forget_proof(patient: Patient) -> None:
    patient.identity_status = IdentityStatus.PROVISOIRE
    patient.proof, patient.proof_checked_at, patient.proof_checked_by = "", None, None
    patient.ins, patient.ins_oid = "", ""


def save(patient: Patient) -> None:
    """Write the identity, one version later."""
    patient.version += 1
    patient.updated_at = timezone.now()
    patient.save()


@transaction.atomic
def check_identity(access: RecordAccess, proof: str, version: int) -> Patient:
    """Write which document was seen, by whom and when: the identity becomes validated, or qualified
    if the INS was retrieved. What was compared is `version`: Stale when it has changed since.
    """
    patient = locked(access, version)
    obstacle = obstacle_to_check(patient)
    if obstacle:
        raise ValidationError(obstacle)
    retrieved = patient.identity_status in {IdentityStatus.RECUPEREE, IdentityStatus.QUALIFIEE}
    patient.identity_status = reachable_status(retrieved=retrieved, proof=True)
    patient.proof = Proof(proof)
    patient.proof_checked_at = timezone.now()
    patient.proof_checked_by = access.actor.user_id
    save(patient)
    event = events.IdentityStatusChanged(
        patient_id=patient.pk,
        status=int(patient.identity_status),
        proof=str(Proof(proof).value),
    )
    record(event, actor=access.actor)
    return patient


def obstacle_to_check(patient: Patient) -> str:
    """Say what stands in the way of a validated identity, or nothing (RNIV, EXI SI 09)."""
    if patient.is_doubtful or patient.is_fictitious:
        return _("Une identité douteuse ou fictive reste provisoire : levez d'abord ce cas.")
    missing = missing_traits(patient)
    if missing:
        return _("Complétez d'abord : %(traits)s.") % {"traits": ", ".join(missing)}
    if not patient.given_names:
        return _("Recopiez d'abord tous les prénoms inscrits sur la pièce d'identité.")
    return ""


@transaction.atomic
def set_flags(
    access: RecordAccess, *, homonym: bool, doubtful: bool, fictitious: bool, version: int
) -> Patient:
    """Mark the special cases. A doubtful or fictitious identity is provisional, without proof."""
    if doubtful and fictitious:
        raise ValidationError(_("Une identité n'est pas à la fois douteuse et fictive."))
    patient = locked(access, version)
    values = {"is_homonym": homonym, "is_doubtful": doubtful, "is_fictitious": fictitious}
    changed = differing(patient, values)
    if not changed:
        return patient
    fell_back = (doubtful or fictitious) and falls_back(patient, STRICT_TRAITS)
    for name, value in values.items():
        setattr(patient, name, value)
    if fell_back:
        _forget_proof(patient)
    save(patient)
    event = events.IdentityChanged(
        patient_id=patient.pk, fields=sorted(changed), fell_back=fell_back
    )
    record(event, actor=access.actor)
    return patient


@transaction.atomic
def give_consent(access: RecordAccess, statement: ConsentStatement) -> Consent:
    """Write a consent collected again, after a withdrawal. One in force already: refused."""
    access.require(IDENTITY, write=True)
    if statement.given_by == ConsentGiver.OTHER and not statement.given_by_other:
        raise ValidationError(_("Précisez qui a donné le consentement."))
    try:
        with transaction.atomic():
            consent = attest_consent(access.actor, access.patient, statement)
    except IntegrityError as error:
        raise ValidationError(_("Un consentement est déjà en vigueur.")) from error
    touch(access.patient_id)
    given = events.ConsentGiven(
        patient_id=access.patient_id, giver=consent.given_by, other=consent.given_by_other
    )
    record(given, actor=access.actor)
    return consent


@transaction.atomic
def withdraw_consent(access: RecordAccess, reason: str) -> Consent:
    """Write that the consent is taken back, and why. Accesses already given stay: the circle
    decides; no new habilitation is possible (`careteam.actions.habilitate`).
    """
    access.require(IDENTITY, write=True)
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Indiquez la raison de l'annulation du consentement."))
    in_force = Consent.objects.select_for_update(of=("self",))
    consent = in_force.filter(patient_id=access.patient_id, withdrawn_at=None).first()
    if consent is None:
        raise ValidationError(_("Aucun consentement n'est en vigueur."))
    consent.withdrawn_at = timezone.now()
    consent.withdrawn_by_user = access.actor.user_id
    consent.withdrawn_by_name = access.actor.signature
    consent.withdrawal_reason = reason
    consent.save(
        update_fields=[
            "withdrawn_at",
            "withdrawn_by_user",
            "withdrawn_by_name",
            "withdrawal_reason",
        ]
    )
    touch(access.patient_id)
    record(events.ConsentWithdrawn(patient_id=access.patient_id, reason=reason), actor=access.actor)
    return consent


def giver(consent: Consent) -> str:
    """Who consented, in words; the name typed when it is somebody else."""
    if consent.given_by == ConsentGiver.OTHER:
        return consent.given_by_other
    return str(ConsentGiver(consent.given_by).label)
