"""Which plan a chain has, and what is open to it; read with the chain, written by billing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_contact_functions")]

    operations = [
        migrations.AddField(
            model_name="chain",
            name="plan",
            field=models.CharField(db_default="chain", default="chain", max_length=40),
        ),
        migrations.AddField(
            model_name="chain",
            name="access",
            field=models.CharField(db_default="full", default="full", max_length=10),
        ),
    ]
