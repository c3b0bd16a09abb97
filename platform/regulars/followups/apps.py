"""Django's registration of the package."""

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    """Owns the care of customers: the days that matter, plans, tasks and their results."""

    name = "regulars.followups"

    def ready(self) -> None:
        """Make the nightly work known."""
        from regulars.followups import tasks  # noqa: F401
