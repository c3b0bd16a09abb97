"""What is staged can be read from the file again: it need not go through the log."""

from typing import ClassVar

from django.db import migrations

_STAGED = ("imports_stagedcustomer", "imports_stagedline", "imports_stagedreceipt")


class Migration(migrations.Migration):
    """Take the staging tables out of the write-ahead log."""

    dependencies: ClassVar = [("imports", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(f"ALTER TABLE {name} SET UNLOGGED", f"ALTER TABLE {name} SET LOGGED")
        for name in _STAGED
    ]
