"""Contacts with customers, in both directions and on every channel, and batches of them."""

from typing import Any, cast

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Customer
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.rows import Row


class Purpose(models.TextChoices):
    """Why somebody is contacted (C1): service always passes and uses no allowance."""

    SERVICE = "service", _("service")
    CARE = "care", _("care")
    SELLING = "selling", _("selling")


class Channel(models.TextChoices):
    """How somebody is reached."""

    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    WEBHOOK = "webhook", _("Another system")
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    POST = "post", _("Post")


BY_HAND = (Channel.CALL, Channel.VISIT, Channel.WECHAT, Channel.WECOM, Channel.POST)


class Batch(Row):
    """Messages to many that are sent together, with progress and a stop button.

    `counts` say what reserving came to: "asked", "reserved", and refusals by their reason. How far
    the sending is, is counted from the contacts themselves (`selectors.batches`). `fault` is what
    keeps the whole batch waiting, such as an empty account with the provider. `audience` is whom
    it was put together for (see `usecases.batching`); it is complete at `filled_at`. `alike` says,
    while it is being put together, how many messages have each wording (see `services.alike`).
    """

    class State(models.TextChoices):
        """How far it is."""

        FILLING = "filling", _("being put together")
        SENDING = "sending", _("being sent")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")

    title = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.FILLING)
    purpose = models.CharField(max_length=8, choices=Purpose)
    channel = models.CharField(max_length=8, choices=Channel)
    template = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=20, blank=True, default="")
    source_id = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    fault = models.CharField(max_length=200, blank=True, default="")
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    audience = models.JSONField(null=True)
    filled_at = models.DateTimeField(null=True)
    alike = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.title or str(self.id)


class PassedOver(models.Model):
    """A customer of a batch's audience to whom it did not go, and why.

    Written with the batch and never moved: it says what was so on that day. `why` is that of a
    refusal, or what was wrong with the words (see `batches.WORDS` and its neighbours).
    """

    pk = models.CompositePrimaryKey("batch_id", "customer_id")
    batch = models.ForeignKey(
        Batch, on_delete=models.CASCADE, related_name="passed", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    why = models.CharField(max_length=12)
    possible_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.why}"


class Contact(Row):
    """One attempt to reach a customer, or one message of theirs; never deleted.

    ::

        reserved → sending → accepted → delivered
          │  ↑________│  ├─────────────→ failed     the provider says it did not arrive
          │              ├→ refused                 surely not sent, and never will be
          │              └→ unknown                 until a receipt or a person resolves it
          ├→ cancelled                              not sent, by a person or the budget
          └→ delivered, failed                      by hand: spoken to, not reached
        logged            written down afterwards; `flagged` if the budget did not allow it
        received → answered                         what the customer wrote

    `at` is when it counts for the budget. Contacts that were cancelled, refused or failed use no
    allowance, nor do those of service. The guard (migration 0002) holds the budget and this picture
    against all code; only the columns named there may change.
    """

    class Direction(models.TextChoices):
        """Who wrote to whom."""

        OUT = "out", _("to the customer")
        IN = "in", _("from the customer")

    class State(models.TextChoices):
        """How far it is; see the picture."""

        RESERVED = "reserved", _("reserved")
        SENDING = "sending", _("being sent")
        ACCEPTED = "accepted", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("not delivered")
        UNKNOWN = "unknown", _("unknown")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        LOGGED = "logged", _("written down")
        RECEIVED = "received", _("received")
        ANSWERED = "answered", _("answered")

    # Written as an INSERT's state only: reserved if the budget allows it, else no row at all.
    IF_ALLOWED = "if-allowed"
    FREED = (State.CANCELLED, State.FAILED, State.REFUSED)
    OPEN = (State.RESERVED, State.SENDING, State.UNKNOWN, State.RECEIVED)

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,  # somebody we do not know wrote to us
        related_name="contacts",
        db_constraint=False,
        db_index=False,
    )
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.OUT)
    purpose = models.CharField(max_length=8, choices=Purpose)
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=10, choices=State, default=State.RESERVED)
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # not to be sent before
    uses_allowance = models.GeneratedField(
        expression=cast(
            Any, ~Q(purpose=Purpose.SERVICE) & Q(direction=Direction.OUT) & ~Q(state__in=FREED)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    flagged = models.BooleanField(default=False)
    tier = models.CharField(max_length=60, blank=True, default="")  # whose exception was used
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, related_name="contacts", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    occasion = models.CharField(max_length=40, blank=True, default="")
    template = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=20, blank=True, default="")  # "followup", "campaign" …
    source_id = models.UUIDField(null=True)
    key = models.UUIDField(null=True)  # hashed, see `keys`: the same key is the same contact
    address = models.CharField(max_length=120, blank=True, default="")  # as `Outgoing.to`
    subject = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")  # as sent, or what the customer wrote
    language = models.CharField(max_length=10, blank=True, default="")
    facts = models.JSONField(default=dict)  # variables of the provider's template, parts, media …
    provider = models.CharField(max_length=20, blank=True, default="")
    provider_id = models.CharField(max_length=80, null=True, db_collation="C")
    attempts = models.SmallIntegerField(default=0)
    fault = models.CharField(max_length=200, blank=True, default="")  # code, then the provider's
    sent_at = models.DateTimeField(null=True)  # when it was handed over, or may have been
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="contact_key"),
            models.CheckConstraint(
                condition=Q(direction="in") | Q(customer__isnull=False), name="contact_of_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(state="logged") | Q(channel__in=BY_HAND), name="contact_logged_by_hand"
            ),
            models.CheckConstraint(
                condition=(
                    Q(direction="in", state__in=["received", "answered"])
                    | Q(
                        direction="out",
                        state__in=[
                            "reserved", "sending", "accepted", "delivered", "failed", "unknown",
                            "refused", "cancelled", "logged",
                        ],
                    )
                ),
                name="contact_state",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["customer", "at"], name="contact_customer"),
            models.Index(
                fields=["provider_id"],
                condition=Q(provider_id__isnull=False),
                name="contact_provider",
            ),
            # What waits for a worker, a receipt or a person; a row leaves it when it is settled.
            models.Index(
                fields=["state", "at"],
                condition=Q(state__in=["reserved", "sending", "unknown", "received"]),
                name="contact_open",
            ),
            models.Index(
                fields=["batch", "state", "id"],
                condition=Q(batch__isnull=False),
                name="contact_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class Suppression(models.Model):
    """An address that must not be written to again: it bounced, or its owner said so.

    Only a digest is kept (see `suppression`): it outlives the erasure of the customer.
    """

    pk = models.CompositePrimaryKey("channel", "digest")
    channel = models.CharField(max_length=8, choices=Channel)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=20)  # "bounced", "unsubscribed", "replied", "by-hand"
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"
