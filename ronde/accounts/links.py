"""Addresses sent by mail that serve once: the key of a row, signed, so that reading the table is
not enough to follow one.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

_signer = signing.Signer(salt="ronde.accounts.links")


def token(link: UUID) -> str:
    return _signer.sign(link.hex).replace(":", ".")


def key(text: str) -> UUID | None:
    """The key in the address; None when it was not made here."""
    try:
        return UUID(_signer.unsign(text.replace(".", ":")))
    except (signing.BadSignature, ValueError):
        return None


def address(name: str, link: UUID) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=[token(link)])
