"""Calls that an operator looks for: what was refused, and what is still open."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction only

    dependencies = [("billing", "0004_meters")]

    operations = [
        AddIndexConcurrently(
            "call",
            models.Index(
                fields=["-asked_at"], condition=~models.Q(state="done"), name="billing_call_undone"
            ),
        )
    ]
