"""Django-tenants as it comes, with the very same applications: what our tenancy is held against."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.core.management import get_commands, load_command_class
from django.db import connections
from django_tenants.migration_executors import get_executor

from regulars.tenancy import names
from regulars.tenancy.models import Chain
from tests.benchmarks.many_chains import Place


@contextmanager
def one_role(place: Place) -> Iterator[None]:
    """Let django-tenants work as it does at home: one role, which owns everything."""
    with place.here():
        before, owner = connections["default"], cast(Any, connections["owner"])
        connections["default"] = owner
        owner.set_schema_to_public()
        try:
            yield
        finally:
            owner.set_schema_to_public()
            connections["default"] = before


def create(name: str) -> Any:
    """Save a tenant, which makes its schema and runs every migration in it."""
    tenant: Any = Chain(
        schema_name=names.new_schema_name(),
        name=name,
        vertical="jewelry",
        owner_email="a@b.example",
    )
    tenant.auto_create_schema = True
    tenant.save(verbosity=0)
    return tenant


def migrate(schemas: Sequence[str], *, executor: str = "standard") -> None:
    """Migrate these schemas, as `migrate_schemas` does with every one of its tenants."""
    command: Any = load_command_class(get_commands()["migrate_schemas"], "migrate_schemas")
    parser = command.create_parser("manage.py", "migrate_schemas")
    options = vars(parser.parse_args(["--tenant", "--noinput", "--verbosity=0"]))
    options.pop("args", None)
    get_executor(executor)((), options).run_migrations(tenants=list(schemas))
