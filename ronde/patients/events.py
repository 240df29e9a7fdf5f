"""What happens to an identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.journal.events import Event, worded
from ronde.journal.models import Weight
from ronde.patients.models import ConsentGiver, IdentityStatus, Patient, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpened(Event):
    """A record was created, with the consent that allows it."""

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    decided_against: int = 0
    why: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        if payload["decided_against"]:
            return _("Dossier créé malgré %(n)s identité(s) proche(s) : « %(why)s »") % {
                "n": payload["decided_against"],
                "why": payload["why"],
            }
        return _("Dossier créé")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChanged(Event):
    """Traits were corrected; only their names are kept here, the values are in the history."""

    section: ClassVar[str] = "identity"
    fields: list[str]
    fell_back: bool = False

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        labels = [str(Patient._meta.get_field(name).verbose_name) for name in payload["fields"]]
        text = _("Identité modifiée : %(fields)s") % {"fields": ", ".join(labels)}
        if payload["fell_back"]:
            text += " · " + _("identité redevenue provisoire, justificatif retiré")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityStatusChanged(Event):
    """The identity was checked against a document, or the check was taken back."""

    section: ClassVar[str] = "identity"
    status: int
    proof: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        said = {"status": worded(IdentityStatus, payload["status"])}
        if payload["proof"]:
            said["proof"] = worded(Proof, payload["proof"])
            return _("Statut d'identité : %(status)s (%(proof)s)") % said
        return _("Statut d'identité : %(status)s") % said


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    section: ClassVar[str] = "identity"
    giver: str
    other: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        giver = payload.get("other") or worded(ConsentGiver, payload["giver"])
        return _("Consentement recueilli : %(giver)s") % {"giver": giver}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    reason: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Consentement retiré : « %(reason)s »") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySearched(Event):
    """Someone searched across all circles for an identity; the traits typed are not kept."""

    section: ClassVar[str] = "trace"
    found: int

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Recherche d'identité : %(found)s proposition(s)") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDied(Event):
    """The circle is told; a mail names nobody."""

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Un décès est déclaré dans un dossier que vous suivez")
    preference: ClassVar[Any] = gettext_lazy("Être notifié lorsqu'un patient/usager est décédé")
    died_on: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        if not payload["died_on"]:
            return _("Décès déclaré, à une date inconnue")
        day = date.fromisoformat(payload["died_on"])
        return _("Décès déclaré : le %(day)s") % {"day": f"{day:%d/%m/%Y}"}

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathUndone(Event):
    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Une déclaration de décès est annulée")
    reason: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Déclaration de décès annulée : « %(reason)s »") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateEntered(Event):
    """The identity cell put two records on its list, by their numbers."""

    section: ClassVar[str] = "console"
    first: int
    second: int

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Doublon à examiner : N° %(first)s et N° %(second)s") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class HomonymRecognised(Event):
    """Another record looks like this one and is of somebody else; which one is not told here."""

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    reason: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Homonymie reconnue par la cellule d'identitovigilance : « %(reason)s »") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsMerged(Event):
    """Two records are one; written on both, `closed` on the one that is closed. A mail names
    nobody.
    """

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Deux dossiers ont été réunis")
    kept: int
    other: int
    reason: str
    closed: bool = False
    parties: list[str] = field(default_factory=list)

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        if payload["closed"]:
            return _("Dossier fusionné avec le N° %(kept)s : « %(reason)s »") % payload
        return _("Le dossier N° %(other)s est réuni à celui-ci : « %(reason)s »") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["parties"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLostByMerging(Event):
    """Whom the patient had refused in one of the two records opens the whole no more: each is told,
    though they may not open it. A mail names nobody.
    """

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Vous n'avez plus accès à un dossier")
    mail_needs_access: ClassVar[bool] = False
    names: list[str]
    parties: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        names = ", ".join(payload["names"])
        return _("Accès retiré par la réunion, le patient l'ayant refusé : %(names)s") % {
            "names": names
        }

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["parties"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSeparated(Event):
    """Two records that were merged are two again."""

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Deux dossiers qui avaient été réunis sont séparés")
    mail_needs_access: ClassVar[bool] = False
    kept: int
    other: int
    reason: str
    closed: bool = False
    parties: list[str] = field(default_factory=list)

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        if payload["closed"]:
            return _("Dossier séparé du N° %(kept)s : « %(reason)s »") % payload
        return _("Le dossier N° %(other)s est séparé de celui-ci : « %(reason)s »") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["parties"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChanged(Event):
    """A zone was created, changed, retired or put back, in the console."""

    section: ClassVar[str] = "console"
    what: str
    name: str
    former: str = ""
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        said = {
            "created": _("Zone « %(name)s » créée"),
            "changed": _("Zone « %(name)s » modifiée"),
            "retired": _("Zone « %(name)s » retirée"),
            "restored": _("Zone « %(name)s » remise"),
        }[payload["what"]] % payload
        if payload["former"]:
            said += " · " + _("s'appelait « %(former)s »") % payload
        for name, words in (
            ("added", _("communes ajoutées : %(codes)s")),
            ("removed", _("communes retirées : %(codes)s")),
        ):
            if payload[name]:
                said += " · " + words % {"codes": ", ".join(payload[name])}
        return said
