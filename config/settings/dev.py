"""Settings of `make run`: one machine, mails read in the browser, HTTP."""

import secrets
from base64 import b64decode, b64encode

from config.settings.base import *  # noqa: F403
from config.settings.base import DOCUMENT_KEYS, INSTALLED_APPS, STATE_DIR

INSTALLED_APPS = [*INSTALLED_APPS, "demo", "django_linear_migrations"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEV_MAILS_DIR = str(STATE_DIR / "mails")
DEMONSTRATION = True
OPERATOR = {
    "region": "Région de démonstration",
    "name": "Groupement de démonstration",
    "address": "1 place Inventée, 99999 Nulle-Part",
    "number": "",
    "phone": "01 99 00 12 34",
    "email": "contact@ronde.example",
    "director": "Camille EXEMPLE",
    "hosting": "Hébergeur de démonstration",
    "hosting_address": "2 place Inventée, 99999 Nulle-Part",
    "hosting_phone": "01 99 00 56 78",
    "hosting_certificate": "",
    "processor": "",
    "dpo": "dpo@ronde.example",
    "security": "securite@ronde.example",
}


def _made_once(name: str, secret: str) -> str:
    path = STATE_DIR / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


SECRET_KEY = _made_once("secret_key", secrets.token_urlsafe(50))
_document_key = _made_once("document_key", b64encode(secrets.token_bytes(32)).decode())
DOCUMENT_KEYS = DOCUMENT_KEYS or {"dev": b64decode(_document_key)}
