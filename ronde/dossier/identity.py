"""The identity of a record as its page tells it: what is known, what is odd, what it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.core import formats
from ronde.journal.events import sentence
from ronde.journal.models import JournalEntry
from ronde.patients import nir, queries
from ronde.patients.merging.queries import brought_together
from ronde.patients.models import Consent, IdentityHistory, Patient
from ronde.patients.traits import carries_ins
from ronde.patients.wording import HIDDEN, grouped_nir, label, worded
from ronde.terminology import queries as terminology

Rows = list[tuple[str, str]]
Changes = list[tuple[str, str, str]]
_EVENTS = {
    "RecordOpened",
    "IdentityChanged",
    "IdentityStatusChanged",
    "ConsentGiven",
    "ConsentWithdrawn",
    "HomonymRecognised",
    "RecordsMerged",
    "RecordsSeparated",
}
SHOWN = 50


def strict_rows(patient: Patient) -> Rows:
    return [
        (_("Nom de naissance"), patient.birth_name),
        (_("1er prénom de naissance"), patient.first_given),
        (_("Prénom(s) de naissance"), patient.given_names),
        (_("Date de naissance"), formats.day(patient.birth_date)),
        (_("Sexe"), patient.get_sex_display()),
        (_("Lieu de naissance"), f"{patient.birth_place} ({patient.birth_place_code})"),
    ]


def other_rows(access: Access) -> Rows:
    patient = access.patient
    merged = brought_together(patient.pk) if access.formerly else []
    rows = [
        (_("Nom utilisé"), patient.used_name),
        (_("Prénom utilisé"), patient.used_given),
        (_("Pays de naissance"), terminology.place(patient.birth_country_code)),
        (_("Rang gémellaire"), str(patient.twin_rank or "")),
        (_("NIR"), grouped_nir(patient.nir)),
        (_("NIR de l'ouvrant droit"), grouped_nir(patient.holder_nir)),
        (_("N° de dossier"), f"N° {patient.record_number}"),
        (_("Dossiers réunis à celui-ci"), ", ".join(f"N° {number}" for number in merged)),
        (_("Identifiant régional"), patient.grouped_regional_id),
    ]
    if carries_ins(patient.identity_status):
        rows.insert(0, (_("INS"), grouped_nir(patient.ins)))
    return rows


def contact_rows(patient: Patient) -> Rows:
    address = ", ".join(filter(None, [patient.address_line, patient.address_extra]))
    return [
        (_("Numéro de mobile"), formats.phone(patient.mobile)),
        (_("Téléphone fixe"), formats.phone(patient.phone)),
        (_("E-mail"), patient.email),
        (_("Adresse"), address),
        (_("Commune"), f"{patient.postcode} {patient.city}".strip()),
        (_("Zone géographique"), ", ".join(queries.zones_of(patient.commune_code))),
    ]


def oddities(patient: Patient) -> list[str]:
    """What in the NIR disagrees with the traits: to be looked at, not an error."""
    if not patient.nir:
        return []
    found = nir.warnings(
        patient.nir,
        sex=patient.sex,
        birth_date=patient.birth_date,
        birth_place=patient.birth_place_code,
    )
    if nir.is_waiting(patient.nir):
        found.append(_("Numéro provisoire, en attente du NIR définitif."))
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened to the identity, with the values that changed."""

    entry: JournalEntry
    sentence: str
    changes: Changes


def past(access: Access) -> list[Past]:
    """The last events of the identity, newest first, with what the trigger kept of the values.

    Both carry the key of the request that made them.
    """
    rows = JournalEntry.objects.filter(patient_id=access.patient_id, event__in=_EVENTS)
    entries = list(rows.order_by("-at", "-pk")[:SHOWN])
    kept: dict[str, list[IdentityHistory]] = {}
    for row in queries.history(access.patient_id)[: SHOWN * 2]:
        kept.setdefault(row.request_id, []).append(row)
    return [
        Past(
            entry,
            sentence(entry.event, entry.payload),
            changes(kept.pop(entry.request_id, []) if entry.event.startswith("Identity") else []),
        )
        for entry in entries
    ]


def changes(rows: Iterable[IdentityHistory]) -> Changes:
    return [
        (label(name), worded(name, row.before[name]), worded(name, row.after[name]))
        for row in rows
        for name in sorted(row.before)
        if name not in HIDDEN
    ]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A correction that crossed another one. `rows`: label, value now, value typed (nothing when it
    was not touched); `untouched`: the columns that take the value of now.
    """

    rows: Changes
    untouched: set[str]


def conflict(now: Patient, version: int, typed: Mapping[str, Any]) -> Conflict:
    """Compare what was typed from `version` with what somebody else saved since."""
    rows, untouched = [], set()
    for name, before in sorted(queries.values_at(now.pk, version).items()):
        if name not in typed:
            continue
        mine = worded(name, typed[name])
        if mine == worded(name, before):
            untouched.add(name)
            mine = ""
        if name not in HIDDEN:
            rows.append((label(name), worded(name, getattr(now, name)), mine))
    return Conflict(rows, untouched)


def attestation(consent: Consent | None) -> str:
    """The sentence of the document once the consent was collected."""
    if consent is None:
        return ""
    return _("Consentement recueilli le %(day)s par %(name)s.") % {
        "day": formats.day(consent.attested_at),
        "name": consent.attested_by_name,
    }
