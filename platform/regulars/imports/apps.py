"""Django's registration of the package."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Owns files in and files out."""

    name = "regulars.imports"
