"""A complaint knows the version of the template it was opened with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="case",
            name="template_version",
            field=models.CharField(
                blank=True, db_collation="C", db_default="", default="", max_length=16
            ),
        ),
    ]
