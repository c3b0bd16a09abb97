"""Occasions computed ahead, the gifts that were handed over, and the tasks of follow-up plans."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Customer
from regulars.staff.models import Staff
from regulars.stores.models import Store
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


class Task(Row):
    """One step of a follow-up plan, to be done with one customer (C5, C6).

    ::

        open → done          somebody did it; `outcome` says with what result
             → stopped       an event made it pointless, or the customer asked for it; see `why`
             → skipped       nobody did it in time, or the guide left it out; see `why`
        pause → resumed      no step, but that care of the customer rests; see `plans.pausing`

    What starts a plan names itself in `key`, so that it starts it once. `started_on` is the day the
    steps count from, `since` the moment after which something can stop them. `due_on` is a day on
    which the store is open; from `expires_on` on it makes no sense any more. A task by hand has no
    plan and its own `title`. `done_at` is when a task ceased to be open, in whatever way.
    """

    class State(models.TextChoices):
        """How far it is; see the picture."""

        OPEN = "open", _("open")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        SKIPPED = "skipped", _("left out")
        PAUSE = "pause", _("care rests")
        RESUMED = "resumed", _("care goes on")

    class Outcome(models.TextChoices):
        """What came of it."""

        REACHED = "reached", _("Reached")
        NOT_REACHED = "not-reached", _("Not reached")
        SENT = "sent", _("Sent")
        CAME = "came", _("Came to the shop")
        DONE = "done", _("Done")

    CLOSED = (State.DONE, State.STOPPED, State.SKIPPED)

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    plan = models.CharField(max_length=60, blank=True, default="")  # key of the kit's FollowUp
    step = models.CharField(max_length=60, blank=True, default="")  # key of the kit's Step
    key = models.CharField(max_length=255)  # what started it
    title = models.CharField(max_length=120, blank=True, default="")  # of a task by hand
    purpose = models.CharField(max_length=8)  # service, care, selling
    do = models.CharField(max_length=8)  # call, message, visit, task
    source_kind = models.CharField(max_length=120)  # the kit's trigger, or "by-hand"
    source = models.UUIDField(null=True)  # the purchase, possession, life event …
    facts = models.JSONField(default=dict)  # what the reason says: {"tier": "gold"}
    since = models.DateTimeField()
    started_on = models.DateField()
    due_on = models.DateField()
    expires_on = models.DateField()
    not_before = models.DateTimeField(null=True)  # put off until
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    why = models.CharField(max_length=60, blank=True, default="")
    owner = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    attempts = models.SmallIntegerField(default=0, db_default=0)
    escalated_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    answers = models.JSONField(default=dict)
    satisfaction = models.SmallIntegerField(null=True)  # 1 to 5
    next_step = models.CharField(max_length=120, blank=True, default="")
    next_on = models.DateField(null=True)
    note = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    last_key = models.UUIDField(null=True)  # of the request that finished or tried it last
    contact_id = models.UUIDField(null=True)  # the last attempt, messages.Contact
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "plan", "step", "key"], name="task_started_once"
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__range=(1, 5)),
                name="task_satisfaction",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "pause"], done_at=None)
                | Q(state__in=["done", "stopped", "skipped", "resumed"], done_at__isnull=False),
                name="task_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on", "id"], name="task_owner", condition=Q(state="open")
            ),
            models.Index(
                fields=["store", "due_on", "id"], name="task_store", condition=Q(state="open")
            ),
            models.Index(
                fields=["store", "done_at"], name="task_done", condition=Q(done_at__isnull=False)
            ),
            # Whose care rests: few among very many, whom the day of a whole chain leaves out.
            models.Index(fields=["customer"], name="task_pause", condition=Q(state="pause")),
            # Stores have few guides and guides few stores, so that it serves either alone too.
            models.Index(
                fields=["store", "owner", "due_on", "done_at"],
                name="task_closed",
                condition=Q(state__in=["done", "skipped"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.plan} {self.step}"


class Handover(Row):
    """A checklist of the vertical gone through when goods were handed over (C11).

    One for each purchase and checklist; `done` holds the keys of the items that were seen to, as
    `by` last left them in the store. Goods may be handed to somebody without a name.
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    purchase_id = models.UUIDField()
    handover = models.CharField(max_length=60)  # key of the kit's Handover
    done = models.JSONField(default=list)
    by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase_id", "handover"], name="handover_once")
        ]
        indexes = [
            models.Index(
                fields=["customer", "at"],
                name="handover_customer",
                condition=Q(customer__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.handover} {self.purchase_id}"
