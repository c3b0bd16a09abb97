"""Functions shared by the triggers of every chain.

They live in public, search only pg_catalog, and reach the table they fired for through its schema:
an unqualified name would be looked up wherever the search path points when a deferred trigger runs.
"""

from django.db import migrations

REFUSE_CHANGE = """
CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a new row that corrects it', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION public.refuse_change()"),
    ]
