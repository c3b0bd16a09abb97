"""Django's registration of the package."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Owns contacts: the budget, templates, sending, and the record of every one."""

    name = "regulars.messages"
    label = "messaging"  # Django's own messages have the other name

    def ready(self) -> None:
        """Make the work of sending known."""
        from regulars.messages import tasks  # noqa: F401
