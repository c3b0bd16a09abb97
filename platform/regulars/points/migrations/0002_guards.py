"""The ledger is append-only."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]
    operations = [
        AppendOnly("posting"),
        AppendOnly("leg"),
    ]
