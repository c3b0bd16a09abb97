"""Django's registration of the package."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Owns plans and what each chain subscribes to."""

    name = "regulars.billing"

    def ready(self) -> None:
        """Restored, a chain is on a trial; it is not deleted while it pays, and then forgotten."""
        from regulars.billing import lifetime
        from regulars.tenancy import lifecycle, transfer

        transfer.on_restored(lifetime.begin_restored)
        lifecycle.before_deletion(lifetime.refuse_charged)
        lifecycle.on_deletion(lifetime.forget)
