"""A staged receipt of some lines stays in its row: packing its arrays costs more than reading them.

PostgreSQL otherwise compresses whatever is longer than a quarter of a page.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Let staged receipts fill a page before anything is packed."""

    dependencies: ClassVar = [("imports", "0004_no_staged_lines")]
    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE imports_stagedreceipt SET (toast_tuple_target = 8160)",
            "ALTER TABLE imports_stagedreceipt RESET (toast_tuple_target)",
        )
    ]
