"""The lists somebody wants to come back to."""

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_told_by_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="saved_views",
            field=models.JSONField(
                db_default=Value({}, output_field=models.JSONField()), default=dict
            ),
        ),
    ]
