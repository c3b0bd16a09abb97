"""The few customers whose care rests are found without reading every task there ever was."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction only

    dependencies = [("followups", "0005_closed_tasks")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["customer"],
                name="task_pause",
                condition=models.Q(state="pause"),
            ),
        )
    ]
