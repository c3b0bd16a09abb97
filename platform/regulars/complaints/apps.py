"""Django's registration of the package."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Owns complaints, every step of each, and what made good for them."""

    name = "regulars.complaints"

    def ready(self) -> None:
        """Make the work by the clock known."""
        from regulars.complaints import tasks  # noqa: F401
