"""Subscriptions, in the public schema beside the chains."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.tenancy.models import Chain
from regulars.tenancy.rows import Row


class Subscription(Row):
    """What a chain subscribes to; starts as a trial without a card."""

    class State(models.TextChoices):
        """Where the subscription stands."""

        TRIAL = "trial", _("trial")
        PAID = "paid", _("paid")
        LATE = "late", _("payment late")
        ENDED = "ended", _("ended")

    chain = models.OneToOneField(Chain, on_delete=models.CASCADE, related_name="subscription")
    plan = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.TRIAL)
    trial_ends_at = models.DateTimeField()

    class Meta:
        db_table = '"public"."billing_subscription"'

    def __str__(self) -> str:
        return f"{self.plan} ({self.state})"
