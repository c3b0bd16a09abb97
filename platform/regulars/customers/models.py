"""The customer profile. Erased and merged customers keep their row; it only becomes nobody's."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now, Reverse
from django.utils.translation import gettext_lazy as _

from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.rows import Row


class Customer(Row):
    """One person known to the chain (H2: once, however many stores they shop in).

    `profile` holds the deep answers of P3 by question, each with who learned it, when and how:
    ``{"occupation": {"value": "teacher", "by": uuid, "at": iso, "how": "purchase"}}``; a question
    the customer would not answer has ``"declined": true`` instead of a value. The provenance of a
    vertical's field stands beside it as ``"field.<key>"``. `extra` holds the vertical's values,
    cleaned by the kit on every write.

    `pinyin`, `initials` and `tokens` are what a search finds the customer by; `search_terms` is
    their only writer. Collation C lets a plain index answer "begins with".
    """

    class State(models.TextChoices):
        """Known; merged into another; erased on request."""

        ACTIVE = "active", _("active")
        MERGED = "merged", _("merged")
        ERASED = "erased", _("erased")

    class Gender(models.TextChoices):
        """As the customer says."""

        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="absorbed", db_index=False
    )
    merge = models.JSONField(null=True)  # of a merged row: by whom, when, and what moved
    member_code = models.CharField(max_length=40, null=True, db_collation="C")
    name = models.CharField(max_length=80, blank=True, default="", db_collation="C")
    pinyin = models.CharField(max_length=120, blank=True, default="", db_collation="C")
    initials = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    tokens = ArrayField(models.TextField(), default=list)
    gender = models.CharField(max_length=8, choices=Gender, blank=True, default="")
    age_band = models.CharField(max_length=10, blank=True, default="")
    phone = models.CharField(max_length=16, null=True, db_collation="C")  # E.164
    email = models.EmailField(blank=True, default="")
    address = models.JSONField(default=dict)  # province, city, district, line, postcode
    language = models.CharField(max_length=10, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    owner = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    home_store = models.ForeignKey(
        Store, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    profile = models.JSONField(default=dict)
    extra = models.JSONField(default=dict)
    import_id = models.UUIDField(null=True)
    joined_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_code"], name="customer_member_code")]
        indexes = [
            models.Index(Reverse("phone"), name="customer_phone_tail"),
            models.Index(fields=["name"], name="customer_name"),
            models.Index(fields=["pinyin", "id"], name="customer_pinyin"),
            models.Index(fields=["initials"], name="customer_initials"),
            # Lists and finds within one store without touching the rows of others.
            models.Index(
                fields=["home_store", "pinyin", "initials", "name"], name="customer_in_store"
            ),
            models.Index(fields=["owner", "id"], name="customer_owner"),
            models.Index(fields=["changed_at", "id"], name="customer_changed"),
            models.Index(
                fields=["merged_into"],
                condition=~models.Q(merged_into=None),
                name="customer_merged_into",
            ),
            # Every search reads what is not filed in yet, so that may be 256 kB and no more.
            GinIndex(fields=["tokens"], name="customer_tokens", gin_pending_list_limit=256),
        ]

    def __str__(self) -> str:
        return self.name or self.member_code or str(self.id)


class Identity(Row):
    """A card, a further phone or an external number by which the customer is recognised."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    source = models.CharField(max_length=40)  # "card", "phone", or the name of the other system
    number = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="customer_identity")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class LifeEvent(Row):
    """A day that matters to the customer (P8), by the sun or the moon; it comes back each year."""

    class Kind(models.TextChoices):
        """What the day is."""

        BIRTHDAY = "birthday", _("Birthday")
        WEDDING = "wedding", _("Wedding day")
        ANNIVERSARY = "anniversary", _("Anniversary")
        CHILD_BIRTHDAY = "child-birthday", _("Child's birthday")
        MOVING = "moving", _("Moving day")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="life_events")
    kind = models.CharField(max_length=20, choices=Kind)
    label = models.CharField(max_length=60, blank=True, default="")
    year = models.SmallIntegerField(null=True)
    month = models.SmallIntegerField()
    day = models.SmallIntegerField()
    lunar = models.BooleanField(default=False)
    leap_month = models.BooleanField(default=False)
    next_on = models.DateField(null=True)  # the next occasion, by the sun

    class Meta:
        indexes = [models.Index(fields=["next_on", "kind"], name="life_event_next")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__range=(1, 12), day__range=(1, 31)),
                name="life_event_is_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month}-{self.day}"


class Possession(Row):
    """A thing the customer has: a ring, a course of treatments, a room."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="possessions")
    kind = models.CharField(max_length=40)  # key of the kit's Possession
    title = models.CharField(max_length=120, blank=True, default="")
    extra = models.JSONField(default=dict)
    line_id = models.UUIDField(null=True)  # of the purchase it came from
    acquired_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.title or self.kind


class Consent(Row):
    """What the customer agreed to or refused, per purpose and channel (P5); append-only.

    The newest row of a purpose and channel holds. An empty channel means every channel.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=80)  # see consents.PURPOSES; "field.<key>" if sensitive
    channel = models.CharField(max_length=20, blank=True, default="")
    given = models.BooleanField()
    how = models.CharField(max_length=30)
    text_version = models.CharField(max_length=20, blank=True, default="")
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel}: {self.given}"


class Note(Row):
    """Something a colleague should know, on the customer's timeline; a warning tops the card."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    text = models.TextField()
    is_warning = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.text[:40]
