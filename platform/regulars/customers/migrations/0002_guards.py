"""Consents are append-only; a merge moves them."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        AppendOnly("consent", ("customer_id",)),
    ]
