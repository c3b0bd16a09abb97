"""The e-mail address somebody wants to have, until they read the link that is sent there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="wished_email",
            field=models.EmailField(max_length=254, null=True),
        ),
    ]
