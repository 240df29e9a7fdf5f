"""What django-allauth's second steps must know of the house."""

import ipaddress
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ronde.accounts.mfa import secrets
from ronde.accounts.models import User

NAME = "Ronde"


def site_origin() -> str:
    """Scheme, name and port of the site, as a browser writes them when it signs with a passkey."""
    parts = urlsplit(settings.SITE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def passkeys_possible() -> bool:
    """Passkeys are bound to a name: a site reached by a bare IP address has none."""
    try:
        ipaddress.ip_address(urlsplit(settings.SITE_URL).hostname or "")
    except ValueError:
        return True
    return False


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Code incorrect, périmé ou déjà utilisé."),
        "incorrect_passkey": _("Cette clé d'accès n'a pas été reconnue."),
    }

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return NAME

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(_("Clé d'accès %(number)d") % {"number": number})

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the public name of the site, never to what a request says it is."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": NAME}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, object]:
        return {
            "id": user_pk_to_url_str(user).encode(),
            "display_name": user.full_name,
            "name": user.email,
        }
