"""Django's registration of the package."""

from django.apps import AppConfig
from django.db.models.signals import post_delete


class TenancyConfig(AppConfig):
    """Chains, their sub-domains, spare schemas and recorded releases; lives in public."""

    name = "regulars.tenancy"

    def ready(self) -> None:
        """Load the Celery application, so that shared tasks go to our broker.

        A listener of django-tenants to every deletion is let go: our chains never drop a schema,
        and while anybody listens Django fetches each row that a query set deletes, which takes
        minutes and gigabytes for the million staged lines of an import.
        """
        from django_tenants.signals import tenant_delete_callback

        from regulars import celery  # noqa: F401

        post_delete.disconnect(tenant_delete_callback)
