"""Pro Santé Connect: signing in with the card or the telephone of a health professional."""

from django.conf import settings


def is_configured() -> bool:
    return bool(settings.PSC_ISSUER and settings.PSC_CLIENT_ID)
