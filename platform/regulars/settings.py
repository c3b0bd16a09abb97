"""Every setting of the product, read once from the environment. `deploy/env.example` lists them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from regulars import environment as env
from regulars.tenancy import reconnecting

PACKAGE = Path(__file__).resolve().parent
STATE_DIR = env.folder("REGULARS_STATE", Path.cwd() / ".regulars")

# Where we are -----------------------------------------------------------------------------------
LOCAL = env.flag("REGULARS_LOCAL", default=True)  # a laptop or a test, not the open internet
DEBUG = env.flag("DEBUG")
PORT = env.integer("REGULARS_PORT", 8000, minimum=1)
BASE_DOMAIN = env.text("BASE_DOMAIN", "localhost")
PUBLIC_URL = env.text("PUBLIC_URL", f"http://{BASE_DOMAIN}:{PORT}" if LOCAL else None)
SECRET_KEY = env.text("SECRET_KEY", "insecure-key-of-a-laptop-only" if LOCAL else None)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = [BASE_DOMAIN, f".{BASE_DOMAIN}", *env.names("ALLOWED_HOSTS")]
if LOCAL:
    ALLOWED_HOSTS += ["127.0.0.1"]
if not LOCAL and DEBUG:
    raise ImproperlyConfigured("DEBUG shows secrets to strangers: set REGULARS_LOCAL=1 or DEBUG=0.")

# Applications: what lives in the public schema, and what lives in each chain's schema -------------
SHARED_APPS = [
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "regulars.tenancy",
    "regulars.billing",
]
TENANT_APPS = [
    "django.contrib.sessions",
    "allauth.account",
    "allauth.mfa",
    "regulars.audit",
    "regulars.outbox",
    "regulars.registry",
    "regulars.stores",
    "regulars.staff",
    "regulars.customers",
    "regulars.purchases",
    "regulars.points",
    "regulars.messages",
    "regulars.followups",
    "regulars.complaints",
    "regulars.surveys",
    "regulars.insights",
    "regulars.imports",
    "regulars.api",
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *TENANT_APPS,
    "allauth",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_cotton",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "regulars.usecases",
    "regulars.web",
]

# Database: one PostgreSQL, two roles --------------------------------------------------------------
DATABASE_URL = env.text(
    "DATABASE_URL", "postgresql://regulars_app@127.0.0.1:5432/regulars" if LOCAL else None
)
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", "")  # only workers and operators have it
_POOL = {"min_size": 1, "max_size": env.integer("DATABASE_POOL", 12, minimum=1), "timeout": 10}
DATABASES: dict[str, Any] = {
    "default": env.database(
        DATABASE_URL,
        pool={
            **_POOL,
            "max_lifetime": 1800,
            "connection_class": reconnecting.Connection,
            "check": reconnecting.check,
        },
        prepare_threshold=3,
    )
}
if DATABASE_OWNER_URL:
    DATABASES["owner"] = env.database(DATABASE_OWNER_URL)
# A backend keeps 30 kB to 1.3 MB of each chain it has served, for as long as it lives.
CHAINS_PER_CONNECTION = env.integer("DATABASE_CHAINS_PER_CONNECTION", 256, minimum=1)
CHAINS_PER_WORKER_CONNECTION = env.integer("DATABASE_CHAINS_PER_WORKER", 2000, minimum=1)
RUNTIME_ROLE = DATABASES["default"]["USER"]
DATABASE_ROUTERS = ["regulars.tenancy.routers.SchemaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Tenancy ------------------------------------------------------------------------------------------
TENANT_MODEL = "tenancy.Chain"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
TENANT_SYNC_ROUTER = "regulars.tenancy.routers.SchemaRouter"
TENANT_LIMIT_SET_CALLS = True
TEMPLATE_SCHEMA = "t_template"
SPARE_SCHEMAS = env.integer("SPARE_SCHEMAS", 3)
ROOT_URLCONF = "regulars.urls_public"
CHAIN_URLCONF = "regulars.urls_chain"

# Requests -----------------------------------------------------------------------------------------
WSGI_APPLICATION = "regulars.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "regulars.tenancy.middleware.ChainMiddleware",
    "regulars.tenancy.middleware.ChainSessionMiddleware",
    "regulars.web.addresses.AddressMiddleware",
    "regulars.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "regulars.tenancy.middleware.OriginMiddleware",
    "regulars.staff.middleware.StaffMiddleware",
    "regulars.web.access.AccessMiddleware",
    "regulars.web.faults.FaultMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "regulars.web.context.workspace",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "regulars.web.templatetags.regulars",
            ],
        },
    }
]
COTTON_DIR = "cotton"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees its arguments and the context processors
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_LIMIT_BYTES = env.integer("UPLOAD_LIMIT_BYTES", 501 * 1024**2)  # of one request
FILE_UPLOAD_HANDLERS = [
    "regulars.web.uploads.Limiter",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Security -----------------------------------------------------------------------------------------
_HTTPS = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_ENGINE = "regulars.tenancy.sessions"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# People -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "staff.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "regulars.web.account.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # a person is invited by e-mail or confirmed it at sign-up
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # ends the other sessions, by their digest
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
_FORMS = "regulars.web.account.sign_in_forms"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm",
    "reset_password": f"{_FORMS}.ResetPasswordForm",
    "reset_password_from_key": f"{_FORMS}.ResetPasswordKeyForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
    "set_password": f"{_FORMS}.SetPasswordForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": f"{_FORMS}.AuthenticateForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateCodeForm",
    "activate_totp": f"{_FORMS}.ActivateForm",
    "deactivate_totp": f"{_FORMS}.DeactivateForm",
    "generate_recovery_codes": f"{_FORMS}.GenerateCodesForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "regulars.web.account.adapter.MFAAdapter"
MFA_TOTP_ISSUER = "Regulars"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s a phone's clock may be off (RFC 6238, 5.2)
PASSWORD_RESET_TIMEOUT = 3600

# Language -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [
    ("zh-hans", _("Chinese (simplified)")),
    ("zh-hant", _("Chinese (traditional)")),
    ("en", _("English")),
]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Cache and jobs -----------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0" if LOCAL else None)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "regulars.tenancy.caching.make_key",
        "KEY_PREFIX": "regulars",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL
# Who rings does not wait for a broker that is away (six seconds otherwise): the sweeper comes.
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "interval_start": 0}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "regulars.outbox.sweep", "schedule": timedelta(seconds=20)},
    "tick": {"task": "regulars.outbox.tick", "schedule": timedelta(minutes=1)},
    "spares": {"task": "regulars.tenancy.fill_spares", "schedule": timedelta(seconds=30)},
    "signups": {"task": "regulars.tenancy.resume_signups", "schedule": timedelta(seconds=30)},
    "calls": {"task": "regulars.billing.finish_calls", "schedule": timedelta(minutes=2)},
    "billing": {"task": "regulars.billing.reconcile", "schedule": crontab(hour=18, minute=30)},
}

# Files and mail -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", STATE_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = env.folder("MEDIA_ROOT", STATE_DIR / "media")
MAILBOX_DIR = STATE_DIR / "mailbox"
SMTP_URL = env.text("SMTP_URL", "")
MAILERS: dict[str, Any] = {
    "default": env.mailer(SMTP_URL)
    if SMTP_URL
    else {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": str(MAILBOX_DIR)},
    }
}
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"Regulars <hello@{BASE_DOMAIN}>")

# Payments -----------------------------------------------------------------------------------------
STRIPE_API_KEY = env.text("STRIPE_API_KEY", "")  # without it nobody can subscribe
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")  # the simulator; empty: the real service
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
OPERATORS_MAIL = env.text("OPERATORS_MAIL", "")  # told when a night repaired or found something

# REST ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["regulars.api.auth.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["regulars.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "regulars.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "DESCRIPTION": "Customers, purchases and points of one chain, for its tills and partners.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "AUTHENTICATION_WHITELIST": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "rk_…"}}
    },
    "SECURITY": [{"key": []}],
    "ENUM_NAME_OVERRIDES": {
        "AnswerKindEnum": "regulars.api.complaint_shapes.ANSWERS",
        "ChannelEnum": "regulars.api.care_shapes.CHANNELS",
        "ComplaintStateEnum": "regulars.api.complaint_shapes.STATES",
        "FollowUpStateEnum": "regulars.api.care_shapes.STATES",
        "ImportKindEnum": "regulars.api.import_shapes.KINDS",
        "ImportStateEnum": "regulars.imports.models.Import.State",
        "PurchaseKindEnum": "regulars.api.showing.KINDS",
        "RemedyKindEnum": "regulars.api.complaint_shapes.REMEDY_KINDS",
        "RemedyStateEnum": "regulars.api.complaint_shapes.REMEDY_STATES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "regulars.api.documents.with_vertical_fields",
        "regulars.api.promises.complete",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}, "stripe": {"level": "WARNING"}},
}
