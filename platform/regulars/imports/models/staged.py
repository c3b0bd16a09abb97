"""Rows of a file on their way in; gone when the import is done.

The tables are not logged (see 0002): after a crash of the database they are empty, and the file
is read again.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class StagedCustomer(models.Model):
    """What one row says of a customer, stores and guides looked up; and whom it was found to be."""

    pk = models.CompositePrimaryKey("import_id", "line")
    import_id = models.UUIDField()
    line = models.BigIntegerField()
    given_id = models.UUIDField(null=True)  # our own key, in an export that comes back
    number = models.TextField(null=True)
    member_code = models.TextField(null=True)
    card = models.TextField(null=True)
    phone = models.TextField(null=True)
    name = models.TextField(null=True)
    pinyin = models.TextField(null=True)
    initials = models.TextField(null=True)
    tokens = ArrayField(models.TextField(), null=True)
    email = models.TextField(null=True)
    gender = models.TextField(null=True)
    age_band = models.TextField(null=True)
    address = models.JSONField(null=True)
    home_store_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    joined_at = models.DateTimeField(null=True)
    store = models.TextField(null=True)  # as the file names it, while it is still to be opened
    note = models.TextField(null=True)
    opening_points = models.BigIntegerField(null=True)
    opening_principal_minor = models.BigIntegerField(null=True)
    opening_bonus_minor = models.BigIntegerField(null=True)
    events = models.JSONField(null=True)
    profile = models.JSONField(null=True)
    consents = models.JSONField(null=True)
    extra = models.JSONField(null=True)
    customer_id = models.UUIDField(null=True)  # whom it is, or the key of the new one
    is_new = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"line {self.line}"


class StagedReceipt(models.Model):
    """What some lines that follow one another in the file say together of their receipt.

    Nearly always that is all of its lines. Where they are scattered, or say different things,
    a receipt is several of these rows, by equal `source` and `number`. `bucket` is a hash of
    those two: all that is staged of a receipt lies in one bucket, so a range of buckets can be
    taken in by itself. The amounts are the sums of its `lines`; `refused` is the first line of
    the receipt that could not be read, on a row of its own.

    What it says of its goods is in arrays, an element for each line: of 1.5 million lines a row
    of their own each would cost as much as the facts they become. `places` are their lines in the
    file, None when they follow `line` one by one; None says nothing of any line.
    """

    pk = models.CompositePrimaryKey("import_id", "bucket", "line")
    import_id = models.UUIDField()
    bucket = models.IntegerField()
    line = models.BigIntegerField()
    refused = models.BigIntegerField(null=True)
    source = models.TextField()
    number = models.TextField()
    kind = models.TextField(null=True)
    occurred_at = models.DateTimeField(null=True)
    business_day = models.DateField(null=True)
    store = models.TextField(null=True)  # as the file names it
    guide = models.TextField(null=True)
    customer_id = models.UUIDField(null=True)  # our own key, in an export that comes back
    customer_number = models.TextField(null=True)
    customer_code = models.TextField(null=True)
    customer_card = models.TextField(null=True)
    customer_phone = models.TextField(null=True)
    customer_name = models.TextField(null=True)
    payment = models.TextField(null=True)
    rounding_minor = models.BigIntegerField(null=True)
    original_number = models.TextField(null=True)
    extra = models.JSONField(null=True)
    lines = models.IntegerField(default=0)
    quantity = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    gross_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    places = ArrayField(models.BigIntegerField(), null=True)
    positions = ArrayField(models.IntegerField(), null=True)
    original_positions = ArrayField(models.IntegerField(), null=True)
    product_codes = ArrayField(models.TextField(), null=True)
    product_names = ArrayField(models.TextField(), null=True)
    categories = ArrayField(models.TextField(), null=True)
    quantities = ArrayField(models.DecimalField(max_digits=14, decimal_places=3), null=True)
    grosses = ArrayField(models.BigIntegerField(), null=True)  # not used; the next release drops it
    discounts = ArrayField(models.BigIntegerField(), null=True)
    paids = ArrayField(models.BigIntegerField(), null=True)
    extras = ArrayField(models.JSONField(), null=True)

    def __str__(self) -> str:
        return f"{self.source} {self.number}"
