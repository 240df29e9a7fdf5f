"""Mails about an account. They carry a code or a link, and nothing of a patient."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from ronde.accounts.language import of_mails
from ronde.accounts.models import User


def send(
    template: str,
    email: str,
    context: dict[str, Any],
    *,
    user: User | None = None,
    language: str = "",
    **more: Any,
) -> None:
    """Send `<template>_subject.txt` and `<template>_message.txt`, in the language of `user`.

    The subject stays in ASCII, so that no mail server on the way has to decode it. `more`: what
    EmailMessage takes too (`reply_to`, other `headers`).
    """
    values = {**context, "support": settings.SUPPORT_EMAIL, "site": settings.SITE_URL}
    with translation.override(language or of_mails(user)):
        subject = render_to_string(f"{template}_subject.txt", values).strip()
        body = render_to_string(f"{template}_message.txt", values).strip() + "\n"
    headers = {"Auto-Submitted": "auto-generated", **more.pop("headers", {})}
    EmailMessage(subject=subject, body=body, to=[email], headers=headers, **more).send()
