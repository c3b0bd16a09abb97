"""Settings of plain Django in one schema: the other side of B2, alike but for tenancy."""

import os

from regulars import environment as env

SECRET_KEY = "plain"
ALLOWED_HOSTS = [".localhost"]
ROOT_URLCONF = "tests.benchmarks.requests_view"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
DATABASES = {
    "default": {
        **env.database(
            os.environ["DATABASE_URL"],
            pool={"min_size": 1, "max_size": 12, "timeout": 10, "max_lifetime": 1800},
            prepare_threshold=3,
            options="-c search_path=plain",
        ),
        "ENGINE": "django.db.backends.postgresql",
    }
}
STATIC_URL = "/static/"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
SECURE_CSP = {"default-src": ["'self'"]}
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
