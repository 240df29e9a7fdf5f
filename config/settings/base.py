"""Settings common to every installation."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from config import env
from config.storage import document_storage

env.read_state_file()
BASE_DIR = env.BASE_DIR
STATE_DIR = env.STATE_DIR

SECRET_KEY = env.text("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")

LOCAL_APPS = [
    "ronde.core",
    "ronde.journal",
    "ronde.terminology",
    "ronde.directory",
    "ronde.accounts",
    "ronde.patients",
    "ronde.careteam",
    "ronde.documents",
    "ronde.followup",
    "ronde.feed",
    "ronde.notifications",
    "ronde.worklist",
    "ronde.dossier",
    "ronde.console",
]
INSTALLED_APPS = [
    *LOCAL_APPS,
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages are compressed here: tokens are masked anew in each page and the length is padded at
    # random, which is what the BREACH attack needs not to be.
    "django.middleware.gzip.GZipMiddleware",
    "ronde.core.security.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ronde.accounts.language.LanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ronde.accounts.devices.DeviceMiddleware",
    "ronde.accounts.middleware.ActorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / app.replace(".", "/") / "templates" for app in LOCAL_APPS],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "ronde.core.templating.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# The application connects as a role that owns no table; `manage.py migrate` connects as the owner.
# With one login for both (no DATABASE_OWNER_URL), that login takes the application's role.
DATABASE_APP_ROLE = "ronde_app"
_as_owner = env.flag("RONDE_AS_OWNER")
_url = env.text("DATABASE_URL")
_owner_url = env.text("DATABASE_OWNER_URL", _url)
_timeout = 0 if _as_owner else env.number("DATABASE_STATEMENT_TIMEOUT_MS", 10_000)
DATABASES = {
    "default": {
        **env.database(_owner_url if _as_owner else _url),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ROLE": DATABASE_APP_ROLE if _owner_url == _url and not _as_owner else None,
        "STATEMENT_TIMEOUT": _timeout,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # Unique on lower(email): a constraint, not a field.
AUTHENTICATION_BACKENDS = ["ronde.accounts.backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "worklist:list"
PASSWORD_RESET_TIMEOUT = int(timedelta(days=3).total_seconds())
ACCOUNT_ADAPTER = "ronde.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False  # The view decides: a session may be renewed.
# After the password, a code by mail: 6 digits, 10 minutes, 3 tries, sent again twice at most.
ACCOUNT_LOGIN_BY_CODE_REQUIRED = {"password"}
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 1_800
LOGIN_CODE_RESEND_AFTER = 30
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Amount / period / per address (ip), or per account (key). A hospital goes out by one address.
# Those from login_code_sent on are ours: codes sent to one account, codes tried on one account,
# requests to the support from one account or, without account, to be answered at one address,
# requests for accounts (by visitor, by address written to), numbers looked up, structures searched.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "40/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "login_code_sent": "6/15m/key,40/d/key",
    "login_code_tried": "10/15m/key,80/d/key",
    "reauthenticate": "10/m/user",
    "support": "30/h/ip,5/h/key",
    "sign_up": "60/h/ip,5/h/key",
    "sign_up_number": "60/10m/ip",
    "sign_up_search": "240/m/ip",
}
# The second step is the authenticator app or a passkey once its holder has set one; before, the
# code by mail. A code of the app is taken one step of 30 seconds early or late: telephones drift.
MFA_ADAPTER = "ronde.accounts.mfa.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
# Keys (Fernet) that encrypt what the second steps keep; the first encrypts, all decrypt.
ACCOUNT_ENCRYPTION_KEYS = env.words("ACCOUNT_ENCRYPTION_KEYS")
# Pro Santé Connect; without an issuer there is no such button.
PSC_ISSUER = env.text("PSC_ISSUER", "")
PSC_DISCOVERY_URL = env.text(
    "PSC_DISCOVERY_URL", f"{PSC_ISSUER.rstrip('/')}/.well-known/wallet-openid-configuration"
)
PSC_CLIENT_ID = env.text("PSC_CLIENT_ID", "")
PSC_CLIENT_SECRET = env.text("PSC_CLIENT_SECRET", "")
PSC_CLIENT_CERTIFICATE = env.text("PSC_CLIENT_CERTIFICATE", "")
PSC_CLIENT_KEY = env.text("PSC_CLIENT_KEY", "")
# The level that the directory's technical rules ask for; the identity token must say it too.
PSC_ACR = "eidas1"
PSC_SCOPE = "openid scope_all"
# What a request for an account, its answer and an invitation are given before their link expires.
REQUEST_LINK_LIFE = timedelta(days=3)
REQUEST_ANSWER_LIFE = timedelta(days=14)
INVITATION_LIFE = timedelta(days=30)
INVITATION_DAILY_LIMIT = 20
# How many of our own proxies stand in front: decides which address a throttle counts for.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
# Kept in PostgreSQL: all the workers count together, and a restart forgets nothing.
CACHES = {"default": {"BACKEND": "ronde.accounts.shared_cache.SharedCache"}}

# AZUREZO, sheet 2: the application closes the session by itself after 8 hours.
SESSION_MAX_AGE = timedelta(hours=8)
SESSION_WARNING = timedelta(minutes=5)
# Minutes without activity before the screen is covered; 0: never.
SESSION_IDLE_LOCK = env.number("SESSION_IDLE_LOCK", 0)
# The cookie outlives the session, so that its end can be told and a form sent too late be kept.
SESSION_COOKIE_AGE = int((SESSION_MAX_AGE + timedelta(hours=4)).total_seconds())
SESSION_COOKIE_NAME = "ronde_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "ronde_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ronde.core.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# AZUREZO, sheet 15: a break-glass access lasts two hours.
BREAK_GLASS_DURATION = timedelta(hours=2)
# How often one person may ask for it in 24 hours, whatever the outcome.
BREAK_GLASS_DAILY_LIMIT = 10
# In how many days the privacy officer reviews a break-glass access.
BREAK_GLASS_REVIEW_DAYS = env.number("BREAK_GLASS_REVIEW_DAYS", 7)
# After how many months a habilitation is looked at again, and is said to be no longer used.
HABILITATION_REVIEW_MONTHS = env.number("HABILITATION_REVIEW_MONTHS", 12)
HABILITATION_UNUSED_MONTHS = env.number("HABILITATION_UNUSED_MONTHS", 6)
WORKLIST_EXPORT_LIMIT = 1_000
# Changes that one act on many records may ask for; past BULK_AT_ONCE, a job plays them.
BULK_LIMIT = 1_000
BULK_AT_ONCE = 50
# A form sends one value for each of the records that are ticked.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# In percent of those present: a national file in which more would be missing is refused.
DIRECTORY_VANISHING_LIMIT = env.number("DIRECTORY_VANISHING_LIMIT", 20)
TERMS_VERSION = "2026-11"
# Function that asks the regional identity server (ronde/patients/regional.py); empty: none.
REGIONAL_IDENTITY_CONNECTOR = env.text("REGIONAL_IDENTITY_CONNECTOR", "")
DIRECTORY_SERVICE_EMAIL = env.text("DIRECTORY_SERVICE_EMAIL", "annuaire@ronde.example")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "support@ronde.example")
# Both are shown when the support answers the telephone; without a number nothing speaks of one.
SUPPORT_PHONE = env.text("SUPPORT_PHONE", "")
SUPPORT_HOURS = env.text("SUPPORT_HOURS", "")
# Requests to the support are removed after this long.
SUPPORT_KEPT_FOR = timedelta(days=365)
# Who answers for the service, on the legal pages; `check --deploy` names what is missing.
DEMONSTRATION = False
OPERATOR = {
    "region": env.text("REGION_NAME", ""),
    "name": env.text("OPERATOR_NAME", ""),
    "address": env.text("OPERATOR_ADDRESS", ""),
    "number": env.text("OPERATOR_SIREN", ""),
    "phone": env.text("OPERATOR_PHONE", ""),
    "email": env.text("OPERATOR_EMAIL", ""),
    "director": env.text("PUBLICATION_DIRECTOR", ""),
    "hosting": env.text("HOSTING_NAME", ""),
    "hosting_address": env.text("HOSTING_ADDRESS", ""),
    "hosting_phone": env.text("HOSTING_PHONE", ""),
    "hosting_certificate": env.text("HOSTING_CERTIFICATE", ""),
    "processor": env.text("PROCESSOR_NAME", ""),
    "dpo": env.text("DPO_EMAIL", ""),
    "security": env.text("SECURITY_EMAIL", ""),
}
RECORD_RETENTION_YEARS = env.number("RECORD_RETENTION_YEARS", 20)
# Main menu: label, name of the address, icon. An address that does not exist is not shown.
NAVIGATION = [(_("File active"), "worklist:list", "list")]
# Shown to the super-user of a structure, while acting in its name.
STRUCTURE_NAVIGATION = (_("Ma structure"), "worklist:staff", "building-2")
# Shown to whoever is on duty for the region (accounts.models.DutyKind), whichever duty it is.
CONSOLE_NAVIGATION = (_("Console"), "console:home", "settings")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "ronde/locale"]
TIME_ZONE = env.text("TIME_ZONE", "Europe/Paris")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "ronde/static"]
# Only what we build: the copies of htmx that come with a library are served to nobody.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "documents": document_storage(),
}
# Each file is encrypted by a key of its own, wrapped by the first of these.
DOCUMENT_KEYS = env.keys("DOCUMENT_KEYS")
# How long whoever deposited a document may take it back without any right (AZUREZO, sheet 35).
DOCUMENT_DEPOSITOR_DELAY = timedelta(hours=env.number("DOCUMENT_DEPOSITOR_HOURS", 24))
# `tcp://host:port` or `unix:/path` of ClamAV's daemon; empty: documents are not scanned.
CLAMD_ADDRESS = env.text("CLAMD_ADDRESS", "")
# Of every address: a file too large is dropped while it arrives.
FILE_UPLOAD_HANDLERS = [
    "ronde.documents.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 1025)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Ronde <ne-pas-repondre@ronde.example>")
DEV_MAILS_DIR: str | None = None

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
# A job that ended well leaves no row; one that failed waits to be looked at.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "procrastinate.blueprints": {"level": "WARNING"},
        "procrastinate.periodic": {"level": "WARNING"},
    },
}
