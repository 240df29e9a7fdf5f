"""Settings of a real installation: HTTPS only, secrets from the environment."""

from config import env
from config.settings.base import *  # noqa: F403

SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
SITE_URL = env.text("SITE_URL")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ACCOUNT_ENCRYPTION_KEYS = [
    key.strip() for key in env.text("ACCOUNT_ENCRYPTION_KEYS").split(",") if key.strip()
]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-ronde_session"
CSRF_COOKIE_NAME = "__Host-ronde_csrf"
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# HTTPS ends at a proxy of ours, which says where a request comes from.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 1)
# Documents are never kept in clear; `docs/operations.md` says how to make and change the keys.
env.text("DOCUMENT_KEYS")
