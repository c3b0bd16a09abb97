"""The audit is append-only."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        AppendOnly("entry"),
    ]
