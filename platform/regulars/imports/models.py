"""Imports as named groups, and the staging rows they stream through."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.tenancy.rows import Row


class Import(Row):
    """A file somebody brought in: a named group of customers or purchases, undone as a whole."""

    class Kind(models.TextChoices):
        """What the file holds."""

        CUSTOMERS = "customers", _("Customers")
        PURCHASES = "purchases", _("Purchases")

    class State(models.TextChoices):
        """How far it is."""

        UPLOADED = "uploaded", _("uploaded")
        MAPPED = "mapped", _("columns chosen")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped by a fault")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    file_bytes = models.BigIntegerField()
    file_digest = models.CharField(max_length=64)
    report = models.JSONField(default=dict)  # what reading.inspect found
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rows_read = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True)
    phase = models.CharField(max_length=20, blank=True)
    fault = models.TextField(blank=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class StagedRow(models.Model):
    """One line of a file on its way in; removed when the import is done, kept when rejected."""

    import_id = models.UUIDField()
    line = models.BigIntegerField()
    document = models.CharField(max_length=140, blank=True)
    cells = ArrayField(models.TextField(null=True))
    faults = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"line {self.line}"
