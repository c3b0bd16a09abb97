"""Settings of the product for B2: its own, with the view in place of a workspace's addresses."""

import os

os.environ["LOG_LEVEL"] = "ERROR"

from regulars.settings import *  # noqa: F403

CHAIN_URLCONF = "tests.benchmarks.requests_view"
STATIC_ROOT = None  # type: ignore[assignment]  # the view has no pictures
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
