"""Django's registration of the package."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Owns the REST interface for tills and partners."""

    name = "regulars.api"
