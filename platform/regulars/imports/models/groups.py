"""An import, the rows it refused, and what it changed in customers that were there before."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regulars.tenancy.rows import Row


class Import(Row):
    """A file somebody brought in: a named group of customers or purchases, undone as a whole.

    `preview` is what matching found, `counts` what was done; both are plain data whose names are
    those of `contract`. `phase`, `done` and `total` say how far the running work is.
    """

    class Kind(models.TextChoices):
        """What the file holds."""

        CUSTOMERS = "customers", _("Customers")
        PURCHASES = "purchases", _("Purchases")

    class State(models.TextChoices):
        """How far it is."""

        UPLOADED = "uploaded", _("columns to choose")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("ready to bring in")
        LOADING = "loading", _("being brought in")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped by a fault")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file = models.CharField(max_length=200, blank=True, default="")  # empty once it is removed
    file_name = models.CharField(max_length=200)
    file_bytes = models.BigIntegerField()
    file_digest = models.CharField(max_length=64)
    rejected_file = models.CharField(max_length=200, blank=True, default="")
    report = models.JSONField(default=dict)  # what reading.inspect found
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)  # see contract.Options
    preview = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    phase = models.CharField(max_length=20, blank=True, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    fault = models.JSONField(null=True)  # {"code": …, "params": …}
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    loading_since = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Rejection(models.Model):
    """A row that was not taken, and why: a list of problems, each with column, code and params."""

    pk = models.CompositePrimaryKey("import_id", "line")
    import_id = models.UUIDField()
    line = models.BigIntegerField()
    problems = models.JSONField()

    def __str__(self) -> str:
        return f"line {self.line}"


class Change(models.Model):
    """What an import wrote over in a customer that was there before, so that it can be undone."""

    pk = models.CompositePrimaryKey("import_id", "customer_id")
    import_id = models.UUIDField()
    customer_id = models.UUIDField()
    before = models.JSONField()
    after = models.JSONField()

    def __str__(self) -> str:
        return str(self.customer_id)
