"""Settings of `make run`: one machine, mails read in the browser, HTTP."""

import secrets

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, STATE_DIR

INSTALLED_APPS = [*INSTALLED_APPS, "demo", "django_linear_migrations"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEV_MAILS_DIR = str(STATE_DIR / "mails")


def _secret_key() -> str:
    path = STATE_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret_key()
