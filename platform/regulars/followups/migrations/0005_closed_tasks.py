"""Tasks that were done or left out, by the day they were due: scorecards of a store or a guide."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction only

    dependencies = [("followups", "0004_handover")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["store", "owner", "due_on", "done_at"],
                name="task_closed",
                condition=models.Q(state__in=["done", "skipped"]),
            ),
        )
    ]
