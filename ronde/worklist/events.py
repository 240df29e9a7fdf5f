"""What leaves a trace in the worklist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronde.journal.events import Event, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistExported(Event):
    """Records left the application in a spreadsheet: how many, and which ones."""

    section: ClassVar[str] = "trace"
    count: int
    records: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Export de %(count)s dossier(s)") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class HabilitationsGiven(Event):
    """What one act on many records gave to one party, told in one mail for them all."""

    section: ClassVar[str] = "careteam"
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Vous avez accès à de nouveaux dossiers")
    party_id: UUID
    member: str
    count: int

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return (
            ngettext(
                "%(member)s habilité(e) sur %(count)s dossier",
                "%(member)s habilité(e) sur %(count)s dossiers",
                payload["count"],
            )
            % payload
        )

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(payload["party_id"])]

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        return [_counted(payload["count"])]


def _counted(count: int) -> str:
    return ngettext("Nombre : %(count)s dossier", "Nombre : %(count)s dossiers", count) % {
        "count": count
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class HabilitationsEnded(HabilitationsGiven):
    """What one act on many records took from one party."""

    mail: ClassVar[Any] = gettext_lazy("Votre accès à des dossiers a été retiré")

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return (
            ngettext(
                "Habilitation de %(member)s retirée sur %(count)s dossier",
                "Habilitation de %(member)s retirée sur %(count)s dossiers",
                payload["count"],
            )
            % payload
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRunFinished(Event):
    """A long act on many records came to its end: whoever asked for it is told."""

    section: ClassVar[str] = "account"
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Votre opération sur les habilitations est terminée")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu’une opération sur plusieurs dossiers, que j’ai demandée, est terminée"
    )
    count: int
    told: list[str]  # The policy `told` of the journal: nobody wrote this line.

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return (
            ngettext(
                "Gestion des habilitations terminée : %(count)s dossier",
                "Gestion des habilitations terminée : %(count)s dossiers",
                payload["count"],
            )
            % payload
        )

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["told"]]

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        return [_counted(payload["count"])]
