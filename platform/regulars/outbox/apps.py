"""Django's registration of the package."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Owns work that is written together with the change that asks for it."""

    name = "regulars.outbox"
