"""Gifts handed over are append-only; a merge moves them."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("followups", "0001_initial")]
    operations = [
        AppendOnly("gift", ("customer_id",)),
    ]
