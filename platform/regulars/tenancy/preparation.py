"""Making a database ready: public tables, the template, recorded releases, spares."""

from collections.abc import Callable

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections, transaction

from regulars.tenancy import context, pooling, provisioning, releases
from regulars.tenancy.releases import OWNER

type Report = Callable[[str], None]


def prepare(*, spares: int, report: Report = lambda _: None) -> releases.Outcome:
    """Bring everything up to the code: idempotent, quick when there is nothing to do.

    Runs under the owner role. Two at once wait for each other (advisory lock). Raises
    SessionsNotKept behind a pooler that shares sessions.
    """
    pooling.prove()
    with psycopg.connect(**releases.owner_parameters(), autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(hashtext('regulars.prepare'))")
        _grants()
        context.activate_public(using=OWNER)
        report("control plane")
        if releases.unapplied("public"):
            # Django's own: django-tenants replaces the name by one that visits every schema
            call_command(migrate.Command(), database=OWNER, verbosity=0, interactive=False)
        releases.migrate_template(report=report)
        outcome = releases.migrate_chains(report=lambda name, _fault: report(name))
        report("spare schemas")
        provisioning.fill_spares(wanted=spares)
    return outcome


def _grants() -> None:
    """Let the runtime role use what the owner makes, from now on, without listing tables."""
    role = connections[OWNER].ops.quote_name(settings.RUNTIME_ROLE)
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for what in (
            "GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON TABLES",
            "GRANT USAGE, SELECT ON SEQUENCES",
            "GRANT USAGE ON SCHEMAS",
        ):
            cursor.execute(f"ALTER DEFAULT PRIVILEGES {what} TO {role}")
