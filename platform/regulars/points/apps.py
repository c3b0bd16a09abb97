"""Django's registration of the package."""

from django.apps import AppConfig


class PointsConfig(AppConfig):
    """Owns points and stored value; its ledger is the only writer."""

    name = "regulars.points"
