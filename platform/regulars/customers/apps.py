"""Django's registration of the package."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Owns the customer profile: who they are, what they told us, what they agreed to."""

    name = "regulars.customers"
