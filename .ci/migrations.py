"""Refuses migrations that a running chain could not bear: only expand and contract may land.

    migrations.py [APPLICATION…]    further applications of chains, for the test of this check

What a migration would do is asked of a throw-away database. First migrations make tables and are
left out: nothing can be using those tables yet.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regulars.local import postgres, roles

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

CONTRACTED: Final = {
    "0004_no_staged_lines": "the release before neither reads nor writes imports_stagedline",
}
"""Migrations that drop what no code of the release before needs: each with the reason why not."""


@dataclass(frozen=True)
class Template:
    """Stands for a chain, so that the router lets the tables of chains through."""

    schema_name: str = "t_template"
    domain_url: None = None


def main(further: list[str]) -> int:
    """Lint the shared applications, then those of chains; return 1 if one is refused."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.Server(Path(folder) / "postgres", settings=postgres.FAST) as server,
    ):
        roles.prepare_roles(server)
        name = postgres.DATABASE
        os.environ.update(
            LOG_LEVEL="WARNING",
            REGULARS_LOCAL="1",
            DJANGO_SETTINGS_MODULE="regulars.settings",
            DATABASE_URL=server.url(user=postgres.APP, database=name),
            DATABASE_OWNER_URL=server.url(user=postgres.OWNER, database=name),
        )
        return 0 if is_bearable(further) else 1


def is_bearable(further: list[str]) -> bool:
    """Ask the linter about every migration of ours, as the owner role would run it."""
    import django
    from django.conf import settings

    settings.INSTALLED_APPS += further
    settings.TENANT_APPS += further
    django.setup()
    from django.apps import apps
    from django.db import connections
    from django_migration_linter import MigrationLinter

    owner: Any = connections["owner"]
    answers = []
    for names, is_chains in ((settings.SHARED_APPS, False), (settings.TENANT_APPS, True)):
        if is_chains:
            owner.set_tenant(Template(), include_public=False)
        ours = [name for name in names if name.startswith("regulars.") or name in further]
        linter = MigrationLinter(
            str(Path.cwd()),
            include_apps=[app.label for app in apps.get_app_configs() if app.name in ours],
            database="owner",
            analyser_string="postgresql",  # it does not know our own backend by its name
            no_cache=True,
            ignore_initial_migrations=True,
            ignore_name=CONTRACTED,
            all_warnings_as_errors=True,
            quiet=["ok", "ignore"],
        )
        linter.lint_all_migrations()
        answers += [not linter.has_errors, not moves_data(linter.migration_loader, ours)]
    owner.close()
    return all(answers)


def moves_data(loader: "MigrationLoader", applications: list[str]) -> bool:
    """Name the migrations that run Python; data is moved by jobs that can be resumed."""
    from django.db.migrations import RunPython

    found = [
        name
        for name, migration in loader.disk_migrations.items()
        if migration.__module__.rpartition(".migrations.")[0] in applications
        and any(isinstance(operation, RunPython) for operation in migration.operations)
    ]
    for label, name in found:
        sys.stdout.write(f"({label}, {name})... ERR\n\tRunPython: move data in a job instead\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
