"""Batches count their wordings themselves, while they are put together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_batches_put_together")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="alike",
            field=models.JSONField(null=True),
        ),
    ]
