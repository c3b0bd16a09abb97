"""Rollups behind head office's figures. Everything here can be rebuilt from the facts.

A *group* is a set of stores that is shown as one: a store by itself, a region, the whole chain.
The scheme, and why it is exact, is explained in docs/adr/0010-rollups.md.
"""

from typing import Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from regulars.purchases.models import TransactionId

CHAIN: Final = UUID(int=0)
"""The group of all stores whose figures head office may see."""


class SnapshotField(models.Field):  # type: ignore[type-arg]
    """What a moment could see of the database (pg_snapshot)."""

    def db_type(self, connection: object) -> str:
        """Name the column's type."""
        return "pg_snapshot"


class State(models.Model):
    """Up to where facts are folded into the rollups: one row, whose lock is held by every writer.

    A fact is folded when its transaction is visible in `snapshot` and is not `folder`, the
    transaction that folded. `version` rises with every change of a rollup, so that a reader knows
    whether two statements saw the same. `findings` is what the last comparison with the rows
    turned up.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    snapshot = SnapshotField()
    folder = TransactionId()
    folded_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="insights_one_state")]

    def __str__(self) -> str:
        return str(self.snapshot)


class Member(models.Model):
    """A store in a group, as it was when the rollups were last brought up to date."""

    pk = models.CompositePrimaryKey("store_id", "group_id")
    store_id = models.UUIDField()
    group_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.store_id} in {self.group_id}"


class Sums(models.Model):
    """What adds up over days; money in minor units, all net of what was voided."""

    sales_minor = models.BigIntegerField(default=0, db_default=0)  # returns taken off
    purchases = models.IntegerField(default=0, db_default=0)
    known_purchases = models.IntegerField(default=0, db_default=0)  # by identified customers
    returns = models.IntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)  # what returns gave back
    points = models.BigIntegerField(default=0, db_default=0)  # given and still held

    class Meta:
        abstract = True


class Day(Sums):
    """The figures of one group and one business day, and where its buyers came from.

    `last_days` are the days on which buyers of this day had bought last before, rising, as days
    since 2000-01-01 (−32768: never). `buyers_by` says how many buyers of this day had bought last
    on that day or earlier; `repeats_by` how many fewer or more of them are repeat buyers of a
    period that begins after it. With them the distinct buyers of any period add up over its days.
    """

    pk = models.CompositePrimaryKey("day", "group_id")
    day = models.DateField()
    group_id = models.UUIDField()
    buyers = models.IntegerField(default=0, db_default=0)
    repeat_buyers = models.IntegerField(default=0, db_default=0)
    new_buyers = models.IntegerField(default=0, db_default=0)
    last_days = ArrayField(models.SmallIntegerField(), default=list)
    buyers_by = ArrayField(models.IntegerField(), default=list)
    repeats_by = ArrayField(models.IntegerField(), default=list)

    def __str__(self) -> str:
        return f"{self.day} {self.group_id}"


class Period(Sums):
    """The figures of one group and a period somebody looks at, kept as facts come in.

    A period is kept when it has a row for the group CHAIN; a group without a row has no figures
    in it. `points` is as of the end of the last day. `portrait` is how the period's sales spread
    over customers, as computed at `portrait_at` (only for periods too big to compute at once).
    """

    pk = models.CompositePrimaryKey("first_day", "last_day", "group_id")
    first_day = models.DateField()
    last_day = models.DateField()
    group_id = models.UUIDField()
    buyers = models.IntegerField(default=0, db_default=0)
    repeat_buyers = models.IntegerField(default=0, db_default=0)
    new_buyers = models.IntegerField(default=0, db_default=0)
    asked_on = models.DateField(null=True)
    portrait = models.JSONField(null=True)
    portrait_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day} {self.group_id}"


class Silence(models.Model):
    """A customer who stays away longer than is usual, for them and for the chain (V5).

    Made every night from the purchases by `services.silences`, which is its only writer; there are
    no rows of others. `usual_days` lie between two visits as is usual for them, drawn to the
    chain's. From `due_on` on it is too long; `noticed_on` is the night that found it so, once for
    each silence. `weekly_minor` is what they spend a week at that pace, `missed_minor` that times
    the weeks away, as of last night.
    """

    customer_id = models.UUIDField(primary_key=True)
    last_day = models.DateField()
    usual_days = models.IntegerField()
    due_on = models.DateField()
    noticed_on = models.DateField()
    weekly_minor = models.BigIntegerField()
    missed_minor = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["missed_minor", "customer_id"], name="silence_worth_saving")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} since {self.last_day}"
