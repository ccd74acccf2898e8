"""The settings, and the only place that reads the environment; whatever is odd there is told at once, in sentences."""

import base64
import binascii
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvValidationError
from kombu import Exchange, Queue

from crisiscomm import addresses, embedded
from crisiscomm.logs import logging_configuration
from crisiscomm.unfold import UNFOLD  # noqa: F401 - the admin theme reads it here

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_ROLES = ("owner", "web", "sender")

# --- what the environment says ----------------------------------------------------------------------

_env = Env(eager=False)
_problems: list[str] = []

_database_url: str = _env.str("DATABASE_URL", "")
_owner_url: str = _env.str("DATABASE_OWNER_URL", "") or _database_url
_sender_url: str = _env.str("DATABASE_SENDER_URL", "") or _database_url
_redis_url: str = _env.str("REDIS_URL", "")
_email_url: str = _env.str("EMAIL_URL", "")
_database_name: str = _env.str("CRISISCOMM_DATABASE_NAME", "")
# How many wake-ups a ring gives: one for each process that sends. `run --senders` tells its children.
CRISISCOMM_SENDERS: int = _env.int("CRISISCOMM_SENDERS", 2)
_redis_database: int | None = _env.int("CRISISCOMM_REDIS_DATABASE", None)
_secret_key: str = _env.str("SECRET_KEY", "")
_encryption_keys: list[str] = _env.list("FIELD_ENCRYPTION_KEY", [])
_public_base_url: str = _env.str("PUBLIC_BASE_URL", "")
_hook_secret: str = _env.str("CRISISCOMM_HOOK_SECRET", "")
_has_pool: bool = _env.bool("CRISISCOMM_DB_POOL", False)
_behind_proxies: int = _env.int("CRISISCOMM_TRUSTED_PROXIES", 0)

DATA_DIR: Path = _env.path("CRISISCOMM_DATA_DIR", None) or BASE_DIR / "var"
PG_BIN_DIR: Path | None = _env.path("CRISISCOMM_PG_BIN_DIR", None)
DATABASE_ROLE: str = _env.str("CRISISCOMM_DB_ROLE", "web")
TICK_SECONDS: float = _env.float("CRISISCOMM_TICK_SECONDS", 1.0)
# Messages a second the mail server takes: how long before a promised time an update must be on its way.
CRISISCOMM_SEND_RATE: float = _env.float("CRISISCOMM_SEND_RATE", 100.0)
CRISISCOMM_ALERT_REPEAT: timedelta = _env.timedelta("CRISISCOMM_ALERT_REPEAT", timedelta(minutes=5))
LOG_LEVEL: str = _env.str("CRISISCOMM_LOG_LEVEL", "INFO").upper()
# The launcher says once, for all its children, what each of them would warn about.
IS_SUPERVISED: bool = _env.bool("CRISISCOMM_SUPERVISED", False)
FIRST_ADMIN: tuple[str, str] = (_env.str("CRISISCOMM_ADMIN_USER", ""), _env.str("CRISISCOMM_ADMIN_PASSWORD", ""))
SECRET_KEY_FALLBACKS: list[str] = _env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS: list[str] = _env.list("ALLOWED_HOSTS", [])
METRICS_TOKEN: str = _env.str("CRISISCOMM_METRICS_TOKEN", "")
EMAIL_FROM: str = _env.str("EMAIL_FROM", "")
# A second reader of wording, any model behind an OpenAI-compatible address; without an address and a model it is off.
WORDING_READER: dict[str, str | float] = {
    "url": _env.str("CRISISCOMM_READER_URL", ""),
    "model": _env.str("CRISISCOMM_READER_MODEL", ""),
    "key": _env.str("CRISISCOMM_READER_KEY", ""),
    "timeout": _env.float("CRISISCOMM_READER_TIMEOUT", 20.0),
}

# Without addresses the servers are local ones; with one of them, nothing local is started.
EMBEDDED = not _database_url and not _redis_url
LOCAL_BASE_URL = "http://127.0.0.1:8000"
HAS_OWN_OWNER_ROLE = _owner_url != _database_url

try:
    _env.seal()
except EnvValidationError as error:
    _unreadable = cast("dict[str, list[str]]", error.error_messages)
    _problems += [f"{name}: {' '.join(messages)}" for name, messages in _unreadable.items()]


def _read(name: str, value: str, read: Callable[[str], T]) -> T | None:
    if not value:
        return None
    try:
        return read(value)
    except addresses.AddressError as error:
        _problems.append(f"{name} {error}.")
        return None


def _require_everything() -> None:
    """What a local installation makes or assumes, any other one must be told."""
    needed = {
        "DATABASE_URL": (_database_url, "the address of PostgreSQL, as postgres://user:password@host/name"),
        "REDIS_URL": (_redis_url, "the address of Redis or Valkey, as redis://host:6379/0"),
        "SECRET_KEY": (_secret_key, "50 random characters or more"),
        "FIELD_ENCRYPTION_KEY": (_encryption_keys, "32 random bytes in URL-safe base64"),
        "ALLOWED_HOSTS": (ALLOWED_HOSTS, "the host names the site answers to, separated by commas"),
        "PUBLIC_BASE_URL": (_public_base_url, "the address customers reach, as https://status.example.com"),
    }
    for name, (value, meaning) in needed.items():
        if not value:
            _problems.append(f"{name} is missing: {meaning}.")


def _check_values() -> None:
    if DATABASE_ROLE not in DATABASE_ROLES:
        _problems.append(f"CRISISCOMM_DB_ROLE is {DATABASE_ROLE!r}; it must be one of {', '.join(DATABASE_ROLES)}.")
    # A number that could not be read is None here, and has been reported already.
    if cast("float | None", TICK_SECONDS) is not None and not 0.05 <= TICK_SECONDS <= 60:
        _problems.append("CRISISCOMM_TICK_SECONDS must lie between 0.05 and 60.")
    if cast("float | None", CRISISCOMM_SEND_RATE) is not None and CRISISCOMM_SEND_RATE <= 0:
        _problems.append("CRISISCOMM_SEND_RATE must be more than 0 messages a second.")
    if cast("timedelta | None", CRISISCOMM_ALERT_REPEAT) is not None and CRISISCOMM_ALERT_REPEAT.total_seconds() <= 0:
        _problems.append("CRISISCOMM_ALERT_REPEAT must be a number of seconds above 0.")
    for key in _encryption_keys or []:
        if not _is_encryption_key(key):
            _problems.append(
                "FIELD_ENCRYPTION_KEY must be 32 random bytes in URL-safe base64 (several: newest first, by commas)."
            )
    if _public_base_url and not _is_public_address(_public_base_url):
        _problems.append("PUBLIC_BASE_URL must be an address such as https://status.example.com, without a path.")


def _is_encryption_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except (binascii.Error, ValueError):
        return False


def _is_public_address(url: str) -> bool:
    parts = urlsplit(url)
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return (
        bool(parts.hostname)
        and parts.scheme in ({"http", "https"} if is_local else {"https"})
        and parts.path in {"", "/"}
    )


if not EMBEDDED:
    _require_everything()
_check_values()
_chosen_url = {"owner": _owner_url, "sender": _sender_url}.get(DATABASE_ROLE, _database_url)
_database = _read("DATABASE_URL", _chosen_url, addresses.read_database_url)
_redis = _read("REDIS_URL", _redis_url, lambda url: addresses.read_redis_url(url, database=_redis_database))
MAIL_SERVER = _read("EMAIL_URL", _email_url, addresses.read_email_url)
if _problems:
    raise ImproperlyConfigured(
        "CrisisComm cannot start with this environment:\n" + "\n".join(f"- {line}" for line in _problems)
    )

# --- the local default -------------------------------------------------------------------------------

if EMBEDDED:
    _layout = embedded.layout_of(DATA_DIR)
    _made = embedded.load_or_make_secrets(DATA_DIR)
    _secret_key = _secret_key or _made["SECRET_KEY"]
    _encryption_keys = _encryption_keys or [_made["FIELD_ENCRYPTION_KEY"]]
    _hook_secret = _hook_secret or embedded.derive_hook_secret(_secret_key)
    _public_base_url = _public_base_url or LOCAL_BASE_URL
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": embedded.DATABASE_NAME,
        "USER": f"crisiscomm_{DATABASE_ROLE}",
        "HOST": str(_layout.sockets),
        "PORT": str(embedded.POSTGRES_PORT),
    }
    _redis = addresses.redis_on_socket(_layout.valkey_socket, database=_redis_database or 0)

assert _database is not None
assert _redis is not None

# --- Django ------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = _secret_key
FIELD_ENCRYPTION_KEYS = _encryption_keys
PUBLIC_BASE_URL = _public_base_url.rstrip("/")
IS_HTTPS = PUBLIC_BASE_URL.startswith("https://")
ROOT_URLCONF = "crisiscomm.urls"
WSGI_APPLICATION = "crisiscomm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "crisiscomm",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "ninja",
    "incidents",
    "notifications",
    "workflows",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crisiscomm.policy.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "crisiscomm.accounts.SecondFactorMiddleware",
    "crisiscomm.accounts.OwnTimeZoneMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Widgets of our own find their templates where the pages do.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- the database, the cache, the broker -------------------------------------------------------------

if _database_name:
    _database["NAME"] = _database_name
_options: dict[str, Any] = dict(_database.get("OPTIONS", {}))
if DATABASE_ROLE != "owner":
    # A forgotten session must not hold its row locks for longer than a customer can be kept waiting.
    _options["options"] = f"{_options.get('options', '')} -c idle_in_transaction_session_timeout=30s".strip()
if _has_pool:
    _options["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
DATABASES: dict[str, Any] = {
    "default": {
        **_database,
        "OPTIONS": _options,
        "CONN_MAX_AGE": 0 if _has_pool else 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis.cache_url,
        "KEY_PREFIX": "crisiscomm",
    }
}

CELERY_BROKER_URL = _redis.broker_url
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if _redis.is_encrypted else None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, "socket_keepalive": True}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("tick", "send", "default")]
CELERY_TASK_ROUTES = {"notifications.pump": {"queue": "send"}, "workflows.tick": {"queue": "tick"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1000
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "workflows.tick": {
        "task": "workflows.tick",
        "schedule": timedelta(seconds=TICK_SECONDS),
        "options": {"queue": "tick", "expires": max(5.0, 2 * TICK_SECONDS)},
    }
}

# --- people, languages, files ------------------------------------------------------------------------

AUTH_USER_MODEL = "incidents.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "crisiscomm.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = _behind_proxies
MFA_ADAPTER = "crisiscomm.accounts.EncryptedMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "CrisisComm"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
IS_SECOND_FACTOR_REQUIRED = IS_HTTPS

TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "crisiscomm.formats"
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are found where the apps keep them: a bare server needs no collecting first.
WHITENOISE_USE_FINDERS = True

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_SERVER else 'console'}.EmailBackend"
EMAIL_HOST = MAIL_SERVER.host if MAIL_SERVER else ""
EMAIL_PORT = MAIL_SERVER.port if MAIL_SERVER else 25
EMAIL_HOST_USER = MAIL_SERVER.user if MAIL_SERVER else ""
EMAIL_HOST_PASSWORD = MAIL_SERVER.password if MAIL_SERVER else ""
EMAIL_USE_TLS = MAIL_SERVER is not None and MAIL_SERVER.security == "tls"
EMAIL_USE_SSL = MAIL_SERVER is not None and MAIL_SERVER.security == "ssl"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = EMAIL_FROM or f"updates@{urlsplit(PUBLIC_BASE_URL).hostname}"

_MAIL = "notifications.channels.smtp.SMTPChannel"
_PAGE = "notifications.channels.page.PageChannel"
# Channels that are not named here are people's work: calls, visits, letters.
CRISISCOMM_CHANNELS = {
    "email_personal": _MAIL,
    "email_bulk": _MAIL,
    "status_page": _PAGE,
    "website_notice": _PAGE,
    "official_statement": _PAGE,
    "dark_site": _PAGE,
}
CRISISCOMM_HOOK_SECRET = _hook_secret

# --- the door ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_proxies else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "crisiscomm-session"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "crisiscomm-csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
LANGUAGE_COOKIE_SECURE = IS_HTTPS
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600
ADMINS: list[tuple[str, str]] = []

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = logging_configuration(LOG_LEVEL)
LOGGING_CONFIG = "logging.config.dictConfig"
