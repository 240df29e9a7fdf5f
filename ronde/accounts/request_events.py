"""What becomes of requests for accounts and of invitations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts.events import AccountEvent
from ronde.accounts.models import DutyKind
from ronde.journal.events import Topic

VALIDATORS = frozenset({DutyKind.ADMINISTRATOR.value, DutyKind.SUPPORT.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent(AccountEvent):
    """`request` is the key of the request: who asked is read there, by those who may."""

    request: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRequested(RequestEvent):
    """`kind`: for oneself, or for a colleague. `told`: the persons who validate (AZUREZO, sheet
    36); the mail of each request goes to the support's own address.
    """

    mail: ClassVar[Any] = gettext_lazy("Un compte est à valider")
    mail_needs_access: ClassVar[bool] = False
    mailed_by_default: ClassVar[bool] = False
    topic: ClassVar[Topic] = Topic.ACCOUNT
    preference: ClassVar[Any] = gettext_lazy("Inscription d'un nouvel utilisateur")
    to_duties: ClassVar[frozenset[str]] = VALIDATORS
    link: ClassVar[tuple[Any, str]] = (
        gettext_lazy("Comptes à valider"),
        "console:account_requests",
    )
    text: ClassVar[Any] = gettext_lazy("Demande de compte")
    kind: str
    told: list[str] | None = None

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload.get("told") or []]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAccepted(RequestEvent):
    """The account exists now. The requester's keys let the record asked for be opened to it."""

    text: ClassVar[Any] = gettext_lazy("Demande de compte acceptée")
    account: UUID
    person: UUID
    requester_user: UUID | None = None
    requester_party: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRefused(RequestEvent):
    text: ClassVar[Any] = gettext_lazy("Demande de compte refusée")
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAsked(RequestEvent):
    text: ClassVar[Any] = gettext_lazy("Complément demandé")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAnswered(RequestEvent):
    """What was missing is there: the request is in the queue again. `told`: who validates."""

    mail: ClassVar[Any] = gettext_lazy("Un complément demandé pour un compte est arrivé")
    mail_needs_access: ClassVar[bool] = False
    mailed_by_default: ClassVar[bool] = False
    topic: ClassVar[Topic] = Topic.ACCOUNT
    preference: ClassVar[Any] = gettext_lazy("Réponse à un complément demandé pour un compte")
    to_duties: ClassVar[frozenset[str]] = VALIDATORS
    link: ClassVar[tuple[Any, str]] = AccountRequested.link
    text: ClassVar[Any] = gettext_lazy("Complément reçu")
    told: list[str]

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["told"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentJudged(RequestEvent):
    text: ClassVar[Any] = gettext_lazy("Avis donné sur un rattachement")
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueInvited(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Confrère invité")
    invitation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationWithdrawn(AccountEvent):
    text: ClassVar[Any] = gettext_lazy("Invitation retirée")
    invitation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitedPersonSignedUp(AccountEvent):
    """The inviter is told once the account is open: the person can then be habilitated."""

    mail: ClassVar[Any] = gettext_lazy("Un professionnel que vous avez invité s'est inscrit")
    mail_needs_access: ClassVar[bool] = False
    topic: ClassVar[Topic] = Topic.ACCESS
    preference: ClassVar[Any] = gettext_lazy("Un professionnel que j'ai invité s'inscrit sur Ronde")
    text: ClassVar[Any] = gettext_lazy("%(name)s, que vous avez invité(e), a un compte")
    invitation: UUID
    name: str
    told: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["told"]]

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        return [_("Professionnel : %(name)s") % payload]
