"""Django's registration of the package."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Owns plans and what each chain subscribes to."""

    name = "regulars.billing"
