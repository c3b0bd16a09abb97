"""Customers who stay away: made every night from the purchases."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table, with the one order in which it is read."""

    dependencies: ClassVar = [("insights", "0001_initial")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Silence",
            fields=[
                ("customer_id", models.UUIDField(primary_key=True, serialize=False)),
                ("last_day", models.DateField()),
                ("usual_days", models.IntegerField()),
                ("due_on", models.DateField()),
                ("noticed_on", models.DateField()),
                ("weekly_minor", models.BigIntegerField()),
                ("missed_minor", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["missed_minor", "customer_id"], name="silence_worth_saving"
                    )
                ],
            },
        ),
    ]
