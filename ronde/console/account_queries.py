"""The queue of accounts to validate, and what stands beside one request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import request_queries
from ronde.accounts.models import User
from ronde.accounts.request_models import (
    OPEN_STATUSES,
    AccountRequest,
    AttachmentOpinion,
    Invitation,
    RequestKind,
    RequestStatus,
    RequestStep,
)
from ronde.core.text import fold
from ronde.directory.models import Structure
from ronde.terminology.queries import display

MOST_NEAR = 10
WAITING, MORE, DONE = "a-valider", "complement", "traitees"
STATES = {
    WAITING: (RequestStatus.PENDING,),
    MORE: (RequestStatus.MORE,),
    DONE: (RequestStatus.ACCEPTED, RequestStatus.REFUSED),
}


def queue(state: str = WAITING, kind: str = "", text: str = "") -> QuerySet[AccountRequest]:
    """Requests in one state, those that wait for the longest first."""
    rows = AccountRequest.objects.filter(status__in=STATES[state])
    if kind in RequestKind.values:
        rows = rows.filter(kind=kind)
    for word in text.split()[:5]:
        named = Q(name_key__contains=fold(word)) if fold(word) else Q(pk=None)
        rows = rows.filter(named | Q(email__icontains=word) | Q(rpps=word) | Q(adeli=word))
    return rows.order_by("-decided_at" if state == DONE else "entered_at", "pk")


def counts() -> dict[str, int]:
    """How many wait in each state that somebody has to do something about."""
    return {
        state: AccountRequest.objects.filter(status__in=STATES[state]).count()
        for state in (WAITING, MORE)
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One request as the list shows it."""

    request: AccountRequest
    days: int

    @property
    def profession(self) -> str:
        return profession(self.request)

    @property
    def number(self) -> str:
        return self.request.rpps or self.request.adeli


def profession(asked: AccountRequest) -> str:
    return display("professions", asked.profession_code) or asked.function


def lines(rows: Iterable[AccountRequest]) -> list[Line]:
    now = timezone.now()
    return [
        Line(row, (now - (row.entered_at or row.created_at)) // timedelta(days=1)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Wished:
    """A structure asked for, with what its super-user said."""

    structure: Structure
    opinion: AttachmentOpinion | None


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody or some request that looks like this one: `why` says how."""

    why: str
    name: str
    detail: str
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a validator looks at before deciding."""

    request: AccountRequest
    profession: str
    known: request_queries.Known | None
    rows: tuple[tuple[str, str, str, bool], ...]
    wished: tuple[Wished, ...]
    near: tuple[Near, ...]
    steps: tuple[RequestStep, ...]
    invited_by: str


def sheet(asked: AccountRequest) -> Sheet:
    person = request_queries.person_of(asked.rpps, asked.adeli) or asked.person
    known = request_queries.known(person)
    invitation = Invitation.objects.filter(pk=asked.invitation_id).first()
    return Sheet(
        request=asked,
        profession=profession(asked),
        known=known,
        rows=_side_by_side(asked, known),
        wished=wished(asked),
        near=tuple(_near(asked, known)),
        steps=tuple(asked.steps.order_by("pk")),
        invited_by=invitation.by_name if invitation else "",
    )


def wished(asked: AccountRequest) -> tuple[Wished, ...]:
    said = {one.structure_id: one for one in asked.opinions.all()}
    found = request_queries.structures_named(asked.structure_ids)
    return tuple(Wished(one, said.get(one.pk)) for one in found)


def _side_by_side(
    asked: AccountRequest, known: request_queries.Known | None
) -> tuple[tuple[str, str, str, bool], ...]:
    """Label, what is asked, what the directory says, and whether they differ."""
    person = known.person if known else None
    named = known is not None and known.is_named(asked.family_name, asked.given_name)
    mine = profession(asked)
    rows = [
        (_("Nom"), f"{asked.family_name} {asked.given_name}", known.name if known else "", named),
        (_("Profession"), mine, known.profession if known else "", _same(mine, known)),
        (_("RPPS"), asked.rpps, person.rpps if person else "", _alike(asked.rpps, person, "rpps")),
        (
            _("ADELI"),
            asked.adeli,
            person.adeli if person else "",
            _alike(asked.adeli, person, "adeli"),
        ),
        (_("Commune"), asked.city, known.city if known else "", True),
        (
            _("Lieux d'exercice"),
            "",
            ", ".join(name for _key, name in known.workplaces) if known else "",
            True,
        ),
    ]
    return tuple(
        (label, a, b, known is not None and not same) for label, a, b, same in rows if a or b
    )


def _same(mine: str, known: request_queries.Known | None) -> bool:
    return known is None or not mine or mine == known.profession


def _alike(number: str, person: object, name: str) -> bool:
    return not number or person is None or getattr(person, name) in {"", number}


def _near(asked: AccountRequest, known: request_queries.Known | None) -> Iterable[Near]:
    """Accounts and requests with the same number, name or address."""
    same_person = Q(person=known.person) if known else Q(pk=None)
    name = Q(person__party__sort_key=asked.name_key)
    mail = Q(email__iexact=asked.email) if asked.email else Q(pk=None)
    users = User.objects.filter(same_person | name | mail).exclude(pk=asked.account_id)
    for user in users.select_related("person").order_by("full_name", "pk")[:MOST_NEAR]:
        yield Near(_("compte existant"), user.full_name, user.email)
    others = AccountRequest.objects.exclude(pk=asked.pk).exclude(status=RequestStatus.UNVERIFIED)
    number = Q(rpps=asked.rpps) if asked.rpps else Q(pk=None)
    number |= Q(adeli=asked.adeli) if asked.adeli else Q(pk=None)
    for other in others.filter(number | Q(name_key=asked.name_key) | mail).order_by("-created_at")[
        :MOST_NEAR
    ]:
        yield Near(
            _("autre demande"),
            other.full_name,
            f"{other.get_kind_display()} · {other.get_status_display()}",
            other.pk,
        )


def neighbour(asked: AccountRequest) -> UUID | None:
    """The next request that waits, to go on without coming back to the list."""
    waiting = AccountRequest.objects.filter(status=OPEN_STATUSES[0]).exclude(pk=asked.pk)
    return waiting.order_by("entered_at", "pk").values_list("pk", flat=True).first()
