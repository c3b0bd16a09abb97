"""Django's registration of the package."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Owns the figures of head office and the rollups behind them."""

    name = "regulars.insights"
    is_derived = True  # rebuilt from the purchases after a restore, so never exported

    def ready(self) -> None:
        """A restored chain's rollups are made anew at the next fold."""
        from regulars.insights.services import folding
        from regulars.tenancy import transfer

        transfer.on_restored(folding.reset)
