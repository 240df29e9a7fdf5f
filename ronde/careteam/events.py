"""What happens in a circle of care."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.models import BreakGlassReason
from ronde.core.formats import phone
from ronde.journal.events import Event, Topic, worded
from ronde.journal.models import Weight
from ronde.terminology.queries import display


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(Event):
    """An event about one member, known by the name shown in the circle; roles are codes."""

    section: ClassVar[str] = "careteam"
    text: ClassVar[Any] = ""
    member_id: UUID | None = None
    member: str
    party_id: UUID | None = None
    roles: list[str] | None = None

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % payload


def role_names(codes: Iterable[str] | None) -> str:
    """Name roles in a sentence: «médecin traitant, référent»."""
    return ", ".join(lower_first(display("roles", code)) for code in codes or ())


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _the_member(payload: Mapping[str, Any]) -> list[UUID]:
    return [UUID(payload["party_id"])] if payload["party_id"] else []


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(MemberEvent):
    text: ClassVar[Any] = gettext_lazy("%(member)s ajouté(e) au cercle de soins")

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        roles = role_names(payload["roles"])
        return str(cls.text) % payload + (f" ({roles})" if roles else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberHabilitated(MemberEvent):
    """The member is told by mail and finds the patient in the worklist (SPICO, slide 5)."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Vous avez accès à un nouveau dossier")
    preference: ClassVar[Any] = gettext_lazy("Être notifié lorsque je suis habilité sur un dossier")
    text: ClassVar[Any] = gettext_lazy("%(member)s habilité(e) à consulter le dossier")

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return _the_member(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class HabilitationWithdrawn(MemberEvent):
    """The member is told, though they may not open the record any more."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Votre habilitation sur un dossier est retirée")
    mail_needs_access: ClassVar[bool] = False
    preference: ClassVar[Any] = gettext_lazy("Suppression d'une habilitation sur un patient")
    text: ClassVar[Any] = gettext_lazy("Habilitation de %(member)s retirée")

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return _the_member(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRefused(MemberEvent):
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Le patient refuse le partage avec %(member)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLifted(MemberEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Refus de partage avec %(member)s levé")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(MemberEvent):
    """`given` and `lost` are the roles that changed, `successor` who took a unique one."""

    given: list[str] | None = None
    lost: list[str] | None = None
    successor: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        given, lost = role_names(payload.get("given")), role_names(payload.get("lost"))
        if payload.get("successor"):
            return _("%(successor)s remplace %(member)s : %(lost)s") % {**payload, "lost": lost}
        parts = []
        if given:
            parts.append(_("rôle donné : %(roles)s") % {"roles": given})
        if lost:
            parts.append(_("rôle retiré : %(roles)s") % {"roles": lost})
        what = " ; ".join(parts) or _("fiche du cercle modifiée")
        return f"{payload['member']}\N{NO-BREAK SPACE}: {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(MemberEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("%(member)s retiré(e) du cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRestored(MemberEvent):
    """A removal was taken back: the member is there again, with the same roles."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("%(member)s remis(e) dans le cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntryRequested(MemberEvent):
    """The service that keeps the directory is asked by mail to register a professional.

    AZUREZO, sheet 18. The mail speaks of the professional alone: not of the patient.
    """

    mail: ClassVar[Any] = gettext_lazy("Professionnel à ajouter à l'annuaire")
    mail_setting: ClassVar[str] = "DIRECTORY_SERVICE_EMAIL"
    text: ClassVar[Any] = gettext_lazy("Ajout de %(member)s à l'annuaire demandé")
    family_name: str
    given_name: str
    city: str
    profession_code: str
    registration_number: str = ""
    email: str = ""
    phone: str = ""
    wants_access: bool = False
    is_informed: bool = False

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        yes_no = {True: _("oui"), False: _("non")}
        rows = [
            (_("Nom"), payload["family_name"]),
            (_("Prénom"), payload["given_name"]),
            (_("Profession"), display("professions", payload["profession_code"])),
            (_("Ville"), payload["city"]),
            (_("Matricule"), payload["registration_number"]),
            (_("E-mail"), payload["email"]),
            (_("Téléphone"), phone(payload["phone"])),
            (_("Doit pouvoir accéder à un dossier"), yes_no[payload["wants_access"]]),
            (_("Le professionnel est informé"), yes_no[payload["is_informed"]]),
        ]
        return [f"{label}\N{NO-BREAK SPACE}: {value}" for label, value in rows if value]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken(Event):
    """Everyone who follows the patient is told at once."""

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Accès bris de glace à un dossier que vous suivez")
    mail_locked: ClassVar[bool] = True
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'un professionnel accède en bris de glace à un dossier sur lequel je"
        " suis identifié"
    )
    who: str
    reason: str
    detail: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        said = {**payload, "reason": worded(BreakGlassReason, payload["reason"])}
        return _("Accès bris de glace de %(who)s : %(reason)s · « %(detail)s »") % said

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        return [_("Motif : %(reason)s") % {"reason": worded(BreakGlassReason, payload["reason"])}]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassClosed(Event):
    section: ClassVar[str] = "careteam"
    who: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("%(who)s a mis fin à son accès bris de glace") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixChanged(Event):
    """A line of the rights matrix was changed; levels and reason stay in `MatrixChange`."""

    section: ClassVar[str] = "console"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    change: UUID
    profession: str
    role: str
    sections: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Matrice d'habilitation modifiée : %(who)s") % {
            "who": display("professions", payload["profession"]) or _("tout le monde")
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSimulated(Event):
    """An administrator asked how a record opens to somebody; the record's own trace says it too."""

    section: ClassVar[str] = "console"
    record_number: int
    party: UUID

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Simulation d'accès au dossier n° %(record_number)s") % payload


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent(Event):
    """About the review of a break-glass access, known by its key: no record, no person."""

    section: ClassVar[str] = "console"
    text: ClassVar[Any] = ""
    glass: UUID

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecided(ReviewEvent):
    text: ClassVar[Any] = gettext_lazy("Avis donné sur un accès bris de glace")
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClosed(ReviewEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Relecture d'un accès bris de glace close")
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGivenForCircle(ReviewEvent):
    """For the audit of the console; the record tells it too, as any habilitation."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Accès durable donné à la place d'un cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDeclinedForCircle(ReviewEvent):
    text: ClassVar[Any] = gettext_lazy("Accès durable refusé à la place d'un cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleReminded(ReviewEvent):
    text: ClassVar[Any] = gettext_lazy("Cercle de soins relancé sur une demande d'accès")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationAsked(ReviewEvent):
    """Told to the person asked, by the console's own job: a mail, and a notice in these words."""

    mail: ClassVar[Any] = gettext_lazy(
        "Une explication vous est demandée sur un accès bris de glace"
    )
    link: ClassVar[tuple[Any, str]] = (gettext_lazy("Répondre"), "dossier:my_rights")
    text: ClassVar[Any] = gettext_lazy("Explication demandée sur un accès bris de glace")
    explanation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationGiven(ReviewEvent):
    text: ClassVar[Any] = gettext_lazy("Explication donnée sur un accès bris de glace")
    explanation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HabilitationKept(MemberEvent):
    """Looked at again, and kept until `until` (ISO date)."""

    text: ClassVar[Any] = gettext_lazy("Habilitation de %(member)s maintenue")
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDeclined(Event):
    """Told to who had asked, who may not open the record; why is read in the application alone."""

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Votre demande d'accès à un dossier est refusée")
    mail_needs_access: ClassVar[bool] = False
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une demande d'accès que j'ai faite est refusée"
    )
    link: ClassVar[tuple[Any, str]] = (gettext_lazy("Lire la réponse"), "dossier:my_rights")
    who: str
    party_id: UUID

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Demande d'accès de %(who)s refusée") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(payload["party_id"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReminded(Event):
    """The privacy officer tells the circle again that somebody waits for its answer."""

    section: ClassVar[str] = "careteam"
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Rappel : une demande d'accès attend votre réponse")
    mail_locked: ClassVar[bool] = True
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une demande d'accès attend la réponse du cercle"
    )
    who: str
    told: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Rappel : la demande d'accès de %(who)s attend une réponse") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(one) for one in payload["told"]]
