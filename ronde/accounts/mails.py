"""Mails about an account. They carry a code or a link, and nothing of a patient."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string


def send(template: str, email: str, context: dict[str, Any]) -> None:
    """Send `<template>_subject.txt` and `<template>_message.txt`.

    The subject stays in ASCII, so that no mail server on the way has to decode it.
    """
    values = {**context, "support": settings.SUPPORT_EMAIL, "site": settings.SITE_URL}
    EmailMessage(
        subject=render_to_string(f"{template}_subject.txt", values).strip(),
        body=render_to_string(f"{template}_message.txt", values).strip() + "\n",
        to=[email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
