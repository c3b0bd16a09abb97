"""The product's settings; the addresses of the servers are filled in by tests/conftest.py."""

import os
import sys

# Where nothing compiled may be kept, as in many images of Python, each worker would rewrite the
# asserts of 700 modules anew, and each process that a test starts would compile the product.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("REGULARS_LOCAL", "1")
_UNSET = "postgresql://{}@127.0.0.1:1/unset"
os.environ["DATABASE_URL"] = os.environ.get("REGULARS_TEST_DEFAULT", _UNSET.format("regulars_app"))
os.environ["DATABASE_OWNER_URL"] = os.environ.get(
    "REGULARS_TEST_OWNER", _UNSET.format("regulars_owner")
)
os.environ["LOG_LEVEL"] = "WARNING"

from regulars.settings import *  # noqa: E402, F403
from regulars.settings import DATABASES, MIDDLEWARE  # noqa: E402

# Static names need no manifest, and a password need not take 100 ms, to test what pages do.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # nothing is collected for tests
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each thread of a test has its own connection; benchmarks take the pool of the product again.
POOL = DATABASES["default"]["OPTIONS"].pop("pool")
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
CELERY_TASK_ALWAYS_EAGER = False

MIDDLEWARE = [*MIDDLEWARE, "tests.urls_called.Recorder"]
