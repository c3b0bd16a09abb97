"""Contacts are counted by the database, go on as the models say, and are never deleted."""

from django.db import migrations

from regulars.tenancy.operations import AppendOnly

GUARD = """
CREATE TRIGGER contact_guard BEFORE INSERT OR UPDATE OF customer_id, state, at
ON messaging_contact FOR EACH ROW EXECUTE FUNCTION public.guard_contact()
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("tenancy", "0004_contact_functions")]
    operations = [
        AppendOnly(
            "contact",
            (
                "customer_id",
                "state",
                "at",
                "due_at",
                "uses_allowance",  # follows the state
                "flagged",
                "address",
                "subject",
                "text",
                "facts",
                "provider",
                "provider_id",
                "attempts",
                "fault",
                "sent_at",
                "settled_at",
            ),
        ),
        migrations.RunSQL(GUARD, "DROP TRIGGER contact_guard ON messaging_contact"),
    ]
