"""Purchases are facts: a merge moves them, an erasure empties what is personal, no more."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("purchases", "0001_initial")]
    operations = [
        AppendOnly("purchase", ("customer_id", "extra")),
        AppendOnly("line", ("extra",)),
    ]
