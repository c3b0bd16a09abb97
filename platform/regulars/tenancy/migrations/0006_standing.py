"""Why something is or will be closed to a chain, and when; read with it, written by billing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_plan_and_access")]

    operations = [
        migrations.AddField(
            model_name="chain",
            name="standing",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="chain",
            name="standing_until",
            field=models.DateTimeField(null=True),
        ),
    ]
