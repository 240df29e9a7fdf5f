"""The letters about requests and invitations: one job a letter, and it comes back until it left.

A job holds keys alone. It reads in the context of the named service `post`, in nobody's name.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from ronde.accounts import mails
from ronde.accounts.jobs import password_link
from ronde.accounts.links import address
from ronde.accounts.models import Attachment, User
from ronde.accounts.request_models import (
    AccountRequest,
    Invitation,
    RefusalReason,
    RequestKind,
)
from ronde.core.context import acting
from ronde.core.retry import UntilSent
from ronde.directory.models import Party


class Letter(StrEnum):
    VERIFY = "verify"
    RECEIVED = "received"
    SUPPORT = "support"
    OPENED = "opened"
    REQUESTER_OPENED = "requester_opened"
    REFUSED = "refused"
    MORE = "more"
    ANSWERED = "answered"


def _by_post() -> Any:
    return acting(party_id=None, user_id=None, duty="post")


def _page(name: str, *keys: Any) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=keys)


def _spoken(asked: AccountRequest) -> str:
    return asked.language or settings.LANGUAGE_CODE


def _verify(asked: AccountRequest) -> None:
    holder = User.objects.filter(email__iexact=asked.email, is_active=True).first()
    if holder is not None:
        return _already(holder)
    context = {
        "link": address("accounts:sign_up_confirm", asked.link),
        "days": settings.REQUEST_LINK_LIFE.days,
        "by_psc": bool(asked.psc_subject),
    }
    return mails.send("accounts/email/verify", asked.email, context, language=_spoken(asked))


def _already(holder: User) -> None:
    context = {"login": _page("account_login"), "password": _page("account_reset_password")}
    mails.send("accounts/email/already", holder.email, context, user=holder)


def _received(asked: AccountRequest) -> None:
    mails.send("accounts/email/received", asked.email, {}, language=_spoken(asked))


def _support(asked: AccountRequest) -> None:
    context = {
        "link": _page("console:account_request", asked.pk),
        "kind": RequestKind(asked.kind).label,
        "requester": asked.requester_name,
    }
    language = settings.LANGUAGE_CODE
    mails.send("accounts/email/to_validate", settings.SUPPORT_EMAIL, context, language=language)


def _opened(asked: AccountRequest) -> None:
    user = User.objects.filter(pk=asked.account_id, is_active=True).first()
    if user is not None:
        context = {
            "link": password_link(user),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
            "again": _page("account_reset_password"),
            "requester": asked.requester_name,
        }
        mails.send("accounts/email/opened", user.email, context, language=_spoken(asked))


def _requester_opened(asked: AccountRequest) -> None:
    _to_asker("accounts/email/requester_opened", asked, {"name": asked.full_name})


def _refused(asked: AccountRequest) -> None:
    context = {
        "reason": RefusalReason(asked.reason).label,
        "text": asked.reason_text,
        "name": asked.full_name if asked.requester_user else "",
    }
    _to_asker("accounts/email/refused", asked, context)


def _more(asked: AccountRequest) -> None:
    if asked.link is None:
        return  # Decided since.
    context = {
        "link": address("accounts:sign_up_complete", asked.link),
        "days": settings.REQUEST_ANSWER_LIFE.days,
        "question": asked.question,
        "name": asked.full_name if asked.requester_user else "",
    }
    _to_asker("accounts/email/more", asked, context)


def _answered(asked: AccountRequest) -> None:
    context = {"name": asked.full_name if asked.requester_user else ""}
    _to_asker("accounts/email/answered", asked, context)


def _to_asker(template: str, asked: AccountRequest, context: dict[str, Any]) -> None:
    """Write to the applicant, or to the colleague who asked for them."""
    if asked.requester_user is None:
        mails.send(template, asked.email, context, language=_spoken(asked))
        return
    user = User.objects.filter(pk=asked.requester_user, is_active=True).first()
    if user is not None:
        mails.send(template, user.email, context, user=user)


WRITERS: dict[str, Callable[[AccountRequest], None]] = {
    Letter.VERIFY: _verify,
    Letter.RECEIVED: _received,
    Letter.SUPPORT: _support,
    Letter.OPENED: _opened,
    Letter.REQUESTER_OPENED: _requester_opened,
    Letter.REFUSED: _refused,
    Letter.MORE: _more,
    Letter.ANSWERED: _answered,
}


@app.task(name="accounts.write_about_request", retry=UntilSent())
def write(*, request_id: str, letter: str) -> None:
    """Write one letter about a request; one that was purged meanwhile is written to nobody."""
    with _by_post(), transaction.atomic():
        asked = AccountRequest.objects.filter(pk=request_id).first()
        if asked is not None:
            WRITERS[letter](asked)


@app.task(name="accounts.write_to_super_users", retry=UntilSent())
def write_to_super_users(*, request_id: str) -> None:
    """Make one letter for each super-user of the structures asked for."""
    with _by_post(), transaction.atomic():
        asked = AccountRequest.objects.filter(pk=request_id).first()
        keys = asked.structure_ids if asked else []
        found = Attachment.objects.filter(
            structure_id__in=keys,
            structure__acts_as_legal_person=True,
            is_super_user=True,
            ended_at=None,
            user__is_active=True,
        )
        for user_id, structure_id in found.values_list("user_id", "structure_id"):
            write_to_super_user.defer(user_id=str(user_id), structure_id=str(structure_id))


@app.task(name="accounts.write_to_super_user", retry=UntilSent())
def write_to_super_user(*, user_id: str, structure_id: str) -> None:
    """Say that somebody asks to be attached; who it is stands on the page."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    place = Party.objects.filter(pk=structure_id).first()
    if user is not None and place is not None:
        context = {"link": _page("accounts:attachment_requests"), "structure": place.display_name}
        mails.send("accounts/email/attachment", user.email, context, user=user)


@app.task(name="accounts.write_invitation", retry=UntilSent())
def write_invitation(*, invitation_id: str) -> None:
    """Write to who is invited; who has an account already reads so, and the inviter learns
    nothing of it.
    """
    with _by_post(), transaction.atomic():
        invitation = Invitation.objects.filter(pk=invitation_id, withdrawn_at=None).first()
        if invitation is None:
            return
        holder = User.objects.filter(email__iexact=invitation.email, is_active=True).first()
        context = {
            "by": invitation.by_name,
            "text": invitation.text,
            "link": address("accounts:invited", invitation.link),
            "days": settings.INVITATION_LIFE.days,
            "login": _page("account_login"),
            "password": _page("account_reset_password"),
        }
        name = "invited_already" if holder else "invitation"
        language = "" if holder else settings.LANGUAGE_CODE
        email = invitation.email
        mails.send(f"accounts/email/{name}", email, context, user=holder, language=language)


@app.periodic(cron="37 3 * * *")
@app.task(name="accounts.purge_requests", queueing_lock="accounts.purge_requests")
def purge_requests(timestamp: int) -> None:
    """Forget, each night, the requests and invitations whose time is over (`sql/retention.sql`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_purge_requests()")
