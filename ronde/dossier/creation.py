"""Creating a record: search, decide on look-alikes, then identity and consent.

Each step keeps what it knows in a `Creation`, so that pages reload, go back and survive the end of
a session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to, accessible
from ronde.core.actor import Actor
from ronde.core.formats import day
from ronde.dossier import break_glass
from ronde.dossier.models import Creation
from ronde.patients import actions as patients
from ronde.patients import queries, regional
from ronde.patients.conventions import UNKNOWN_PLACE
from ronde.patients.fields import ABROAD, FRANCE, UNKNOWN
from ronde.patients.forms import IdentityForm, TraitsForm
from ronde.patients.matching import Match, Traits, Verdict, score
from ronde.patients.models import Patient, Sex

SALT = "ronde.dossier.creation"
AGREES, DIFFERS = "meme", "ecart"


@transaction.atomic
def search(
    actor: Actor, traits: Traits, values: Mapping[str, Any], former: Creation | None = None
) -> tuple[Creation, list[Match]]:
    """Look for near identities and keep what was typed; a decision on other traits is forgotten."""
    found = queries.near(traits)
    patients.note_search(actor, len(found))
    creation = former or Creation(user_id=actor.user_id)
    creation.party_id = actor.party_id
    creation.values = {**creation.values, **values}
    creation.decided_against, creation.why = [], ""
    creation.save()
    return creation, found


def mine(actor: Actor, creation_id: UUID, *, lock: bool = False) -> Creation:
    """One's own creation, or Http404."""
    rows = Creation.objects.select_for_update() if lock else Creation.objects.all()
    creation = rows.filter(pk=creation_id, user_id=actor.user_id).first()
    if creation is None:
        raise Http404
    return creation


def typed(creation: Creation) -> TraitsForm:
    """The form as it was typed, checked again: after the search, or whole if it was sent since."""
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in creation.values.items() if value is not None})
    form = (IdentityForm if "given_names" in creation.values else TraitsForm)(data)
    form.full_clean()
    return form


def unfinished(actor: Actor) -> list[Creation]:
    return list(Creation.objects.filter(user_id=actor.user_id).order_by("-started_at")[:5])


def seal(creation: Creation, matches: Sequence[Match]) -> str:
    """Sign which probable duplicates a page shows, so that a decision covers these and no other."""
    shown = [str(match.ref.id) for match in queries.probable(list(matches))]
    return signing.dumps([str(creation.pk), shown], salt=SALT)


def shown_on(creation: Creation, sealed: str) -> set[UUID]:
    """Which probable duplicates the page showed; none when the seal is not ours."""
    try:
        creation_id, shown = signing.loads(sealed, salt=SALT)
    except signing.BadSignature:
        return set()
    return {UUID(key) for key in shown} if creation_id == str(creation.pk) else set()


def seal_proposal(creation: Creation, proposal: regional.Proposal) -> str:
    """Sign an identity of the regional server, so that its traits can be taken and no others."""
    traits = proposal.traits
    code = traits.birth_place
    abroad = code.startswith("99")
    where = UNKNOWN if code in ("", UNKNOWN_PLACE) else ABROAD if abroad else FRANCE
    values = {
        "birth_name": traits.birth_name,
        "first_given": traits.first_given,
        "birth_date": day(traits.birth_date),
        "sex": traits.sex,
        "where": where,
        "birth_commune": code if where == FRANCE else "",
        "birth_country": code if where == ABROAD else "",
    }
    return signing.dumps([str(creation.pk), values], salt=f"{SALT}.regional")


@transaction.atomic
def take_proposal(creation: Creation, sealed: str) -> bool:
    """Put the traits of a regional identity in the place of those typed. False: not our seal."""
    try:
        creation_id, values = signing.loads(sealed, salt=f"{SALT}.regional")
    except signing.BadSignature:
        return False
    if creation_id != str(creation.pk):
        return False
    creation.values = {**creation.values, **values}
    creation.decided_against, creation.why = [], ""
    creation.save(update_fields=["values", "decided_against", "why"])
    return True


@transaction.atomic
def decide(creation: Creation, against: set[UUID], why: str) -> None:
    """Keep that a person looked at these identities and says that it is somebody else."""
    creation.decided_against, creation.why = sorted(against), why
    creation.save(update_fields=["decided_against", "why"])


@transaction.atomic
def open_record(
    actor: Actor,
    creation: Creation,
    traits: Traits,
    identity: Mapping[str, Any],
    consent: patients.ConsentStatement,
    *,
    proof: str = "",
) -> Patient:
    """Create the record with the key of the creation, which then goes.

    Raises ProbableDuplicate when somebody who was not set aside may be this person, also if they
    were created a moment ago.
    """
    patients.stop_duplicates(traits, creation.decided_against)
    patient = careteam.open_record(
        actor,
        {**identity, "id": creation.pk, "duplicate_decision": creation.why},
        consent,
        decided_against=creation.decided_against,
        why=creation.why,
    )
    if proof:
        patients.check_identity(access_to(actor, patient.pk), proof, patient.version)
    creation.delete()
    return patient


@dataclass(frozen=True, slots=True)
class Line:
    """One trait of a near identity: what is stored, and whether it agrees with what was typed."""

    label: str
    value: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """One near identity as the page shows it. `token` opens the break-glass page on its traits;
    empty when the record is already in the reader's worklist.
    """

    id: UUID
    title: str
    probable: bool
    twin: bool
    homonym: bool
    status: str
    used: str
    lines: list[Line]
    token: str


@dataclass(frozen=True, slots=True)
class RegionalCard:
    title: str
    lines: list[Line]
    seal: str


def regional_cards(creation: Creation, matches: Sequence[Match]) -> list[RegionalCard]:
    return [
        RegionalCard(
            f"{match.traits.birth_name} {Patient.spoken(match.traits.first_given)}",
            _lines(match, match.ref.birth_place),
            seal_proposal(creation, match.ref),
        )
        for match in matches
    ]


def cards(actor: Actor, matches: Sequence[Match]) -> list[Card]:
    followed = accessible(actor, [match.ref.id for match in matches])
    return [_card(actor, match, match.ref.id in followed) for match in matches]


def _card(actor: Actor, match: Match, followed: bool) -> Card:
    near: queries.Near = match.ref
    lines = _lines(match, near.birth_place)
    shown = [(line.label, line.value) for line in lines]
    return Card(
        id=near.id,
        title=f"{near.birth_name} {Patient.spoken(near.first_given)}",
        probable=match.score.verdict is Verdict.PROBABLE,
        twin=queries.looks_like_a_twin(match),
        homonym=near.is_homonym,
        status=near.status_label,
        used=f"{near.used_name} {near.used_given}".strip(),
        lines=lines,
        token="" if followed else break_glass.sign(actor, near.id, shown),
    )


def _lines(match: Match, place: str) -> list[Line]:
    found = match.traits
    values = {
        "first_given": (_("Prénom de naissance"), found.given_names or found.first_given),
        "birth_name": (_("Nom de naissance"), found.birth_name),
        "birth_date": (_("Date de naissance"), day(found.birth_date)),
        "sex": (_("Sexe"), str(Sex(found.sex).label)),
        "birth_place": (_("Lieu de naissance"), f"{place} ({found.birth_place})"),
    }
    marks = {part.trait: part for part in match.score.parts}
    whole = {part.trait: part.bits for part in score(found, found).parts}
    return [
        Line(label, value, _sign(marks[trait].bits, whole[trait]), str(marks[trait].words))
        for trait, (label, value) in values.items()
    ]


def _sign(bits: float, most: float) -> str:
    """Agrees when nothing could agree more, differs when it speaks against; else in between."""
    if bits < 0:
        return DIFFERS
    return AGREES if 0 < bits == most else ""
