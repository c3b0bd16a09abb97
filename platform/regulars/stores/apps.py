"""Django's registration of the package."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    """Owns regions, stores and their opening hours."""

    name = "regulars.stores"
