"""When an account asked for from a circle is born: the access, or what to do, to who asked."""

from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from ronde.accounts import mails
from ronde.accounts.models import User
from ronde.accounts.queries import actor_for, identities
from ronde.accounts.request_events import AccountAccepted, AccountRefused
from ronde.careteam import awaiting
from ronde.careteam.awaiting_models import Outcome
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.retry import UntilSent
from ronde.directory.models import Party
from ronde.journal.actions import on_record
from ronde.journal.events import Event
from ronde.journal.models import JournalEntry


@on_record
def account_is_born(entry: JournalEntry, kind: type[Event]) -> None:
    """Defer the job that enters the context of who asked; a job holds keys alone."""
    if kind is AccountAccepted and entry.payload["requester_user"]:
        names = {"request": "request_id", "person": "person_id"}
        names |= {"requester_user": "user_id", "requester_party": "party_id"}
        give_access.defer(**{arg: entry.payload[name] for name, arg in names.items()})


@on_record
def account_is_refused(entry: JournalEntry, kind: type[Event]) -> None:
    """The circles that wait for this account stop waiting."""
    if kind is AccountRefused:
        with connection.cursor() as cursor:
            cursor.execute("SELECT careteam_stop_waiting(%s)", [entry.payload["request"]])


@app.task(name="careteam.give_awaited_access", retry=UntilSent())
def give_access(*, request_id: str, person_id: str, user_id: str, party_id: str) -> None:
    """Give the new account the access asked for, as who asked would: no more, no less."""
    user = User.objects.filter(pk=user_id, is_active=True).select_related("person").first()
    if user is None:
        _stop_waiting(request_id)
        return
    actor = _actor(user, UUID(party_id))
    outcome, patient_id = Outcome.NO_ACCESS, None
    if actor is not None:
        party = Party.objects.select_related("person").get(pk=person_id)
        with (
            acting(party_id=actor.party_id, user_id=actor.user_id, delegated=actor.is_delegate),
            transaction.atomic(),
        ):
            outcome, patient_id = awaiting.settle(actor, UUID(request_id), party)
    if outcome == Outcome.NO_ACCESS:
        _stop_waiting(request_id)
    if outcome != Outcome.GIVEN:
        tell.defer(
            user_id=user_id,
            person_id=person_id,
            outcome=str(outcome),
            patient_id=str(patient_id) if patient_id else None,
        )


def _stop_waiting(request_id: str) -> None:
    """Settle what who asked may not see any more: the circle then says that an account exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT careteam_waited_in_vain(%s)", [request_id])


def _actor(user: User, party_id: UUID) -> Actor | None:
    """The identity in which the account was asked for, if they still may act in it."""
    found = next((one for one in identities(user) if one.party_id == party_id), None)
    return actor_for(user, found) if found else None


@app.task(name="careteam.tell_awaited_access", retry=UntilSent())
def tell(*, user_id: str, person_id: str, outcome: str, patient_id: str | None) -> None:
    """Say to who asked why the new account opens nothing, and what to do."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    party = Party.objects.filter(pk=person_id).first()
    if user is None or party is None:
        return
    page = (
        resolve_url("careteam:circle", patient_id) if patient_id else resolve_url("worklist:list")
    )
    link = settings.SITE_URL.rstrip("/") + page
    context = {"name": party.display_name, "why": WHY[Outcome(outcome)], "link": link}
    mails.send("careteam/email/awaited", user.email, context, user=user)


WHY = {
    Outcome.NO_ACCESS: gettext_lazy(
        "vous n’avez plus le droit de modifier ce cercle de soins. Demandez à un membre du"
        " cercle de donner l’accès, s’il est encore utile."
    ),
    Outcome.REMOVED: gettext_lazy(
        "cette personne a été retirée du cercle de soins entre-temps. Ajoutez-la depuis"
        " l’annuaire si elle doit y revenir."
    ),
    Outcome.REFUSED: gettext_lazy(
        "le partage avec cette personne est refusé. L’accès n’est possible qu’une fois ce"
        " refus levé, dans le cercle de soins."
    ),
    Outcome.CONSENT: gettext_lazy(
        "le consentement a été retiré. Recueillez-le de nouveau, puis habilitez cette"
        " personne dans le cercle de soins."
    ),
}
