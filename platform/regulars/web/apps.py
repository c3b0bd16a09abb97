"""Django's registration of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Owns the pages for people."""

    name = "regulars.web"
