"""Django's registration of the package."""

from django.apps import AppConfig


class PurchasesConfig(AppConfig):
    """Owns purchases, lines and returns: facts that are never edited."""

    name = "regulars.purchases"
