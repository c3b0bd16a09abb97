"""What is over, by store and by when it was closed: lists of a period read nothing else."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction only

    dependencies = [("complaints", "0003_template_version")]

    operations = [
        AddIndexConcurrently(
            "case",
            models.Index(
                fields=["store", "closed_at", "id"],
                name="case_closed",
                condition=models.Q(state="closed"),
            ),
        )
    ]
