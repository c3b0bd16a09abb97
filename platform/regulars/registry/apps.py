"""Django's registration of the package."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Owns which verticals exist, and what a chain made of its vertical's declarations."""

    name = "regulars.registry"
