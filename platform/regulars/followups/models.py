"""Occasions computed ahead, and the gifts that were handed over."""

from django.db import models
from django.db.models.functions import Now

from regulars.customers.models import Customer
from regulars.tenancy.rows import Row


class Occasion(Row):
    """The next day of one date of a customer's file or things; `occasions.keeping` writes it.

    `kind` is the kit's trigger (``customer.move-in-date``, ``possession.ring.cleaning``), `source`
    the possession or the customer. Life events are not here: they keep their own next day.
    """

    # Without a constraint: what is derived never keeps anybody from being removed.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=120)
    source = models.UUIDField()
    next_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "source"], name="occasion_once")
        ]
        indexes = [models.Index(fields=["next_on", "id"], name="occasion_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.next_on}"


class Gift(Row):
    """A gift handed over for an occasion (V3, C6), with what it cost; append-only.

    A merge moves it to the survivor. `source` is the life event, possession or customer that the
    occasion is of; `cost_minor` is in minor units of the chain's currency.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=120)
    source = models.UUIDField()
    occasion_on = models.DateField()
    gift = models.CharField(max_length=60)  # key of the chain's rule
    title = models.CharField(max_length=120)  # as it was called that day
    cost_minor = models.BigIntegerField()
    store_id = models.UUIDField()
    guide_id = models.UUIDField(null=True)
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "occasion_on", "source"], name="gift_once"
            ),
            models.CheckConstraint(
                condition=models.Q(cost_minor__gte=0), name="gift_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.title
