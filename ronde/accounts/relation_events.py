"""What happens between somebody who delegates and somebody who acts in their name.

The other party is told; the journal keeps it among the events of accounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy

from ronde.accounts.events import AccountEvent
from ronde.accounts.models import DelegationScope
from ronde.journal.events import Topic
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEvent(AccountEvent):
    """`told` is the party to tell; names are those of the directory at that moment."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.ACCESS
    to_deciders: ClassVar[bool] = True
    delegation: UUID
    told: UUID
    delegator: str
    delegate: str
    scope: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        scope = DelegationScope(payload["scope"]).label
        return str(cls.text) % {**payload, "scope": scope}

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(payload["told"])]


_MY_DELEGATES = (gettext_lazy("Voir mes délégués"), "accounts:delegates")
_MY_DELEGATORS = (gettext_lazy("Voir mes délégants"), "accounts:delegators")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationAsked(DelegationEvent):
    mail: ClassVar[Any] = gettext_lazy("Vous avez une demande de délégation en attente")
    preference: ClassVar[Any] = gettext_lazy("Être notifié d'une demande de délégation")
    text: ClassVar[Any] = gettext_lazy("Délégation demandée à %(delegator)s (%(scope)s)")
    link: ClassVar[tuple[Any, str] | None] = _MY_DELEGATES


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGiven(DelegationEvent):
    mail: ClassVar[Any] = gettext_lazy("Vous pouvez agir au nom de quelqu'un par délégation")
    preference: ClassVar[Any] = gettext_lazy("Être notifié lorsqu'une délégation m'est donnée")
    text: ClassVar[Any] = gettext_lazy("Délégation donnée à %(delegate)s (%(scope)s)")
    link: ClassVar[tuple[Any, str] | None] = _MY_DELEGATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationAccepted(DelegationEvent):
    mail: ClassVar[Any] = gettext_lazy("Votre demande de délégation est acceptée")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsque ma demande de délégation est acceptée"
    )
    text: ClassVar[Any] = gettext_lazy("Délégation acceptée pour %(delegate)s (%(scope)s)")
    link: ClassVar[tuple[Any, str] | None] = _MY_DELEGATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRefused(DelegationEvent):
    mail: ClassVar[Any] = gettext_lazy("Votre demande de délégation est refusée")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsque ma demande de délégation est refusée"
    )
    text: ClassVar[Any] = gettext_lazy("Délégation refusée à %(delegate)s (%(scope)s)")
    link: ClassVar[tuple[Any, str] | None] = _MY_DELEGATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationWithdrawn(DelegationEvent):
    """The delegator took it back, or the delegate gave it up or took back their request."""

    mail: ClassVar[Any] = gettext_lazy("Une délégation est retirée")
    preference: ClassVar[Any] = gettext_lazy("Être notifié lorsqu'une délégation est retirée")
    text: ClassVar[Any] = gettext_lazy(
        "Délégation de %(delegator)s à %(delegate)s retirée (%(scope)s)"
    )
    link: ClassVar[tuple[Any, str] | None] = (
        gettext_lazy("Voir mes relations"),
        "accounts:delegates",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingRefused(AccountEvent):
    """Somebody tried to settle what is another's: a delegate, or no super-user of the structure.

    `asked` is the name of the address.
    """

    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Réglage réservé à son titulaire refusé")
    asked: str
