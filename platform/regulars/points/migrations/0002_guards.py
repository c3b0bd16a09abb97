"""The ledger is append-only, and the legs of each posting sum to zero when it commits."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly

BALANCE = """
CREATE CONSTRAINT TRIGGER legs_balance AFTER INSERT ON points_leg
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.check_legs_balance()
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial"), ("tenancy", "0003_points_functions")]
    operations = [
        AppendOnly("posting"),
        AppendOnly("leg"),
        migrations.RunSQL(BALANCE, "DROP TRIGGER legs_balance ON points_leg"),
    ]
