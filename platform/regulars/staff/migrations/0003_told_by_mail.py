"""Who does not want to be told by mail, the evening before, whose day is tomorrow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_wished_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="told_by_mail",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
