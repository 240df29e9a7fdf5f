"""What is done apart from any request."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app

from ronde.accounts import devices, mails
from ronde.accounts.models import User
from ronde.core.formats import full_moment


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
        mails.send("account/email/password_reset_key", user.email, context)


@app.task
def send_notice(user_id: str, template: str, device: str, at: str) -> None:
    """Tell the holder of an account what was just changed, when and on what."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        moment = full_moment(datetime.fromisoformat(at))
        mails.send(template, user.email, {"device": device, "at": moment})


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="accounts.purge")
def purge(timestamp: int) -> None:
    """Remove ended sessions, stale drafts and expired throttles, each night."""
    SessionStore.clear_expired()
    cache.purge()
    devices.purge()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_purge_drafts()")
