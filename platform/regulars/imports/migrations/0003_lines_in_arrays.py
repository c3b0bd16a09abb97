"""Lines are staged in arrays of their receipt: a row of their own cost as much as the fact itself."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

_ARRAYS = {
    "places": models.BigIntegerField(),
    "positions": models.IntegerField(),
    "original_positions": models.IntegerField(),
    "product_codes": models.TextField(),
    "product_names": models.TextField(),
    "categories": models.TextField(),
    "quantities": models.DecimalField(decimal_places=3, max_digits=14),
    "grosses": models.BigIntegerField(),
    "discounts": models.BigIntegerField(),
    "paids": models.BigIntegerField(),
    "extras": models.JSONField(),
}


class Migration(migrations.Migration):
    """Add the arrays, and read anew what is staged without them."""

    dependencies: ClassVar = [("imports", "0002_unlogged")]
    operations: ClassVar = [
        *(
            migrations.AddField("stagedreceipt", name, ArrayField(base_field=field, null=True))
            for name, field in _ARRAYS.items()
        ),
        # what is staged and not there is read from its file again
        migrations.RunSQL("DELETE FROM imports_stagedreceipt", migrations.RunSQL.noop),
    ]
