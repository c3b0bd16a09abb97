"""Django's registration of the package."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Owns the customer profile: who they are, what they told us, what they agreed to."""

    name = "regulars.customers"

    def ready(self) -> None:
        """Make the nightly work known."""
        from regulars.customers import tasks  # noqa: F401
