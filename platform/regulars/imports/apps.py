"""Django's registration of the package."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Owns files in and files out."""

    name = "regulars.imports"

    def ready(self) -> None:
        """Take part in forgetting a person, though this layer is above that story."""
        from regulars.imports import services
        from regulars.usecases import holders

        holders.register("imports", services)
