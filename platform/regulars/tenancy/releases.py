"""Migrations of the chains' schemas: recorded once on a template, applied as text to each.

Django's executor reads the catalogue for every schema it touches, which grows with the number of
chains. So it runs on one template schema only; every statement it executes there is kept as a
`Release`, and each chain's schema gets the releases it lacks in one round trip.
"""

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, cast

import psycopg
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from regulars.tenancy import context, directory
from regulars.tenancy.models import Chain, Release
from regulars.tenancy.routers import is_chain_app

OWNER: Final = "owner"
_PATIENCE: Final = 60.0
_MOVED: Final = "Another run changed this chain meanwhile: run once more."
_CONCURRENT_INDEX = re.compile(
    r'^CREATE (?:UNIQUE )?INDEX CONCURRENTLY "?([\w$]+)"?', re.IGNORECASE
)


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
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return set(loader.disk_migrations)


def ddl(*, upto: int | None = None) -> str:
    """Return the SQL of every release, up to a version or all, for one round trip.

    For a schema that nobody uses yet an index need not be built concurrently.
    """
    texts = Release.objects.using(OWNER).order_by("version")
    if upto is not None:
        texts = texts.filter(version__lte=upto)
    lines = [text for release in texts for text in release.statements]
    return ";\n".join(re.sub(r"\bCONCURRENTLY\b ?", "", line) for line in lines) or "SELECT 1"


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
    scripts = {version: _script(after=version) for version in {c.schema_version for c in chains}}
    target = head()

    def work(chain: Chain) -> tuple[Chain, str | None]:
        return chain, _migrate_one(chain, scripts[chain.schema_version], target)

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        for chain, fault in pool.map(work, chains):
            if fault is None:
                outcome.migrated.append(chain.name)
            else:
                outcome.failed[chain.name] = fault
                Chain.objects.using(OWNER).filter(pk=chain.pk).update(schema_fault=fault)
            directory.forget(*chain.domains.using(OWNER).values_list("domain", flat=True))
            report(chain.name, fault)
    return outcome


@dataclass(frozen=True, slots=True)
class _Step:
    version: int
    sql: str
    atomic: bool


def _script(*, after: int) -> list[_Step]:
    """Join neighbouring atomic releases into one step; keep concurrent statements apart."""
    steps: list[_Step] = []
    for release in Release.objects.using(OWNER).filter(version__gt=after).order_by("version"):
        if not release.atomic:
            steps += [_Step(release.version, text, atomic=False) for text in release.statements]
            continue
        text = ";\n".join(release.statements) or "SELECT 1"
        if steps and steps[-1].atomic:
            text = f"{steps.pop().sql};\n{text}"
        steps.append(_Step(release.version, text, atomic=True))
    return steps


def _migrate_one(chain: Chain, steps: list[_Step], target: int) -> str | None:
    """Run the steps the chain has not done; return the fault, or None."""
    try:
        with psycopg.connect(**owner_parameters(), autocommit=True) as link:
            version, done = _taken(link, chain)
            if version != chain.schema_version:
                return None if version >= target else _MOVED
            for number, step in enumerate(steps, start=1):
                if number <= done:
                    continue
                last = number == len(steps)
                mark = (
                    'UPDATE "public"."tenancy_chain" SET '
                    f"schema_version = {target if last else chain.schema_version}, "
                    f"schema_step = {0 if last else number}, schema_fault = '' "
                    f"WHERE id = '{chain.pk}'"
                )
                _run_step(link, chain.schema_name, step, mark)
    except (psycopg.Error, TimeoutError) as error:
        return str(error).strip()
    return None


def _taken(link: "psycopg.Connection[Any]", chain: Chain) -> tuple[int, int]:
    """Take the chain for this connection; return its version and the steps done beyond it.

    Another runner may be at it, or one that was killed: the database goes on with what that one
    had sent. It is asked for again and again, because whoever waits inside a statement would keep
    the other's concurrent index from being finished.
    """
    question = (
        f"SELECT pg_try_advisory_lock(hashtextextended('migrate:{chain.schema_name}', 0)); "
        'SELECT schema_version, schema_step FROM "public"."tenancy_chain" '
        f"WHERE id = '{chain.pk}'"
    )
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        answer = link.execute(question.encode())
        if answer.fetchall()[0][0]:
            answer.nextset()
            ((version, done),) = answer.fetchall()
            return version, done
        time.sleep(0.05)
    raise TimeoutError("Another run has been at work on this chain for a minute.")


def _run_step(link: "psycopg.Connection[Any]", schema: str, step: _Step, mark: str) -> None:
    if step.atomic:
        link.execute(
            f"BEGIN; SET LOCAL search_path = \"{schema}\"; SET LOCAL lock_timeout = '5s';\n"
            f"{step.sql};\n{mark};\nCOMMIT".encode()
        )
        return
    link.execute(f'SET search_path = "{schema}"'.encode())
    leftover = _CONCURRENT_INDEX.match(step.sql)
    if leftover:  # an interrupted build leaves an invalid index under the same name
        link.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{leftover[1]}"'.encode())
    link.execute(step.sql.encode())
    link.execute(mark.encode())


def owner_parameters() -> dict[str, Any]:
    """Return psycopg's connection parameters of the owner role."""
    parameters = connections[OWNER].get_connection_params()
    keep = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"}
    return {key: value for key, value in parameters.items() if key in keep}
