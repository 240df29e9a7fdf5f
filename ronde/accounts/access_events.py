"""What happens to the ways into an account: proofs, sessions, Pro Santé Connect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts.events import AccountEvent
from ronde.accounts.psc.refusal import WORDS, Refusal
from ronde.journal.models import Weight

FACTORS = {
    "totp": gettext_lazy("application d'authentification"),
    "webauthn": gettext_lazy("clé d'accès"),
    "recovery_codes": gettext_lazy("codes de secours"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorEvent(AccountEvent):
    """`factor` is one of FACTORS; neither secret nor name of the device."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    account: UUID
    factor: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        factor = FACTORS.get(payload["factor"], payload["factor"])
        return str(cls.text) % {"factor": factor}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorAdded(FactorEvent):
    text: ClassVar[Any] = gettext_lazy("Moyen de connexion ajouté : %(factor)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRemoved(FactorEvent):
    text: ClassVar[Any] = gettext_lazy("Moyen de connexion retiré : %(factor)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRenewed(FactorEvent):
    text: ClassVar[Any] = gettext_lazy("Moyen de connexion renouvelé : %(factor)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(AccountEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Mot de passe changé")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsRevoked(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Sessions fermées à distance : %(count)d")
    account: UUID
    count: int

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % {"count": payload["count"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLocked(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Écran verrouillé")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUnlocked(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Écran déverrouillé")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProSanteLinked(AccountEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Compte relié à Pro Santé Connect")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProSanteRefused(AccountEvent):
    """`reason` is one of `Refusal`; `account` is known only once the account was found."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Connexion par Pro Santé Connect refusée")
    reason: str
    account: UUID | None = None

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        reason = WORDS[Refusal(payload["reason"])].title
        return _("%(what)s : %(reason)s") % {"what": cls.text, "reason": reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStepsRemoved(AccountEvent):
    """By the installation, for a holder who has lost everything and proved who they are."""

    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Moyens de connexion retirés par l'assistance")
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(AccountEvent):
    """In the console; the reason is for the audit."""

    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Compte fermé : %(reason)s")
    account: UUID
    reason: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReopened(AccountClosed):
    text: ClassVar[Any] = gettext_lazy("Compte rouvert : %(reason)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLinkSent(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Lien de mot de passe envoyé par l'assistance")
    account: UUID
