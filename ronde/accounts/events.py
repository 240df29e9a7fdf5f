"""What happens to an account. Nobody is told by mail; the journal keeps it for the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy

from ronde.journal.events import Event
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(Event):
    section: ClassVar[str] = "account"
    text: ClassVar[Any] = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Compte créé")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Connexion")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Déconnexion")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportAsked(AccountEvent):
    """The words of the request are not here: they are removed one day, the journal is not."""

    text: ClassVar[Any] = gettext_lazy("Assistance contactée")
    reference: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySwitched(AccountEvent):
    """`former` is the party they acted for until then; the entry itself bears the new one."""

    text: ClassVar[Any] = gettext_lazy("Changement d'identité")
    former: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRefused(AccountEvent):
    """Somebody asked to act for a party that they may not act for.

    `asked` is empty when what came was not even a key.
    """

    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Identité refusée")
    asked: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRefused(AccountEvent):
    """Somebody asked for a page of the console that is not theirs; `asked` names the duty."""

    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Page de la console refusée")
    account: UUID
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyGiven(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Fonction régionale confiée")
    account: UUID
    duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEnded(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Fonction régionale retirée")
    account: UUID
    duty: str
