"""Telling, by mail and in the application, after the commit and outside of any request.

A mail that could not leave makes its job fail, and the job comes back, later and later, for as
long as needed. `Sent` is written in the transaction that sends: a mail that left is remembered.
"""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from procrastinate.contrib.django import app

from ronde.accounts.language import of_mails
from ronde.accounts.models import User
from ronde.accounts.queries import users_behind
from ronde.careteam.access import access_to, accessible
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.retry import UntilSent
from ronde.directory.models import Party
from ronde.journal.models import JournalEntry
from ronde.notifications import notices, openings, preferences
from ronde.notifications.mails import Notice, write
from ronde.notifications.models import Sent

log = logging.getLogger(__name__)


class NotSentError(Exception):
    """Some mails of an event did not leave. Says how many, and never to which addresses."""


@app.task(name="notifications.tell_parties", retry=UntilSent())
def tell_parties(*, party_ids: list[str], **keys: Any) -> None:
    """Tell the human beings behind each party, as each chose, except the one who acted."""
    notice = Notice.of(keys)
    failed = 0
    for party in Party.objects.filter(pk__in=party_ids).order_by("pk"):
        for user in users_behind(party.pk, deciders=notice.kind.to_deciders):
            if user.pk != notice.user_id and _keep(notice, party, user):
                failed += not _attempt(_write, notice, party, user)
    if failed:
        message = f"{failed} mail(s) of the event {notice.entry_id} did not leave."
        raise NotSentError(message)


@app.task(name="notifications.tell_service", retry=UntilSent())
def tell_service(**keys: Any) -> None:
    """Write to the service whose address the event names by a setting."""
    notice = Notice.of(keys)
    if not _attempt(_tell_service, notice):
        message = f"The service mail of the event {notice.entry_id} did not leave."
        raise NotSentError(message)


def _attempt(tell: Any, *what: Any) -> bool:
    """Try one mail; the error is logged by its kind alone, since its text holds addresses."""
    try:
        tell(*what)
    except (OSError, SMTPException) as error:
        log.warning("mail not sent: event %s, %s", what[0].entry_id, type(error).__name__)
        return False
    return True


def _keep(notice: Notice, party: Party, user: User) -> bool:
    """Write what is told in the application, once; false when there is no mail to write.

    It does not wait for the mail, whose server may be down.
    """
    context = acting(party_id=party.pk, user_id=user.pk)
    with translation.override(of_mails(user)), context, transaction.atomic():
        if not _may_learn(_reader(party, user), notice):
            return False
        choice = preferences.choice(notice.kind, user.pk, party.pk)
        if choice.application:
            notices.keep(notice, party.pk, user.pk)
        return choice.mail


def _write(notice: Notice, party: Party, user: User) -> None:
    context = acting(party_id=party.pk, user_id=user.pk)
    with translation.override(of_mails(user)), context, transaction.atomic():
        if not _may_learn(_reader(party, user), notice):
            return
        recipient = str(user.pk)
        as_whom = party if party.pk != user.person_id else None
        mail = write(notice, user.email, recipient, _lines(notice) or [], as_whom)
        _send_once(notice, recipient, mail)


def _tell_service(notice: Notice) -> None:
    context = acting(party_id=notice.party_id, user_id=notice.user_id)
    with translation.override(settings.LANGUAGE_CODE), context, transaction.atomic():
        lines = _lines(notice)
        if lines is None:
            log.warning("service mail dropped: event %s is no longer readable", notice.entry_id)
            return
        setting = notice.kind.mail_setting
        _send_once(notice, setting, write(notice, getattr(settings, setting), setting, lines))


def _lines(notice: Notice) -> list[str] | None:
    """What the event adds to its mail; None for who may not read the event.

    Outside of any record, the line is its author's: it is read as they read it.
    """
    if notice.patient_id is None and notice.user_id is not None:
        with acting(party_id=None, user_id=notice.user_id):
            entry = JournalEntry.objects.filter(pk=notice.entry_id).first()
    else:
        entry = JournalEntry.objects.filter(pk=notice.entry_id).first()
    return None if entry is None else notice.kind.mail_lines(entry.payload)


def _may_learn(reader: Actor, notice: Notice) -> bool:
    """Whether the record, and the section of the event when it asks for it, open to this reader:
    a notice that names the patient would tell as much as the line.
    """
    if notice.needs_access and not accessible(reader, [notice.patient_id]):
        return False
    return not notice.kind.mail_needs_section or _may_read(reader, notice)


def _may_read(reader: Actor, notice: Notice) -> bool:
    """Whether the line of the event is in a section that the matrix opens to this reader."""
    entry = JournalEntry.objects.filter(pk=notice.entry_id).first()
    if entry is None or notice.patient_id is None:
        return False
    return access_to(reader, notice.patient_id).can_read(entry.section)


def _reader(party: Party, user: User) -> Actor:
    return Actor(
        user_id=user.pk,
        party_id=party.pk,
        person_id=user.person_id,
        display_name=party.display_name,
        person_name=user.full_name,
        as_structure=party.is_structure,
        profession=user.person.profession_code if user.person else "",
    )


def _send_once(notice: Notice, recipient: str, mail: EmailMessage) -> None:
    """Send unless it was sent; another worker sending the same waits here for the outcome."""
    sent = Sent(entry_id=notice.entry_id, recipient=recipient)
    try:
        with transaction.atomic():
            sent.save(force_insert=True)
    except IntegrityError:
        return
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        if not all(code >= 500 for code, _ in error.recipients.values()):
            raise
        log.warning("mail refused for good: event %s, recipient %s", notice.entry_id, recipient)
        sent.refused = True
        sent.save(update_fields=["refused"])


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="notifications.openings")
def tell_openings(timestamp: int) -> None:
    """Tell who asked for it that somebody opened a record that they follow: once a day for each."""
    for keys, party_id in openings.news():
        tell_parties.defer(**keys, party_ids=[str(party_id)])


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="notifications.purge")
def purge(timestamp: int) -> None:
    """Remove, each night, what was told 90 days ago and the jobs that gave up (`retention.sql`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_purge()")
