"""Django's registration of the package."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Owns the record of who did what, and the plain types that say who is asking."""

    name = "regulars.audit"
