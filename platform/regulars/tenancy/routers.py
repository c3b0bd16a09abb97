"""Which tables are made in which schema."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections


class SchemaRouter:
    """Allow shared applications in public and chain applications everywhere else."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        """Decide by the schema the connection points at (django-tenants' own rule, any alias)."""
        schema = getattr(connections[db], "schema_name", "public")
        wanted = settings.SHARED_APPS if schema == "public" else settings.TENANT_APPS
        return apps.get_app_config(app_label).name in wanted


def is_chain_app(app_label: str) -> bool:
    """Say whether the application's tables live in each chain's schema."""
    return apps.get_app_config(app_label).name in settings.TENANT_APPS
