"""Questions put to customers, each with its answers."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Customer
from regulars.stores.models import Store
from regulars.tenancy.rows import Row


class Invitation(Row):
    """One asking of one survey, and what came of it.

    ::

        waiting → asked → answered      answered once, amended for a while (`answering.AMENDED`)
           │        └───→               (nobody has to answer)
           └→ left-out                  not asked at all; `why` says it

    What it follows names itself in `key`, so that it is asked about once. `trigger` is the kit's,
    `source` the purchase, follow-up or complaint; a tablet asks without either, and `page` is the
    page it was answered on there. Nobody's answer has no customer. `answers` are by key of the
    survey's questions, as the kit keeps them; of an erased customer no words stay among them.
    `unhappy` is what somebody of ours is told of; `seen_by_id` looked at it.
    """

    class State(models.TextChoices):
        """How far it is; see the picture."""

        WAITING = "waiting", _("waiting")
        ASKED = "asked", _("asked")
        ANSWERED = "answered", _("answered")
        LEFT_OUT = "left-out", _("left out")

    class Way(models.TextChoices):
        """How it is asked."""

        MESSAGE = "message", _("By message")
        RECEIPT = "receipt", _("On the receipt")
        TABLET = "tablet", _("On the tablet")

    survey = models.CharField(max_length=60)  # key of the kit's Survey
    trigger = models.CharField(max_length=40, blank=True, default="")
    source = models.UUIDField(null=True)
    key = models.UUIDField()  # hashed: what it follows, or the page it was answered on
    page = models.UUIDField(null=True)  # of a tablet, as it was shown
    purchase_id = models.UUIDField(null=True)  # whose goods it is about
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    guide_id = models.UUIDField(null=True)  # who served, talked or owned
    way = models.CharField(max_length=8, choices=Way)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=20, blank=True, default="")
    happened_at = models.DateTimeField()  # what it follows
    due_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    contact_id = models.UUIDField(null=True)  # the message that asked
    language = models.CharField(max_length=10, blank=True, default="")
    answers = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    amended_at = models.DateTimeField(null=True)
    unhappy = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="invitation_once"),
            models.CheckConstraint(
                condition=(
                    Q(state="waiting", due_at__isnull=False, asked_at=None, answered_at=None)
                    | Q(state="left-out", asked_at=None, answered_at=None) & ~Q(why="")
                    | Q(state="asked", asked_at__isnull=False, answered_at=None)
                    | Q(state="answered", asked_at__isnull=False, answered_at__isnull=False)
                ),
                name="invitation_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "asked_at"],
                name="invitation_customer",
                condition=Q(customer__isnull=False),
            ),
            models.Index(fields=["due_at"], name="invitation_due", condition=Q(state="waiting")),
            models.Index(
                fields=["store", "asked_at"],
                name="invitation_asked",
                condition=Q(asked_at__isnull=False),
            ),
            models.Index(
                fields=["store", "answered_at", "id"],
                name="invitation_answered",
                condition=Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.state}"
