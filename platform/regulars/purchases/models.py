"""Purchases, returns and their lines: facts. A correction is a new fact, never an edit.

Rows refer to stores, staff and customers without foreign-key constraints: the check would take a
share lock on the one busy store row for every sale. Those parents are never deleted (the runtime
role may not), and the one writer, `purchases.services`, only takes ids it has just read.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Customer
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.rows import Row


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction number (xid8)."""

    def db_type(self, connection: object) -> str:
        """Name the column's type."""
        return "xid8"


class CurrentTransaction(models.Func):
    """The number of the transaction that writes the row."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionId()


class Purchase(Row):
    """A sale, a return (negative amounts) or the voiding of an import.

    `business_day` is the day in the store's zone. `paid_minor` is what was paid in money after
    discounts and rounding; it is negative for money given back, and what the lines paid adds up
    to it. `counts` is how many purchases the fact adds: 1 a sale, 0 a return, −1 the voiding of a
    sale, 0 that of a return. A void carries the store, day and customer of what it voids. `tx`
    orders rows by commit for the rollups (see insights).
    """

    class Kind(models.TextChoices):
        """What the fact is."""

        SALE = "sale", _("purchase")
        RETURN = "return", _("return")
        VOID = "void", _("voided")

    kind = models.CharField(max_length=6, choices=Kind, default=Kind.SALE)
    counts = models.SmallIntegerField(default=1, db_default=1)
    original = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="returns",
        db_constraint=False,
        db_index=False,
    )
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        related_name="purchases",
        db_constraint=False,
        db_index=False,
    )
    guide = models.ForeignKey(
        Staff,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    source = models.CharField(max_length=40)  # which till or system
    number = models.CharField(max_length=80)  # its own number of the receipt
    occurred_at = models.DateTimeField()
    business_day = models.DateField()
    gross_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    rounding_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField()
    units = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    payments = models.JSONField(default=list)  # [{"means": "wechat", "amount_minor": 12800}]
    extra = models.JSONField(default=dict)
    reason = models.CharField(max_length=120, blank=True, default="", db_default="")
    pair_id = models.UUIDField(null=True)  # the other half of an exchange
    import_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    tx = TransactionId(db_default=CurrentTransaction(), editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "business_day"],
                include=("store", "counts"),  # a customer's history is folded without the rows
                name="purchase_customer_day",
            ),
            models.Index(fields=["business_day", "store"], name="purchase_day_store"),
            models.Index(fields=["tx"], name="purchase_tx"),
            models.Index(
                fields=["original"], name="purchase_original", condition=~models.Q(original=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class Line(Row):
    """One position of a purchase, counted from 1; negative in a return.

    `paid_minor` is `gross − discount − its share of the receipt's rounding`.
    """

    purchase = models.ForeignKey(
        Purchase, on_delete=models.PROTECT, related_name="lines", db_constraint=False
    )
    position = models.SmallIntegerField()
    original_line_id = models.UUIDField(null=True)
    product_code = models.CharField(max_length=60, blank=True)
    product_name = models.CharField(max_length=160, blank=True)
    category = models.CharField(max_length=80, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    gross_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField()
    extra = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.product_name or self.product_code


class Number(Row):
    """The one place where a till's receipt number is unique.

    Apart from the purchase so that purchases can be partitioned by month, and so that undoing an
    import can free the number without touching the fact. It is also what returns lock, since
    facts cannot be. `digest` is of what was sent, so that a repeat is told from a contradiction.
    """

    source = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    purchase_id = models.UUIDField()
    digest = models.BinaryField(max_length=16, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="purchase_number")]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class Standing(models.Model):
    """What a customer's purchases add up to (P4), kept with every purchase."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, db_constraint=False
    )
    purchases = models.IntegerField(default=0)
    returns = models.IntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_store_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.purchases} purchases"
