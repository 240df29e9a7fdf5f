"""What an installation must have before it opens; `check --deploy` says what is missing."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from ronde.accounts.legal import TERMS

# Without these the legal pages would be false by omission (LCEN art. 1-1, RGPD art. 13).
REQUIRED = {
    "region": "REGION_NAME",
    "name": "OPERATOR_NAME",
    "address": "OPERATOR_ADDRESS",
    "number": "OPERATOR_SIREN",
    "phone": "OPERATOR_PHONE",
    "email": "OPERATOR_EMAIL",
    "director": "PUBLICATION_DIRECTOR",
    "hosting": "HOSTING_NAME",
    "hosting_address": "HOSTING_ADDRESS",
    "hosting_phone": "HOSTING_PHONE",
    "hosting_certificate": "HOSTING_CERTIFICATE",
    "dpo": "DPO_EMAIL",
    "security": "SECURITY_EMAIL",
}
ADDRESSES = ("SUPPORT_EMAIL", "DIRECTORY_SERVICE_EMAIL", "DEFAULT_FROM_EMAIL")


@register("legal", deploy=True)
def operator_is_named(app_configs: Any, **kwargs: Any) -> list[Error]:
    missing = [name for key, name in REQUIRED.items() if not settings.OPERATOR[key].strip()]
    missing += [
        name for name in ADDRESSES if getattr(settings, name).rstrip(">").endswith(".example")
    ]
    found = [
        Error(
            f"{name} is not set: the legal pages and the mails need it.",
            hint="docs/env.md says what it is.",
            id="accounts.E001",
        )
        for name in missing
    ]
    if settings.DEMONSTRATION:
        found.append(Error("This is a demonstration: no real installation.", id="accounts.E002"))
    return found


@register("legal")
def terms_have_a_text(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.TERMS_VERSION in TERMS:
        return []
    message = f"TERMS_VERSION is {settings.TERMS_VERSION}, which has no text in TERMS."
    return [Error(message, id="accounts.E003")]
