"""Django's registration of the package."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Chains, their sub-domains, spare schemas and recorded releases; lives in public."""

    name = "regulars.tenancy"

    def ready(self) -> None:
        """Load the Celery application, so that shared tasks go to our broker."""
        from regulars import celery  # noqa: F401
