"""Complaints, every step of each, and the remedies asked for."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.customers.models import Customer
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.rows import Row


class Case(Row):
    """One complaint as it stands; what happened is in its entries, and neither changes alone.

    Whoever heard it first owns it to the end (Q2); `owner` is empty only while a complaint of the
    web waits for the first employee who opens it. `name`, `phone` and `email` are what somebody
    wrote on the public page; nobody is told whether we know them. Times in `…_due_at` are empty
    once they were met; the clocks stand still from `paused_at` on.
    """

    class Raised(models.TextChoices):
        """How it reached us."""

        COUNTER = "counter", _("at the counter")
        PHONE = "phone", _("by phone")
        TIMELINE = "timeline", _("in conversation")
        MESSAGE = "message", _("by message")
        WEB = "web", _("on the web")

    class State(models.TextChoices):
        """How far it is; the way is in `way`."""

        HEARD = "heard", _("heard")
        APOLOGISED = "apologised", _("apologised")
        INVESTIGATING = "investigating", _("being looked into")
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        DONE = "done", _("done")
        ASKED = "asked", _("asked")
        CLOSED = "closed", pgettext_lazy("complaint", "closed")

    class Severity(models.TextChoices):
        """How bad it is; it decides the clocks where no template does."""

        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")
        URGENT = "urgent", _("urgent")

    class End(models.TextChoices):
        """Why it is over."""

        SATISFIED = "satisfied", _("the customer is satisfied")
        SPAM = "spam", _("no complaint at all")
        DUPLICATE = "duplicate", _("the same as another")
        WITHDRAWN = "withdrawn", _("withdrawn by the customer")
        NO_ANSWER = "no-answer", _("the customer did not answer")
        UNSATISFIED = "unsatisfied", _("still not satisfied")

    number = models.CharField(max_length=20, db_collation="C")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    name = models.CharField(max_length=80, blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    owner = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    reviewer = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    raised = models.CharField(max_length=8, choices=Raised)
    template = models.CharField(max_length=60, blank=True, default="")  # key of kit.Complaint
    template_version = models.CharField(  # of what it says: `templates.of`
        max_length=16, blank=True, default="", db_default="", db_collation="C"
    )
    title = models.CharField(max_length=120)
    severity = models.CharField(max_length=8, choices=Severity)
    wall_clock = models.BooleanField(default=False)  # every minute counts: health is in danger
    answers = models.JSONField(default=dict)
    purchase_id = models.UUIDField(null=True)
    line_id = models.UUIDField(null=True)
    possession_id = models.UUIDField(null=True)
    product_code = models.CharField(max_length=60, blank=True, default="")
    product_name = models.CharField(max_length=120, blank=True, default="")
    batch = models.CharField(max_length=60, blank=True, default="")
    bought_on = models.DateField(null=True)  # the purchase it is about
    contact_id = models.UUIDField(null=True)  # of the message it began with
    cause = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=14, choices=State, default=State.HEARD)
    round = models.SmallIntegerField(default=1)
    satisfied = models.BooleanField(null=True)
    ended = models.CharField(max_length=12, choices=End, blank=True, default="")
    duplicate_of = models.UUIDField(null=True)
    open_items = models.SmallIntegerField()  # of the checklist
    reply_due_at = models.DateTimeField(null=True)
    update_due_at = models.DateTimeField(null=True)
    resolve_due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)  # when a clock warns or runs out next
    urgent_at = models.DateTimeField()  # when the first running clock runs out; `timing.NEVER`
    warned = models.SmallIntegerField(default=0)  # which clocks were warned of: `timing.CLOCKS`
    escalated = models.SmallIntegerField(default=0)  # 1 store, 2 region, 3 head office
    cost_minor = models.BigIntegerField(default=0)  # of the remedies carried out
    version = models.IntegerField(default=1)  # entries so far
    opened_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="case_number"),
            # Whatever code tries: closed to the customer's satisfaction means that nothing is left.
            models.CheckConstraint(
                condition=~Q(state="closed", ended="satisfied")
                | Q(open_items=0, satisfied=True, owner__isnull=False),
                name="case_closed_with_nothing_open",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(ended=""))
                | (~Q(state="closed") & Q(closed_at=None, ended="")),
                name="case_end",
            ),
            models.CheckConstraint(condition=Q(round__range=(1, 2)), name="case_round"),
        ]
        indexes = [
            models.Index(
                fields=["store", "urgent_at", "id"],
                name="case_board",
                condition=~Q(state="closed"),
            ),
            models.Index(
                fields=["urgent_at", "id"], name="case_urgent", condition=~Q(state="closed")
            ),
            models.Index(
                fields=["owner", "urgent_at", "id"],
                name="case_owner",
                condition=~Q(state="closed"),
            ),
            models.Index(fields=["look_at"], name="case_look", condition=Q(look_at__isnull=False)),
            models.Index(
                fields=["customer", "id"], name="case_customer", condition=Q(customer__isnull=False)
            ),
            models.Index(fields=["store", "opened_at", "id"], name="case_opened"),
            models.Index(
                fields=["store", "closed_at", "id"],
                name="case_closed",
                condition=Q(state="closed"),
            ),
            models.Index(
                fields=["owner", "opened_at"],
                name="case_owner_opened",
                condition=Q(owner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Entry(Row):
    """One step of a complaint; append-only. The customer reads what is `public`.

    `data` says more by `kind`: files, a remedy's key, the item ticked, the state before and after.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    by_customer = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    text = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)
    key = models.UUIDField(null=True)  # of the request: the same key is the same step

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="entry_key")]
        indexes = [models.Index(fields=["case", "id"], name="entry_case")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Remedy(Row):
    """Something to make good with: asked for, approved by whoever may, carried out.

    Money in minor units, points whole. Nobody approves what they asked for themselves beyond their
    own limit, and above the chain's limit two people do (`second_by`).
    """

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", _("waiting for approval")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        DONE = "done", _("carried out")

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="remedies", db_index=False
    )
    store_id = models.UUIDField()
    kind = models.CharField(max_length=10)  # of kit.Remedy
    label = models.CharField(max_length=120)
    goodwill = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField(default=0)  # what it costs us
    points = models.IntegerField(default=0)
    approval = models.CharField(max_length=16)  # who may approve it, at the least
    round = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField()
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    second_by_id = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)
    done_by_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")  # of a refusal
    purchase_id = models.UUIDField(null=True)  # the return or exchange it was booked as
    posting_id = models.UUIDField(null=True)  # in the ledger of points
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, points__gte=0), name="remedy_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "refused"]) | Q(approved_by_id__isnull=False),
                name="remedy_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(second_by_id=None) | ~Q(second_by_id=models.F("approved_by_id")),
                name="remedy_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="done", kind="points") | Q(posting_id__isnull=False),
                name="remedy_points_posted",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="remedy_case"),
            models.Index(
                fields=["store_id", "id"], name="remedy_asked", condition=Q(state="asked")
            ),
        ]

    def __str__(self) -> str:
        return self.label
