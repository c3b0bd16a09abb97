"""Django's registration of the package."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Owns the people who work in a chain: roles, scope over stores, sign-in."""

    name = "regulars.staff"
