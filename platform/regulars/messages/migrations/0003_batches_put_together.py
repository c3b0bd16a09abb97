"""Batches remember whom they are for, and whom they passed over."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_guards"),
        ("messaging", "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="audience",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="batch",
            name="filled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="PassedOver",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id",
                        "customer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("why", models.CharField(max_length=12)),
                ("possible_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passed",
                        to="messaging.batch",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
    ]
