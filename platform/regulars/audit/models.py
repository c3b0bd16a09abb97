"""The audit: one append-only row for each thing somebody did."""

from django.db import models
from django.db.models.functions import Now

from regulars.tenancy.rows import Row


class Entry(Row):
    """Somebody did something to something, then."""

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=60)  # dotted and past: "customer.phone-revealed"
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True)
    store_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["object_id", "id"], name="audit_entry_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"
