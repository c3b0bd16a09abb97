"""Until which day somebody is away, on holiday or ill."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0004_saved_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="away_until",
            field=models.DateField(null=True),
        ),
    ]
