"""Django's registration of the package, and of the stories others call by name."""

from django.apps import AppConfig


class UsecasesConfig(AppConfig):
    """Owns the stories that cross domains, one file each."""

    name = "regulars.usecases"

    def ready(self) -> None:
        """Say what fills a new chain, and make the handlers of events known."""
        from regulars.tenancy import provisioning
        from regulars.usecases import (  # noqa: F401
            answered_surveys,
            ask_customers,
            automatic_word,
            award_purchase,
            batching,
            complain_alone,
            complained,
            done_follow_ups,
            follow_owner,
            given_gifts,
            hand_over_goods,
            keep_occasions,
            move_silent,
            plan_complaints,
            plan_silences,
            report_messages,
            seeding,
            subscribe,
            tell_of_tomorrow,
            unhappy_answers,
        )

        provisioning.on_seed(seeding.seed)
