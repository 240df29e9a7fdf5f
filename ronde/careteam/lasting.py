"""Asking for a lasting access from a break-glass access, and the answer that always comes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam import actions, queries
from ronde.careteam.access import Access
from ronde.careteam.events import (
    AccessDeclined,
    AccessDeclinedForCircle,
    AccessGivenForCircle,
    AccessReminded,
    CircleReminded,
    MemberHabilitated,
)
from ronde.careteam.holding import Conflict, hold
from ronde.careteam.lasting_models import AccessAnswer, AccessRequest
from ronde.careteam.models import BreakGlass, Member, Right
from ronde.careteam.sections import CARETEAM
from ronde.core.actor import LONGEST_NAME, Actor, Officer
from ronde.core.models import uuid7
from ronde.journal.actions import on_record, record
from ronde.journal.events import Event
from ronde.journal.models import JournalEntry


def ask(access: Access, text: str) -> AccessRequest:
    """Keep what is asked under break-glass. One that waits already, or this access: Conflict."""
    actor = access.actor
    glass = (
        BreakGlass.objects.filter(
            patient_id=access.patient_id, party_id=actor.party_id, ended_at=None, until__gt=Now()
        )
        .order_by("-until")
        .first()
    )
    if glass is None:
        raise Http404
    asked = AccessRequest.objects.filter(patient_id=access.patient_id, user_id=actor.user_id)
    if asked.filter(answered_at=None).exists() or asked.filter(glass=glass).exists():
        raise Conflict(_("Votre demande est déjà partie : le cercle de soins est prévenu."))
    made = AccessRequest(
        patient_id=access.patient_id,
        glass=glass,
        party_id=actor.party_id,
        user_id=actor.user_id,
        party_name=glass.party_name,
        person_name=actor.signature,
        text=text,
        asked_at=timezone.now(),
    )
    made.save(force_insert=True)
    return made


def waiting(access: Access) -> list[AccessRequest]:
    """What the circle has not answered yet, the oldest first."""
    access.require(CARETEAM)
    rows = AccessRequest.objects.filter(patient_id=access.patient_id, answered_at=None)
    return list(rows.select_related("party__person", "party__structure").order_by("asked_at"))


def one(access: Access, asked_id: UUID) -> AccessRequest:
    rows = AccessRequest.objects.select_related("party__person", "party__structure")
    found = rows.filter(pk=asked_id, patient_id=access.patient_id).first()
    if found is None:
        raise Http404
    return found


def mine(user_id: UUID) -> list[AccessRequest]:
    """What this person asked for, the last one first, whatever became of it."""
    return list(AccessRequest.objects.filter(user_id=user_id).order_by("-asked_at")[:20])


@transaction.atomic
def grant(access: Access, asked: AccessRequest) -> Member:
    """Habilitate who asked, a member already or not. Answered meanwhile: Conflict."""
    hold(access, asked.party_id)
    _still_waits(asked)
    present = queries.present(access.patient_id).filter(party_id=asked.party_id).first()
    if present is None:
        return actions.enlist(access, asked.party, right=Right.HABILITATED)
    member = actions.habilitate(access, present)
    if AccessRequest.objects.filter(pk=asked.pk, answered_at=None).exists():
        # They had the right already, as when two records were merged: nothing else says so.
        _answer(asked, AccessAnswer.GRANTED, access.actor, access.actor.signature)
    return member


@on_record
def answered_by_a_habilitation(entry: JournalEntry, kind: type[Event]) -> None:
    """Whichever way somebody is habilitated, what they had asked for is answered by it."""
    if kind is not MemberHabilitated or not entry.payload["party_id"]:
        return
    waits = AccessRequest.objects.filter(
        patient_id=entry.patient_id, party_id=entry.payload["party_id"], answered_at=None
    )
    waits.update(
        answer=AccessAnswer.GRANTED,
        answered_at=entry.at,
        answered_by=entry.user_id,
        answered_by_name=entry.signature[:LONGEST_NAME],
    )


@transaction.atomic
def decline(access: Access, asked: AccessRequest, reason: str) -> None:
    """Say no, and why, to who asked. Answered meanwhile: Conflict."""
    hold(access, asked.party_id)
    _decline(access.actor, asked, reason, access.actor.signature)


@transaction.atomic
def decline_for_the_circle(by: Officer, asked: AccessRequest, reason: str) -> None:
    """The privacy officer says no where the circle does not answer."""
    _decline(by, asked, reason, by.person_name)
    record(AccessDeclinedForCircle(glass=asked.glass_id), actor=by)


def _decline(by: Actor | Officer, asked: AccessRequest, reason: str, name: str) -> None:
    _answer(asked, AccessAnswer.DECLINED, by, name, reason=reason)
    event = AccessDeclined(
        patient_id=asked.patient_id, who=asked.party_name, party_id=asked.party_id
    )
    record(event, actor=by)


def _answer(
    asked: AccessRequest, answer: AccessAnswer, by: Actor | Officer, name: str, **more: Any
) -> None:
    waits = AccessRequest.objects.filter(pk=asked.pk, answered_at=None)
    done = waits.update(
        answer=answer,
        answered_at=timezone.now(),
        answered_by=by.user_id,
        answered_by_name=name,
        **more,
    )
    if not done:
        raise _answered(asked)


def _still_waits(asked: AccessRequest) -> None:
    """Take the request for oneself: the privacy officer answers without holding the circle."""
    waits = AccessRequest.objects.select_for_update().filter(pk=asked.pk, answered_at=None)
    if waits.first() is None:
        raise _answered(asked)


def _answered(asked: AccessRequest) -> Conflict:
    by = AccessRequest.objects.filter(pk=asked.pk).values_list("answered_by_name", flat=True)
    return Conflict(_("%(name)s a déjà répondu à cette demande."), params={"name": by.get()})


# For the region.


@transaction.atomic
def remind(by: Officer, asked: AccessRequest, answerers: list[UUID]) -> None:
    """Tell the circle again that somebody waits; once a day."""
    day_ago = timezone.now() - timedelta(days=1)
    waits = AccessRequest.objects.filter(pk=asked.pk, answered_at=None).exclude(
        reminded_at__gt=day_ago
    )
    if not waits.update(reminded_at=timezone.now()):
        _still_waits(asked)
        raise Conflict(_("Le cercle a déjà été relancé depuis moins d'un jour."))
    told = [str(one) for one in answerers]
    event = AccessReminded(patient_id=asked.patient_id, who=asked.party_name, told=told)
    record(event, actor=by)
    record(CircleReminded(glass=asked.glass_id), actor=by)


@transaction.atomic
def give_for_the_circle(by: Officer, asked: AccessRequest) -> None:
    """Give the access where nobody of the circle is left to answer, as the circle would have:
    never against the patient's refusal, nor without a consent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, member FROM careteam_give_access(%s, %s, %s)",
            [asked.pk, uuid7(), by.person_name],
        )
        outcome, member_id = cursor.fetchone()
    if outcome == "answered":
        raise _answered(asked)
    if outcome == "circle":
        raise Conflict(_("Quelqu'un du cercle de soins peut répondre : relancez-le."))
    if outcome == "refused":
        raise ValidationError(
            _("Le patient refuse le partage avec %(name)s : aucune habilitation possible."),
            params={"name": asked.party_name},
        )
    if outcome == "consent":
        raise ValidationError(
            _("Le consentement a été retiré : aucune nouvelle habilitation possible.")
        )
    event = MemberHabilitated(
        patient_id=asked.patient_id,
        member_id=member_id,
        member=asked.party_name,
        party_id=asked.party_id,
    )
    record(event, actor=by)
    record(AccessGivenForCircle(glass=asked.glass_id), actor=by)
