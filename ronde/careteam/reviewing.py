"""The review of break-glass accesses: what the privacy officer decides, what is answered."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.events import ExplanationAsked, ExplanationGiven, ReviewClosed, ReviewDecided
from ronde.careteam.holding import Conflict, Stale
from ronde.careteam.models import BreakGlass, Explanation, Review, Verdict
from ronde.core.actor import Actor, Officer
from ronde.journal.actions import record

RELU = gettext_lazy("Cet accès a été relu entre-temps par quelqu'un d'autre.")


@transaction.atomic
def decide(
    by: Officer,
    glass: BreakGlass,
    verdict: Verdict,
    comment: str,
    version: int,
    *,
    close: bool = False,
) -> Review:
    """Give a verdict, and close the review if asked. Decided by another since `version`: Stale.

    An access still to clarify is not closed, nor one whose question waits for its answer.
    """
    # A closed one cannot be locked: its policy lets nobody change it.
    review = Review.objects.select_for_update().filter(glass=glass, closed_at=None).first()
    closed = Review.objects.filter(glass=glass, closed_at__isnull=False).exists()
    if closed or (review.version if review else 0) != version:
        raise Stale(RELU)
    if close:
        _may_close(glass, verdict)
    values: dict[str, Any] = {
        "verdict": verdict,
        "comment": comment,
        "decided_at": timezone.now(),
        "decided_by": by.user_id,
        "decided_by_name": by.person_name,
        "closed_at": timezone.now() if close else None,
        "version": version + 1,
    }
    review = review or Review(glass=glass)
    for name, value in values.items():
        setattr(review, name, value)
    try:
        with transaction.atomic():
            review.save(update_fields=list(values) if version else None, force_insert=not version)
    except IntegrityError:
        raise Stale(RELU) from None  # The first verdict of another officer, at the same moment.
    kind = ReviewClosed if close else ReviewDecided
    record(kind(glass=glass.pk, verdict=str(verdict)), actor=by)
    return review


def _may_close(glass: BreakGlass, verdict: Verdict) -> None:
    if verdict == Verdict.UNCLEAR:
        raise ValidationError(
            _("Un accès à clarifier reste ouvert : demandez une explication, puis tranchez."),
            code="unclear",
        )
    if Explanation.objects.filter(glass=glass, answered_at=None).exists():
        raise ValidationError(
            _("Une explication est attendue : attendez la réponse avant de clore."), code="waiting"
        )


@transaction.atomic
def ask_explanation(by: Officer, glass: BreakGlass, question: str) -> Explanation:
    """Ask the person who broke the glass; one question at a time, and none once closed."""
    if Review.objects.filter(glass=glass, closed_at__isnull=False).exists():
        raise Conflict(_("Cette relecture est close."))
    if Explanation.objects.filter(glass=glass, answered_at=None).exists():
        raise Conflict(_("Une question attend déjà sa réponse."))
    asked = Explanation(
        glass=glass,
        question=question,
        asked_at=timezone.now(),
        asked_by=by.user_id,
        asked_by_name=by.person_name,
    )
    asked.save(force_insert=True)
    record(ExplanationAsked(glass=glass.pk, explanation=asked.pk), actor=by)
    return asked


def asked_of(user_id: UUID, explanation_id: UUID) -> Explanation | None:
    """A question put to this person about an access of theirs."""
    mine = Explanation.objects.filter(glass__user_id=user_id).select_related("glass")
    return mine.filter(pk=explanation_id).first()


def waiting_for(user_id: UUID) -> list[Explanation]:
    """The questions that this person has not answered, the oldest first."""
    mine = Explanation.objects.filter(glass__user_id=user_id, answered_at=None)
    return list(mine.select_related("glass").order_by("asked_at"))


@transaction.atomic
def answer(by: Actor, asked: Explanation, text: str) -> None:
    """Answer once; the privacy officer finds it in the queue."""
    found = Explanation.objects.select_for_update().filter(pk=asked.pk, answered_at=None).first()
    if found is None:
        raise Conflict(_("Vous avez déjà répondu."))
    asked = found
    asked.answer, asked.answered_at = text, timezone.now()
    asked.save(update_fields=["answer", "answered_at"])
    record(ExplanationGiven(glass=asked.glass_id, explanation=asked.pk), actor=by)
