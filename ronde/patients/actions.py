"""Changing identities and consents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from ronde.core.actor import Actor
from ronde.core.text import fold
from ronde.patients.matching import Traits, blocking_keys
from ronde.patients.models import Consent, Patient, regional_identifier


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
        attested_by_name=actor.person_name,
    )
    consent.save(force_insert=True)
    return consent


def touch(patient_id: UUID) -> None:
    """Mark the record as updated now; a second call in the same transaction changes nothing."""
    Patient.objects.filter(pk=patient_id).exclude(updated_at=Now()).update(
        updated_at=Now(), version=F("version") + 1
    )
