"""What is done apart from any request."""

from collections.abc import Callable
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app

from ronde.accounts import mails, support
from ronde.accounts.models import User
from ronde.core.retry import UntilSent


def password_link(user: User) -> str:
    """Make the address where this person chooses a password; it works once, for three days."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user.pk.hex, "key": key})
    return settings.SITE_URL.rstrip("/") + path


@app.task
def send_password_link(user_id: str | None) -> None:
    """Mail the link; an address without account also makes a job, so that both take as long."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if user is not None:
        context = {"link": password_link(user), "days": settings.PASSWORD_RESET_TIMEOUT // 86_400}
        mails.send("account/email/password_reset_key", user.email, context, user=user)


class NotSentError(Exception):
    """A mail did not leave. Says for which request, and never to which address."""


@app.task(name="accounts.send_support_request", retry=UntilSent())
def send_support_request(request_id: str) -> None:
    _until_sent(support.send, request_id)


@app.task(name="accounts.acknowledge_support_request", retry=UntilSent())
def acknowledge_support_request(request_id: str) -> None:
    _until_sent(support.acknowledge, request_id)


def _until_sent(send: Callable[[UUID], None], request_id: str) -> None:
    """Hide the text of a failure, since it holds addresses; the job comes back."""
    try:
        send(UUID(request_id))
    except (OSError, SMTPException) as error:
        message = f"A mail of the request {request_id} did not leave ({type(error).__name__})."
        raise NotSentError(message) from None


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="accounts.purge")
def purge(timestamp: int) -> None:
    """Remove ended sessions, stale drafts, old requests and expired throttles, each night."""
    SessionStore.clear_expired()
    cache.purge()
    support.purge()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_purge_drafts()")
