"""Migrations of the chains' schemas: recorded once on a template, applied as text to each.

Django's executor reads the catalogue for every schema it touches, which grows with the number of
chains. So it runs on one template schema only; every statement it executes there is kept as a
`Release`, and each chain's schema gets the releases it lacks in one round trip.
"""

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from regulars.tenancy import context, directory, pooling
from regulars.tenancy.models import Chain, Domain, Release
from regulars.tenancy.routers import is_chain_app
from regulars.tenancy.runner import Runner, Step

OWNER: Final = "owner"
_CREATED: Final = re.compile(r'CREATE TABLE "?(\w+)"? ')
_UNLOGGED: Final = re.compile(r'ALTER TABLE "?(\w+)"? SET UNLOGGED')
_TELL_EVERY: Final = 1.0  # seconds; every process then asks again for the chains that are done


def _recording(statements: list[str]) -> type[DatabaseSchemaEditor]:
    class Recorder(DatabaseSchemaEditor):
        def execute(self, sql: Any, params: Any = ()) -> Any:
            text = str(sql)
            if params:
                text = self.connection.ops.compose_sql(text, params)
                params = None
            elif params is not None:
                text = text.replace("%%", "%")
            statements.append(text.rstrip().rstrip(";"))
            return super().execute(text, None)

    return Recorder


def migrate_template(*, report: Callable[[str], None] = lambda _: None) -> int:
    """Bring the template schema up to the code, recording every new release; return how many.

    Runs under the owner role. Each migration and its record are one transaction, so a kill
    between two migrations leaves the template and the records agreeing.
    """
    if not unapplied(settings.TEMPLATE_SCHEMA):
        return 0
    wrapper = cast(Any, connections[OWNER])
    with wrapper.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{settings.TEMPLATE_SCHEMA}"')
    template = _Template(settings.TEMPLATE_SCHEMA)
    wrapper.set_tenant(template, include_public=False)
    statements: list[str] = []
    done = 0
    try:
        executor = MigrationExecutor(wrapper)
        executor.recorder.ensure_schema()
        wrapper.SchemaEditorClass = _recording(statements)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        state = cast(Any, executor)._create_project_state(with_applied_migrations=True)
        for migration, _backwards in plan:
            statements.clear()
            report(f"{migration.app_label}.{migration.name}")
            if migration.atomic:
                with transaction.atomic(using=OWNER):
                    state = executor.apply_migration(state, migration)
                    done += _record(migration, statements)
            else:
                state = executor.apply_migration(state, migration)
                done += _record(migration, statements)
    finally:
        wrapper.__dict__.pop("SchemaEditorClass", None)
        context.activate_public(using=OWNER)
    return done


@dataclass(frozen=True)
class _Template:
    schema_name: str
    domain_url: None = None


def _record(migration: Any, statements: Sequence[str]) -> int:
    if not is_chain_app(migration.app_label):
        return 0
    Release.objects.using(OWNER).create(
        key=f"{migration.app_label}.{migration.name}",
        statements=list(statements),
        atomic=migration.atomic,
    )
    return 1


def head() -> int:
    """Return the newest recorded version."""
    newest = Release.objects.order_by("-version").values_list("version", flat=True).first()
    return newest or 0


_needed: int | None = None


class TemplateBehind(RuntimeError):
    """The code has migrations that were not recorded yet: run `regulars prepare`."""


def needed() -> int:
    """Return the version this code cannot work without. Asked once in the life of a process."""
    global _needed
    if _needed is None:
        keys = {f"{app}.{name}" for app, name in _migrations_on_disk() if is_chain_app(app)}
        with context.public():
            known = dict(Release.objects.filter(key__in=keys).values_list("key", "version"))
        missing = sorted(keys - known.keys())
        if missing:
            raise TemplateBehind(
                f"Not recorded yet: {', '.join(missing)}. Run `regulars prepare` first."
            )
        _needed = max(known.values(), default=0)
    return _needed


def _migrations_on_disk() -> set[tuple[str, str]]:
    loader = MigrationLoader(None, load=False, ignore_no_migrations=True)
    loader.load_disk()
    return set(loader.disk_migrations or ())


def unapplied(schema: str) -> set[tuple[str, str]]:
    """Return the migrations of this code that a schema of Django's executor has no record of.

    Django itself would read the whole catalogue to learn that the table of its records is there.
    """
    table = f'"{schema}"."django_migrations"'
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return _migrations_on_disk()
        cursor.execute(f"SELECT app, name FROM {table}")
        return _migrations_on_disk() - set(cursor.fetchall())


def ddl(*, upto: int | None = None) -> str:
    """Return the SQL of every release, up to a version or all, for one round trip.

    It is for a schema that nobody uses yet (see `_straight`).
    """
    texts = Release.objects.using(OWNER).order_by("version")
    if upto is not None:
        texts = texts.filter(version__lte=upto)
    return _joined(tuple(texts.values_list("version", "recorded_at")))


@lru_cache(2)
def _joined(recorded: tuple[tuple[int, datetime], ...]) -> str:
    """Join the SQL of these releases; a release never changes once it was recorded."""
    versions = [version for version, _when in recorded]
    texts = Release.objects.using(OWNER).filter(version__in=versions).order_by("version")
    lines = [text for release in texts for text in release.statements]
    return ";\n".join(_straight(lines)) or "SELECT 1"


def _straight(lines: Sequence[str]) -> list[str]:
    """Return the way to a new schema without the detours of one that is in use.

    No index need be built concurrently, and a table that some release takes out of the log is made
    so: to alter it PostgreSQL would look through the foreign keys of every chain, one by one.
    """
    found: list[str] = []
    made: dict[str, int] = {}
    for line in lines:
        text = re.sub(r"\bCONCURRENTLY\b ?", "", line)
        altered = _UNLOGGED.fullmatch(text)
        if altered and altered[1] in made:
            place = made[altered[1]]
            found[place] = found[place].replace("CREATE TABLE", "CREATE UNLOGGED TABLE", 1)
            continue
        if table := _CREATED.match(text):
            made[table[1]] = len(found)
        found.append(text)
    return found


@dataclass(slots=True)
class Outcome:
    """What became of one run over the chains."""

    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def behind() -> list[Chain]:
    """Return the chains whose schema lacks a release, in one query."""
    wanted = Chain.objects.using(OWNER).filter(schema_version__lt=head())
    gone = [Chain.State.RESERVED, Chain.State.CREATED, Chain.State.DELETED]
    return list(wanted.exclude(state__in=gone).order_by("id"))


def migrate_chains(
    *, parallel: int = 2, report: Callable[[str, str | None], None] = lambda *_: None
) -> Outcome:
    """Apply to each chain what it lacks; go on past a failure, name it, resume after a kill.

    A chain that fails keeps its old version and shows the maintenance page until a later run
    succeeds; the fault is kept in `Chain.schema_fault`.
    """
    outcome = Outcome()
    chains = behind()
    if not chains:
        return outcome
    labels = _labels(chains)
    scripts = {version: _script(after=version) for version in {c.schema_version for c in chains}}
    done: list[str] = []
    told = time.monotonic()
    runner = Runner(scripts, target=head())
    with closing(runner), ThreadPoolExecutor(max_workers=parallel) as pool:
        for chain, fault in pool.map(runner, chains):
            if fault is None:
                outcome.migrated.append(chain.name)
            else:
                outcome.failed[chain.name] = fault
                Chain.objects.using(OWNER).filter(pk=chain.pk).update(schema_fault=fault)
            done += labels.get(chain.pk, ())
            if time.monotonic() - told > _TELL_EVERY:
                directory.forget(*done)
                done, told = [], time.monotonic()
            report(chain.name, fault)
    directory.forget(*done)
    return outcome


def _labels(chains: Sequence[Chain]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = Domain.objects.using(OWNER).filter(tenant__in=[chain.pk for chain in chains])
    for chain_id, label in rows.values_list("tenant_id", "domain"):
        found.setdefault(chain_id, []).append(label)
    return found


def _script(*, after: int) -> list[Step]:
    """Join neighbouring atomic releases into one step; keep concurrent statements apart."""
    steps: list[Step] = []
    for release in Release.objects.using(OWNER).filter(version__gt=after).order_by("version"):
        if not release.atomic:
            steps += [Step(release.version, text, atomic=False) for text in release.statements]
            continue
        text = ";\n".join(release.statements) or "SELECT 1"
        if steps and steps[-1].atomic:
            text = f"{steps.pop().sql};\n{text}"
        steps.append(Step(release.version, text, atomic=True))
    return steps


def owner_parameters() -> dict[str, Any]:
    """Return psycopg's connection parameters of the owner role."""
    return pooling.parameters(OWNER)
