"""Regions and stores. Stores are closed, never deleted: purchases refer to them for ever."""

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.tenancy.rows import Row


def every_day() -> dict[str, Any]:
    """Return opening hours of ten to ten on every day, with no exceptions."""
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"week": {day: [["10:00", "22:00"]] for day in days}, "dates": {}}


class Region(Row):
    """A part of the chain with its own manager."""

    code = models.CharField(max_length=30)
    name = models.CharField(max_length=60)

    class Meta:
        # unique=True would make a second, pattern index nobody needs
        constraints = [models.UniqueConstraint(fields=["code"], name="region_code")]

    def __str__(self) -> str:
        return self.name


class Store(Row):
    """One shop.

    `hours` is ``{"week": {"mon": [["10:00", "22:00"]], …}, "dates": {"2026-10-01": []}}`` in the
    store's own zone; a date overrides its weekday, and an empty list means closed. Raising
    `device_epoch` ends every shared tablet of the store at once.
    """

    class Ownership(models.TextChoices):
        """Whose it is: of a franchise, head office sees what was agreed to be shared (H4)."""

        OWN = "own", _("own store")
        FRANCHISE = "franchise", _("franchise")

    code = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="stores")
    ownership = models.CharField(max_length=10, choices=Ownership, default=Ownership.OWN)
    shares_figures = models.BooleanField(default=True)
    shares_customers = models.BooleanField(default=True)
    phone = models.CharField(max_length=20, blank=True)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64)
    hours = models.JSONField(default=every_day)
    device_epoch = models.SmallIntegerField(default=0)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="store_code")]

    def __str__(self) -> str:
        return self.name
