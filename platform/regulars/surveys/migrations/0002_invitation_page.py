"""Which page of a tablet an answer was given on.

A page whose answer got lost is sent again: within seconds it is the same answer, later the next
customer's.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [
        migrations.AddField("invitation", "page", models.UUIDField(null=True)),
    ]
