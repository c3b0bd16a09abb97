"""Steps of complaints are append-only; an erasure empties what was said."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]
    operations = [AppendOnly("entry", ("text", "data"))]
