"""Settings of every Coursive process. What differs between machines comes from the environment."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def required(name: str) -> str:
    """The value of an environment variable without which nothing can start."""
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(
            f"{name} is not set. `make run` and `make test` set it; docs/operations.md lists the others."
        ) from None


DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = required("SECRET_KEY")

# --- Hosts ---------------------------------------------------------------------------------------
# HubMiddleware answers 404 to a host that is no hub's: the list of hosts lives in the database.
# A pinned instance has one hub at any address, so it must name its own.
ALLOWED_HOSTS = os.environ.get("COURSIVE_ALLOWED_HOSTS", "*").split(",")
INSTANCE_HOST = os.environ.get("COURSIVE_HOST", "localhost")
PUBLIC_PORT = os.environ.get("COURSIVE_PORT", "")
PINNED_HUB = os.environ.get("COURSIVE_PINNED_HUB", "")
HTTPS = os.environ.get("COURSIVE_HTTPS") == "1"
# Every page says that we are back in a moment; only /healthz, /readyz and static files answer.
MAINTENANCE = os.environ.get("COURSIVE_MAINTENANCE") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS

# --- Apps ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "hubs",
    "documents",
    "parties",
    "billing",
    "members",
    "governance",
    "spaces",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "heroicons",
    "template_partials",
]

MIDDLEWARE = [
    "hubs.middleware.HealthMiddleware",
    "hubs.middleware.PlainTextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hubs.middleware.AwayMiddleware",
    "hubs.middleware.HubMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "parties.middleware.ActorMiddleware",
    "parties.middleware.ComeInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hubs.middleware.RuleMiddleware",
]

ROOT_URLCONF = "coursive.urls"
WSGI_APPLICATION = "coursive.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hubs.context.hub",
            ],
            "builtins": [
                "hubs.templatetags.ui",
                "hubs.templatetags.drawings",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "hubs.renderers.FormRenderer"


# --- Database ------------------------------------------------------------------------------------
# Two roles (docs/operations.md): `default` reads and writes rows of the open hub only, `owner` owns the
# tables, migrates, and sees every hub; only commands may use it.
def _database(url: str) -> dict[str, Any]:
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    settings["ENGINE"] = "hubs.database"
    # A cursor that outlives its statement costs three round trips for a list of ten, and PgBouncer cannot hold it.
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    settings["OPTIONS"] = {"connect_timeout": 2} | settings.get("OPTIONS", {})
    return settings


DATABASES = {
    "default": _database(required("DATABASE_URL")),
}
if "DATABASE_OWNER_URL" in os.environ:
    DATABASES["owner"] = _database(os.environ["DATABASE_OWNER_URL"])
DATABASE_ROUTERS = ["hubs.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery --------------------------------------------------------------------------------------
REDIS_URL = required("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A paper that kills its process would be handed to the next one at once, for ever: the sweep waits two minutes.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request nudges and never waits: without max_retries a closed port costs it six seconds for each mail.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE = {
    # A sweep that no worker took before the next one is of no use.
    "sweep": {"task": "hubs.tasks.sweep", "schedule": 20.0, "options": {"expires": 20}},
    "cards": {"task": "billing.tasks.ask_cards", "schedule": 300.0, "options": {"expires": 300}},
    "gather_charges": {"task": "billing.tasks.gather_charges", "schedule": crontab(hour=2, minute=10)},
    "tidy": {"task": "hubs.tasks.tidy", "schedule": crontab(hour=3, minute=40)},
    "platforms": {"task": "billing.tasks.visit_platforms", "schedule": crontab(hour=4, minute=20)},
    "write-books": {"task": "billing.tasks.write_books", "schedule": 300.0, "options": {"expires": 300}},
    # Before the team arrives.
    "remind": {"task": "billing.tasks.remind", "schedule": crontab(hour=5, minute=10)},
    "remind_renewals": {"task": "members.tasks.remind_renewals", "schedule": crontab(hour=5, minute=20)},
    "announce-papers": {"task": "parties.tasks.announce_papers", "schedule": crontab(hour=5, minute=25)},
}

# --- People --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "hubs.User"
AUTHENTICATION_BACKENDS = ["parties.authentication.HubBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SESSION_ENGINE = "hubs.sessions"
# Under TLS the prefix keeps a neighbouring host, perhaps another hub, from setting them for ours.
SESSION_COOKIE_NAME = "__Host-coursive" if HTTPS else "coursive"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_NAME = "__Host-coursive_csrf" if HTTPS else "coursive_csrf"
CSRF_COOKIE_HTTPONLY = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "hubs:after_login"

ACCOUNT_ADAPTER = "parties.authentication.HubAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "parties.authentication.RequestLoginCodeForm",
    "confirm_login_code": "parties.authentication.ConfirmLoginCodeForm",
    "reset_password": "parties.authentication.ResetPasswordForm",
    "change_password": "parties.authentication.ChangePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
# Tries are counted by hubs.limits alone (docs/adr/0011-one-limiter.md).
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
MFA_ADAPTER = "parties.second_factor.HubMFAAdapter"
MFA_FORMS = {
    "authenticate": "parties.second_factor.AuthenticateForm",
    "reauthenticate": "parties.second_factor.ReauthenticateForm",
    "add_webauthn": "parties.second_factor.AddPasskeyForm",
    "login_webauthn": "parties.second_factor.LoginPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# The team opens accounts, and the address is where the first code went.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A telephone a little late is forgiven: a code is taken once, and none older than the last (parties/second_factor.py).
MFA_TOTP_TOLERANCE = 1

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "coursive_language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- Files ---------------------------------------------------------------------------------------
DATA_DIR = Path(os.environ.get("COURSIVE_DATA") or BASE_DIR / "var" / "data")
ASSETS_ROOT = BASE_DIR / "var" / "assets"
ASSETS_ROOT.mkdir(parents=True, exist_ok=True)
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# The command that writes the list of hashed names cannot wait for it to be there.
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() or "collectstatic" in sys.argv[1:2]
STATICFILES_DIRS = [BASE_DIR / "static", ASSETS_ROOT]
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "public"},
    },
    "private": {
        "BACKEND": "documents.storage.WholeFileStorage",
        "OPTIONS": {
            "location": DATA_DIR / "private",
            "base_url": None,
            "file_permissions_mode": 0o600,
            "allow_overwrite": True,  # named by their bytes: what is written over is damaged
        },
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000

# --- Mail ----------------------------------------------------------------------------------------
# Mail is a row of the outbox first; the worker hands it to this backend.
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "hubs.mailbox.FolderBackend")
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
EMAIL_TIMEOUT = 10
# Who carries electronic invoices: a class with the members of billing.einvoice.platforms.Platform, and the account of
# each hub there, which are the arguments of the class. None by default: nothing is called.
EINVOICE_PLATFORM = os.environ.get("EINVOICE_PLATFORM") or "billing.einvoice.afnor.AfnorPlatform"
EINVOICE_ACCOUNTS = json.loads(os.environ.get("EINVOICE_ACCOUNTS") or "{}")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "portail@coursive.example")

# --- Pages ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# No page of ours asks the browser for any of these, so that nothing slipped into one can.
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# --- Cards ---------------------------------------------------------------------------------------
# By hub: {"la-coursive": {"provider": "stripe", "key": "sk_…", "webhook_secret": "whsec_…"}}. None by default.
CARD_PROVIDERS = json.loads(os.environ.get("COURSIVE_CARDS") or "{}")

# --- What operators read -------------------------------------------------------------------------
METRICS_TOKEN = os.environ.get("COURSIVE_METRICS_TOKEN", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"circumstances": {"()": "hubs.logs.Circumstances"}},
    "formatters": {
        "json": {"()": "hubs.logs.JsonLines", "json_ensure_ascii": False},
        "text": {"()": "hubs.logs.Lines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if os.environ.get("COURSIVE_LOG") == "json" else "text",
            "filters": ["circumstances"],
        }
    },
    "loggers": {
        # Both tell every step of every font.
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        # The line of the request says 403 and 404 already; its own handlers would write all a second time.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "info").upper()},
}
