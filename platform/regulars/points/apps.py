"""Django's registration of the package."""

from django.apps import AppConfig


class PointsConfig(AppConfig):
    """Owns points and stored value; its ledger is the only writer."""

    name = "regulars.points"

    def ready(self) -> None:
        """Make the nightly work known."""
        from regulars.points import tasks  # noqa: F401
