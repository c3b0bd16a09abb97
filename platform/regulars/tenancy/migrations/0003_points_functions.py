"""The check behind the ledger: the legs of a posting sum to zero in each unit, or nothing is kept.

The trigger is deferred, so the search path may point anywhere when it fires. On the usual path,
which is the table's own schema and nothing else, the plain statement is right, and its plan is
kept by the connection (a third of the cost); on any other the table is named in full.
"""

from django.db import migrations

CHECK_BALANCE = """
CREATE FUNCTION public.check_legs_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    surplus bigint;
BEGIN
    IF current_setting('search_path') = TG_TABLE_SCHEMA THEN
        SELECT sum(amount) INTO surplus FROM points_leg
         WHERE posting_id = NEW.posting_id GROUP BY unit HAVING sum(amount) <> 0 LIMIT 1;
    ELSE
        EXECUTE pg_catalog.format(
            'SELECT pg_catalog.sum(amount) FROM %I.points_leg WHERE posting_id = $1'
            ' GROUP BY unit HAVING pg_catalog.sum(amount) OPERATOR(pg_catalog.<>) 0 LIMIT 1',
            TG_TABLE_SCHEMA
        ) INTO surplus USING NEW.posting_id;
    END IF;
    IF surplus IS NOT NULL THEN
        RAISE EXCEPTION 'the legs of posting % do not sum to zero (%)', NEW.posting_id, surplus
            USING ERRCODE = 'check_violation', CONSTRAINT = 'legs_balance';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_functions")]
    operations = [
        migrations.RunSQL(CHECK_BALANCE, "DROP FUNCTION public.check_legs_balance()"),
    ]
