"""What an act on many circles would change, and what stands in its way: a few queries in all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ronde.careteam.access import grants_of, sections_for
from ronde.careteam.models import GrantReason, Member, MemberRole
from ronde.careteam.sections import CARETEAM
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.patients.models import Consent


class Act(models.TextChoices):
    """The four acts of «Gérer les habilitations» (AZUREZO, sheet 22)."""

    ADD = "add", _("Ajouter SANS habilitation")
    HABILITATE = "habilitate", _("Ajouter AVEC habilitation")
    WITHDRAW = "withdraw", _("Retirer l’habilitation")
    REMOVE = "remove", _("Supprimer")


GIVING = frozenset({Act.ADD, Act.HABILITATE})


class Obstacle(models.TextChoices):
    """Why a circle stays as it is."""

    MEMBER = "member", _("déjà dans le cercle de soins")
    HABILITATED = "habilitated", _("déjà habilité(e)")
    WITHOUT = "without", _("n’a pas d’habilitation")
    ABSENT = "absent", _("ne fait pas partie du cercle de soins")
    REFUSED = "refused", _("le patient refuse le partage")
    CONSENT = "consent", _("le consentement a été retiré")
    LAST = "last", _("dernier accès au dossier : à retirer depuis son cercle de soins")
    ROLE = "role", _("son rôle unique est tenu par quelqu’un d’autre depuis")
    GLASS = "glass", _("accès bris de glace : lecture seule")
    SECTION = "section", _("vos droits ne permettent pas de modifier ce cercle de soins")
    CLOSED = "closed", _("ce dossier ne vous est plus accessible")
    IDENTITY = "identity", _("vous ne pouvez plus agir au nom de cette structure ou personne")
    CHANGED = "changed", _("modifié par quelqu’un depuis")
    GONE = "gone", _("ne figure plus dans l’annuaire")


# What is so already: nothing to do, and nothing wrong.
ALREADY = frozenset({Obstacle.MEMBER, Obstacle.HABILITATED, Obstacle.WITHOUT, Obstacle.ABSENT})


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a party stands in one circle; `is_last`: alone to have a lasting access."""

    is_member: bool = False
    habilitated: bool = False
    refused: bool = False
    is_last: bool = False


def obstacle(act: Act, seat: Seat, *, consent: bool, gone: bool = False) -> Obstacle | None:
    """Say what stands in the way of the act in one circle; None: nothing does."""
    if act in GIVING:
        return _before_giving(act, seat, consent=consent, gone=gone)
    if not seat.is_member:
        return Obstacle.ABSENT
    if act == Act.WITHDRAW and not seat.habilitated:
        return Obstacle.WITHOUT
    if seat.refused:
        return Obstacle.REFUSED
    return Obstacle.LAST if seat.is_last else None


def _before_giving(act: Act, seat: Seat, *, consent: bool, gone: bool) -> Obstacle | None:
    if gone and not seat.is_member:
        return Obstacle.GONE
    if act == Act.ADD:
        return Obstacle.MEMBER if seat.is_member else None
    if seat.habilitated:
        return Obstacle.HABILITATED
    if seat.refused:
        return Obstacle.REFUSED
    return None if consent else Obstacle.CONSENT


def foresee(
    actor: Actor, patients: Sequence[UUID], parties: Sequence[Party], act: Act
) -> dict[tuple[UUID, UUID], Obstacle | None]:
    """What the act would meet for each party in each record, in the order in which it is done."""
    closed = _closed(actor, patients)
    seats = _seats(patients, parties)
    consents = _consents(patients)
    left = {} if act in GIVING else holders(patients)
    found: dict[tuple[UUID, UUID], Obstacle | None] = {}
    for patient in patients:
        for party in parties:
            key = (patient, party.pk)
            seat = seats.get(key, Seat())
            last = left.get(patient) == {party.pk}
            seat = Seat(seat.is_member, seat.habilitated, seat.refused, last)
            met = closed.get(patient) or obstacle(
                act, seat, consent=patient in consents, gone=party.gone_on is not None
            )
            found[key] = met
            if met is None and patient in left:
                left[patient].discard(party.pk)
    return found


def _closed(actor: Actor, patients: Sequence[UUID]) -> dict[UUID, Obstacle]:
    """The records whose circle `actor` may not change, and why."""
    grants = grants_of(actor).filter(patient_id__in=patients)
    reasons: Mapping[UUID, int] = dict(grants.values_list("patient_id", "reason"))
    roles: dict[UUID, set[str]] = {}
    rows = MemberRole.objects.filter(
        patient_id__in=patients, is_current=True, member__party_id=actor.party_id
    )
    for patient, role in rows.values_list("patient_id", "role"):
        roles.setdefault(patient, set()).add(role)
    writes: dict[frozenset[str], bool] = {}
    found = {}
    for patient in patients:
        held = frozenset(roles.get(patient, ()))
        if held not in writes:
            _read, written = sections_for(actor.profession, held, as_structure=actor.as_structure)
            writes[held] = CARETEAM in written
        if patient not in reasons:
            found[patient] = Obstacle.CLOSED
        elif reasons[patient] == GrantReason.BREAK_GLASS:
            found[patient] = Obstacle.GLASS
        elif not writes[held]:
            found[patient] = Obstacle.SECTION
    return found


def _seats(patients: Sequence[UUID], parties: Sequence[Party]) -> dict[tuple[UUID, UUID], Seat]:
    rows = Member.objects.filter(
        patient_id__in=patients, party_id__in=[one.pk for one in parties], removed_at=None
    )
    values = rows.values_list("patient_id", "party_id", "habilitated", "refused")
    return {
        (patient, party): Seat(True, right, refused) for patient, party, right, refused in values
    }


def _consents(patients: Sequence[UUID]) -> set[UUID]:
    rows = Consent.objects.filter(patient_id__in=patients, withdrawn_at=None)
    return set(rows.values_list("patient_id", flat=True))


def holders(patients: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """For each record, who may open it lastingly; nothing for those that one may not open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.patient, array_agg(held.party_id) FROM unnest(%s::uuid[]) asked (patient)"
            " CROSS JOIN LATERAL careteam_parties_with_access(asked.patient) held"
            " WHERE held.reason = %s GROUP BY 1",
            [list(patients), GrantReason.MEMBER],
        )
        return {patient: set(parties) for patient, parties in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Seated:
    """A present member, as the list of selected records names them."""

    name: str
    party_id: UUID | None
    habilitated: bool


def seated(patients: Sequence[UUID]) -> dict[UUID, list[Seated]]:
    """The present members of each of these circles, by name."""
    rows = Member.objects.filter(patient_id__in=patients, removed_at=None)
    found: dict[UUID, list[Seated]] = {}
    for patient, *values in rows.order_by("display_name").values_list(
        "patient_id", "display_name", "party_id", "habilitated"
    ):
        found.setdefault(patient, []).append(Seated(*values))
    return found
