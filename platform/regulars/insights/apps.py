"""Django's registration of the package."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Owns the figures of head office and the rollups behind them."""

    name = "regulars.insights"
