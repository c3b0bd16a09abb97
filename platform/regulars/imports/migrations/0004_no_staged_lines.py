"""Lines are staged with their receipt since 0003; the table of their own is empty."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Drop the table that the release before this one neither reads nor writes."""

    dependencies: ClassVar = [("imports", "0003_lines_in_arrays")]
    operations: ClassVar = [migrations.DeleteModel("StagedLine")]
