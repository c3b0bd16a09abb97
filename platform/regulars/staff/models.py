"""Staff and where they work. People leave, they are not deleted: what they did stays theirs."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.stores.models import Region, Store
from regulars.tenancy.rows import Row

if TYPE_CHECKING:
    from regulars.staff.places import Reached


class Role(models.TextChoices):
    """What somebody does in the chain; permissions follow from it (staff.roles)."""

    OWNER = "owner", _("Owner")
    HEAD_OFFICE = "head-office", _("Head office")
    REGION_MANAGER = "region-manager", _("Region manager")
    STORE_MANAGER = "store-manager", _("Store manager")
    GUIDE = "guide", _("Guide")
    ANALYST = "analyst", _("Analyst")


class StaffManager(BaseUserManager["Staff"]):
    """Finds people by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """Return the person with this address."""
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser, Row):
    """One person who works in the chain."""

    class State(models.TextChoices):
        """Invited, working here, or gone."""

        INVITED = "invited", _("invited")
        ACTIVE = "active", _("active")
        LEFT = "left", _("left")

    email = models.EmailField(null=True)  # a guide on a shared tablet needs none
    wished_email = models.EmailField(null=True)  # until the link sent there is opened
    name = models.CharField(max_length=80)
    number = models.CharField(max_length=30, null=True)  # as tills and files know them
    phone = models.CharField(max_length=20, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.GUIDE)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    language = models.CharField(max_length=10, blank=True)
    told_by_mail = models.BooleanField(default=True, db_default=True)  # whose day is tomorrow
    saved_views = models.JSONField(  # by page: see `saved`
        default=dict, db_default=models.Value({}, output_field=models.JSONField())
    )
    pin = models.CharField(max_length=128, blank=True)  # hashed
    invite_hash = models.CharField(max_length=64, null=True)
    invite_expires_at = models.DateTimeField(null=True)
    home_store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)
    away_until = models.DateField(null=True)  # that day included: see `absence`

    objects = StaffManager()

    places: "tuple[Reached, ...] | None" = None  # no field: where they were read along (arriving)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="staff_email"),
            models.UniqueConstraint(fields=["number"], name="staff_number"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Only people who work here may sign in."""
        return self.state == self.State.ACTIVE

    @property
    def is_staff(self) -> bool:
        """Django's admin is not installed."""
        return False

    @property
    def is_superuser(self) -> bool:
        """Nobody stands above the chain's own rules."""
        return False


class Assignment(Row):
    """A region or a store somebody is responsible for; exactly one of the two."""

    staff = models.ForeignKey(
        Staff, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True, db_index=False)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(region=None) ^ models.Q(store=None),
                name="assignment_names_one_place",
            ),
            models.UniqueConstraint(
                fields=["staff", "region", "store"],
                nulls_distinct=False,
                name="one_assignment_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} → {self.region_id or self.store_id}"
