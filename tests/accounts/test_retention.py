"""What is kept, and until when: the nightly jobs do what the page «Données personnelles» says."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.accounts import jobs, request_jobs
from ronde.accounts.models import (
    AccountRequest,
    AttachmentOpinion,
    Device,
    Draft,
    Invitation,
    RequestStep,
    SupportRequest,
    User,
)
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.notifications import jobs as telling
from ronde.notifications.models import Notice, Sent
from ronde.patients.models import Patient
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ago(days: int):
    return timezone.now() - days * DAY


def request(status: str, days: int, **values) -> AccountRequest:
    """A request for an account, decided that many days ago."""
    with as_owner():
        return AccountRequest.objects.create(
            kind="self",
            status=status,
            email="lina@cabinet.example",
            family_name="MOREAU",
            given_name="Lina",
            created_at=ago(days + 1),
            decided_at=ago(days),
            **values,
        )


def invitation(**moments: int) -> Invitation:
    """An invitation; each moment is a number of days from now."""
    named = {name: ago(-days) for name, days in moments.items()}
    with as_owner():
        return Invitation.objects.create(
            email="lina@cabinet.example",
            by_user=UUID(int=1),
            by_party=UUID(int=2),
            **{"created_at": ago(500), "sent_at": ago(500), "expires_at": ago(-1), **named},
        )


def test_a_refused_request_is_forgotten_after_a_year_with_its_steps_and_opinions():
    old, recent = (request("refused", days, reason="unknown") for days in (366, 360))
    with as_owner():
        for one in (old, recent):
            AttachmentOpinion.objects.create(
                request=one, structure=f.structure(), confirmed=False, by_user=old.pk, by_name="X"
            )
    request_jobs.purge_requests(0)
    with as_owner():
        assert list(AccountRequest.objects.values_list("pk", flat=True)) == [recent.pk]
        assert {one.request_id for one in RequestStep.objects.all()} == {recent.pk}
        assert {one.request_id for one in AttachmentOpinion.objects.all()} == {recent.pk}


def test_a_request_that_waits_or_became_an_account_stays():
    kept = {
        request("pending", 800).pk,
        request("accepted", 800, account_id=f.user().pk).pk,
    }
    request_jobs.purge_requests(0)
    with as_owner():
        assert {one.pk for one in AccountRequest.objects.all()} == kept


def test_an_invitation_is_forgotten_a_year_after_its_end():
    invitation(expires_at=-366)
    invitation(expires_at=-100, used_at=-366)
    invitation(expires_at=-100, withdrawn_at=-366)
    kept = {invitation(expires_at=-300).pk, invitation(expires_at=-10, used_at=-20).pk}
    request_jobs.purge_requests(0)
    with as_owner():
        assert {one.pk for one in Invitation.objects.all()} == kept


def test_a_session_that_is_over_goes_with_what_was_typed_a_week_ago(client):
    who = f.user()
    client.force_login(who)
    other = Client()
    other.force_login(who)
    with as_owner():
        Session.objects.filter(pk=client.session.session_key).update(expire_date=ago(1))
        Device.objects.update(seen_at=ago(1))
        for address, days in (("/profil/", 8), ("/assistance/", 6)):
            Draft.objects.create(user=who, address=address)
            Draft.objects.filter(address=address).update(saved_at=ago(days))
    jobs.purge(0)
    with as_owner():
        assert list(Session.objects.values_list("pk", flat=True)) == [other.session.session_key]
        assert Device.objects.get().session_key == other.session.session_key
        assert Draft.objects.get().address == "/assistance/"


def test_what_was_asked_of_the_support_goes_after_a_year(settings):
    settings.SUPPORT_KEPT_FOR = 365 * DAY
    with as_owner():
        for reference, days in (("OLD", 366), ("NEW", 360)):
            SupportRequest.objects.create(
                reference=reference, name="X", email="x@x.example", text="?", sent_at=ago(days)
            )
            SupportRequest.objects.filter(reference=reference).update(created_at=ago(days))
    jobs.purge(0)
    with as_owner():
        assert SupportRequest.objects.get().reference == "NEW"


def test_a_notice_goes_after_ninety_days():
    who = f.user()
    with as_owner():
        for days in (91, 89):
            Notice.objects.create(
                entry_id=UUID(int=days), event="MemberHabilitated", at=ago(days),
                user_id=who.pk, party_id=who.person_id,
            )  # fmt: skip
    telling.purge(0)
    with as_owner():
        assert Notice.objects.get().entry_id == UUID(int=89)


def sent(number: int, days: int) -> None:
    with as_owner():
        Sent.objects.create(entry_id=UUID(int=number), recipient="somebody")
        Sent.objects.filter(entry_id=UUID(int=number)).update(at=ago(days))


def test_the_trace_of_a_mail_goes_after_ninety_days():
    sent(1, 91)
    sent(2, 89)
    telling.purge(0)
    with as_owner():
        assert Sent.objects.get().entry_id == UUID(int=2)


def test_the_trace_of_a_mail_stays_while_its_event_still_has_a_mail_to_send():
    sent(1, 200)
    telling.tell_service.defer(entry_id=str(UUID(int=1)))
    telling.purge(0)
    with as_owner():
        assert Sent.objects.get().entry_id == UUID(int=1)


def job_of(status: str, days: int) -> int:
    """A job in this state, whose last move was that many days ago."""
    key = telling.purge.defer(timestamp=days)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [key])
        if status != "todo":
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [status, key],
            )
        cursor.execute(
            "UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [ago(days), key]
        )
    return key


def test_a_job_that_gave_up_goes_after_ninety_days_and_one_that_waits_stays():
    old = {job_of(status, 91) for status in ("failed", "cancelled", "aborted", "succeeded")}
    kept = {job_of("failed", 89), job_of("todo", 91), job_of("doing", 91)}
    telling.purge(0)
    left = set(ProcrastinateJob.objects.values_list("pk", flat=True))
    assert not old & left
    assert kept <= left


def test_no_job_of_the_night_removes_anything_medical_nor_a_trace():
    who = f.actor(f.user())
    f.patient(who)
    with as_owner():
        before = [JournalEntry.objects.count(), Patient.objects.count(), User.objects.count()]
    assert all(before)
    for job in (request_jobs.purge_requests, jobs.purge, telling.purge):
        job(0)
    with as_owner():
        after = [JournalEntry.objects.count(), Patient.objects.count(), User.objects.count()]
    assert after == before


def test_the_page_says_what_the_jobs_do(client):
    page = client.get("/donnees-personnelles/").content.decode()
    page = page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    for words in (
        "Demandes d’inscription refusées et invitations : 12 mois.",
        "dont l’adresse n’a jamais été confirmée : 7 jours",
        "Notifications et trace de leur envoi : 90 jours.",
        "Demandes d’assistance : 12 mois.",
        "Saisies non enregistrées gardées à la fin d’une session : 7 jours.",
    ):
        assert words in page
