"""Whose event it is: found by Stripe's customer."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction only

    dependencies = [("billing", "0002_stripe")]

    operations = [
        AddIndexConcurrently(
            "subscription",
            models.Index(
                fields=["customer"], condition=~models.Q(customer=""), name="subscription_customer"
            ),
        )
    ]
