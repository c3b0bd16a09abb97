"""Django's registration of the package."""

from django.apps import AppConfig


class UsecasesConfig(AppConfig):
    """Owns the stories that cross domains, one file each."""

    name = "regulars.usecases"
