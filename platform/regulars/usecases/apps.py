"""Django's registration of the package, and of the stories others call by name."""

from django.apps import AppConfig


class UsecasesConfig(AppConfig):
    """Owns the stories that cross domains, one file each."""

    name = "regulars.usecases"

    def ready(self) -> None:
        """Say what fills a new chain, and make the handlers of events known."""
        from regulars.tenancy import provisioning
        from regulars.usecases import award_purchase, keep_occasions, seeding  # noqa: F401

        provisioning.on_seed(seeding.seed)
