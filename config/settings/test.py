"""Settings of the tests: real PostgreSQL, row-level security on, no outside network."""

import os

from config import env

env.read_state_file()
# One login for the tests, the owner: it creates the database, then takes the application's role.
os.environ["DATABASE_URL"] = env.text("DATABASE_OWNER_URL", os.environ.get("DATABASE_URL"))
os.environ["DATABASE_OWNER_URL"] = os.environ["DATABASE_URL"]

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import DATABASES, INSTALLED_APPS, STATIC_ROOT  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
SECRET_KEY = "tests-only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DATABASES["default"]["TEST"] = {"NAME": env.text("RONDE_TEST_DB", "test_ronde")}
# The database is created and migrated by its owner; tests/conftest.py then takes the role.
DATABASES["default"]["ROLE"] = None
DATABASES["default"]["STATEMENT_TIMEOUT"] = 0
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
}
DOCUMENT_KEYS = {"test": b"tests only, thirty-two bytes ..."}
CLAMD_ADDRESS = ""

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing.
