"""Mails of the review of break-glass accesses. They carry a link, and nothing of a record."""

from smtplib import SMTPException

from django.conf import settings
from django.db import transaction
from django.shortcuts import resolve_url
from django.utils import translation
from procrastinate.contrib.django import app

from ronde.accounts import mails
from ronde.accounts.models import DutyKind, User
from ronde.careteam.events import ExplanationAsked
from ronde.careteam.models import Explanation
from ronde.console import access_requests, reviews
from ronde.core.context import acting
from ronde.notifications import notices
from ronde.notifications.jobs import NotSentError, UntilSent
from ronde.notifications.mails import Notice


def _address(name: str, *keys: object) -> str:
    return settings.SITE_URL.rstrip("/") + resolve_url(name, *keys)


@app.task(name="console.tell_question", retry=UntilSent())
def tell_question(*, explanation_id: str, user_id: str) -> None:
    """Tell the person who broke the glass that they are asked about it; answered since: nothing."""
    with acting(party_id=None, user_id=User(pk=user_id).pk), transaction.atomic():
        waiting = Explanation.objects.select_related("glass").filter(answered_at=None)
        asked = waiting.filter(pk=explanation_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if asked is not None and user is not None:
        _keep(asked, user)
        link = _address("dossier:explain", asked.pk)
        _send("console/email/question", user.email, {"link": link, "asked": asked})


def _keep(asked: Explanation, user: User) -> None:
    """Tell it in the application too, to the identity in which the glass was broken."""
    party_id = asked.glass.party_id
    told = Notice(
        entry_id=asked.pk,
        event=ExplanationAsked.__name__,
        at=asked.asked_at,
        patient_id=None,
        user_id=asked.asked_by,
        party_id=None,
    )
    with acting(party_id=party_id, user_id=user.pk), transaction.atomic():
        notices.keep(told, party_id, user.pk)


@app.periodic(cron="40 5 * * *")
@app.task(name="console.remind_reviews", queueing_lock="console.remind_reviews")
def remind_reviews(timestamp: int) -> None:
    """Each morning, tell whoever reviews what is late, near its deadline, or answered, and who
    waits for a lasting access without an answer.
    """
    on_duty = User.objects.filter(
        duties__kind=DutyKind.PRIVACY_OFFICER, duties__ended_at=None, is_active=True
    )
    for user in on_duty.order_by("pk"):
        duty = DutyKind.PRIVACY_OFFICER
        with acting(party_id=None, user_id=user.pk, duty=duty), transaction.atomic():
            counts, asking = reviews.counts(), access_requests.late()
        if counts.late or counts.near or counts.answered or asking:
            context = {
                "link": _address("console:reviews"),
                "counts": counts,
                "asking": asking,
                "requests": _address("console:access_requests"),
            }
            _send("console/email/reminder", user.email, context)


def _send(template: str, email: str, context: dict[str, object]) -> None:
    """The error says nothing of the address, which smtplib's own would hold."""
    try:
        with translation.override(settings.LANGUAGE_CODE):
            mails.send(template, email, context)
    except (OSError, SMTPException) as error:
        message = f"The mail {template} did not leave: {type(error).__name__}."
        raise NotSentError(message) from None
