"""Messages beyond the allowance, told to a meter; what each night found."""

import django.db.models.functions.uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_customer_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="Night",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("report", models.JSONField()),
                ("needs_telling", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": '"public"."billing_night"',
            },
        ),
        migrations.AddField(
            model_name="subscription",
            name="live",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="subscription",
            name="messages_item",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.CreateModel(
            name="Reported",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("chain_id", models.UUIDField()),
                ("month", models.DateField()),
                ("sent", models.BigIntegerField(default=0)),
                ("allowance", models.BigIntegerField(default=0)),
                ("forgiven", models.BigIntegerField(default=0)),
                ("told", models.BigIntegerField(default=0)),
                ("asking", models.BigIntegerField(default=0)),
                ("slice", models.SmallIntegerField(default=0)),
                ("stamp", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("fault", models.TextField(blank=True, default="")),
                ("slices", models.JSONField(default=list)),
            ],
            options={
                "db_table": '"public"."billing_reported"',
                "indexes": [
                    models.Index(
                        condition=models.Q(("asking__gt", 0)),
                        fields=["asked_at"],
                        name="billing_reported_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain_id", "month"), name="billing_reported_month"
                    )
                ],
            },
        ),
    ]
