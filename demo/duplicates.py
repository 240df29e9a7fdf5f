"""Records opened twice: two pairs that wait for the identity cell, and one brought together."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from demo.draw import key
from demo.play import Player, stage
from demo.steps import By
from demo.structures import CHITS
from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.feed.actions import add_note
from ronde.patients import actions as patients
from ronde.patients.merging import actions, sweep
from ronde.patients.models import ConsentGiver, Duplicate, Merge, Patient

# Whom they are of, who opened the second record, how many days ago, and how the traits were typed.
_TWICE: tuple[tuple[int, By, int, dict[str, Any]], ...] = (
    (4, By("belkacem", CHITS), 9, {"birth_name": "GARCIAS"}),
    (9, By("leblanc"), 21, {"birth_date": timedelta(days=10)}),
    (11, By("ricci"), 40, {"used_name": "BLANC-MARTIN"}),
)
_TOGETHER = 11  # Of those, the one whom the identity cell has already dealt with, two days ago.
_COPIED = ("birth_name", "first_given", "given_names", "birth_date", "sex", "birth_place_code",
           "birth_place", "postcode", "city", "commune_code")  # fmt: skip


def second(number: int) -> UUID:
    return key("patient-twice", number)


def open_again(player: Player, now: datetime) -> list[UUID]:
    """Open the second records; answer their keys."""
    with stage():
        for number, by, days, typed in _TWICE:
            played, told = timezone.now(), now.replace(hour=9, minute=40) - timedelta(days=days)
            player.marks.append((second(number), played, told))
            _open(player, number, by, typed)
    return [second(number) for number, *_rest in _TWICE]


def settle(player: Player) -> Merge:
    """Look for duplicates around these records, and bring one pair together."""
    with stage():
        for number, *_rest in _TWICE:
            with as_owner():
                first = Patient.objects.get(pk=key("patient", number))
            sweep.around(first)
        return _bring_together(player)


def _open(player: Player, number: int, by: By, typed: dict[str, Any]) -> None:
    with as_owner():
        known = Patient.objects.get(pk=key("patient", number))
    values = {name: getattr(known, name) for name in _COPIED}
    for name, value in typed.items():
        values[name] = values[name] + value if isinstance(value, timedelta) else value
    actor = player.actor(by)
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        record = careteam.open_record(
            actor,
            {**values, "id": second(number)},
            patients.ConsentStatement(given_by=ConsentGiver.PATIENT),
        )
        add_note(access_to(actor, record.pk), "Première visite, dossier ouvert depuis mon agenda.")


def _bring_together(player: Player) -> Merge:
    cell = player.users["lucie.ferrand"]
    officer = Officer(cell.pk, cell.full_name, "identity_cell")
    with acting(party_id=None, user_id=officer.user_id, duty=officer.duty):
        pair = Duplicate.objects.get(
            first_id=min(key("patient", _TOGETHER), second(_TOGETHER)),
            second_id=max(key("patient", _TOGETHER), second(_TOGETHER)),
        )
        why = "Même carte d’identité, vue par les deux"
        return actions.merge(officer, pair, key("patient", _TOGETHER), why)
