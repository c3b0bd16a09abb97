"""B7: a column for every chain, and finding that there is nothing to do."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

import psycopg
from django.conf import settings
from django.db import connections
from django.test.utils import override_settings

from regulars.local import postgres
from regulars.stores import migrations
from regulars.tenancy import context, preparation, releases
from regulars.tenancy.models import Chain, Release
from regulars.tenancy.releases import OWNER
from tests.benchmarks import many_chains, measuring, stock_tenants
from tests.benchmarks.many_chains import Place
from tests.benchmarks.measuring import PAIRS, Reach, Report

TITLE: Final = "Migrating every chain"
_NAME: Final = "9000_bench"
_PACKAGE: Final = "bench_stores_migrations"
_TABLE: Final = "stores_store"
_ADD: Final = f'ALTER TABLE "{_TABLE}" ADD COLUMN "bench" integer NULL'
_DROP: Final = f'ALTER TABLE "{_TABLE}" DROP COLUMN "bench"'
_MIGRATION: Final = """\
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("stores", "{last}")]
    operations = [migrations.AddField("store", "bench", models.IntegerField(null=True))]
"""


@dataclass(frozen=True)
class Size:
    """How many chains there are, and how many of them stock migrates in each pair."""

    many: int
    stock: int
    pairs: int
    executors: tuple[str, ...]


FULL: Final = Size(many=1000, stock=8, pairs=PAIRS, executors=("standard", "multiprocessing"))
SMALL: Final = Size(many=2, stock=1, pairs=1, executors=("standard",))


def measure(report: Report, size: Size) -> None:
    """Compare our runner with psql on every chain and with django-tenants' own on a few."""
    with many_chains.no_bells(), many_chains.many(size.many) as place, place.here():
        _nothing_to_do(report, times=size.pairs)
        with _released():
            _check(report, place)
            _against_psql(report, place, pairs=size.pairs)
            _cost(report, _everybody())
            for executor in size.executors:
                _against_stock(report, place, size, executor=executor)


def _check(report: Report, place: Place) -> None:
    everybody = _everybody()
    _ours(everybody)
    assert _with_column() == {*everybody, settings.TEMPLATE_SCHEMA}
    assert releases.behind() == []
    _undo(everybody)
    _psql(place, everybody)
    assert _with_column() == {*everybody, settings.TEMPLATE_SCHEMA}
    _undo(everybody)
    report.check(f"after either way the {len(everybody):,} chains have the column, none is behind")


def _nothing_to_do(report: Report, *, times: int) -> None:
    preparation.prepare(spares=0)  # what is imported and asked once in a process
    taken = [measuring.took(lambda: preparation.prepare(spares=0)) for _ in range(times)]
    asked = [measuring.took(releases.migrate_chains) for _ in range(times)]
    report.figure(
        "nothing to do: control plane, template, chains and spares looked at",
        sorted(taken)[len(taken) // 2] * 1e3,
        unit=" ms",
        reach=Reach(at_most=50, unit=" ms"),
    )
    report.figure(
        "nothing to do: the chains alone", sorted(asked)[len(asked) // 2] * 1e3, unit=" ms"
    )


def _against_psql(report: Report, place: Place, *, pairs: int) -> None:
    everybody = _everybody()

    def ours() -> float:
        taken = _ours(everybody)
        _undo(everybody)
        return taken

    def psql() -> float:
        taken = _psql(place, everybody)
        _undo(everybody)
        return taken

    found = many_chains.pairs(ours, psql, count=pairs)
    report.ratio(
        f"our runner ÷ psql, {len(everybody):,} chains",
        [one / other for one, other in found],
        Reach(at_most=3),
    )
    middle = sorted(one for one, _other in found)[pairs // 2]
    report.figure("our runner, a chain", middle / len(everybody) * 1e3, unit=" ms")


def _cost(report: Report, everybody: Sequence[str]) -> None:
    """Note what carries no noise: round trips and log of a chain that gets its column."""
    trips: list[object] = []
    plain = psycopg.Connection.execute

    def counted(*given: Any, **named: Any) -> Any:
        trips.append(None)
        return plain(*given, **named)

    Chain.objects.using(OWNER).filter(schema_name__in=everybody).update(
        schema_version=releases.head() - 1
    )
    before = measuring.log_written()
    with mock.patch.object(psycopg.Connection, "execute", counted):
        releases.migrate_chains()
    log = measuring.log_written() - before
    _undo(everybody)
    report.figure("round trips of a chain", len(trips) / len(everybody))
    report.figure("log of a chain", log / len(everybody), unit=" bytes")


def _against_stock(report: Report, place: Place, size: Size, *, executor: str) -> None:
    chosen = [chain.schema_name for chain in place.chains[: size.stock]]

    def ours() -> float:
        taken = _ours(chosen)
        _undo(chosen)
        return taken

    def stock() -> float:
        with stock_tenants.one_role(place):
            begin = time.perf_counter()
            stock_tenants.migrate(chosen, executor=executor)
            taken = time.perf_counter() - begin
        assert _with_column() == {*chosen, settings.TEMPLATE_SCHEMA}
        _undo(chosen)
        for schema in chosen:
            _forget(schema)
        return taken

    with _recorded_as_stock_does(chosen):
        found = many_chains.pairs(ours, stock, count=size.pairs)
    report.ratio(
        f"stock ({executor}) ÷ our runner, {size.stock} of {size.many + 2:,} chains",
        [other / one for one, other in found],
        Reach(at_least=50),
    )
    middle = sorted(other for _one, other in found)[size.pairs // 2]
    report.figure(f"stock ({executor}), a chain", middle / size.stock * 1e3, unit=" ms")


def _everybody() -> list[str]:
    with context.public(using=OWNER):
        return list(Chain.objects.using(OWNER).values_list("schema_name", flat=True))


def _ours(schemas: Sequence[str]) -> float:
    """Migrate these chains by our runner; return the seconds."""
    head = releases.head()
    chains = Chain.objects.using(OWNER).filter(schema_name__in=schemas)
    chains.update(schema_version=head - 1)
    begin = time.perf_counter()
    outcome = releases.migrate_chains()
    taken = time.perf_counter() - begin
    assert len(outcome.migrated) == len(schemas), outcome.failed
    return taken


def _psql(place: Place, schemas: Sequence[str]) -> float:
    """Send the same SQL to the same schemas by psql, each in its transaction; return seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        for schema in schemas:
            script.write(f'BEGIN;\nSET LOCAL search_path = "{schema}";\n{_ADD};\nCOMMIT;\n')
        script.flush()
        begin = time.perf_counter()
        subprocess.run(
            [postgres.binaries() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", script.name,
             place.address(OWNER)],
            check=True,
        )  # fmt: skip
        return time.perf_counter() - begin


def _undo(schemas: Sequence[str]) -> None:
    """Take the column away again."""
    with psycopg.connect(**releases.owner_parameters(), autocommit=True) as link:
        for schema in schemas:
            link.execute(f'BEGIN; SET LOCAL search_path = "{schema}"; {_DROP}; COMMIT'.encode())


@contextmanager
def _released() -> Iterator[None]:
    """Have one migration more in the code, recorded as a release, with every chain beyond it."""
    before = releases.head()
    real = migrations.__path__[0]
    last = max(path.stem for path in Path(real).glob("0*.py"))
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(sys, "path", [folder, *sys.path]),
    ):
        package = Path(folder) / _PACKAGE
        package.mkdir()
        (package / "__init__.py").write_text(f"__path__.append({real!r})\n")
        (package / f"{_NAME}.py").write_text(_MIGRATION.format(last=last))
        try:
            with override_settings(MIGRATION_MODULES={"stores": _PACKAGE}):
                assert releases.migrate_template() == 1
                Chain.objects.using(OWNER).update(schema_version=releases.head())
                yield
        finally:
            for name in [each for each in sys.modules if each.startswith(_PACKAGE)]:
                del sys.modules[name]
            Chain.objects.using(OWNER).update(schema_version=before)
            Release.objects.using(OWNER).filter(version__gt=before).delete()
            _undo([settings.TEMPLATE_SCHEMA])
            _forget(settings.TEMPLATE_SCHEMA)


@contextmanager
def _recorded_as_stock_does(schemas: Sequence[str]) -> Iterator[None]:
    """Give these chains the table in which django-tenants looks for what a schema has had."""
    template = f'"{settings.TEMPLATE_SCHEMA}".django_migrations'
    with connections[OWNER].cursor() as cursor:
        for schema in schemas:
            table = f'"{schema}".django_migrations'
            cursor.execute(f"CREATE TABLE {table} (LIKE {template} INCLUDING ALL)")
            cursor.execute(
                f"INSERT INTO {table} (app, name, applied) SELECT app, name, applied"
                f" FROM {template} WHERE name <> %s",
                [_NAME],
            )
    try:
        yield
    finally:
        with connections[OWNER].cursor() as cursor:
            for schema in schemas:
                cursor.execute(f'DROP TABLE "{schema}".django_migrations')


def _forget(schema: str) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(f'DELETE FROM "{schema}".django_migrations WHERE name = %s', [_NAME])


def _with_column() -> set[str]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class JOIN pg_attribute a"
            " ON attrelid = pg_class.oid WHERE relname = %s AND attname = 'bench'",
            [_TABLE],
        )
        return {row[0] for row in cursor.fetchall()}
