"""The double-entry ledger of points and stored value. `points.ledger` is the only writer.

A posting is one event; its legs sum to zero in each unit (a deferred trigger refuses otherwise).
The customer's legs name a lot; the store's legs carry no running balance, so that tills never
queue behind each other. The customer's balance is locked by every posting on it.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Customer
from regulars.purchases.models import CurrentTransaction, TransactionId
from regulars.tenancy.rows import Row


class Unit(models.TextChoices):
    """What is counted. Principal and bonus are minor units of money, and different money (L4)."""

    POINTS = "points", _("points")
    PRINCIPAL = "principal", _("stored value")
    BONUS = "bonus", _("bonus")


class Account(Row):
    """A customer's balance in one unit: `available` sums the open lots, `debt` is owed back."""

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="accounts",
        db_constraint=False,
        db_index=False,
    )
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.POINTS)
    available = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "unit"], name="account_of_customer"),
            models.CheckConstraint(
                condition=models.Q(available__gte=0, debt__gte=0), name="account_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.available - self.debt} {self.unit}"


class Lot(Row):
    """Points earned together that expire together; `remaining` is what is not yet used.

    `expired` is how much of it ran out unused. A merge moves the lot to another account; what its
    legs add up to stays `remaining` wherever it is.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="lots", db_constraint=False, db_index=False
    )
    posting_id = models.UUIDField()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expired = models.BigIntegerField(default=0, db_default=0)
    earned_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "expires_at"],
                condition=models.Q(remaining__gt=0),
                name="lot_open",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(remaining__gt=0),
                name="lot_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    remaining__gte=0,
                    expired__gte=0,
                    amount__gte=models.F("remaining") + models.F("expired"),
                ),
                name="lot_within_bounds",
            )
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class Posting(Row):
    """One event of the ledger; append-only.

    `reasons` explains it: a list of {"vertical", "version", "rule", "points", "params", "by_line"}
    for what rules earned, of {"why", "params"} for everything else.
    """

    class Verb(models.TextChoices):
        """What happened."""

        AWARD = "award", _("earned")
        TAKE_BACK = "take-back", _("taken back")
        SPEND = "spend", _("spent")
        GIVE_BACK = "give-back", _("given back")
        EXPIRE = "expire", _("expired")
        ADJUST = "adjust", _("adjusted")
        TRANSFER = "transfer", _("moved in a merge")
        OPENING = "opening", _("brought along")

    verb = models.CharField(max_length=10, choices=Verb)
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="postings",
        db_constraint=False,
        db_index=False,
    )
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.POINTS)
    key = models.CharField(max_length=120)  # the same key is the same posting
    store_id = models.UUIDField(null=True)
    purchase_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()  # the change of the customer's balance
    balance = models.BigIntegerField(db_default=0)  # what the account's books show after it
    reasons = models.JSONField(default=list)
    actor_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    tx = TransactionId(db_default=CurrentTransaction(), editable=False)  # as of purchases

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="posting_key")]
        indexes = [
            models.Index(fields=["tx"], name="posting_tx"),
            models.Index(fields=["account", "id"], name="posting_account"),
            models.Index(
                fields=["purchase_id"],
                condition=~models.Q(purchase_id=None),
                name="posting_purchase",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.amount}"


class Leg(Row):
    """One side of a posting; append-only. `side` says whose: a lot's, a debt's, a store's."""

    class Side(models.TextChoices):
        """Where the amount sits."""

        LOT = "lot", _("customer's lot")
        DEBT = "debt", _("customer's debt")
        STORE = "store", _("store")

    posting = models.ForeignKey(
        Posting, on_delete=models.PROTECT, related_name="legs", db_constraint=False
    )
    unit = models.CharField(max_length=10, choices=Unit)
    side = models.CharField(max_length=5, choices=Side)
    lot_id = models.UUIDField(null=True)
    store_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.side} {self.amount}"
