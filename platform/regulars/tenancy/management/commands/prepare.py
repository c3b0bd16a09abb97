"""`manage.py prepare`: make the database ready for this code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from regulars.tenancy import pooling, preparation


class Command(BaseCommand):
    """Migrate public, the template and every chain; fill the pool of spare schemas."""

    help = "Bring the control plane, the template, every chain and the spares up to this code."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the pool."""
        parser.add_argument("--spares", type=int, default=settings.SPARE_SCHEMAS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, and fail loudly if a chain could not be migrated."""
        if "owner" not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL: only the owner role may change schemas.")
        try:
            outcome = preparation.prepare(spares=options["spares"], report=self._say)
        except pooling.SessionsNotKept as error:
            raise CommandError(str(error)) from error
        for name, fault in outcome.failed.items():
            self.stderr.write(f"{name}: {fault}")
        if outcome.failed:
            raise CommandError(
                f"{len(outcome.failed)} chains show the maintenance page until this succeeds: "
                "mend the cause and run it again."
            )

    def _say(self, what: str) -> None:
        self.stdout.write(what)
