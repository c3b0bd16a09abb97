"""Work to be done, written in the transaction of the change that asks for it."""

from django.db import models
from django.db.models.functions import Now

from regulars.tenancy.rows import Row


class Job(Row):
    """One call of one handler. Done rows are removed after a while; the audit is elsewhere."""

    handler = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True)
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.SmallIntegerField(default=0)
    fault = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "outbox_job"
        constraints = [models.UniqueConstraint(fields=["key"], name="outbox_job_key")]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(done_at=None, failed_at=None),
                name="outbox_job_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.id}"
