"""Subscriptions and what passes between us and Stripe, in the public schema beside the chains."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.tenancy.models import Chain
from regulars.tenancy.rows import Row


class Subscription(Row):
    """What a chain subscribes to; starts as a trial without a card.

    Stripe owns the truth of what is paid: what stands here of it was read at `read_at`, as a whole
    and under this row's lock, and can be read again at any time.
    """

    class State(models.TextChoices):
        """Where the subscription stands, for lists; `standing` says what that allows."""

        TRIAL = "trial", _("trial")
        PAID = "paid", _("paid")
        LATE = "late", _("payment late")
        ENDED = "ended", _("ended")

    class Interval(models.TextChoices):
        """How long one payment lasts."""

        MONTH = "month", _("monthly")
        YEAR = "year", _("yearly")

    chain = models.OneToOneField(Chain, on_delete=models.CASCADE, related_name="subscription")
    plan = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.TRIAL)
    trial_ends_at = models.DateTimeField()
    interval = models.CharField(
        max_length=5, choices=Interval, blank=True, default="", db_default=""
    )
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    quantity = models.IntegerField(default=0, db_default=0)  # stores that are paid for
    monthly_minor = models.BigIntegerField(
        default=0, db_default=0
    )  # what recurs, as if it were by the month
    next_plan = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # from the period's end
    next_interval = models.CharField(
        max_length=5, choices=Interval, blank=True, default="", db_default=""
    )
    customer = models.TextField(blank=True, default="", db_default="")  # Stripe's ids
    subscription = models.TextField(blank=True, default="", db_default="")
    messages_item = models.TextField(
        blank=True, default="", db_default=""
    )  # by which messages beyond the allowance are billed
    schedule = models.TextField(blank=True, default="", db_default="")
    status = models.TextField(
        blank=True, default="", db_default=""
    )  # Stripe's word, "" without a subscription
    period_starts_at = models.DateTimeField(null=True)
    period_ends_at = models.DateTimeField(null=True)
    cancels_at = models.DateTimeField(null=True)
    unpaid_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    live = models.SmallIntegerField(
        default=0, db_default=0
    )  # how many subscriptions run; more than one is a fault for an operator
    read_at = models.DateTimeField(null=True)
    usage = models.JSONField(
        default=dict, db_default={}
    )  # as it was counted last: stores, members, messages
    notices = models.JSONField(default=dict, db_default={})  # which were sent, and when

    class Meta:
        db_table = '"public"."billing_subscription"'
        indexes = [
            models.Index(
                fields=["customer"], condition=~models.Q(customer=""), name="subscription_customer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} ({self.state})"


class Event(models.Model):
    """What Stripe told us: kept once by its id, whatever becomes of it.

    A hint to read the object again and never the truth, so the order of events is of no matter.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("nothing to do")
        UNKNOWN = "unknown", _("of no chain we know")
        FAILED = "failed", _("failed")

    id = models.TextField(primary_key=True)  # Stripe's
    kind = models.TextField()
    customer = models.TextField(blank=True, default="")
    chain_id = models.UUIDField(null=True)  # no reference: it outlives the chain
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    fault = models.TextField(blank=True, default="")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"public"."billing_event"'
        indexes = [
            models.Index(fields=["-received_at"], name="billing_event_latest"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=["waiting", "unknown", "failed"]),
                name="billing_event_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Call(Row):
    """One writing call to Stripe, written down before it is made.

    Its key is the call's idempotency key: after a crash the same call is made again with the same
    key and parameters, and Stripe answers what it answered before. While one is open there is no
    second of the same `verb` for a chain.
    """

    class State(models.TextChoices):
        """Whether it was answered."""

        OPEN = "open", _("open")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    chain_id = models.UUIDField(null=True)  # None: of ours, such as prices
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True, default="")
    parameters = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    answer = models.JSONField(null=True)
    fault = models.TextField(blank=True, default="")
    attempts = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"public"."billing_call"'
        indexes = [
            models.Index(
                fields=["-asked_at"], condition=~models.Q(state="done"), name="billing_call_undone"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["chain_id", "verb", "subject"],
                condition=models.Q(state="open"),
                nulls_distinct=False,
                name="billing_call_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class Reported(Row):
    """Messages of a calendar month beyond a chain's allowance, as they were told to the meter.

    `sent` was counted last and `allowance` is the highest of the month; `forgiven` of what is
    beyond is free, `told` is with Stripe. `asking` is being told now, as number `slice` stamped
    with `stamp`: written down and committed before the call. `slices` keeps those that are told.
    """

    chain_id = models.UUIDField()  # no reference: it outlives the chain
    month = models.DateField()  # its first day
    sent = models.BigIntegerField(default=0)
    allowance = models.BigIntegerField(default=0)
    forgiven = models.BigIntegerField(default=0)
    told = models.BigIntegerField(default=0)
    asking = models.BigIntegerField(default=0)
    slice = models.SmallIntegerField(default=0)
    stamp = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    fault = models.TextField(blank=True, default="")
    slices = models.JSONField(default=list)

    class Meta:
        db_table = '"public"."billing_reported"'
        constraints = [
            models.UniqueConstraint(fields=["chain_id", "month"], name="billing_reported_month")
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(asking__gt=0), name="billing_reported_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.chain_id}"


class Night(Row):
    """What one reconciliation found and repaired, and what recurred then (see `reconciling`)."""

    at = models.DateTimeField()
    report = models.JSONField()
    needs_telling = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"public"."billing_night"'

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
